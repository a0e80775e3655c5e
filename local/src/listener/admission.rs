//! Which requests pass, and what they carry then: their id, who sent them, and their body, which has arrived.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use api::Problem;
use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, CONTENT_LENGTH, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use futures_util::FutureExt as _;

use super::in_flight::{InFlight, Taken};
use super::reader::Reader;
use super::{Limits, RequestId, answer, body, host, origin};
use crate::target::Target;
use crate::tokens::{NotAuthorized, Tokens};

/// Which requests pass.
#[derive(Debug, Clone)]
pub struct Admission {
    /// Whether they must be for this machine.
    pub loopback_only: bool,
    /// The tokens that they must have; without it they need none.
    pub tokens: Option<Arc<Tokens>>,
    /// How long a body may take.
    pub patience: Duration,
    /// How much of all bodies there may be at once.
    pub in_flight: InFlight,
}

impl Default for Admission {
    fn default() -> Self {
        Self { loopback_only: true, tokens: None, patience: Limits::default().patience, in_flight: InFlight::default() }
    }
}

/// Who sent a request, as the listener has established. As a text, it is the producer of what is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Nobody was asked who they are, or they prove it otherwise, as webhooks do.
    Anonymous,
    /// Whoever holds the token with this name.
    Token(String),
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::Token(name) => write!(f, "token:{name}"),
        }
    }
}

/// What answers a request that does not pass.
struct Refusal {
    problem: Problem,
    challenge: Option<String>,
    /// What is wrong here, and not with the request.
    cause: Option<String>,
    /// Whether another token would help.
    wants_token: bool,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self { problem, challenge: None, cause: None, wants_token: false }
    }
}

impl From<NotAuthorized> for Refusal {
    fn from(why: NotAuthorized) -> Self {
        let cause = std::error::Error::source(&why).map(ToString::to_string);
        Self { problem: why.problem(), challenge: why.challenge(), cause: cause.clone(), wants_token: cause.is_none() }
    }
}

/// `router` behind the listener. It sees only requests that pass, each with its [`RequestId`] and [`Caller`] among its
/// extensions.
pub(crate) fn admitting(router: Router, admission: Admission) -> Router {
    Router::new().fallback_service(router).layer(from_fn_with_state(admission, admit))
}

async fn admit(State(admission): State<Admission>, mut request: Request, next: Next) -> Response {
    let id = RequestId::next();
    // HEAD is GET, and only its answer is another.
    let is_head = request.method() == Method::HEAD;
    if is_head {
        *request.method_mut() = Method::GET;
    }
    let has_body = !request.body().is_end_stream();
    let target = Target::of(request.method().as_str(), request.uri().path());
    let reader = Reader::of(&request, target);
    let (mut answer, body_is_read) = match admission.pass(request, target, &id).await {
        Ok((request, _taken)) => {
            let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
            let answer = answer.unwrap_or_else(|_| answer::failed(id.as_str(), &"a panic; it stands above"));
            (answer, body::bound(target).is_some())
        }
        Err(refusal) => (refusal.answer(&id, reader.as_ref()), false),
    };
    if has_body && !body_is_read {
        // What follows on this connection is the rest of a body that nobody reads.
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if is_head { without_body(answer) } else { answer }
}

impl Admission {
    /// The request that passes, with its body and the room that this takes; or why it doesn't. What costs least is judged first, and nobody who
    /// isn't allowed to sends a body.
    async fn pass(&self, request: Request, target: Target, id: &RequestId) -> Result<(Request, Taken), Refusal> {
        let (mut parts, body) = request.into_parts();
        let caller = self.judge(&parts, target)?;
        body::judge_kind(target, &parts.headers)?;
        let (body, taken) = match body::bound(target) {
            Some(bound) => body::read(&parts.headers, body, bound, self.patience, &self.in_flight).await?,
            None => Default::default(),
        };
        parts.extensions.insert(id.clone());
        parts.extensions.insert(caller);
        Ok((Request::from_parts(parts, Body::from(body)), taken))
    }

    fn judge(&self, parts: &Parts, target: Target) -> Result<Caller, Refusal> {
        let Parts { uri, headers, method, .. } = parts;
        let host = host::of(headers, uri, self.loopback_only)?;
        origin::judge(headers, &host, method, target)?;
        let Some(tokens) = &self.tokens else { return Ok(Caller::Anonymous) };
        Ok(tokens.authorize(headers, target)?.map_or(Caller::Anonymous, Caller::Token))
    }
}

impl Refusal {
    fn answer(self, id: &RequestId, reader: Option<&Reader>) -> Response {
        let Self { problem, challenge, cause, wants_token } = self;
        let Problem { status, detail, .. } = &problem;
        if let Some(error) = cause {
            tracing::error!(instance = %id, status, detail, error, "a request was refused");
        } else {
            tracing::info!(instance = %id, status, detail, "a request was refused");
        }
        if let Some(reader) = reader.filter(|_| wants_token) {
            return reader.told(&problem);
        }
        let mut answer = answer::problem(&problem, id);
        if let Some(challenge) = challenge.and_then(|challenge| challenge.parse().ok()) {
            answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        answer
    }
}

/// An answer's head: its length is that of the body that it would have.
fn without_body(answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    if let Some(length) = body.size_hint().exact() {
        parts.headers.insert(CONTENT_LENGTH, length.into());
    }
    Response::from_parts(parts, Body::empty())
}
