//! The session of someone who has logged in: who they are, what they may, until when. It stands in a sealed cookie and
//! nowhere else, so it can't be revoked before it ends, but with a new key, which ends all.

use domain::Timestamp;
use serde::{Deserialize, Serialize};

use crate::cookie;
use crate::sealing::{Keys, NotOpened, NotSealed, Purpose, random_text};
use crate::token::Identity;

/// How long a session lasts, in seconds: a working day.
pub(crate) const SECONDS: i64 = 8 * 3600;

/// The longest cookie, its name and attributes included.
const MOST_BYTES: usize = 1024;

/// How many characters of a name are kept: it is only shown.
const NAME_CHARACTERS: usize = 64;

/// What someone may do, as found when they logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    /// Whether they may read.
    #[serde(rename = "r")]
    pub read: bool,
    /// Whether they may record.
    #[serde(rename = "w")]
    pub record: bool,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Tells it from all others.
    #[serde(rename = "i")]
    id: String,
    /// Who it is to the issuer.
    #[serde(rename = "s")]
    pub subject: String,
    /// How they are called.
    #[serde(rename = "n")]
    pub name: String,
    /// What they may do.
    #[serde(flatten)]
    pub rights: Rights,
    /// The groups that permissions name them by for recording, as found when they logged in.
    #[serde(rename = "g", default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// When it ends, in milliseconds of the epoch.
    #[serde(rename = "e")]
    ends: i64,
}

/// Why there is no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoSession {
    /// Nobody has logged in.
    #[error("nobody has logged in")]
    Missing,
    /// It has ended: its time is over, or there is a new key.
    #[error("the session has ended")]
    Ended,
    /// It was not made here.
    #[error("the session was not made here")]
    Unreadable,
}

/// Who someone is takes more room than a cookie has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a session of this subject would be longer than {MOST_BYTES} bytes")]
pub struct TooLarge;

impl Session {
    /// A session that begins now.
    ///
    /// # Errors
    /// When the machine has no random numbers.
    pub fn begin(identity: &Identity, rights: Rights, groups: Vec<String>, now: Timestamp) -> Result<Self, NotSealed> {
        let ends = now.plus_millis(SECONDS * 1000).millis();
        let shown = identity.name.chars().filter(|c| !c.is_control()).take(NAME_CHARACTERS);
        let (id, subject) = (random_text()?, identity.subject.clone());
        Ok(Self { id, subject, name: shown.collect(), rights, groups, ends })
    }

    /// What sets its cookie.
    ///
    /// # Errors
    /// When it would be too large.
    pub fn cookie(&self, keys: &Keys) -> Result<String, TooLarge> {
        let text = serde_json::to_vec(self).map_err(|_| TooLarge)?;
        let sealed = keys.seal(Purpose::Session, &text).map_err(|_| TooLarge)?;
        let cookie = cookie::set(cookie::SESSION, &sealed, SECONDS);
        if cookie.len() > MOST_BYTES { Err(TooLarge) } else { Ok(cookie) }
    }

    /// The session in a cookie's value.
    ///
    /// # Errors
    /// Why there is none.
    pub fn open(keys: &Keys, sealed: Option<&str>, now: Timestamp) -> Result<Self, NoSession> {
        let sealed = sealed.filter(|sealed| !sealed.is_empty()).ok_or(NoSession::Missing)?;
        let text = keys.open(Purpose::Session, sealed).map_err(|why| match why {
            NotOpened::OtherKey => NoSession::Ended,
            NotOpened::Damaged => NoSession::Unreadable,
        })?;
        let session: Self = serde_json::from_slice(&text).map_err(|_| NoSession::Unreadable)?;
        if session.ends <= now.millis() { Err(NoSession::Ended) } else { Ok(session) }
    }

    /// Who that is as the sender of what is recorded.
    #[must_use]
    pub fn caller(&self) -> String {
        caller(&self.subject)
    }

