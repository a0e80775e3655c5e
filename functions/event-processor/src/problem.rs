//! What a rejection is as the answer to an HTTP request.

use api::Problem;
use formats::Rejection;

/// The problem to answer with.
pub(crate) fn problem(rejection: Rejection) -> Problem {
    match rejection {
        Rejection::MediaType => Problem::new(415, rejection.to_string()),
        Rejection::TooLarge => Problem::new(413, rejection.to_string()),
        Rejection::Forbidden(_) => Problem::new(403, rejection.to_string()),
        Rejection::MissingHeader(_) | Rejection::TooMany { .. } => Problem::new(400, rejection.to_string()),
        Rejection::NotJson(_) | Rejection::CloudEventsMode | Rejection::Fields(_) => {
            Problem::wrong_fields(rejection.into_errors())
        }
    }
}
