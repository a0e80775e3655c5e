//! The doors of the system, by what comes through them: a file of a payload goes in as its tool
//! would send it, signature and headers included.

use domain::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::world::{Answer, SECRET, World, at};

/// A way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Door {
    /// The queue of EventBridge events.
    Queue,
    /// `POST /v1/events`.
    Events,
    /// `POST /v1/webhooks/github`, with this in `X-GitHub-Event`.
    GitHub(String),
    /// `POST /v1/webhooks/gitlab`.
    GitLab,
    /// `POST /v1/webhooks/argocd`.
    ArgoCd,
    /// `POST /v1/webhooks/flux`.
    Flux,
}

/// How a payload was received.
#[derive(Debug, Clone, PartialEq)]
pub enum Taken {
    /// Out of the queue: what it became shows at other routes.
    Done,
    /// It must come again; no payload may be the reason for that.
    Again,
    /// Answered.
    Answered(Answer),
}

impl Door {
    /// As a golden file names it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Queue => "queue".to_owned(),
            Self::Events => "POST /v1/events".to_owned(),
            Self::GitHub(event) => format!("POST /v1/webhooks/github, X-GitHub-Event: {event}"),
            Self::GitLab => "POST /v1/webhooks/gitlab".to_owned(),
            Self::ArgoCd => "POST /v1/webhooks/argocd".to_owned(),
            Self::Flux => "POST /v1/webhooks/flux".to_owned(),
        }
    }
}

#[expect(clippy::missing_panics_doc, reason = "panicking is how a test fails")]
impl World {
    /// Sends `payload` through `door`, at noon.
    ///
    /// # Errors
    /// When the invocation fails, with its error as text: no payload may cause that.
    pub async fn send(&self, door: &Door, payload: &[u8]) -> Result<Taken, String> {
        self.send_at(door, payload, at(0)).await
    }

    /// The same at a given time.
    ///
    /// # Errors
    /// When the invocation fails, with its error as text: no payload may cause that.
    pub async fn send_at(&self, door: &Door, payload: &[u8], now: Timestamp) -> Result<Taken, String> {
        let json = ("content-type", "application/json");
        match door {
            Door::Queue => {
                let body = String::from_utf8(payload.to_vec()).expect("a queue's messages are text");
                let again = self.queue(&[body], now).await.map_err(|error| error.to_string())?;
                Ok(if again.is_empty() { Taken::Done } else { Taken::Again })
            }
            Door::Events => self.request("POST", "/v1/events", &[json], payload, now).await.map(Taken::Answered),
            Door::GitHub(event) => {
                let signature = signature(payload);
                let headers = [json, ("x-github-event", event.as_str()), ("x-hub-signature-256", signature.as_str())];
                self.request("POST", "/v1/webhooks/github", &headers, payload, now).await.map(Taken::Answered)
            }
            Door::GitLab => {
                let headers = [json, ("x-gitlab-token", SECRET)];
                self.request("POST", "/v1/webhooks/gitlab", &headers, payload, now).await.map(Taken::Answered)
            }
            Door::ArgoCd => {
                let token = format!("Bearer {SECRET}");
                let headers = [json, ("authorization", token.as_str())];
                self.request("POST", "/v1/webhooks/argocd", &headers, payload, now).await.map(Taken::Answered)
            }
            Door::Flux => {
                let signature = signature(payload);
                let headers = [json, ("gotk-component", "helm-controller"), ("x-signature", signature.as_str())];
                self.request("POST", "/v1/webhooks/flux", &headers, payload, now).await.map(Taken::Answered)
            }
        }
    }
}

/// What GitHub and Flux would sign `payload` with.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "a key has any length")]
pub fn signature(payload: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length is a key");
    mac.update(payload);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}
