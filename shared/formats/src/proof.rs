//! How a webhook proves that its tool sent it: by a signature of its bytes, or by a token. All is
//! compared in constant time.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::payload::Payload;

/// How far the time of a signed delivery may be from ours, in seconds: a copy of one is of no use after.
const SIGNED_FOR_SECONDS: i64 = 5 * 60;

/// What a key of signatures begins with, as Standard Webhooks has them: `whsec_<base64>`.
const SIGNING_KEY: &str = "whsec_";

/// A text that no log and no message shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The shortest secret that is taken, in bytes: what is shorter can be guessed.
    pub const LEAST: usize = 16;

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

/// How the tool of a webhook proves itself. Headers are named as messages write them.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Proof {
    /// The header has the HMAC-SHA-256 of the body under a secret: a prefix, and hexadecimal digits.
    Signature { header: &'static str, prefix: &'static str },
    /// `webhook-signature` signs the delivery as the Standard Webhooks specification has it; where there
    /// is none, the header brings a secret. A secret that begins with `whsec_` is the key of a signature
    /// and never travels: with such secrets alone, a delivery can't do without its signature.
    StandardWebhook { or_token: &'static str },
    /// `Authorization: Bearer` or the header brings a secret: of tools that sign nothing, but send any
    /// header that they are configured to send.
    BearerToken { or_token: &'static str },
}

/// What is wrong with the proof of a webhook, without what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unproven(pub(crate) String);

impl Proof {
    /// Whether one of the secrets proves a payload.
    ///
    /// # Errors
    /// What is wrong.
    pub(crate) fn check(self, secrets: &[Secret], payload: &Payload<'_>, now: Timestamp) -> Result<(), Unproven> {
        let wrong = match self {
            Self::Signature { header, prefix } => {
                let stated = payload.header(header).and_then(|text| text.strip_prefix(prefix));
                let stated = stated.and_then(|digits| hex::decode(digits).ok()).unwrap_or_default();
                let is_valid = |secret: &Secret| is_signature(secret.reveal(), &[payload.body()], &stated);
                if secrets.iter().any(is_valid) {
                    return Ok(());
                }
                format!("{header} is not the signature of this body")
            }
            Self::StandardWebhook { or_token } => {
                if let Some(signatures) = payload.header("webhook-signature") {
                    return standard_webhook(secrets, payload, signatures, now);
                }
                let given = payload.header(or_token).unwrap_or_default();
                if secrets.iter().any(|secret| encoded_key(secret).is_none() && is_token(secret, given)) {
                    return Ok(());
                }
                format!("{or_token} is not an accepted token, and webhook-signature is missing")
            }
            Self::BearerToken { or_token } => {
                let bearer = payload.header("authorization").and_then(|header| header.split_once(' '));
                let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
                let mut given = [bearer.map(|(_, token)| token), payload.header(or_token)].into_iter().flatten();
                if given.any(|given| secrets.iter().any(|secret| is_token(secret, given))) {
                    return Ok(());
                }
                format!("neither Authorization: Bearer nor {or_token} has an accepted token")
            }
        };
        Err(Unproven(wrong))
    }

    /// What is wrong with a text as a secret of this proof, if anything; it quotes nothing of it. `name` is
    /// that of the webhook.
    pub(crate) fn complaint(self, name: &str, text: &str) -> Option<String> {
        let key = text.strip_prefix(SIGNING_KEY).filter(|_| matches!(self, Self::StandardWebhook { .. }));
        match key {
            Some(_) if text.trim() != text => Self::complaint_of_any(name, text),
            Some(key) if STANDARD.decode(key).is_ok_and(|key| key.len() >= Secret::LEAST) => None,
            Some(_) => Some(format!(
                "is not a signing key for {name}: it must be {SIGNING_KEY} and base64 of at least {} bytes",
                Secret::LEAST
            )),
            None => Self::complaint_of_any(name, text),
        }
    }

    /// The same of a secret of any proof.
    pub(crate) fn complaint_of_any(name: &str, text: &str) -> Option<String> {
        if text.trim() != text {
            return Some(format!("must not begin or end with white space, for {name}"));
        }
        (text.len() < Secret::LEAST).then(|| format!("must have at least {} bytes, for {name}", Secret::LEAST))
    }
}

/// A delivery after the Standard Webhooks specification: `v1,<base64>` signs its id, time and body;
/// several signatures stand one after the other while a key changes.
fn standard_webhook(
    secrets: &[Secret],
    payload: &Payload<'_>,
    signatures: &str,
    now: Timestamp,
) -> Result<(), Unproven> {
    let wrong = || {
        let wrong = "webhook-signature is not the signature of this webhook-id, webhook-timestamp and body";
        Unproven(wrong.to_owned())
    };
    let (Some(id), Some(time)) = (payload.header("webhook-id"), payload.header("webhook-timestamp")) else {
        return Err(wrong());
    };
    let signed = [id.as_bytes(), b".", time.as_bytes(), b".", payload.body()];
    let keys: Vec<Vec<u8>> = secrets.iter().filter_map(signing_key).collect();
    let stated = signatures.split(' ').filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok());
    if !stated.into_iter().any(|stated| keys.iter().any(|key| is_signature(key, &signed, &stated))) {
        return Err(wrong());
    }
    let age = time.parse::<i64>().ok().and_then(|time| (now.millis() / 1000).checked_sub(time));
    match age {
        Some(age) if age.abs() <= SIGNED_FOR_SECONDS => Ok(()),
        _ => Err(Unproven("webhook-timestamp is more than 5 minutes from now".to_owned())),
    }
}

