// Round the bean of docs/relying-parties.md: an application with one page for those who have signed in.
package ca.exemple.horaire;

import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.client.oidc.web.logout.OidcClientInitiatedLogoutSuccessHandler;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.DefaultOAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestCustomizers;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
@RestController
public class Horaire {
    public static void main(String[] arguments) {
        SpringApplication.run(Horaire.class, arguments);
    }

    @GetMapping("/")
    Map<String, String> home(@AuthenticationPrincipal OidcUser person) {
        return Map.of("cip", person.getName(), "name", person.getFullName());
    }

    @GetMapping("/signed-out")
    String signedOut() {
        return "Au revoir";
    }

    // SecurityFilterChain
}
