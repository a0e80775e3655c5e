//! The issuer's token of a login (ID token): whether it can be trusted, and who it says that someone is.

use domain::Timestamp;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;

use crate::public_keys::PublicKeys;
use crate::ring_verifier::{self, ALGORITHMS};

/// How far the clocks of the issuer and of this machine may be apart, in seconds.
const LEEWAY: i64 = 60;
/// The longest subject that `OpenID Connect` allows.
const SUBJECT_CHARACTERS: usize = 255;

/// What a token must be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'e> {
    /// Who issued it.
    pub(crate) issuer: &'e str,
    /// Whom it is for.
    pub(crate) client_id: &'e str,
    /// Of which login it is.
    pub(crate) nonce: &'e str,
    /// When it is judged.
    pub(crate) now: Timestamp,
}

/// Who someone is, as the issuer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who it is, for ever.
    pub subject: String,
    /// How they are called.
    pub name: String,
    /// The groups that they are in.
    pub groups: Vec<String>,
}

/// Why a token is not taken. It quotes nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrongToken {
    /// It is signed with a key that is not among those known.
    #[error("it is signed with a key that the issuer does not show")]
    UnknownKey,
    /// It is signed in a way that is not taken.
    #[error("it is signed in a way that is not taken")]
    Algorithm,
    /// Its signature is not of this key.
    #[error("its signature is wrong")]
    Signature,
    /// Another issuer made it.
    #[error("another issuer made it")]
    Issuer,
    /// It is for somebody else.
    #[error("it is for another audience")]
    Audience,
    /// Its time is over, or has not come.
    #[error("its time is over, or has not come; compare the clocks")]
    Expired,
    /// It is of another login.
    #[error("it is of another login")]
    Nonce,
    /// It can't be read, or lacks something.
    #[error("it can't be read, or lacks a claim")]
    Unreadable,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: f64,
    nbf: Option<f64>,
    nonce: Option<String>,
    azp: Option<String>,
    aud: Audience,
    name: Option<String>,
    preferred_username: Option<String>,
    email: Option<String>,
    #[serde(default)]
    groups: Groups,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(#[expect(dead_code, reason = "the library compares it")] String),
    Several(Vec<String>),
}

/// A list, or what some issuers write for one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Groups {
    Several(Vec<String>),
    One(String),
    Other(serde::de::IgnoredAny),
}

impl Default for Groups {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

/// Who the token says that someone is, if it can be trusted.
///
/// # Errors
/// Why it can't.
pub(crate) fn verify(token: &str, keys: &PublicKeys, expected: &Expected<'_>) -> Result<Identity, WrongToken> {
    ring_verifier::install();
    let header = decode_header(token).map_err(|_| WrongToken::Unreadable)?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(WrongToken::Algorithm);
    }
    let key = keys.find(header.kid.as_deref()).ok_or(WrongToken::UnknownKey)?;
    let is_for_another = |of| Some(of) != serde_json::to_value(header.alg).ok();
    if key.common.key_algorithm.is_some_and(|of| serde_json::to_value(of).is_ok_and(is_for_another)) {
        return Err(WrongToken::Algorithm);
    }
    let key = DecodingKey::from_jwk(key).map_err(|_| WrongToken::Algorithm)?;
    let mut validation = Validation::new(header.alg);
    validation.set_issuer(&[expected.issuer]);
    validation.set_audience(&[expected.client_id]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // The library reads the clock of the machine; here time is an argument, and is compared below.
    validation.validate_exp = false;
    let claims = decode::<Claims>(token, &key, &validation).map_err(|error| match error.kind() {
        ErrorKind::InvalidSignature => WrongToken::Signature,
        ErrorKind::InvalidIssuer => WrongToken::Issuer,
        ErrorKind::InvalidAudience => WrongToken::Audience,
        ErrorKind::InvalidAlgorithm => WrongToken::Algorithm,
        _ => WrongToken::Unreadable,
    })?;
    let claims = claims.claims;
    // Milliseconds of the epoch are far below what an f64 counts exactly.
    #[expect(clippy::cast_precision_loss, reason = "seconds of the epoch are far below 2^53")]
    let now = (expected.now.millis() / 1000) as f64;
    #[expect(clippy::cast_precision_loss, reason = "a minute")]
    let leeway = LEEWAY as f64;
    if claims.exp + leeway <= now || claims.nbf.is_some_and(|from| from > now + leeway) {
        return Err(WrongToken::Expired);
    }
    // One that is for several must say who asked for it.
    let asked = claims.azp.as_deref().is_none_or(|by| by == expected.client_id);
    let several = matches!(&claims.aud, Audience::Several(all) if all.len() > 1) && claims.azp.is_none();
    if !asked || several {
        return Err(WrongToken::Audience);
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(WrongToken::Nonce);
    }
    let is_subject = |text: &str| {
        !text.is_empty()
            && text.len() <= SUBJECT_CHARACTERS
            && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
    };
    if !is_subject(&claims.sub) {
        return Err(WrongToken::Unreadable);
    }
    let names = [claims.name, claims.preferred_username, claims.email];
    let name = names.into_iter().flatten().find(|name| !name.trim().is_empty()).unwrap_or_else(|| claims.sub.clone());
    let groups = match claims.groups {
        Groups::Several(groups) => groups,
        Groups::One(group) => vec![group],
        Groups::Other(_) => Vec::new(),
    };
    Ok(Identity { subject: claims.sub, name, groups })
}

#[cfg(test)]
mod tests;
