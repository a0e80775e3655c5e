//! The API: a question and its answer, with what can go wrong in between put into words and exit
//! codes.
//!
//! A [`question`] goes over a [`connection`], as often as it is worth it ([`retry`]); what comes back
//! is understood ([`answer`]) or put into words ([`refusal`]).

use std::cell::OnceCell;

use api::Problem;
use domain::Timestamp;
use serde::de::DeserializeOwned;

use crate::endpoint::Endpoint;
use crate::failure::{Exit, Failure};
use crate::output::note;
use crate::settings::Settings;

mod answer;
mod connection;
mod question;
mod refusal;
mod retry;

pub(crate) use answer::Answer;
use answer::Heard;
use connection::Connection;
use question::Question;

/// The API at its address.
pub(crate) struct Api {
    settings: Settings,
    connection: Connection,
    /// Where the API was found anew, when it was no longer where it was remembered to be.
    moved: OnceCell<Connection>,
    /// Who is told that a request is sent once more.
    retrying: Box<dyn Fn(&str) + Send>,
}

/// Why there is no answer.
struct Unanswered {
    failure: Failure,
    /// Whether the API may be somewhere else: nothing of ours answered.
    elsewhere: bool,
}

impl From<Failure> for Unanswered {
    fn from(failure: Failure) -> Self {
        Self { failure, elsewhere: false }
    }
}

impl Api {
    /// The API that these settings name.
    ///
    /// # Errors
    /// When they name none, or don't say who asks.
    pub(crate) fn open(settings: &Settings) -> Result<Self, Failure> {
        let connection = Connection::open(settings)?;
        Ok(Self { settings: settings.clone(), connection, moved: OnceCell::new(), retrying: Box::new(note) })
    }

    /// The same, telling someone else than stderr when a request is sent once more.
    pub(crate) fn telling(self, retrying: impl Fn(&str) + Send + 'static) -> Self {
        Self { retrying: Box::new(retrying), ..self }
    }

    /// Asks with `GET`. Parameters without a value are left out.
    ///
    /// # Errors
    /// When there is no answer, or it is no.
    pub(crate) fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, Option<&str>)],
    ) -> Result<Answer<T>, Failure> {
        let question = Question::get(path, query);
        match self.ask(&question)? {
            Heard::Answer(answer) => Ok(answer),
            Heard::Problem(problem) => Err(self.refused(&problem, &question)),
            Heard::Unchanged => Err(refusal::not_ours(self.endpoint(), "it says that what it never told is unchanged")),
        }
    }

    /// Asks again for what was answered with this entity tag; nothing when it is as it was.
    ///
    /// # Errors
    /// As with [`Api::get`].
    pub(crate) fn get_changed<T: DeserializeOwned>(
        &self,
        path: &str,
        tag: Option<&str>,
    ) -> Result<Option<Answer<T>>, Failure> {
        let question = Question::get(path, &[]).known_as(tag);
        match self.ask(&question)? {
            Heard::Answer(answer) => Ok(Some(answer)),
            Heard::Problem(problem) => Err(self.refused(&problem, &question)),
            Heard::Unchanged => Ok(None),
        }
    }

    /// Reports with `POST`. Sending the same again is safe: the API records an event once. That what
    /// was sent is wrong is an answer too: the problem.
    ///
    /// # Errors
    /// When there is no answer, or it is no whatever is sent.
    pub(crate) fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &str,
    ) -> Result<Result<Answer<T>, Problem>, Failure> {
        let question = Question::post(path, body);
        match self.ask(&question)? {
            Heard::Answer(answer) => Ok(Ok(answer)),
            Heard::Problem(problem) if matches!(problem.status, 400 | 409 | 413 | 422) => Ok(Err(problem)),
            Heard::Problem(problem) => Err(self.refused(&problem, &question)),
            Heard::Unchanged => Err(refusal::not_ours(self.endpoint(), "it says that what was sent is unchanged")),
        }
    }

    /// Where the API is.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.current().endpoint
    }

    /// With what the last request said who asks. Never the secret.
    pub(crate) fn access(&self) -> String {
        self.current().access().told()
    }

    fn current(&self) -> &Connection {
        self.moved.get().unwrap_or(&self.connection)
    }

    fn refused(&self, problem: &Problem, question: &Question<'_>) -> Failure {
        refusal::told(problem, question, &self.current().access())
    }

    /// What the API says. An address that was only remembered, and where it isn't any more, is looked
    /// up anew.
    fn ask<T: DeserializeOwned>(&self, question: &Question<'_>) -> Result<Heard<T>, Failure> {
        let connection = self.current();
        let unanswered = match self.ask_at(connection, question) {
            Ok(heard) => return Ok(heard),
            Err(unanswered) => unanswered,
        };
        if unanswered.elsewhere && connection.endpoint.forget() {
            // What failed first is what counts, unless there is another address.
            let found = Connection::open(&self.settings).ok();
            let found = found.filter(|found| found.endpoint.to_string() != connection.endpoint.to_string());
            if let Some(found) = found {
                (self.retrying)(&format!(
                    "the API is not at {} any more; asking at {}",
                    connection.endpoint, found.endpoint
                ));
                let moved = self.moved.get_or_init(|| found);
                return self.ask_at(moved, question).map_err(|unanswered| unanswered.failure);
            }
        }
        Err(unanswered.failure)
    }

    fn ask_at<T: DeserializeOwned>(
        &self,
        connection: &Connection,
        question: &Question<'_>,
    ) -> Result<Heard<T>, Unanswered> {
        let reply = connection.send(question, &self.retrying)?;
        answer::understand(reply, connection)
    }
}

/// Goes on to the next page of a list; answers whether there is one.
///
/// # Errors
/// When a page leads to itself: the list would never end.
pub(crate) fn go_on(cursor: &mut Option<String>, next: Option<String>) -> Result<bool, Failure> {
    if next.is_some() && next == *cursor {
        return Err(Failure::new(Exit::Failed, "the server's list does not go on: a page leads to itself"));
    }
    *cursor = next;
    Ok(cursor.is_some())
}

/// The path of a deployment, or of something of it.
pub(crate) fn deployment_path(id: &domain::DeploymentId, of: &str) -> String {
    format!("{}{id}{of}", question::DEPLOYMENTS)
}

/// The time, read once per request at the edge of the program.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(chrono::Local::now().timestamp_millis())
}
