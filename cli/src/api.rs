//! The client of the API: sends requests, and turns every error into a message and an exit code.
//!
//! A [`request`] is sent over a [`connection`], more than once where that can help ([`retry`]). The reply
//! is parsed ([`response`]) or becomes an error message ([`errors`]).

use std::cell::OnceCell;

use api::Problem;
use domain::Timestamp;
use serde::de::DeserializeOwned;

use crate::endpoint::Endpoint;
use crate::failure::{Exit, Failure};
use crate::output::note;
use crate::settings::Settings;

mod connection;
mod errors;
mod reply;
mod request;
mod response;
mod retry;

pub(crate) use connection::Connection;
use errors::Refusal;
pub(crate) use errors::RequestError;
use request::ApiRequest;
pub(crate) use response::Answer;
use response::ApiResponse;
pub(crate) use retry::is_broken;

/// The API at its address.
pub(crate) struct Api {
    settings: Settings,
    connection: Connection,
    /// The connection to a new address, when the API is no longer at the cached one.
    moved: OnceCell<Connection>,
    /// Receives a sentence before each retry.
    notify: Box<dyn Fn(&str) + Send>,
}

impl Api {
    /// The API that these settings name.
    ///
    /// # Errors
    /// When the settings give no address, or no usable authentication.
    pub(crate) fn open(settings: &Settings) -> Result<Self, Failure> {
        let connection = Connection::open(settings)?;
        Ok(Self { settings: settings.clone(), connection, moved: OnceCell::new(), notify: Box::new(note) })
    }

    /// The same API, with retries reported to `notify` instead of stderr.
    pub(crate) fn notifying(self, notify: impl Fn(&str) + Send + 'static) -> Self {
        Self { notify: Box::new(notify), ..self }
    }

    /// Sends a `GET`. Parameters without a value are left out.
    ///
    /// # Errors
    /// When there is no answer, or the answer is an error.
    pub(crate) fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, Option<&str>)],
    ) -> Result<Answer<T>, Failure> {
        let request = ApiRequest::get(path, query);
        match self.send(&request)? {
            ApiResponse::Answer(answer) => Ok(answer),
            ApiResponse::Refused(refusal) => Err(self.failure(&refusal, &request)),
            ApiResponse::NotModified => {
                Err(errors::not_ours(self.endpoint(), "it answers 304 to a request without a tag"))
            }
        }
    }

    /// Sends a `GET` with the entity tag of an earlier answer. Returns nothing when that answer still holds.
    ///
    /// # Errors
    /// As with [`Api::get`].
    pub(crate) fn get_changed<T: DeserializeOwned>(
        &self,
        path: &str,
        tag: Option<&str>,
    ) -> Result<Option<Answer<T>>, Failure> {
        let request = ApiRequest::get(path, &[]).if_none_match(tag);
        match self.send(&request)? {
            ApiResponse::Answer(answer) => Ok(Some(answer)),
            ApiResponse::Refused(refusal) => Err(self.failure(&refusal, &request)),
            ApiResponse::NotModified => Ok(None),
        }
    }

    /// Sends a `POST`. Sending the same body again is safe: the API records an event once. A rejected body
    /// is an answer too: the inner error is the problem that the API reports.
    ///
    /// # Errors
    /// When there is no answer, or the API rejects the request whatever its body is.
    pub(crate) fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &str,
    ) -> Result<Result<Answer<T>, Problem>, Failure> {
        self.send_body(&ApiRequest::post(path, body))
    }

    fn send_body<T: DeserializeOwned>(&self, request: &ApiRequest<'_>) -> Result<Result<Answer<T>, Problem>, Failure> {
        match self.send(request)? {
            ApiResponse::Answer(answer) => Ok(Ok(answer)),
            ApiResponse::Refused(Refusal { problem, .. }) if matches!(problem.status, 400 | 409 | 412 | 413 | 422) => {
                Ok(Err(problem))
            }
            ApiResponse::Refused(refusal) => Err(self.failure(&refusal, request)),
            ApiResponse::NotModified => {
                Err(errors::not_ours(self.endpoint(), "it answers 304 to a request with a body"))
            }
        }
    }

    /// Sends a `PUT`, of which the API replaces only what has the entity tag `expected`, where it is given. A rejected
    /// body is an answer too: the inner error is the problem that the API reports.
    ///
    /// # Errors
    /// As with [`Api::post`].
    pub(crate) fn put<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &str,
        expected: Option<&str>,
    ) -> Result<Result<Answer<T>, Problem>, Failure> {
        self.send_body(&ApiRequest::put(path, body, expected))
    }

    /// Where the API is.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.current().endpoint
    }

    /// The authentication of the last request, for messages. Never the secret.
    pub(crate) fn access(&self) -> String {
        self.current().access().description()
    }

    /// The connection to it alone, to send requests of another program over it.
    pub(crate) fn into_connection(self) -> Connection {
        self.moved.into_inner().unwrap_or(self.connection)
    }

    fn current(&self) -> &Connection {
        self.moved.get().unwrap_or(&self.connection)
    }

    fn failure(&self, refusal: &Refusal, request: &ApiRequest<'_>) -> Failure {
        let connection = self.current();
        errors::refused(refusal, request, &connection.access(), connection.timeout())
    }

    /// Sends a request. When no server of ours replies at a cached address, looks the address up again and
    /// sends the request there.
    fn send<T: DeserializeOwned>(&self, request: &ApiRequest<'_>) -> Result<ApiResponse<T>, Failure> {
        let connection = self.current();
        let error = match self.send_over(connection, request) {
            Ok(response) => return Ok(response),
            Err(error) => error,
        };
        if error.elsewhere && connection.endpoint.forget() {
            // The first error is the one to report, unless there is another address.
            let found = Connection::open(&self.settings).ok();
            let found = found.filter(|found| found.endpoint.to_string() != connection.endpoint.to_string());
            if let Some(found) = found {
                (self.notify)(&format!(
                    "the API is no longer at {}; trying its new address {}",
                    connection.endpoint, found.endpoint
                ));
                let moved = self.moved.get_or_init(|| found);
                return self.send_over(moved, request).map_err(|error| error.failure);
            }
        }
        Err(error.failure)
    }

    fn send_over<T: DeserializeOwned>(
        &self,
        connection: &Connection,
        request: &ApiRequest<'_>,
    ) -> Result<ApiResponse<T>, RequestError> {
        let reply = connection.send(request, &self.notify)?;
        response::parse(reply, connection)
    }
}

/// Moves the cursor to the next page of a list, and returns whether there is one.
///
/// # Errors
/// When a page's cursor leads to the same page: the list would never end.
pub(crate) fn next_page(cursor: &mut Option<String>, next: Option<String>) -> Result<bool, Failure> {
    if next.is_some() && next == *cursor {
        return Err(Failure::new(Exit::Failed, "the server's list never ends: a page's cursor leads to the same page"));
    }
    *cursor = next;
    Ok(cursor.is_some())
}

/// The path of a deployment, or of something that belongs to it.
pub(crate) fn deployment_path(id: &domain::DeploymentId, of: &str) -> String {
    format!("{}{id}{of}", request::DEPLOYMENTS)
}

/// The time, read once per request at the edge of the program.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(chrono::Local::now().timestamp_millis())
}
