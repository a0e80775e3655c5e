use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::*;

const NOON: &str = "2026-03-01T12:00:00Z";

fn noon() -> Timestamp {
    Timestamp::parse(NOON).unwrap()
}

fn seconds(after: i64) -> i64 {
    noon().millis() / 1000 + after
}

fn expected() -> Expected<'static> {
    Expected { issuer: "https://issuer.example", client_id: "us", nonce: "this login", now: noon() }
}

fn claims() -> Value {
    json!({
        "iss": "https://issuer.example", "aud": "us", "sub": "alice", "nonce": "this login", "exp": seconds(60),
        "iat": seconds(0), "name": "Alice", "groups": ["operators"],
    })
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// An issuer with an Ed25519 key and one on P-256.
struct Signer {
    edwards: Ed25519KeyPair,
    curve: EcdsaKeyPair,
}

impl Signer {
    fn new() -> Self {
        let edwards = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let curve = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap();
        Self { edwards, curve }
    }

    fn shown(&self) -> Value {
        let point = self.curve.public_key().as_ref();
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({"keys": [
            {"kty": "OKP", "crv": "Ed25519", "kid": "ed", "use": "sig", "x": text(self.edwards.public_key().as_ref())},
            {"kty": "EC", "crv": "P-256", "kid": "ec", "alg": "ES256", "x": text(&point[1..33]), "y": text(&point[33..])},
            {"kty": "EC", "crv": "P-256", "kid": "enc", "use": "enc", "x": text(&point[1..33]), "y": text(&point[33..])},
            {"kty": "of tomorrow", "kid": "new"},
            {"kty": "oct", "kid": "shared", "k": text(b"everybody knows this")},
        ]})
    }

    fn keys(&self) -> PublicKeys {
        PublicKeys::parse(self.shown().to_string().as_bytes()).unwrap()
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", encoded(header), encoded(claims));
        let signature = match header["alg"].as_str() {
            Some("ES256") => self.curve.sign(&SystemRandom::new(), message.as_bytes()).unwrap().as_ref().to_vec(),
            Some("EdDSA") => self.edwards.sign(message.as_bytes()).as_ref().to_vec(),
            Some("HS256") => {
                let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"everybody knows this");
                ring::hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
            }
            _ => Vec::new(),
        };
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn of(&self, claims: &Value) -> Result<Identity, WrongToken> {
        verify(&self.sign(&json!({"alg": "EdDSA", "kid": "ed"}), claims), &self.keys(), &expected())
    }
}

#[test]
fn a_token_says_who_someone_is() {
    let signer = Signer::new();
    let alice =
        Identity { subject: "alice".to_owned(), name: "Alice".to_owned(), groups: vec!["operators".to_owned()] };
    assert_eq!(signer.of(&claims()), Ok(alice.clone()));
    let curve = signer.sign(&json!({"alg": "ES256", "kid": "ec"}), &claims());
    assert_eq!(verify(&curve, &signer.keys(), &expected()), Ok(alice));
    let mut unnamed = claims();
    unnamed["name"] = json!(" ");
    unnamed["groups"] = json!("operators");
    let found = signer.of(&unnamed).unwrap();
    assert_eq!((found.name.as_str(), found.groups), ("alice", vec!["operators".to_owned()]));
    unnamed["preferred_username"] = json!("al");
    unnamed["groups"] = json!({"not": "a list"});
    let found = signer.of(&unnamed).unwrap();
    assert_eq!((found.name.as_str(), found.groups.len()), ("al", 0));
}

#[test]
fn what_a_token_claims_is_compared() {
    let signer = Signer::new();
    for (claim, value, wrong) in [
        ("iss", json!("https://issuer.example/"), WrongToken::Issuer),
        ("iss", Value::Null, WrongToken::Unreadable),
        ("aud", json!("them"), WrongToken::Audience),
        ("aud", json!(["them", "others"]), WrongToken::Audience),
        ("aud", json!(["us", "them"]), WrongToken::Audience),
        ("azp", json!("them"), WrongToken::Audience),
        ("aud", Value::Null, WrongToken::Unreadable),
        ("nonce", json!("an earlier login"), WrongToken::Nonce),
        ("nonce", Value::Null, WrongToken::Nonce),
        ("exp", json!(seconds(-60)), WrongToken::Expired),
        ("exp", json!("tomorrow"), WrongToken::Unreadable),
        ("exp", Value::Null, WrongToken::Unreadable),
        ("nbf", json!(seconds(61)), WrongToken::Expired),
        ("sub", json!(""), WrongToken::Unreadable),
        ("sub", json!("größe"), WrongToken::Unreadable),
        ("sub", json!("s".repeat(256)), WrongToken::Unreadable),
        ("sub", Value::Null, WrongToken::Unreadable),
    ] {
        let mut claims = claims();
        claims[claim] = value.clone();
        assert_eq!(signer.of(&claims), Err(wrong), "{claim}: {value}");
    }
    for (claim, value) in [("exp", json!(seconds(-59))), ("nbf", json!(seconds(60))), ("aud", json!(["us"]))] {
        let mut claims = claims();
        claims[claim] = value;
        assert!(signer.of(&claims).is_ok(), "{claim}: clocks are not the same everywhere");
    }
    let mut several = claims();
    several["aud"] = json!(["us", "them"]);
    several["azp"] = json!("us");
    assert!(signer.of(&several).is_ok());
}

#[test]
fn only_what_the_issuer_signed_with_its_key_is_taken() {
    let signer = Signer::new();
    let of = |header: Value| verify(&signer.sign(&header, &claims()), &signer.keys(), &expected());
    for (header, wrong) in [
        (json!({"alg": "EdDSA", "kid": "another"}), WrongToken::UnknownKey),
        (json!({"alg": "EdDSA", "kid": "new"}), WrongToken::UnknownKey),
        (json!({"alg": "EdDSA"}), WrongToken::UnknownKey),
        (json!({"alg": "ES256", "kid": "enc"}), WrongToken::UnknownKey),
        (json!({"alg": "none", "kid": "ed"}), WrongToken::Unreadable),
        (json!({"alg": "HS256", "kid": "shared"}), WrongToken::Algorithm),
        (json!({"alg": "HS256", "kid": "ec"}), WrongToken::Algorithm),
        (json!({"alg": "EdDSA", "kid": "ec"}), WrongToken::Algorithm),
        (json!({"alg": "ES256", "kid": "ed"}), WrongToken::Algorithm),
        (json!({"alg": "RS256", "kid": "ed"}), WrongToken::Algorithm),
    ] {
        assert_eq!(of(header.clone()), Err(wrong), "{header}");
    }
    let token = signer.sign(&json!({"alg": "EdDSA", "kid": "ed"}), &claims());
    let other = Signer { edwards: Ed25519KeyPair::from_seed_unchecked(&[2; 32]).unwrap(), ..Signer::new() };
    assert_eq!(verify(&token, &other.keys(), &expected()), Err(WrongToken::Signature));
    let mut forged = claims();
    forged["sub"] = json!("mallory");
    let parts: Vec<&str> = token.split('.').collect();
    let forged = format!("{}.{}.{}", parts[0], encoded(&forged), parts[2]);
    assert_eq!(verify(&forged, &signer.keys(), &expected()), Err(WrongToken::Signature));
    for unreadable in ["", "a.b.c", &parts[..2].join("."), &format!("{token}.x")] {
        assert_eq!(verify(unreadable, &signer.keys(), &expected()), Err(WrongToken::Unreadable), "{unreadable}");
    }
}
