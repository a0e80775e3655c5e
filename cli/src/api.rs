//! The API: one request and its answer, with what can go wrong in between put into words and exit
//! codes.

use std::cell::RefCell;
use std::time::{Duration, SystemTime};

use domain::Timestamp;
use domain::api::Problem;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use ureq::Agent;
use ureq::http::{Request, Response, StatusCode, header};
use ureq::tls::{RootCerts, TlsConfig};

use crate::access::Access;
use crate::endpoint::Endpoint;
use crate::failure::{Exit, Failure};
use crate::settings::Settings;

mod refusal;
mod retry;

/// What stands for itself in a query (RFC 3986, section 2.3), as signatures want it.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What stands for itself in a path: a deployment's id can contain any of these.
const PATH: &AsciiSet = &QUERY.remove(b'/').remove(b':').remove(b'@');
/// How much of an answer is read: the most that Lambda answers.
const MOST_BYTES: u64 = 8 * 1024 * 1024;

/// The API at its address.
pub(crate) struct Api {
    agent: Agent,
    endpoint: Endpoint,
    access: RefCell<Access>,
    timeout: Duration,
}

/// An answer: as it came, and as it was understood.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    /// The body as it came.
    pub(crate) body: String,
    /// What it says.
    pub(crate) value: T,
    /// Its entity tag, to ask again cheaply.
    pub(crate) tag: Option<String>,
}

impl Api {
    /// The API that these settings name.
    ///
    /// # Errors
    /// When they name none, or don't say who asks.
    pub(crate) fn open(settings: &Settings) -> Result<Self, Failure> {
        let mut account = None;
        let endpoint = Endpoint::find(settings, &mut account)?;
        let access = Access::to(&endpoint, settings, account)?;
        let mut agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("deployment-status/", env!("CARGO_PKG_VERSION")))
            .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build());
        if endpoint.is_loopback() {
            agent = agent.proxy(None);
        }
        let agent = agent.build().new_agent();
        Ok(Self { agent, endpoint, access: RefCell::new(access), timeout: settings.request_timeout() })
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
        let response = self.send("GET", path, query, None, None)?;
        self.understand(response)
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
        let response = self.send("GET", path, &[], tag, None)?;
        if response.status() == StatusCode::NOT_MODIFIED { Ok(None) } else { self.understand(response).map(Some) }
    }

    /// Reports with `POST`. Sending the same again is safe: the API records an event once.
    ///
    /// # Errors
    /// As with [`Api::get`].
    pub(crate) fn post<T: DeserializeOwned>(&self, path: &str, body: &str) -> Result<Answer<T>, Failure> {
        let response = self.send("POST", path, &[], None, Some(body))?;
        self.understand(response)
    }

    /// Where the API is.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// A request and its answer, after as many tries as are worth it.
    fn send(
        &self,
        method: &str,
        path: &str,
        query: &[(&str, Option<&str>)],
        tag: Option<&str>,
        body: Option<&str>,
    ) -> Result<Response<ureq::Body>, Failure> {
        let mut uri = format!("{}{}", self.endpoint, utf8_percent_encode(path, PATH));
        let given = query.iter().filter_map(|(name, value)| value.map(|value| (name, value)));
        for (index, (name, value)) in given.enumerate() {
            uri.push(if index == 0 { '?' } else { '&' });
            uri.extend([*name, "="]);
            uri.extend(utf8_percent_encode(value, QUERY));
        }
        retry::until_answered(|| {
            let mut request = Request::builder().method(method).uri(&uri).header(header::ACCEPT, "application/json");
            if let Some(tag) = tag {
                request = request.header(header::IF_NONE_MATCH, tag);
            }
            if body.is_some() {
                request = request.header(header::CONTENT_TYPE, "application/json");
            }
            let request = request.body(body.unwrap_or_default().to_owned());
            let mut request =
                request.map_err(|error| Failure::new(Exit::Failed, format!("can't ask {}: {error}", self.endpoint)))?;
            // Each try has a signature of its own: it holds for minutes only.
            let now: SystemTime = chrono::Local::now().into();
            self.access.borrow_mut().authorize(&mut request, now)?;
            let configured = self.agent.configure_request(request).timeout_global(Some(self.timeout)).build();
            Ok(if body.is_some() { self.agent.run(configured) } else { self.agent.run(configured.map(|_| ())) })
        })
        .and_then(|answered| answered.map_err(|error| self.unreachable(&error)))
    }

    /// What a response says, or why it says nothing.
    fn understand<T: DeserializeOwned>(&self, mut response: Response<ureq::Body>) -> Result<Answer<T>, Failure> {
        let status = response.status();
        let tag = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        let location = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).map(str::to_owned);
        let body = match response.body_mut().with_config().limit(MOST_BYTES).read_to_string() {
            Ok(body) => body,
            Err(error @ (ureq::Error::Timeout(_) | ureq::Error::BodyExceedsLimit(_))) => {
                return Err(self.unreachable(&error));
            }
            Err(error) => return Err(self.not_ours(&format!("its answer can't be read: {error}"))),
        };
        if status.is_success() {
            return match serde_json::from_str(&body) {
                Ok(value) => Ok(Answer { body, value, tag }),
                Err(error) => Err(self.not_ours(&refusal::no_json(&body, &error))),
            };
        }
        if status.is_redirection() {
            let to = location.map_or(String::new(), |to| format!(" to {}", crate::output::shown(&to)));
            return Err(self.not_ours(&format!("it redirects{to}")));
        }
        let problem: Option<Problem> =
            serde_json::from_str(&body).ok().filter(|problem: &Problem| problem.status == status.as_u16());
        Err(match problem {
            Some(problem) => refusal::told(&problem, &self.access.borrow().told()),
            None if matches!(status.as_u16(), 401 | 403) => {
                refusal::not_allowed(&self.endpoint, status, &body, &self.access.borrow().told())
            }
            None if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => {
                Failure::new(Exit::Failed, format!("{} answers {status}", self.endpoint))
                    .advise("The server failed, or has too much to do. What was asked can be asked again.")
            }
            None => self.not_ours(&format!("it answers {status}")),
        })
    }

    /// Something answers there, but no Deployment Status does.
    fn not_ours(&self, why: &str) -> Failure {
        self.endpoint.distrust();
        Failure::new(
            Exit::Failed,
            format!("{} is no Deployment Status, or another version of it: {why}", self.endpoint),
        )
        .advise(format!(
            "The address came from {}. `deployment-status config` shows what applies.",
            self.endpoint.found
        ))
    }

    /// There is no answer.
    fn unreachable(&self, error: &ureq::Error) -> Failure {
        if let ureq::Error::Timeout(_) = error {
            let waited = humantime::format_duration(self.timeout);
            return Failure::new(Exit::TimedOut, format!("{} did not answer within {waited}", self.endpoint))
                .advise("--timeout waits longer.");
        }
        self.endpoint.distrust();
        let failure = Failure::new(Exit::Failed, format!("can't reach {}: {}", self.endpoint, refusal::cause(error)));
        if self.endpoint.is_loopback() {
            return failure.advise("Is it running? `cargo run -p local` starts it on this machine.");
        }
        failure.advise(format!("The address came from {}.", self.endpoint.found))
    }
}

/// The path of a deployment, or of something of it.
pub(crate) fn deployment_path(id: &domain::DeploymentId, of: &str) -> String {
    format!("/v1/deployments/{id}{of}")
}

/// The time, read once per request at the edge of the program.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(chrono::Local::now().timestamp_millis())
}
