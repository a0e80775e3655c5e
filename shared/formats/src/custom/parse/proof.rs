//! Reads out of a mapping how its tool proves itself.

use domain::fields::Fields;

use crate::custom::proof::{Algorithm, CustomProof, Encoding, Method};

/// How a source proves itself.
pub(super) fn proof(mut from: Fields<'_>) -> Option<CustomProof> {
    let errors = from.error_count();
    let header = from.text(&["header"]).map(|(_, header)| header);
    let is_header = |text: &str| {
        (1..=128).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    match &header {
        None if from.error_count() == errors => from.wrong("header", "is required: the header that has the proof"),
        Some(header) if !is_header(header) => {
            from.wrong("header", "must be the name of a header: letters, digits, hyphens and underscores");
        }
        _ => {}
    }
    let prefix = from.free_text(&["prefix"], 64).unwrap_or_default();
    let signature = from.text(&["signature"]).map(|(_, name)| name);
    let method = match signature.as_deref() {
        None => Some(Method::Token),
        Some("jws") => Some(Method::Jws),
        Some("hmac-sha1") => Some(Method::Signature(Algorithm::Sha1, Encoding::Hex)),
        Some("hmac-sha256") => Some(Method::Signature(Algorithm::Sha256, Encoding::Hex)),
        Some("hmac-sha512") => Some(Method::Signature(Algorithm::Sha512, Encoding::Hex)),
        Some(_) => {
            from.wrong("signature", "must be hmac-sha256, hmac-sha512, hmac-sha1 or jws; leave it out for a token");
            None
        }
    };
    let encoding = from.text(&["encoding"]).map(|(_, name)| name);
    let method = match (method, encoding.as_deref()) {
        (method, None) => method,
        (Some(Method::Signature(algorithm, _)), Some("hex")) => Some(Method::Signature(algorithm, Encoding::Hex)),
        (Some(Method::Signature(algorithm, _)), Some("base64")) => Some(Method::Signature(algorithm, Encoding::Base64)),
        (Some(Method::Signature(..)), Some(_)) => {
            from.wrong("encoding", "must be hex or base64");
            None
        }
        (method, Some(_)) => {
            from.wrong("encoding", "is only of a signature by hmac");
            method
        }
    };
    from.finish("known are header, prefix, signature and encoding; the secret stands among the webhook secrets");
    Some(CustomProof { header: header?, prefix, method: method? })
}
