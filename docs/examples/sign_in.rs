//! sign_in.rs: where to send the browser, what its answer is worth, and where to sign out.

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreUserInfoClaims};
use openidconnect::{reqwest, *};

type Failure = Box<dyn std::error::Error + Send + Sync>;
type Client = CoreClient<
    EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet,
>;

pub struct SignIn {
    http: reqwest::blocking::Client,
    client: Client,
    end_session: EndSessionUrl,
}

/// Stays in the browser's session until the answer comes.
pub struct Attempt { state: CsrfToken, nonce: Nonce, verifier: PkceCodeVerifier }

pub struct Person { pub subject: String, pub cip: String, pub name: String, pub id_token: CoreIdToken }

impl SignIn {
    pub fn new(client_secret: String) -> Result<Self, Failure> {
        let http = reqwest::blocking::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
        let issuer = IssuerUrl::new("https://acces.exemple.ca".into())?;
        let metadata = ProviderMetadataWithLogout::discover(&issuer, &http)?;
        let end_session = metadata.additional_metadata().end_session_endpoint.clone().ok_or("no sign-out")?;
        let client = CoreClient::from_provider_metadata(
            metadata, ClientId::new("horaire".into()), Some(ClientSecret::new(client_secret)),
        )
        .set_redirect_uri(RedirectUrl::new("https://horaire.exemple.ca/callback".into())?);
        Ok(Self { http, client, end_session })
    }

    pub fn begin(&self) -> (String, Attempt) {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (address, state, nonce) = self.client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(["profile", "email"].map(|scope| Scope::new(scope.into())))
            .set_pkce_challenge(challenge)
            .url();
        (address.into(), Attempt { state, nonce, verifier })
    }

    pub fn finish(&self, attempt: Attempt, state: &str, code: String) -> Result<Person, Failure> {
        if attempt.state.secret() != state {
            return Err("this browser did not ask".into());
        }
        let tokens = self.client
            .exchange_code(AuthorizationCode::new(code))?
            .set_pkce_verifier(attempt.verifier)
            .request(&self.http)?;
        let id_token = tokens.extra_fields().id_token().ok_or("no ID token")?;
        let subject = id_token.claims(&self.client.id_token_verifier(), &attempt.nonce)?.subject().clone();
        let userinfo: CoreUserInfoClaims = self.client
            .user_info(tokens.access_token().clone(), Some(subject.clone()))?
            .request(&self.http)?;
        let name = userinfo.name().and_then(|names| names.get(None)).ok_or("no name")?;
        let cip = userinfo.preferred_username().ok_or("no CIP")?;
        Ok(Person {
            subject: subject.to_string(), // the key of your accounts
            cip: cip.to_string(),
            name: name.to_string(),
            id_token: id_token.clone(),
        })
    }

    pub fn sign_out_address(&self, person: &Person) -> Result<String, Failure> {
        let signed_out = PostLogoutRedirectUrl::new("https://horaire.exemple.ca/signed-out".into())?;
        Ok(LogoutRequest::from(self.end_session.clone())
            .set_id_token_hint(&person.id_token)
            .set_post_logout_redirect_uri(signed_out)
            .http_get_url()
            .into())
    }
}
