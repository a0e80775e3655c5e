//! What the API answers when it doesn't do what it was asked, and what is the matter when it doesn't
//! answer at all: in words and exit codes.

use std::io::ErrorKind;
use std::time::Duration;

use domain::api::Problem;
use serde_json::error::Category;
use ureq::http::StatusCode;

use super::Unanswered;
use super::question::Question;
use super::retry::retry_after;
use crate::access::Access;
use crate::endpoint::Endpoint;
use crate::failure::{Exit, Failure};
use crate::http::Reply;
use crate::output::shown;

/// A problem of the API's own: it names what is wrong.
pub(super) fn told(problem: &Problem, question: &Question<'_>, access: &Access) -> Failure {
    let exit = match problem.status {
        401 | 403 => Exit::NotAllowed,
        404 if question.is_about_one() => Exit::NotFound,
        _ => Exit::Failed,
    };
    let mut failure = Failure::new(exit, shown(&problem.detail));
    for error in &problem.errors {
        let field = if error.field.is_empty() { "the event" } else { &error.field };
        failure = failure.advise(format!("{}: {}", shown(field), shown(&error.detail)));
    }
    match problem.status {
        401 | 403 => failure = failure.advise(access.told()).advise(access.doubt()),
        404 if exit == Exit::Failed => {
            failure = failure.advise(format!("The server is of a version without {}.", question.route()));
        }
        _ => {}
    }
    match &problem.instance {
        Some(id) if problem.status >= 500 => {
            failure.advise(format!("The server's log has the cause, as request {}.", shown(id)))
        }
        _ => failure,
    }
}

/// The gateway in front of the API lets the request not through: 401 or 403, with a `message`.
pub(super) fn not_allowed(endpoint: &Endpoint, status: StatusCode, body: &[u8], access: &Access) -> Failure {
    let message = serde_json::from_slice::<serde_json::Value>(body).ok();
    let message = message.as_ref().and_then(|value| value.get("message").or_else(|| value.get("Message"))?.as_str());
    let why = message.map_or(String::new(), |message| format!(": {}", shown(message)));
    Failure::new(Exit::NotAllowed, format!("{endpoint} does not allow it ({status}){why}"))
        .advise(access.told())
        .advise(access.doubt())
}

/// The server, or the gateway in front of it, failed or has too much to do.
pub(super) fn busy(endpoint: &Endpoint, reply: &Reply) -> Failure {
    let failure = Failure::new(Exit::Failed, format!("{endpoint} answers {}", reply.status()));
    match retry_after(reply).filter(|wanted| !wanted.is_zero()) {
        Some(wanted) => {
            // Years are enough of an answer to a number of seconds that nobody meant.
            let wanted = Duration::from_secs(wanted.as_secs().min(u64::from(u32::MAX)));
            failure.advise(format!("It asks to be left alone for {}.", humantime::format_duration(wanted)))
        }
        None => failure.advise("The server failed, or has too much to do. What was asked can be asked again."),
    }
}

/// Something answers there, but no Deployment Status does.
pub(super) fn not_ours(endpoint: &Endpoint, why: &str) -> Failure {
    Failure::new(Exit::Failed, format!("{endpoint} is no Deployment Status, or another version of it: {why}"))
        .advise(format!("The address came from {}. `deployment-status config` shows what applies.", endpoint.found))
}

/// What is wrong with an answer that should be JSON of ours.
pub(super) fn not_understood(body: &str, error: &serde_json::Error) -> String {
    let begins: String = body.trim_start().chars().take(40).collect();
    match error.classify() {
        _ if begins.is_empty() => "its answer is empty".to_owned(),
        Category::Eof if begins.starts_with(['{', '[']) => "its answer ends in the middle".to_owned(),
        Category::Data => format!("its answer is not what was expected ({error})"),
        _ => format!("its answer is no JSON; it begins with `{}`", shown(&begins)),
    }
}

/// There is no reply, or none to the end.
pub(super) fn no_reply(endpoint: &Endpoint, error: &ureq::Error, timeout: Duration) -> Unanswered {
    let not_reached = |why: &str| Failure::new(Exit::Failed, format!("can't reach {endpoint}: {}", shown(why)));
    let failure = match error {
        ureq::Error::Timeout(_) => {
            // Time is up for this call; the next one looks up anew where the API is.
            endpoint.forget();
            let waited = humantime::format_duration(timeout);
            let failure = Failure::new(Exit::TimedOut, format!("{endpoint} did not answer within {waited}"));
            return failure.advise("--timeout waits longer.").into();
        }
        ureq::Error::BodyExceedsLimit(_) => not_ours(endpoint, "its answer does not end"),
        ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) if endpoint.is_secure() => {
            not_ours(endpoint, "its answer is no HTTP")
        }
        ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) => {
            not_ours(endpoint, "its answer is no HTTP. Does it want https:// rather than http://?")
        }
        ureq::Error::ConnectProxyFailed(why) => not_reached(&format!("the proxy does not let us: {why}"))
            .advise("The variables HTTPS_PROXY, ALL_PROXY and NO_PROXY choose the proxy."),
        // So TLS says what it does not like.
        ureq::Error::Io(why) if why.kind() == ErrorKind::InvalidData => not_reached(&why.to_string()).advise(
            "It speaks no TLS, or has a certificate that is not trusted here: SSL_CERT_FILE can name others to trust.",
        ),
        ureq::Error::Io(why) if endpoint.is_loopback() && why.kind() == ErrorKind::ConnectionRefused => {
            not_reached(&why.to_string()).advise("Is it running? `cargo run -p local` starts it on this machine.")
        }
        ureq::Error::Io(why) => {
            not_reached(&why.to_string()).advise(format!("The address came from {}.", endpoint.found))
        }
        ureq::Error::HostNotFound => {
            not_reached("no such host").advise(format!("The address came from {}.", endpoint.found))
        }
        other => not_reached(&other.to_string()),
    };
    Unanswered { failure, elsewhere: true }
}
