//! Answers questions. It reads both tables and writes none.
//!
//! `router → handlers → answer`: the `router` lists every route, each handler is one question, and
//! what a handler could not answer becomes problem details in one place.

#![warn(clippy::unwrap_used, clippy::expect_used)]

mod answer;
pub mod document;
mod entry;
mod handlers;
#[cfg(feature = "aws")]
mod invocation;
mod memory;
mod pages;
mod parameters;
mod router;
pub mod settings;

use std::time::Duration;

use api::{Request, Response, TokenSubjects};
use domain::{Retention, Timestamp};
use login::Login;
use store::{InForce, ReadItems, Reader, StoreError};
use tracing::Instrument as _;

pub use domain::settings::SettingsInUse;
use memory::Memory;

/// After how long without news a deployment that has not ended is stuck, where nothing is said.
const STUCK_AFTER: Duration = Duration::from_hours(1);

/// The function, with what it needs for each invocation: it reads from a store `S`.
#[derive(Debug)]
pub struct StatusQuery<S> {
    reader: Reader<S>,
    retention: Retention,
    stuck_after: Duration,
    subjects: TokenSubjects,
    in_force: InForce<SettingsInUse>,
    login: Option<Login>,
    memory: Memory,
}

/// Why an invocation failed. Lambda and its callers see that it did, and try again.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// It was invoked by something that it does not serve.
    #[cfg(feature = "aws")]
    #[error("neither an HTTP request nor a known operation: {0}")]
    Trigger(String),
    /// The store did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An answer could not be written as JSON.
    #[error("answer: {0}")]
    Answer(#[from] serde_json::Error),
}

impl<S: ReadItems> StatusQuery<S> {
    /// The function over this store, which keeps history for so long. It answers whom the gateway lets through, and whose token is of
    /// one of these subjects if they came with one.
    #[must_use]
    pub fn new(store: S, retention: Retention, subjects: TokenSubjects) -> Self {
        let (reader, in_force) = (Reader::new(store), InForce::new(SettingsInUse::read));
        Self { reader, retention, stuck_after: STUCK_AFTER, subjects, in_force, memory: Memory::default(), login: None }
    }

    /// The same, by which a deployment is stuck after so long without news; an hour unless it is said.
    #[must_use]
    pub fn stuck_after(self, stuck_after: Duration) -> Self {
        Self { stuck_after, ..self }
    }

    /// The same, which answers the matrix of now from memory for so many milliseconds after it was read.
    #[must_use]
    pub fn remembering(mut self, millis: i64) -> Self {
        self.memory.millis = millis;
        self
    }

    /// The same, of which only people who have logged in see pages. Who may use the API, the gateway still judges.
    #[must_use]
    pub fn with_login(self, login: Option<Login>) -> Self {
        Self { login, ..self }
    }

    /// The settings in force.
    #[must_use]
    pub fn in_force(&self) -> &InForce<SettingsInUse> {
        &self.in_force
    }

    /// Answers a request. What is logged meanwhile carries its id, which callers get as `instance`.
    ///
    /// # Errors
    /// When the question could not be answered because of the store.
    pub async fn http(&self, request: &Request, now: Timestamp) -> Result<Response, Failed> {
        if let Err(problem) = request.admit(&self.subjects) {
            tracing::warn!(subject = request.subject, "a token with this subject was rejected");
            return Ok(Response::problem(&problem, &request.id));
        }
        // At every level: the cause of a 503 is found by it.
        let span = tracing::error_span!("http", instance = request.id);
        self.respond(request, now).instrument(span).await
    }
}
