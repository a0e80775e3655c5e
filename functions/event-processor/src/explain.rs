use api::{Problem, Request};
use domain::Timestamp;
use formats::{Door, Explanation, Settings};

use crate::http::payload;
use crate::problem::problem;

/// How the payload of a request would be read and what rules make of it, at its door or at the one that
/// it is most likely meant for. Nothing is recorded.
///
/// # Errors
/// The problem that the request as a whole would be answered with, proof of its origin apart.
pub fn explain(
    door: Option<Door>,
    request: &Request,
    settings: &Settings,
    now: Timestamp,
) -> Result<Vec<Explanation>, Problem> {
    formats::explain(door, &payload(request), settings, now).map_err(problem)
}
