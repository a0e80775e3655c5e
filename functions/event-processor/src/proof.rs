//! How a webhook proves that its tool sent it: by a signature of its bytes, or by a token. All is
//! compared in constant time.

use api::Request;
use aws::secrets::{Secret, WebhookSecrets};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// How far the time of a signed delivery may be from ours, in seconds: a copy of one is of no use after.
const SIGNED_FOR_SECONDS: i64 = 5 * 60;

/// Whether `X-Hub-Signature-256` (`sha256=<hex>`) is the HMAC-SHA-256 of the body under one of the
/// secrets. As GitHub documents it in "Validating webhook deliveries".
///
/// # Errors
/// What is wrong, without what would be right.
pub(crate) fn github(secrets: &[Secret], request: &Request) -> Result<(), &'static str> {
    let stated = request.header("x-hub-signature-256").and_then(|header| header.strip_prefix("sha256="));
    let stated = stated.and_then(|digits| hex::decode(digits).ok()).unwrap_or_default();
    let valid = secrets.iter().any(|secret| is_signature(secret.reveal(), &[&request.body], &stated));
    if valid { Ok(()) } else { Err("X-Hub-Signature-256 is not the signature of this body") }
}

/// Whether `webhook-signature` signs the delivery, or, where there is none, `X-Gitlab-Token` is one of
/// the secrets. As GitLab documents it in "Webhooks"; the signature is that of the Standard Webhooks
/// specification.
///
/// A secret that begins with `whsec_` is the key of a signature and never travels, so it is no token:
/// with such secrets alone, a delivery can't do without its signature.
///
/// # Errors
/// What is wrong, without what would be right.
pub(crate) fn gitlab(secrets: &[Secret], request: &Request, now: Timestamp) -> Result<(), &'static str> {
    if let Some(signatures) = request.header("webhook-signature") {
        return standard_webhook(secrets, request, signatures, now);
    }
    let given = request.header("x-gitlab-token").unwrap_or_default();
    let tokens = secrets.iter().filter(|secret| encoded_key(secret).is_none());
    let valid = tokens.into_iter().any(|token| is_token(token, given));
    if valid {
        Ok(())
    } else {
        Err("neither is X-Gitlab-Token a token that is taken, nor is there a webhook-signature")
    }
}

/// Whether `Authorization: Bearer` or `X-Webhook-Token` brings one of the secrets: Argo CD signs nothing,
/// but sends any header that it is told to.
///
/// # Errors
/// What is wrong, without what would be right.
pub(crate) fn argo_cd(secrets: &[Secret], request: &Request) -> Result<(), &'static str> {
    let bearer = request.header("authorization").and_then(|header| header.split_once(' '));
    let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token);
    let mut given = [bearer, request.header("x-webhook-token")].into_iter().flatten();
    if given.any(|given| secrets.iter().any(|secret| is_token(secret, given))) {
        Ok(())
    } else {
        Err("neither Authorization: Bearer nor X-Webhook-Token brings a token that is taken here")
    }
}

/// A delivery after the Standard Webhooks specification: `v1,<base64>` signs its id, time and body;
/// several signatures stand one after the other while a key changes.
fn standard_webhook(
    secrets: &[Secret],
    request: &Request,
    signatures: &str,
    now: Timestamp,
) -> Result<(), &'static str> {
    let wrong = "webhook-signature is not the signature of this webhook-id, webhook-timestamp and body";
    let (Some(id), Some(time)) = (request.header("webhook-id"), request.header("webhook-timestamp")) else {
        return Err(wrong);
    };
    let signed = [id.as_bytes(), b".", time.as_bytes(), b".", &request.body];
    let keys: Vec<Vec<u8>> = secrets.iter().filter_map(signing_key).collect();
    let stated = signatures.split(' ').filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok());
    if !stated.into_iter().any(|stated| keys.iter().any(|key| is_signature(key, &signed, &stated))) {
        return Err(wrong);
    }
    let age = time.parse::<i64>().ok().and_then(|time| (now.millis() / 1000).checked_sub(time));
    match age {
        Some(age) if age.abs() <= SIGNED_FOR_SECONDS => Ok(()),
        _ => Err("webhook-timestamp is more than 5 minutes from now"),
    }
}

/// The key in a secret of signatures: what stands behind `whsec_`, in base64.
fn signing_key(secret: &Secret) -> Option<Vec<u8>> {
    STANDARD.decode(encoded_key(secret)?).ok().filter(|key| key.len() >= WebhookSecrets::LEAST)
}

fn encoded_key(secret: &Secret) -> Option<&[u8]> {
    secret.reveal().strip_prefix(b"whsec_")
}

fn is_signature(key: &[u8], parts: &[&[u8]], stated: &[u8]) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return false };
    for part in parts {
        mac.update(part);
    }
    mac.verify_slice(stated).is_ok()
}

/// Whether two tokens are the same. Their hashes are compared, so that not even their lengths show.
fn is_token(secret: &Secret, given: &str) -> bool {
    Sha256::digest(secret.reveal()).ct_eq(&Sha256::digest(given.as_bytes())).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)], body: &[u8]) -> Request {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Request { headers: headers.collect(), body: body.to_vec(), ..Request::default() }
    }

    fn secret(text: &str) -> Vec<Secret> {
        vec![Secret::new(text.to_owned())]
    }

    #[test]
    fn the_example_of_githubs_documentation_is_valid() {
        let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        let signed = request(&[("x-hub-signature-256", signature)], b"Hello, World!");
        assert_eq!(github(&secret("It's a Secret to Everybody"), &signed), Ok(()));
        assert!(github(&secret("It's a secret to everybody"), &signed).is_err());
    }

    #[test]
    fn the_example_of_the_standard_webhooks_specification_is_valid_around_its_time() {
        let signed = request(
            &[
                ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
                ("webhook-timestamp", "1614265330"),
                ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
            ],
            br#"{"test": 2432232314}"#,
        );
        let secret = secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let at = |seconds: i64| gitlab(&secret, &signed, Timestamp::from_millis((1_614_265_330 + seconds) * 1000));
        assert_eq!([at(-300), at(0), at(300)], [Ok(()), Ok(()), Ok(())]);
        let late = Err("webhook-timestamp is more than 5 minutes from now");
        assert_eq!([at(-301), at(301)], [late, late]);
    }
}
