//! A login from its beginning to its end, with the calls to the issuer in between. What the issuer says of itself, and
//! its keys, are asked for when they are first needed, and kept for an hour.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use api::Request;
use domain::Timestamp;
use secrets::SecretsError;
use serde::Deserialize;

use crate::attempt::{Attempt, NotUnderWay};
use crate::client::Client;
use crate::cookie;
use crate::destination;
use crate::issuer::{Discovery, Issuer};
use crate::public_keys::PublicKeys;
use crate::sealing::NotSealed;
use crate::session::{Rights, Session, TooLarge, caller};
use crate::sessions::Sessions;
use crate::token::{Expected, Identity, WrongToken, verify};

/// How long what an issuer says is kept, in milliseconds.
const KEPT_MILLIS: i64 = 3_600_000;
/// How often a token with an unknown key may make us ask for keys, in milliseconds.
const ASKED_AGAIN_MILLIS: i64 = 60_000;

/// Where people log in.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The issuer.
    pub issuer: Issuer,
    /// What this installation is to the issuer.
    pub client_id: String,
}

/// Logins at an issuer.
#[derive(Debug)]
pub struct Login {
    settings: Settings,
    sessions: Sessions,
    client: Client,
    known: Mutex<Known>,
}

/// What is known of the issuer, and since when.
#[derive(Debug, Default)]
struct Known {
    discovery: Option<(Timestamp, Arc<Discovery>)>,
    keys: Option<(Timestamp, Arc<PublicKeys>)>,
    asked_again: Option<Timestamp>,
}

/// A login that begins.
#[derive(Debug)]
pub struct Begun {
    /// Where the browser goes.
    pub location: String,
    /// What it keeps meanwhile.
    pub cookie: String,
}

/// A login that has come to its end.
#[derive(Debug)]
pub struct Finished {
    /// Who it is.
    pub identity: Identity,
    /// Where to go on to.
    pub to: String,
}

