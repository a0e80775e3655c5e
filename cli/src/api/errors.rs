//! The error messages of the API client, each with its exit code.

use std::io::ErrorKind;
use std::time::Duration;

use api::Problem;
use serde_json::error::Category;
use ureq::http::StatusCode;

use super::reply::{message_of, retry_after};
use super::request::ApiRequest;
use crate::access::Access;
use crate::endpoint::Endpoint;
use crate::failure::{Exit, Failure};
use crate::http::Reply;
use crate::output::shown;

/// Why a request failed.
pub(crate) struct RequestError {
    /// What is wrong, and what to do.
    pub(crate) failure: Failure,
    /// Whether the API may be at another address: no server of ours replied.
    pub(crate) elsewhere: bool,
}

impl From<Failure> for RequestError {
    fn from(failure: Failure) -> Self {
        Self { failure, elsewhere: false }
    }
}

/// An error that the API itself reports.
pub(super) struct Refusal {
    pub(super) problem: Problem,
    /// How long the server asks to wait before the next request.
    pub(super) retry_after: Option<Duration>,
}

/// An error that the API itself reports: its detail, and each wrong field.
pub(super) fn refused(refusal: &Refusal, request: &ApiRequest<'_>, access: &Access, timeout: Duration) -> Failure {
    let problem = &refusal.problem;
    let exit = match problem.status {
        401 | 403 => Exit::NotAllowed,
        404 if request.may_find_nothing() => Exit::NotFound,
        _ => Exit::Failed,
    };
    let mut failure = Failure::new(exit, shown(&problem.detail));
    for error in &problem.errors {
        let field = if error.field.is_empty() { "the event" } else { &error.field };
        failure = failure.advise(format!("{}: {}", shown(field), shown(&error.detail)));
    }
    match problem.status {
        401 | 403 => failure = failure.advise(access.description()).advise(access.possible_cause()),
        404 if exit == Exit::Failed => {
            failure = failure.advise(format!("This version of the server has no route {}.", request.route()));
        }
        429 | 503 => {
            if let Some(advice) = refusal.retry_after.and_then(|wanted| wait_advice(wanted, timeout)) {
                failure = failure.advise(advice);
            }
        }
        _ => {}
    }
    match &problem.instance {
        Some(id) if problem.status >= 500 => {
            failure.advise(format!("The server's log has the cause under request id {}.", shown(id)))
        }
        _ => failure,
    }
}

/// The gateway in front of the API rejects the request: 401 or 403, with a `message`.
pub(super) fn not_allowed(endpoint: &Endpoint, status: StatusCode, body: &[u8], access: &Access) -> Failure {
    let why = message_of(body).map_or(String::new(), |message| format!(": {}", shown(&message)));
    Failure::new(Exit::NotAllowed, format!("{endpoint} rejects the request ({status}){why}"))
        .advise(access.description())
        .advise(access.possible_cause())
}

/// The server, or the gateway in front of it, failed or has too many requests.
pub(super) fn unavailable(endpoint: &Endpoint, reply: &Reply, timeout: Duration) -> Failure {
    let why = message_of(reply.body()).map_or(String::new(), |message| format!(": {}", shown(&message)));
    let failure = Failure::new(Exit::Failed, format!("{endpoint} answers {}{why}", reply.status()));
    match retry_after(reply).and_then(|wanted| wait_advice(wanted, timeout)) {
        Some(advice) => failure.advise(advice),
        None => failure.advise("The server failed or has too many requests. The request can be sent again."),
    }
}

/// How long the server asks to wait before the next request.
fn wait_advice(wanted: Duration, timeout: Duration) -> Option<String> {
    if wanted.is_zero() {
        return None;
    }
    // A server can send any number of seconds. Some years are enough for a message.
    let shown = humantime::format_duration(Duration::from_secs(wanted.as_secs().min(u64::from(u32::MAX))));
    let longer = if wanted >= timeout { " A longer --timeout waits for that." } else { "" };
    Some(format!("The server asks to wait {shown} before the next request.{longer}"))
}

/// There is a server at this address, but it does not answer as this API does.
pub(super) fn not_ours(endpoint: &Endpoint, why: &str) -> Failure {
    Failure::new(Exit::Failed, format!("{endpoint} is not a Deployment Status API, or has another version: {why}"))
        .advise(format!("The address came from {}. `deployment-status config` shows all settings.", endpoint.found))
}

/// Why an answer could not be parsed.
pub(super) fn not_parsed(body: &str, error: &serde_json::Error) -> String {
    let begins: String = body.trim_start().chars().take(40).collect();
    match error.classify() {
        _ if begins.is_empty() => "its answer is empty".to_owned(),
        Category::Eof if begins.starts_with(['{', '[']) => "its answer is cut off".to_owned(),
        Category::Data => format!("its answer has an unexpected form ({error})"),
        _ => format!("its answer is not JSON; it begins with `{}`", shown(&begins)),
    }
}

/// There is no reply, or only a part of one.
pub(super) fn no_reply(endpoint: &Endpoint, error: &ureq::Error, timeout: Duration) -> RequestError {
    let not_reached = |why: &str| Failure::new(Exit::Failed, format!("can't reach {endpoint}: {}", shown(why)));
    let failure = match error {
        ureq::Error::Timeout(_) => {
            // There is no time left to look the address up again now; the next call does.
            endpoint.forget();
            let waited = humantime::format_duration(timeout);
            let failure = Failure::new(Exit::TimedOut, format!("{endpoint} did not answer within {waited}"));
            return failure.advise("--timeout sets a longer time.").into();
        }
        ureq::Error::BodyExceedsLimit(_) => not_ours(endpoint, "its answer is too long"),
        ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) if endpoint.is_secure() => {
            not_ours(endpoint, "its answer is not HTTP")
        }
        ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) => {
            not_ours(endpoint, "its answer is not HTTP. Does the address need https:// instead of http://?")
        }
        ureq::Error::ConnectProxyFailed(why) => not_reached(&format!("the proxy rejects the connection: {why}"))
            .advise("The variables HTTPS_PROXY, ALL_PROXY and NO_PROXY choose the proxy."),
        // The TLS library reports all its errors so.
        ureq::Error::Io(why) if why.kind() == ErrorKind::InvalidData => not_reached(&why.to_string()).advise(
            "The server does not use TLS, or its certificate is not trusted on this machine. \
             SSL_CERT_FILE names a file of trusted certificates.",
        ),
        ureq::Error::Io(why) if endpoint.is_loopback() && why.kind() == ErrorKind::ConnectionRefused => {
            not_reached(&why.to_string()).advise("Is the local server running? `cargo run -p local` starts it.")
        }
        ureq::Error::Io(why) => {
            not_reached(&why.to_string()).advise(format!("The address came from {}.", endpoint.found))
        }
        ureq::Error::HostNotFound => {
            not_reached("no such host").advise(format!("The address came from {}.", endpoint.found))
        }
        other => not_reached(&other.to_string()),
    };
    RequestError { failure, elsewhere: true }
}
