//! What the API answers when it doesn't do what it was asked, in words and exit codes.

use domain::api::Problem;
use ureq::http::StatusCode;

use crate::endpoint::Endpoint;
use crate::failure::{Exit, Failure};
use crate::output::shown;

/// A problem of the API's own: it names what is wrong.
pub(super) fn told(problem: &Problem, access: &str) -> Failure {
    let exit = match problem.status {
        401 | 403 => Exit::NotAllowed,
        404 => Exit::NotFound,
        _ => Exit::Failed,
    };
    let mut failure = Failure::new(exit, shown(&problem.detail));
    for error in &problem.errors {
        let field = if error.field.is_empty() { "the event" } else { &error.field };
        failure = failure.advise(format!("{}: {}", shown(field), shown(&error.detail)));
    }
    if exit == Exit::NotAllowed {
        failure = failure.advise(access);
    }
    match &problem.instance {
        Some(id) if problem.status >= 500 => {
            failure.advise(format!("The server's log has the cause, as request {}.", shown(id)))
        }
        _ => failure,
    }
}

/// The gateway in front of the API lets the request not through: 401 or 403, with a `message`.
pub(super) fn not_allowed(endpoint: &Endpoint, status: StatusCode, body: &str, access: &str) -> Failure {
    let message = serde_json::from_str::<serde_json::Value>(body).ok();
    let message = message.as_ref().and_then(|value| value.get("message").or_else(|| value.get("Message"))?.as_str());
    let why = message.map_or(String::new(), |message| format!(": {}", shown(message)));
    Failure::new(Exit::NotAllowed, format!("{endpoint} does not allow it ({status}){why}"))
        .advise(access)
        .advise("It may belong to another account, have expired, or lack the permission execute-api:Invoke.")
}

/// What is wrong with an answer that should be JSON of ours.
pub(super) fn no_json(body: &str, error: &serde_json::Error) -> String {
    let begins: String = body.trim_start().chars().take(40).collect();
    if matches!(begins.chars().next(), Some('{' | '[')) {
        return format!("its answer is not what was expected ({error})");
    }
    format!("its answer is no JSON; it begins with `{}`", shown(&begins))
}

/// Why a request found nobody, without the names of libraries.
pub(super) fn cause(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::HostNotFound => "no such host".to_owned(),
        other => other.to_string(),
    }
}
