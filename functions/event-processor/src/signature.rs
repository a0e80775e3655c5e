//! Signatures and tokens of webhooks.

use aws::secrets::Secret;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Whether `header` (`sha256=<hex>`) is the HMAC-SHA-256 of `body` under `secret`; compared in
/// constant time. As GitHub documents it in "Validating webhook deliveries".
pub(crate) fn is_valid(secret: &Secret, header: Option<&str>, body: &[u8]) -> bool {
    let stated = header.and_then(|header| header.strip_prefix("sha256=")).and_then(|digits| hex::decode(digits).ok());
    let (Some(stated), Ok(mut mac)) = (stated, Hmac::<Sha256>::new_from_slice(secret.reveal())) else { return false };
    mac.update(body);
    mac.verify_slice(&stated).is_ok()
}

/// Whether `text` is `secret` itself. Their hashes are compared, in constant time: neither what of it
/// is right nor the secret's length shows in how long that takes.
pub(crate) fn is_token(secret: &Secret, text: &str) -> bool {
    Sha256::digest(secret.reveal()).ct_eq(&Sha256::digest(text)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_signature_of_these_bytes_under_this_secret_is_valid() {
        // The example of GitHub's documentation.
        let secret = Secret::new("It's a Secret to Everybody".to_owned());
        let good = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert!(is_valid(&secret, Some(good), b"Hello, World!"));
        assert!(!is_valid(&secret, Some(good), b"Hello, World?"));
        assert!(!is_valid(&Secret::new("other".to_owned()), Some(good), b"Hello, World!"));
        for bad in
            [None, Some(""), Some("sha256="), Some(&good[..60]), Some(&good[7..]), Some("sha1=00"), Some("sha256=zz")]
        {
            assert!(!is_valid(&secret, bad, b"Hello, World!"), "{bad:?}");
        }
    }

    #[test]
    fn only_the_secret_itself_is_the_token() {
        let secret = Secret::new("a secret of tests".to_owned());
        assert!(is_token(&secret, "a secret of tests"));
        for wrong in
            ["", "a secret of test", "a secret of tests ", "A secret of tests", "a secret of testsa secret of tests"]
        {
            assert!(!is_token(&secret, wrong), "{wrong:?}");
        }
    }
}
