//! Verifies signatures after AWS's published algorithm ("Create a signed AWS API request", Signature Version 4), as
//! API Gateway does: with what arrived, and with code that shares nothing with what signed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::server::ReceivedRequest;

/// What a signature is for.
pub(crate) struct Scope<'a> {
    pub(crate) access_key: &'a str,
    pub(crate) secret: &'a str,
    pub(crate) region: &'a str,
}

/// Whether a request is signed rightly.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn verify(request: &ReceivedRequest, scope: &Scope<'_>) -> Result<(), String> {
    let header = |name: &str| -> Result<String, String> {
        let values: Vec<&str> = request.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect();
        if values.is_empty() { Err(format!("{name} is missing")) } else { Ok(values.join(",").trim().to_owned()) }
    };
    let authorization = header("authorization")?;
    let parts = authorization.strip_prefix("AWS4-HMAC-SHA256 ").ok_or("another algorithm")?;
    let parts: BTreeMap<&str, &str> = parts.split(", ").map(|part| part.split_once('=').unwrap()).collect();
    let time = header("x-amz-date")?;
    let day = &time[..8];
    let credential = format!("{}/{day}/{}/execute-api/aws4_request", scope.access_key, scope.region);
    if parts["Credential"] != credential {
        return Err(format!("the credential is {}", parts["Credential"]));
    }
    let signed: Vec<&str> = parts["SignedHeaders"].split(';').collect();
    for name in ["host", "x-amz-date"] {
        if !signed.contains(&name) {
            return Err(format!("{name} is not signed"));
        }
    }
    if !signed.is_sorted() {
        return Err("the signed headers are not in order".to_owned());
    }
    let mut canonical = format!("{}\n{}\n{}\n", request.method, path(request.uri.path()), query(&request.uri));
    for name in &signed {
        let value = header(name)?.split_whitespace().collect::<Vec<_>>().join(" ");
        writeln!(canonical, "{name}:{value}").unwrap();
    }
    write!(canonical, "\n{}\n{}", parts["SignedHeaders"], hex::encode(Sha256::digest(&request.body))).unwrap();
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{time}\n{day}/{}/execute-api/aws4_request\n{}",
        scope.region,
        hex::encode(Sha256::digest(&canonical))
    );
    let key = [day, scope.region, "execute-api", "aws4_request"]
        .iter()
        .fold(format!("AWS4{}", scope.secret).into_bytes(), |key, step| mac(&key, step));
    let expected = hex::encode(mac(&key, &to_sign));
    if parts["Signature"] == expected { Ok(()) } else { Err(format!("the signature is not that of\n{canonical}")) }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// "Each path segment must be URI-encoded twice": what arrived is encoded once.
fn path(raw: &str) -> String {
    raw.split('/').map(|segment| encoded(segment.as_bytes())).collect::<Vec<_>>().join("/")
}

/// The parameters, decoded and encoded again, in the order of their names, then of their values. A `+` is a `+`.
fn query(uri: &axum::http::Uri) -> String {
    let pairs = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let decoded = |text: &str| encoded(&percent_encoding::percent_decode_str(text).collect::<Vec<u8>>());
    let mut pairs: Vec<(String, String)> = pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn encoded(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            write!(text, "%{byte:02X}").unwrap();
        }
    }
    text
}

#[test]
fn another_secret_time_or_text_is_found() {
    let request = |uri: &str, secret: &str| {
        let shell = crate::called::Shell::empty()
            .with("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .with("AWS_SECRET_ACCESS_KEY", secret)
            .with("AWS_REGION", "eu-central-1");
        let double = crate::server::Double::always(200, &[], r#"{"items":[],"nextCursor":null}"#);
        let _ = shell.call(&["history", "--auth", "iam", "--url", &double.url, "-o", "json", "--service", uri]);
        double.requests().remove(0)
    };
    let scope = Scope { access_key: "AKIDEXAMPLE", secret: "the secret", region: "eu-central-1" };
    let right = request("a b+c", "the secret");
    assert_eq!(verify(&right, &scope), Ok(()));
    assert!(verify(&request("a b+c", "another"), &scope).is_err());
    assert!(verify(&ReceivedRequest { uri: "/v1/deployments".parse().unwrap(), ..right.clone() }, &scope).is_err());
    assert!(verify(&ReceivedRequest { body: "x".into(), ..right.clone() }, &scope).is_err());
    assert!(verify(&right, &Scope { region: "eu-west-1", ..scope }).is_err());
}
