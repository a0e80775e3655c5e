//! What webhooks are proven with: the secrets of each. They are in no environment variable, no log and no
//! answer.
//!
//! They stand in a JSON object of a webhook's name and its secret, or several while they change:
//!
//! ```json
//! {"github": "…", "gitlab": ["the new one", "the old one"], "argocd": "…"}
//! ```

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::fields::kind;
use domain::json;
use serde_json::Value;

/// A tool whose webhooks are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Webhook {
    /// GitHub.
    GitHub,
    /// GitLab.
    GitLab,
    /// Argo CD's notifications.
    ArgoCd,
}

impl Webhook {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::GitHub, Self::GitLab, Self::ArgoCd];

    /// Its name: in its route `/v1/webhooks/<name>`, and in the secret.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::GitLab => "gitlab",
            Self::ArgoCd => "argocd",
        }
    }
}

/// A text that no log and no message shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret, for computing with it.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// The secrets of each webhook; any of a webhook's secrets proves it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookSecrets(BTreeMap<Webhook, Vec<Secret>>);

/// Why a text is not the secrets of webhooks. It quotes nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the secret of webhooks {0}")]
pub struct WrongSecrets(pub String);

impl WebhookSecrets {
    /// The shortest secret that is taken, in bytes: what is shorter can be guessed.
    pub const LEAST: usize = 16;

    /// Reads secrets out of their JSON object.
    ///
    /// # Errors
    /// What is wrong, by the webhook's name and without what it holds.
    pub fn parse(text: &str) -> Result<Self, WrongSecrets> {
        let shape = r#"must be a JSON object such as {"github": "…", "gitlab": ["…", "…"]}"#;
        let Ok(Value::Object(object)) = json::parse(text.as_bytes()) else {
            return Err(WrongSecrets(format!("{shape}, with each name once")));
        };
        let mut secrets = BTreeMap::new();
        for (name, value) in object {
            let Some(webhook) = Webhook::ALL.into_iter().find(|webhook| webhook.name() == name) else {
                let known = Webhook::ALL.map(Webhook::name).join(", ");
                return Err(WrongSecrets(format!("has a name that is no webhook; known are {known}")));
            };
            let values = match value {
                Value::Array(values) => values,
                value => vec![value],
            };
            let of_webhook = values.iter().map(|value| match value {
                Value::String(text) if text.trim() != text => {
                    Err(WrongSecrets(format!("has white space at an end, for {name}")))
                }
                Value::String(text) if webhook == Webhook::GitLab && !is_token_or_key(text) => Err(WrongSecrets(
                    format!("is no key of signatures for {name}: whsec_ and base64 of at least {} bytes", Self::LEAST),
                )),
                Value::String(text) if text.len() >= Self::LEAST => Ok(Secret::new(text.clone())),
                Value::String(_) => {
                    Err(WrongSecrets(format!("is too short for {name}: at least {} bytes", Self::LEAST)))
                }
                other => {
                    Err(WrongSecrets(format!("must be a text for {name}, or several in an array, not {}", kind(other))))
                }
            });
            secrets.insert(webhook, of_webhook.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(Self(secrets))
    }

    /// The secrets of one webhook; empty where it has none, and then it is not taken.
    #[must_use]
    pub fn of(&self, webhook: Webhook) -> &[Secret] {
        self.0.get(&webhook).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Whether a secret of GitLab is a token, or a key of signatures that can be read (`whsec_<base64>`, as
/// Standard Webhooks has them).
fn is_token_or_key(text: &str) -> bool {
    let Some(key) = text.strip_prefix("whsec_") else { return true };
    STANDARD.decode(key).is_ok_and(|key| key.len() >= WebhookSecrets::LEAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_webhook_has_its_secrets_and_none_shows_them() {
        let text = r#"{"github": "hunter2hunter2hunter2", "gitlab": ["hunter2-new-hunter2", "hunter2-old-hunter2"]}"#;
        let secrets = WebhookSecrets::parse(text).unwrap();
        let counts = Webhook::ALL.map(|webhook| secrets.of(webhook).len());
        assert_eq!(counts, [1, 2, 0]);
        assert_eq!(secrets.of(Webhook::GitHub)[0].reveal(), b"hunter2hunter2hunter2");
        assert!(!format!("{secrets:?}").contains("hunter2"));
    }

    #[test]
    fn what_is_wrong_is_said_without_what_it_holds() {
        for (text, says) in [
            ("hunter2hunter2hunter2", "must be a JSON object"),
            (r#"["hunter2"]"#, "must be a JSON object"),
            (r#"{"github": "hunter2hunter2hunter2", "github": "hunter2hunter2hunter2"}"#, "each name once"),
            (r#"{"hunter2": "hunter2hunter2hunter2"}"#, "known are github, gitlab, argocd"),
            (r#"{"github": "hunter2"}"#, "too short for github: at least 16 bytes"),
            (r#"{"github": "hunter2hunter2hunter2\n"}"#, "has white space at an end, for github"),
            (r#"{"gitlab": "whsec_hunter2hunter2hunter2"}"#, "is no key of signatures for gitlab"),
            (r#"{"gitlab": "whsec_aHVudGVyMg=="}"#, "base64 of at least 16 bytes"),
            (r#"{"gitlab": [7]}"#, "must be a text for gitlab, or several in an array, not a number"),
            (r#"{"argocd": {"hunter2": 1}}"#, "must be a text for argocd, or several in an array, not an object"),
        ] {
            let said = WebhookSecrets::parse(text).unwrap_err().to_string();
            assert!(said.contains(says) && !said.contains("hunter2"), "{said}");
        }
    }
}