    /// What a form sends back, so that it is known to be of this session.
    #[must_use]
    pub fn csrf(&self, keys: &Keys) -> String {
        keys.prove(&self.id)
    }

    /// Whether a form sent that back.
    #[must_use]
    pub fn is_csrf(&self, keys: &Keys, sent: &str) -> bool {
        keys.is_proof(&self.id, sent)
    }
}

/// A subject as the sender of what is recorded, and as permissions name it.
pub(crate) fn caller(subject: &str) -> String {
    format!("oidc:{subject}")
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::*;

    const RIGHTS: Rights = Rights { read: true, record: false };

    fn noon() -> Timestamp {
        Timestamp::parse("2026-03-01T12:00:00Z").unwrap()
    }

    fn alice(subject: &str, name: &str) -> Identity {
        Identity { subject: subject.to_owned(), name: name.to_owned(), groups: vec!["a-group".to_owned()] }
    }

    fn value(cookie: &str) -> &str {
        cookie.split([';', '=']).nth(1).unwrap()
    }

    #[test]
    fn a_session_lasts_eight_hours_and_not_a_moment_longer() {
        let keys = Keys::new(&[7; 32]).unwrap();
        let session = Session::begin(&alice("alice", "Alice"), RIGHTS, Vec::new(), noon()).unwrap();
        let cookie = session.cookie(&keys).unwrap();
        assert!(
            cookie.starts_with("__Host-session=")
                && cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=28800")
        );
        let open = |millis| Session::open(&keys, Some(value(&cookie)), noon().plus_millis(millis));
        assert_eq!(open(0).unwrap(), session);
        assert_eq!(open(SECONDS * 1000 - 1).unwrap().caller(), "oidc:alice");
        assert_eq!(open(SECONDS * 1000), Err(NoSession::Ended));
    }

    #[test]
    fn another_key_ends_it_and_what_was_not_sealed_here_is_none() {
        let (keys, other) = (Keys::new(&[7; 32]).unwrap(), Keys::new(&[8; 32]).unwrap());
        let cookie =
            Session::begin(&alice("alice", "Alice"), RIGHTS, Vec::new(), noon()).unwrap().cookie(&keys).unwrap();
        assert_eq!(Session::open(&other, Some(value(&cookie)), noon()), Err(NoSession::Ended));
        for missing in [None, Some("")] {
            assert_eq!(Session::open(&keys, missing, noon()), Err(NoSession::Missing));
        }
        let attempt = keys.seal(Purpose::Attempt, b"{}").unwrap();
        let not_one = keys.seal(Purpose::Session, b"{}").unwrap();
        for unreadable in [attempt.as_str(), not_one.as_str(), "alice"] {
            assert_eq!(Session::open(&keys, Some(unreadable), noon()), Err(NoSession::Unreadable), "{unreadable}");
        }
    }

    #[test]
    fn a_cookie_has_at_most_a_kilobyte_whatever_someone_is_called() {
        let keys = Keys::new(&[7; 32]).unwrap();
        let of = |subject: &str, name: &str| {
            Session::begin(&alice(subject, name), RIGHTS, Vec::new(), noon()).unwrap().cookie(&keys)
        };
        assert!(of(&"s".repeat(255), &"名".repeat(300)).unwrap().len() <= MOST_BYTES);
        assert_eq!(of(&"\"".repeat(255), &"名".repeat(300)), Err(TooLarge));
    }

    #[test]
    fn a_form_of_one_session_is_none_of_another() {
        let keys = Keys::new(&[7; 32]).unwrap();
        let [one, other] =
            [(); 2].map(|()| Session::begin(&alice("alice", "Alice"), RIGHTS, Vec::new(), noon()).unwrap());
        assert!(one.is_csrf(&keys, &one.csrf(&keys)));
        assert!(!one.is_csrf(&keys, &other.csrf(&keys)) && !one.is_csrf(&keys, ""));
    }
}
