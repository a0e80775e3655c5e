//! The secret of logins: a JSON object that nobody but the functions reads.
//!
//! ```json
//! {"clientSecret": "what the issuer gave", "sealingKey": "32 random bytes in base64: openssl rand -base64 32"}
//! ```

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::json;
use serde_json::Value;

use crate::sealing::{KEY_BYTES, Keys};

/// What logins need that nobody else may know.
pub struct LoginSecret {
    /// How this installation proves itself to the issuer.
    pub(crate) client_secret: String,
    /// What seals cookies.
    pub(crate) keys: Keys,
}

/// Why a text is not the secret of logins. It quotes nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the login secret {0}")]
pub struct WrongLoginSecret(&'static str);

impl std::fmt::Debug for LoginSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LoginSecret")
    }
}

impl LoginSecret {
    /// Reads it out of its JSON object.
    ///
    /// # Errors
    /// What is wrong, without what it holds.
    pub fn parse(text: &str) -> Result<Self, WrongLoginSecret> {
        let shape =
            WrongLoginSecret(r#"must be a JSON object {"clientSecret": "…", "sealingKey": "…"}, no more and no less"#);
        let Ok(Value::Object(object)) = json::parse(text.as_bytes()) else { return Err(shape) };
        let text = |name: &str| object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let (Some(client_secret), Some(key), 2) = (text("clientSecret"), text("sealingKey"), object.len()) else {
            return Err(shape);
        };
        let key = STANDARD.decode(key).ok().and_then(|bytes| <[u8; KEY_BYTES]>::try_from(bytes).ok());
        let key =
            key.ok_or(WrongLoginSecret("must have 32 bytes in base64 as `sealingKey`: openssl rand -base64 32"))?;
        // A key that someone typed can be guessed, and then sessions can be made.
        if key.iter().all(|byte| *byte == key[0]) {
            return Err(WrongLoginSecret("must have random bytes as `sealingKey`: openssl rand -base64 32"));
        }
        let keys = Keys::new(&key).map_err(|_| WrongLoginSecret("has a key that can't be used"))?;
        Ok(Self { client_secret: client_secret.to_owned(), keys })
    }

    /// What seals cookies.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_secret_is_said_without_quoting_it() {
        let key = STANDARD.encode((0..32).collect::<Vec<u8>>());
        let secret = format!(r#"{{"clientSecret": "hunter2", "sealingKey": "{key}"}}"#);
        assert!(LoginSecret::parse(&secret).is_ok());
        for (wrong, says) in [
            ("hunter2".to_owned(), "must be a JSON object"),
            (r#"{"clientSecret": "hunter2"}"#.to_owned(), "must be a JSON object"),
            (secret.replace("hunter2", ""), "must be a JSON object"),
            (secret.replace('}', r#", "more": "hunter2"}"#), "no more"),
            (secret.replace(&key, "hunter2"), "32 bytes in base64"),
            (secret.replace(&key, &key[4..]), "32 bytes in base64"),
            (secret.replace(&key, &STANDARD.encode([0; 32])), "random bytes"),
        ] {
            let said = LoginSecret::parse(&wrong).unwrap_err().to_string();
            assert!(said.contains(says) && !said.contains("hunter2"), "{said}");
        }
        assert_eq!(format!("{:?}", LoginSecret::parse(&secret).unwrap()), "LoginSecret");
    }
}