/// Why someone is not logged in.
#[derive(Debug, thiserror::Error)]
pub enum NotLoggedIn {
    /// The answer belongs to no login.
    #[error(transparent)]
    NotUnderWay(#[from] NotUnderWay),
    /// The issuer refused, with this code.
    #[error("the issuer refused: {0}")]
    Refused(String),
    /// The token can't be trusted.
    #[error("the issuer's token is not taken: {0}")]
    Token(#[from] WrongToken),
    /// Who it is takes too much room.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// The issuer can't be reached, or does not answer as it should.
    #[error("the issuer: {0}")]
    Issuer(String),
    /// The secret can't be read.
    #[error("the login secret: {0}")]
    Secret(#[from] SecretsError),
    /// The machine can't seal.
    #[error(transparent)]
    NotSealed(#[from] NotSealed),
}

#[derive(Deserialize)]
struct TokenAnswer {
    id_token: String,
}

#[derive(Deserialize)]
struct TokenRefusal {
    error: String,
}

impl Login {
    /// Logins at this issuer, which `client` reaches.
    #[must_use]
    pub fn new(settings: Settings, sessions: Sessions, client: Client) -> Self {
        Self { settings, sessions, client, known: Mutex::default() }
    }

    /// The sessions that follow.
    #[must_use]
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Begins a login. The issuer leads back to the path `/login/callback` of `address`, where the browser reached us;
    /// then it goes on to `to`, if that is a page of ours.
    ///
    /// # Errors
    /// Why it can't begin.
    pub async fn begin(&self, address: &str, to: Option<&str>, now: Timestamp) -> Result<Begun, NotLoggedIn> {
        let secret = self.sessions.secrets.current(now).await?;
        let discovery = self.discovery(now).await?;
        let to = to.and_then(destination::own).unwrap_or("/");
        let attempt = Attempt::begin(to, format!("{address}/login/callback"), now)?;
        let location = discovery.authorization(&self.settings.client_id, &attempt);
        Ok(Begun { location, cookie: attempt.cookie(&secret.keys)? })
    }

    /// Who has logged in, by what the issuer sent the browser back with.
    ///
    /// # Errors
    /// Why nobody has.
    pub async fn finish(&self, request: &Request, now: Timestamp) -> Result<Finished, NotLoggedIn> {
        let secret = self.sessions.secrets.current(now).await?;
        let parameter = |name: &str| {
            let mut given = request.query.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str());
            given.next().filter(|_| given.next().is_none())
        };
        let sealed = cookie::of(request, cookie::ATTEMPT);
        let attempt = Attempt::open(&secret.keys, sealed, parameter("state").unwrap_or_default(), now)?;
        // Where several issuers lead back to one place, one of them could pass on what is another's (RFC 9207).
        if parameter("iss").is_some_and(|issuer| issuer != self.settings.issuer.address()) {
            return Err(WrongToken::Issuer.into());
        }
        if let Some(error) = parameter("error") {
            return Err(NotLoggedIn::Refused(code_of(error)));
        }
        let code = parameter("code").ok_or_else(|| NotLoggedIn::Refused("no code".to_owned()))?;
        let token = self.token(code, &attempt, &secret.client_secret, now).await?;
        let expected = Expected {
            issuer: self.settings.issuer.address(),
            client_id: &self.settings.client_id,
            nonce: &attempt.nonce,
            now,
        };
        let identity = match verify(&token, &*self.keys(now).await?, &expected) {
            Err(WrongToken::UnknownKey) if self.may_ask_again(now) => {
                verify(&token, &*self.ask_for_keys(now).await?, &expected)
            }
            verified => verified,
        };
        Ok(Finished { identity: identity?, to: attempt.to })
    }

    /// What sets the cookie of a session that begins now.
    ///
    /// # Errors
    /// Why it can't begin.
    pub async fn start_session(
        &self,
        identity: &Identity,
        rights: Rights,
        groups: Vec<String>,
        now: Timestamp,
    ) -> Result<String, NotLoggedIn> {
        let secret = self.sessions.secrets.current(now).await?;
        Ok(Session::begin(identity, rights, groups, now)?.cookie(&secret.keys)?)
    }

    /// Where someone ends their session at the issuer too, if it has such a place and says so.
    pub async fn end_session(&self, now: Timestamp) -> Option<String> {
        self.discovery(now).await.ok()?.end_session(&self.settings.client_id)
    }

    async fn token(&self, code: &str, attempt: &Attempt, secret: &str, now: Timestamp) -> Result<String, NotLoggedIn> {
        let discovery = self.discovery(now).await?;
        let request = discovery.token_request(&self.settings.client_id, secret, code, attempt);
        let answer = self.client.post_form(&discovery.token_endpoint, request.authorization.as_deref(), request.form);
        let (status, body) = answer.await.map_err(NotLoggedIn::Issuer)?;
        if status == 200 {
            let answer = serde_json::from_slice::<TokenAnswer>(&body);
            // What it says may hold tokens: only that it can't be read is told.
            return answer
                .map(|answer| answer.id_token)
                .map_err(|_| NotLoggedIn::Issuer("its answer to the code has no id_token".to_owned()));
        }
        match serde_json::from_slice::<TokenRefusal>(&body) {
            Ok(refusal) if (400..500).contains(&status) => Err(NotLoggedIn::Refused(code_of(&refusal.error))),
            _ => Err(NotLoggedIn::Issuer(format!("it answered {status} to the code"))),
        }
    }

    async fn discovery(&self, now: Timestamp) -> Result<Arc<Discovery>, NotLoggedIn> {
        if let Some(kept) = kept(self.known().discovery.as_ref(), now) {
            return Ok(kept);
        }
        let said = self.fetch(&self.settings.issuer.discovery()).await?;
        let discovery = Arc::new(Discovery::parse(&self.settings.issuer, &said).map_err(NotLoggedIn::Issuer)?);
        self.known().discovery = Some((now, Arc::clone(&discovery)));
        Ok(discovery)
    }

    async fn keys(&self, now: Timestamp) -> Result<Arc<PublicKeys>, NotLoggedIn> {
        let held = kept(self.known().keys.as_ref(), now);
        match held {
            Some(keys) => Ok(keys),
            None => self.ask_for_keys(now).await,
        }
    }

    async fn ask_for_keys(&self, now: Timestamp) -> Result<Arc<PublicKeys>, NotLoggedIn> {
        let discovery = self.discovery(now).await?;
        let said = self.fetch(&discovery.jwks_uri).await?;
        let keys = Arc::new(PublicKeys::parse(&said).map_err(NotLoggedIn::Issuer)?);
        self.known().keys = Some((now, Arc::clone(&keys)));
        Ok(keys)
    }

    /// Whether an unknown key may be looked for. Tokens come from the issuer alone, and still nobody shall make us ask
    /// for keys all the time.
    fn may_ask_again(&self, now: Timestamp) -> bool {
        let mut known = self.known();
        let may = known.asked_again.is_none_or(|last| now.millis() - last.millis() >= ASKED_AGAIN_MILLIS);
        if may {
            known.asked_again = Some(now);
        }
        may
    }

    async fn fetch(&self, address: &str) -> Result<Vec<u8>, NotLoggedIn> {
        match self.client.get(address).await {
            Ok((200, body)) => Ok(body),
            Ok((status, _)) => Err(NotLoggedIn::Issuer(format!("it answered {status} at {address}"))),
            Err(why) => Err(NotLoggedIn::Issuer(format!("{why}, at {address}"))),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Identity {
    /// All that permissions may name someone by.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let groups = self.groups.iter().map(|group| format!("group:{group}"));
        std::iter::once(caller(&self.subject)).chain(groups).collect()
    }
}

fn kept<T>(held: Option<&(Timestamp, Arc<T>)>, now: Timestamp) -> Option<Arc<T>> {
    let (since, held) = held?;
    (now.millis() - since.millis() < KEPT_MILLIS).then(|| Arc::clone(held))
}

/// An error's code as the standard has them, in characters that can be shown and logged.
fn code_of(error: &str) -> String {
    error.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect()
}
