//! The body of a request: read whole, since what is signed is all of it.

use std::time::Duration;

use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::StatusCode;
use hyper::body::{Body as _, Incoming};
use tokio::time::timeout;

use super::own::Own;

/// The longest that API Gateway takes; the API itself takes less.
const MOST_BYTES: usize = 10 * 1024 * 1024;

/// How long it may take to arrive. It comes from this machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Reads a body.
///
/// # Errors
/// What to answer when it is too long, too slow, or breaks off.
pub(super) async fn read(body: Incoming) -> Result<Vec<u8>, Own> {
    let too_large = || {
        let limit = MOST_BYTES / (1024 * 1024);
        Own::new(StatusCode::PAYLOAD_TOO_LARGE, format!("a body must have at most {limit} MiB"))
    };
    if body.size_hint().lower() > MOST_BYTES as u64 {
        return Err(too_large());
    }
    match timeout(PATIENCE, Limited::new(body, MOST_BYTES).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes().to_vec()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(Own::new(StatusCode::BAD_REQUEST, "the body broke off")),
        Err(_) => {
            let waited = humantime::format_duration(PATIENCE);
            Err(Own::new(StatusCode::REQUEST_TIMEOUT, format!("the body did not arrive within {waited}")))
        }
    }
}
