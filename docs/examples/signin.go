// signin.go: where to send the browser, what its answer is worth, and where to sign out.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Attempt stays in the browser's session until the answer comes.
type Attempt struct{ State, Nonce, Verifier string }

type Person struct {
	Subject string `json:"sub"` // the key of your accounts
	CIP     string `json:"cip"`
	Name    string `json:"name"`
	IDToken string `json:"-"`
}

type SignIn struct {
	provider *oidc.Provider
	config   oauth2.Config
}

func NewSignIn(ctx context.Context) (*SignIn, error) {
	provider, err := oidc.NewProvider(ctx, "https://acces.exemple.ca")
	if err != nil {
		return nil, err
	}
	endpoint := provider.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInHeader // or it tries twice, and hides the first refusal
	return &SignIn{provider, oauth2.Config{
		ClientID:     "horaire",
		ClientSecret: os.Getenv("CLIENT_SECRET"),
		Endpoint:     endpoint,
		RedirectURL:  "https://horaire.exemple.ca/callback",
		Scopes:       []string{oidc.ScopeOpenID, "profile", "email", "cip"},
	}}, nil
}

func (s *SignIn) Begin() (address string, attempt Attempt) {
	attempt = Attempt{rand.Text(), rand.Text(), oauth2.GenerateVerifier()}
	return s.config.AuthCodeURL(attempt.State,
		oidc.Nonce(attempt.Nonce), oauth2.S256ChallengeOption(attempt.Verifier)), attempt
}

func (s *SignIn) Finish(ctx context.Context, attempt Attempt, answer url.Values) (*Person, error) {
	if attempt.State == "" || answer.Get("state") != attempt.State {
		return nil, errors.New("this browser did not ask")
	}
	tokens, err := s.config.Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(attempt.Verifier))
	if err != nil {
		return nil, err
	}
	raw, _ := tokens.Extra("id_token").(string)
	idToken, err := s.provider.Verifier(&oidc.Config{ClientID: s.config.ClientID}).Verify(ctx, raw)
	if err != nil {
		return nil, err
	}
	userinfo, err := s.provider.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	if err != nil {
		return nil, err
	}
	if idToken.Nonce != attempt.Nonce || userinfo.Subject != idToken.Subject {
		return nil, errors.New("an answer to somebody else")
	}
	person := &Person{IDToken: raw}
	return person, userinfo.Claims(person)
}

func (s *SignIn) SignOutAddress(person *Person) string {
	if person == nil {
		return "/signed-out"
	}
	var metadata struct {
		EndSession string `json:"end_session_endpoint"`
	}
	s.provider.Claims(&metadata)
	return metadata.EndSession + "?" + url.Values{
		"id_token_hint":            {person.IDToken},
		"post_logout_redirect_uri": {"https://horaire.exemple.ca/signed-out"},
	}.Encode()
}
