//! A login that is under way: what its answer must agree with, kept in a sealed cookie of ten minutes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Timestamp;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use crate::cookie;
use crate::sealing::{Keys, NotSealed, Purpose, random_text};

/// How long someone may take to log in, in seconds.
const SECONDS: i64 = 600;

/// A login that is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// What the issuer's answer brings back: nobody else can have begun this login.
    #[serde(rename = "s")]
    pub state: String,
    /// What the token must have in it: it is of this login, and not of an earlier one.
    #[serde(rename = "n")]
    pub nonce: String,
    /// What proves to the issuer that the code is ours (PKCE).
    #[serde(rename = "v")]
    pub verifier: String,
    /// Where to go afterwards.
    #[serde(rename = "t")]
    pub to: String,
    /// Where the issuer leads back to.
    #[serde(rename = "a")]
    pub callback: String,
    /// When it must have come to an end, in milliseconds of the epoch.
    #[serde(rename = "e")]
    ends: i64,
}

/// Why an answer of the issuer belongs to no login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotUnderWay {
    /// No login was begun in this browser, or it has come to its end already.
    #[error("no login is under way in this browser")]
    Missing,
    /// It took too long.
    #[error("the login took more than ten minutes")]
    Expired,
    /// Its cookie was not made here.
    #[error("the login was not begun here")]
    Unreadable,
    /// The answer is of another login.
    #[error("the answer is not of the login that was begun here")]
    OtherState,
}

impl Attempt {
    /// A login that begins now. The issuer leads back to `callback`, and then it goes on to the path `to`.
    ///
    /// # Errors
    /// When the machine has no random numbers.
    pub fn begin(to: &str, callback: String, now: Timestamp) -> Result<Self, NotSealed> {
        let ends = now.plus_millis(SECONDS * 1000).millis();
        let (state, nonce, verifier) = (random_text()?, random_text()?, random_text()?);
        Ok(Self { state, nonce, verifier, to: to.to_owned(), callback, ends })
    }

    /// The verifier as the issuer gets it at the beginning (`S256`).
    #[must_use]
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, self.verifier.as_bytes()))
    }

    /// What sets its cookie.
    ///
    /// # Errors
    /// When the machine has no random numbers.
    pub fn cookie(&self, keys: &Keys) -> Result<String, NotSealed> {
        let text = serde_json::to_vec(self).map_err(|_| NotSealed)?;
        Ok(cookie::set(cookie::ATTEMPT, &keys.seal(Purpose::Attempt, &text)?, SECONDS))
    }

    /// The login that an answer with this state is of, out of a cookie's value.
    ///
    /// # Errors
    /// Why there is none.
    pub fn open(keys: &Keys, sealed: Option<&str>, state: &str, now: Timestamp) -> Result<Self, NotUnderWay> {
        let sealed = sealed.filter(|sealed| !sealed.is_empty()).ok_or(NotUnderWay::Missing)?;
        let text = keys.open(Purpose::Attempt, sealed).map_err(|_| NotUnderWay::Unreadable)?;
        let attempt: Self = serde_json::from_slice(&text).map_err(|_| NotUnderWay::Unreadable)?;
        if attempt.ends <= now.millis() {
            return Err(NotUnderWay::Expired);
        }
        let is_its_own: bool = attempt.state.as_bytes().ct_eq(state.as_bytes()).into();
        is_its_own.then_some(attempt).ok_or(NotUnderWay::OtherState)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_of_a_login_by_its_state_for_ten_minutes() {
        let keys = Keys::new(&[7; 32]).unwrap();
        let noon = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
        let attempt = Attempt::begin("/live", "https://us.example/login/callback".to_owned(), noon).unwrap();
        let cookie = attempt.cookie(&keys).unwrap();
        assert!(cookie.starts_with("__Host-login=") && cookie.ends_with("SameSite=Lax; Max-Age=600"), "{cookie}");
        let sealed = cookie.split([';', '=']).nth(1);
        let open = |state: &str, millis| Attempt::open(&keys, sealed, state, noon.plus_millis(millis));
        assert_eq!(open(&attempt.state, 599_999), Ok(attempt.clone()));
        assert_eq!(open(&attempt.state, 600_000), Err(NotUnderWay::Expired));
        for forged in ["", "x", &attempt.nonce] {
            assert_eq!(open(forged, 0), Err(NotUnderWay::OtherState));
        }
        for none in [None, Some("")] {
            assert_eq!(Attempt::open(&keys, none, &attempt.state, noon), Err(NotUnderWay::Missing));
        }
        let other = Keys::new(&[8; 32]).unwrap();
        for (keys, sealed) in [(&other, sealed), (&keys, Some("x"))] {
            assert_eq!(Attempt::open(keys, sealed, &attempt.state, noon), Err(NotUnderWay::Unreadable));
        }
    }

    /// RFC 7636, appendix B.
    #[test]
    fn the_challenge_is_that_of_the_standard() {
        let noon = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
        let mut attempt = Attempt::begin("/", String::new(), noon).unwrap();
        assert_eq!(attempt.verifier.len(), 43);
        attempt.verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned();
        assert_eq!(attempt.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