/// The key in a secret of signatures: what stands behind `whsec_`, in base64.
fn signing_key(secret: &Secret) -> Option<Vec<u8>> {
    STANDARD.decode(encoded_key(secret)?).ok().filter(|key| key.len() >= Secret::LEAST)
}

fn encoded_key(secret: &Secret) -> Option<&[u8]> {
    secret.reveal().strip_prefix(SIGNING_KEY.as_bytes())
}

fn is_signature(key: &[u8], parts: &[&[u8]], stated: &[u8]) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return false };
    for part in parts {
        mac.update(part);
    }
    mac.verify_slice(stated).is_ok()
}

/// Whether two tokens are the same. Their hashes are compared, so that not even their lengths show.
pub(crate) fn is_token(secret: &Secret, given: &str) -> bool {
    Sha256::digest(secret.reveal()).ct_eq(&Sha256::digest(given.as_bytes())).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Vec<Secret> {
        vec![Secret::new(text.to_owned())]
    }

    #[test]
    fn the_example_of_githubs_documentation_is_valid() {
        let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        let signed = Payload::posted([("x-hub-signature-256", signature)], b"Hello, World!");
        let proof = Proof::Signature { header: "X-Hub-Signature-256", prefix: "sha256=" };
        let check = |text| proof.check(&secret(text), &signed, Timestamp::from_millis(0));
        assert_eq!(check("It's a Secret to Everybody"), Ok(()));
        assert!(check("It's a secret to everybody").is_err());
    }

    #[test]
    fn the_example_of_the_standard_webhooks_specification_is_valid_around_its_time() {
        let signed = Payload::posted(
            [
                ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
                ("webhook-timestamp", "1614265330"),
                ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
            ],
            br#"{"test": 2432232314}"#,
        );
        let secret = secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let proof = Proof::StandardWebhook { or_token: "X-Gitlab-Token" };
        let at = |seconds: i64| {
            let now = Timestamp::from_millis((1_614_265_330 + seconds) * 1000);
            proof.check(&secret, &signed, now).map_err(|wrong| wrong.to_string())
        };
        assert_eq!([at(-300), at(0), at(300)], [Ok(()), Ok(()), Ok(())]);
        let late = Err("webhook-timestamp is more than 5 minutes from now".to_owned());
        assert_eq!([at(-301), at(301)], [late.clone(), late]);
    }
}
