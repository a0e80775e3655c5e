//! How the tool of a custom source proves itself, as a mapping says.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

use crate::payload::Payload;
use crate::proof::{Secret, Unproven, is_token};

/// How the tool of a custom source proves itself: by a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CustomProof {
    /// The header.
    pub(super) header: String,
    /// What stands in it before the rest.
    pub(super) prefix: String,
    /// What the rest is.
    pub(super) method: Method,
}

/// What stands in the header of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// A secret.
    Token,
    /// A MAC of the body's bytes under a secret.
    Signature(Algorithm, Encoding),
    /// A signed token (JWS, HS256) whose claim `sha256` is the hash of the body.
    Jws,
}

/// The hash of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Sha1,
    Sha256,
    Sha512,
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Hex,
    Base64,
}

impl CustomProof {
    /// Whether one of the secrets proves a payload.
    pub(super) fn check(&self, secrets: &[Secret], payload: &Payload<'_>) -> Result<(), Unproven> {
        let given = payload.header(&self.header).unwrap_or_default();
        let is_proven = match self.method {
            Method::Token => {
                given.strip_prefix(&self.prefix).is_some_and(|given| secrets.iter().any(|one| is_token(one, given)))
            }
            // A tool can send several signatures in one header, of which one is ours.
            Method::Signature(algorithm, encoding) => given
                .split(',')
                .filter_map(|one| encoding.decoded(one.trim().strip_prefix(&self.prefix)?))
                .any(|stated| secrets.iter().any(|secret| algorithm.signs(secret, payload.body(), &stated))),
            Method::Jws => given
                .strip_prefix(&self.prefix)
                .is_some_and(|token| secrets.iter().any(|secret| is_jws_of(token, secret, payload.body()))),
        };
        let header = &self.header;
        match self.method {
            _ if is_proven => Ok(()),
            Method::Token => Err(Unproven(format!("{header} has no accepted token"))),
            Method::Signature(..) | Method::Jws => Err(Unproven(format!("{header} is not the signature of this body"))),
        }
    }
}

impl Algorithm {
    fn signs(self, secret: &Secret, body: &[u8], stated: &[u8]) -> bool {
        let key = secret.reveal();
        match self {
            Self::Sha1 => is_mac::<Hmac<Sha1>>(key, body, stated),
            Self::Sha256 => is_mac::<Hmac<Sha256>>(key, body, stated),
            Self::Sha512 => is_mac::<Hmac<Sha512>>(key, body, stated),
        }
    }
}

impl Encoding {
    fn decoded(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Hex => hex::decode(text).ok(),
            Self::Base64 => STANDARD.decode(text).ok(),
        }
    }
}

fn is_mac<M: Mac + KeyInit>(key: &[u8], body: &[u8], stated: &[u8]) -> bool {
    <M as KeyInit>::new_from_slice(key).is_ok_and(|mac| mac.chain_update(body).verify_slice(stated).is_ok())
}

/// Whether a text is a compact JWS under this secret, about a body with this hash. The algorithm that it names
/// is not asked for: only HS256 is verified.
fn is_jws_of(token: &str, secret: &Secret, body: &[u8]) -> bool {
    let Some((signed, signature)) = token.rsplit_once('.') else { return false };
    let Some((_, claims)) = signed.split_once('.') else { return false };
    let Ok(stated) = URL_SAFE_NO_PAD.decode(signature) else { return false };
    if !is_mac::<Hmac<Sha256>>(secret.reveal(), signed.as_bytes(), &stated) {
        return false;
    }
    let claims = URL_SAFE_NO_PAD.decode(claims).ok().and_then(|claims| serde_json::from_slice::<Value>(&claims).ok());
    claims.is_some_and(|claims| claims["sha256"] == hex::encode(Sha256::digest(body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"Hello, World!";

    fn proof(header: &str, prefix: &str, method: Method) -> CustomProof {
        CustomProof { header: header.to_owned(), prefix: prefix.to_owned(), method }
    }

    fn check(proof: &CustomProof, value: &str, body: &[u8]) -> bool {
        let secrets =
            ["another secret of tests", "It's a Secret to Everybody"].map(|text| Secret::new(text.to_owned()));
        let name = proof.header.to_ascii_lowercase();
        proof.check(&secrets, &Payload::posted([(name.as_str(), value)], body)).is_ok()
    }

    #[test]
    fn a_token_is_a_secret_behind_its_prefix() {
        let bearer = proof("Authorization", "Bearer ", Method::Token);
        for (value, taken) in [
            ("Bearer It's a Secret to Everybody", true),
            ("Bearer another secret of tests", true),
            ("It's a Secret to Everybody", false),
            ("Bearer ", false),
            ("Bearer it's a secret to everybody", false),
        ] {
            assert_eq!(check(&bearer, value, BODY), taken, "{value}");
        }
    }

    #[test]
    fn a_signature_is_of_these_bytes_with_this_hash() {
        let hex = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        let base64 = STANDARD.encode(hex::decode(hex).unwrap());
        let of = |algorithm, encoding| proof("X-Signature", "v1=", Method::Signature(algorithm, encoding));
        let sha256 = of(Algorithm::Sha256, Encoding::Hex);
        assert!(check(&sha256, &format!("v1={hex}"), BODY));
        assert!(check(&sha256, &format!("v2=00, v1={hex}"), BODY), "one of several");
        assert!(check(&of(Algorithm::Sha256, Encoding::Base64), &format!("v1={base64}"), BODY));
        for (other, value, body) in [
            (&sha256, format!("v1={hex}"), &b"Hello, world!"[..]),
            (&sha256, hex.to_owned(), BODY),
            (&sha256, format!("v1={}", &hex[2..]), BODY),
            (&sha256, String::new(), BODY),
            (&of(Algorithm::Sha512, Encoding::Hex), format!("v1={hex}"), BODY),
        ] {
            assert!(!check(other, &value, body), "{value}");
        }
    }

    #[test]
    fn the_examples_of_rfc_2202_and_rfc_4231_are_valid() {
        let secret = Secret::new("Jefe".to_owned());
        let text = b"what do ya want for nothing?";
        let signs = |algorithm: Algorithm, hex: &str| algorithm.signs(&secret, text, &hex::decode(hex).unwrap());
        assert!(signs(Algorithm::Sha1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"));
        let sha512 = "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737";
        assert!(signs(Algorithm::Sha512, sha512));
    }

    #[test]
    fn a_signed_token_is_about_this_body_and_unsigned_ones_are_not_taken() {
        let token = |header: &str, body: &[u8], key: &str| {
            let claims = format!(r#"{{"iss":"netlify","sha256":"{}"}}"#, hex::encode(Sha256::digest(body)));
            let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
            let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.as_bytes()).unwrap().chain_update(&signed);
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
        };
        let jws = proof("X-Webhook-Signature", "", Method::Jws);
        let (hs256, key) = (r#"{"alg":"HS256"}"#, "It's a Secret to Everybody");
        let right = token(hs256, BODY, key);
        assert!(check(&jws, &right, BODY));
        let unsigned = format!("{}.", right.rsplit_once('.').unwrap().0);
        for (token, body) in [
            (right.as_str(), &b"other"[..]),
            (&token(hs256, BODY, "another key of an outsider"), BODY),
            (&token(r#"{"alg":"none"}"#, b"other", key), BODY),
            (&unsigned, BODY),
            ("", BODY),
        ] {
            assert!(!check(&jws, token, body), "{token}");
        }
    }
}
