//! What webhooks are proven with: a JSON object of a webhook's name and its secret, or several while
//! they change:
//!
//! ```json
//! {"github": "…", "gitlab": ["the new one", "the old one"], "argocd": "…", "flux": "…", "custom:azure": "…"}
//! ```

use std::collections::BTreeMap;

use domain::fields::kind;
use domain::json;
use serde_json::Value;

use crate::custom::{self, CustomSource};
use crate::proof::{Proof, Secret};
use crate::webhook::Webhook;

/// The secrets of each webhook; any of a webhook's secrets proves it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookSecrets(BTreeMap<String, Vec<Secret>>);

/// Why a text is not the secrets of webhooks. It quotes nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the webhook secret {0}")]
pub struct WrongSecrets(String);

impl WebhookSecrets {
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
            let webhook = Webhook::named(&name);
            if webhook.is_none() && !name.strip_prefix(custom::PREFIX).is_some_and(custom::is_name) {
                let known = Webhook::all().map(Webhook::name).collect::<Vec<_>>().join(", ");
                return Err(WrongSecrets(format!("has an unknown name; known are {known}, and custom:<name>")));
            }
            let complaint = |text: &str| match webhook {
                Some(webhook) => webhook.proof().complaint(&name, text),
                None => Proof::complaint_of_any(&name, text),
            };
            let values = match value {
                Value::Array(values) => values,
                value => vec![value],
            };
            let of_webhook = values.into_iter().map(|value| match value {
                Value::String(text) => match complaint(&text) {
                    Some(wrong) => Err(WrongSecrets(wrong)),
                    None => Ok(Secret::new(text)),
                },
                other => Err(WrongSecrets(format!(
                    "must be a string or an array of strings for {name}, not {}",
                    kind(&other)
                ))),
            });
            let of_webhook = of_webhook.collect::<Result<Vec<_>, _>>()?;
            secrets.insert(name, of_webhook);
        }
        Ok(Self(secrets))
    }

    /// The secrets of one webhook; empty where it has none, and then it is not taken.
    #[must_use]
    pub fn of(&self, webhook: Webhook) -> &[Secret] {
        self.named(webhook.name())
    }

    /// The secrets of one custom source; empty where it has none, and then it is not taken.
    #[must_use]
    pub fn of_custom(&self, source: &CustomSource) -> &[Secret] {
        self.named(source.key())
    }

    fn named(&self, name: &str) -> &[Secret] {
        self.0.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::custom::CustomSources;

    #[test]
    fn each_webhook_has_its_secrets_and_none_shows_them() {
        let text = r#"{"github": "hunter2hunter2hunter2", "gitlab": ["hunter2-new-hunter2", "hunter2-old-hunter2"]}"#;
        let secrets = WebhookSecrets::parse(text).unwrap();
        let counts = ["github", "gitlab", "argocd"].map(|name| secrets.of(Webhook::named(name).unwrap()).len());
        assert_eq!(counts, [1, 2, 0]);
        assert_eq!(secrets.of(Webhook::named("github").unwrap())[0].reveal(), b"hunter2hunter2hunter2");
        assert!(!format!("{secrets:?}").contains("hunter2"));
        let mapping = serde_json::json!([{
            "name": "azure", "proof": {"header": "X-Token"},
            "event": {"deploymentId": {"path": "$.id"}, "status": {"path": "$.status"}},
        }]);
        let sources = CustomSources::parse(mapping).unwrap();
        let azure = sources.named("azure").unwrap();
        let of_custom = |text: &str| WebhookSecrets::parse(text).unwrap().of_custom(azure).len();
        let count = [r#"{"custom:azure": "hunter2hunter2hunter2"}"#, r#"{"custom:other": "hunter2hunter2hunter2"}"#];
        assert_eq!(count.map(of_custom), [1, 0]);
    }

    #[test]
    fn what_is_wrong_is_reported_without_the_secret() {
        for (text, expected) in [
            ("hunter2hunter2hunter2", "must be a JSON object"),
            (r#"["hunter2"]"#, "must be a JSON object"),
            (r#"{"github": "hunter2hunter2hunter2", "github": "hunter2hunter2hunter2"}"#, "each name once"),
            (r#"{"hunter2": "hunter2hunter2hunter2"}"#, "known are github, gitlab, argocd, flux"),
            (r#"{"custom:": "hunter2hunter2hunter2"}"#, "known are github, gitlab, argocd, flux, and custom:<name>"),
            (r#"{"custom:a b": "hunter2hunter2hunter2"}"#, "unknown name"),
            (r#"{"custom:azure": "hunter2"}"#, "must have at least 16 bytes, for custom:azure"),
            (r#"{"github": "hunter2"}"#, "must have at least 16 bytes, for github"),
            (r#"{"github": "hunter2hunter2hunter2\n"}"#, "must not begin or end with white space, for github"),
            (r#"{"gitlab": "whsec_hunter2hunter2hunter2"}"#, "is not a signing key for gitlab"),
            (r#"{"gitlab": "whsec_aHVudGVyMg=="}"#, "base64 of at least 16 bytes"),
            (r#"{"gitlab": [7]}"#, "must be a string or an array of strings for gitlab, not a number"),
            (r#"{"argocd": {"hunter2": 1}}"#, "must be a string or an array of strings for argocd, not an object"),
        ] {
            let wrong = WebhookSecrets::parse(text).unwrap_err().to_string();
            assert!(wrong.contains(expected) && !wrong.contains("hunter2"), "{wrong}");
        }
    }
}
