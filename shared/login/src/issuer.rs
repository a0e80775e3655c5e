//! The issuer of identities: its address, and what it says of itself (`OpenID Connect` Discovery).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use form_urlencoded::{Serializer, byte_serialize};
use serde::Deserialize;

use crate::attempt::Attempt;

/// An issuer, by its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer(String);

/// An address is none of an issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be the issuer's address, which begins with https://, without parameters")]
pub struct WrongIssuer;

/// What an issuer says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Discovery {
    issuer: String,
    authorization_endpoint: String,
    pub(crate) token_endpoint: String,
    pub(crate) jwks_uri: String,
    end_session_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// What is sent for a code's token: what stands in `Authorization`, if something does, and a form.
pub(crate) struct TokenRequest {
    pub(crate) authorization: Option<String>,
    pub(crate) form: String,
}

impl Issuer {
    /// The issuer at this address.
    ///
    /// # Errors
    /// When that can't be one.
    pub fn parse(address: &str) -> Result<Self, WrongIssuer> {
        let is_issuer = is_https(address) && !address.contains(['?', '#']);
        is_issuer.then(|| Self(address.to_owned())).ok_or(WrongIssuer)
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.0
    }

    /// Where it says what it is.
    pub(crate) fn discovery(&self) -> String {
        format!("{}/.well-known/openid-configuration", self.0.trim_end_matches('/'))
    }
}

/// Whether this is an address of HTTPS, in characters that stand in one.
fn is_https(address: &str) -> bool {
    let host = address.strip_prefix("https://");
    host.is_some_and(|host| !host.is_empty() && !host.starts_with('/'))
        && address.bytes().all(|byte| byte.is_ascii_graphic())
}

impl Discovery {
    /// Reads what the issuer says.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(issuer: &Issuer, document: &[u8]) -> Result<Self, String> {
        let said: Self = serde_json::from_slice(document).map_err(|error| format!("the issuer's document: {error}"))?;
        if said.issuer != issuer.0 {
            return Err(format!("the document is of another issuer than {}", issuer.0));
        }
        let endpoints = [&said.authorization_endpoint, &said.token_endpoint, &said.jwks_uri];
        if let Some(endpoint) = endpoints.into_iter().find(|endpoint| !is_https(endpoint)) {
            return Err(format!("an endpoint is not https: {}", endpoint.escape_debug()));
        }
        Ok(said)
    }

    /// Where someone goes to log in.
    pub(crate) fn authorization(&self, client_id: &str, attempt: &Attempt) -> String {
        with_parameters(
            &self.authorization_endpoint,
            &[
                ("response_type", "code"),
                ("scope", "openid profile email"),
                ("client_id", client_id),
                ("redirect_uri", &attempt.callback),
                ("state", &attempt.state),
                ("nonce", &attempt.nonce),
                ("code_challenge", &attempt.challenge()),
                ("code_challenge_method", "S256"),
            ],
        )
    }

    /// What asks for the token of a code. The client proves itself by `Authorization`, as an issuer takes it that says
    /// nothing else, or else in the form.
    pub(crate) fn token_request(&self, client_id: &str, secret: &str, code: &str, attempt: &Attempt) -> TokenRequest {
        let takes = |method: &str| {
            let methods = self.token_endpoint_auth_methods_supported.as_ref();
            methods.is_none_or(|methods| methods.iter().any(|other| other == method))
        };
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &attempt.callback)
            .append_pair("code_verifier", &attempt.verifier)
            .append_pair("client_id", client_id);
        let authorization = takes("client_secret_basic").then(|| {
            let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
            format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(client_id), encoded(secret))))
        });
        if authorization.is_none() {
            form.append_pair("client_secret", secret);
        }
        TokenRequest { authorization, form: form.finish() }
    }

    /// Where someone ends their session at the issuer, if it has such a place.
    pub(crate) fn end_session(&self, client_id: &str) -> Option<String> {
        let endpoint = self.end_session_endpoint.as_deref().filter(|endpoint| is_https(endpoint))?;
        Some(with_parameters(endpoint, &[("client_id", client_id)]))
    }
}

fn with_parameters(endpoint: &str, parameters: &[(&str, &str)]) -> String {
    let query = Serializer::new(String::new()).extend_pairs(parameters).finish();
    let between = if endpoint.contains('?') { '&' } else { '?' };
    format!("{endpoint}{between}{query}")
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;
    use serde_json::json;

    use super::*;

    fn said() -> serde_json::Value {
        json!({
            "issuer": "https://issuer.example/x", "authorization_endpoint": "https://issuer.example/auth?tenant=1",
            "token_endpoint": "https://issuer.example/token", "jwks_uri": "https://issuer.example/keys",
            "end_session_endpoint": "https://issuer.example/out",
        })
    }

    fn parse(said: &serde_json::Value) -> Result<Discovery, String> {
        Discovery::parse(&Issuer::parse("https://issuer.example/x").unwrap(), said.to_string().as_bytes())
    }

    #[test]
    fn an_issuer_is_an_https_address() {
        assert_eq!(
            Issuer::parse("https://a.example/").unwrap().discovery(),
            "https://a.example/.well-known/openid-configuration"
        );
        for wrong in [
            "",
            "https://",
            "http://a.example",
            "https:///a",
            "https://a.example?x=1",
            "https://a.example/ b",
            "a.example",
        ] {
            assert_eq!(Issuer::parse(wrong), Err(WrongIssuer), "{wrong}");
        }
    }

    #[test]
    fn what_an_issuer_says_is_taken_of_itself_and_over_https_only() {
        assert!(parse(&said()).is_ok());
        for (field, value, says) in [
            ("issuer", "https://issuer.example/X", "another issuer"),
            ("token_endpoint", "http://issuer.example/token", "not https"),
            ("jwks_uri", "https://issuer.example/\nkeys", "not https"),
        ] {
            let mut wrong = said();
            wrong[field] = value.into();
            assert!(parse(&wrong).unwrap_err().contains(says), "{field}");
        }
        let mut unsafe_end = said();
        unsafe_end["end_session_endpoint"] = "javascript:alert(1)".into();
        assert_eq!(parse(&unsafe_end).unwrap().end_session("us"), None);
    }

    #[test]
    fn what_is_sent_to_the_issuer_is_encoded() {
        let noon = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
        let attempt = Attempt::begin("/live", "https://us.example/login/callback".to_owned(), noon).unwrap();
        let address = parse(&said()).unwrap().authorization("us & them", &attempt);
        assert!(address.starts_with("https://issuer.example/auth?tenant=1&response_type=code&"), "{address}");
        assert!(
            address.contains("client_id=us+%26+them&") && address.ends_with("code_challenge_method=S256"),
            "{address}"
        );
        assert!(!address.contains(&attempt.verifier));
        let sent = parse(&said()).unwrap().token_request("u s", "a:b", "c&d", &attempt);
        assert_eq!(sent.authorization, Some(format!("Basic {}", STANDARD.encode("u+s:a%3Ab"))));
        assert!(sent.form.contains("code=c%26d&") && !sent.form.contains("client_secret"), "{}", sent.form);
        let mut in_form = said();
        in_form["token_endpoint_auth_methods_supported"] = json!(["client_secret_post"]);
        let sent = parse(&in_form).unwrap().token_request("u s", "a:b", "c&d", &attempt);
        assert!(sent.authorization.is_none() && sent.form.ends_with("client_secret=a%3Ab"), "{}", sent.form);
    }
}
