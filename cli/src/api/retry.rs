//! Retries. A server that is busy says how long to wait (`Retry-After`); after a broken connection the
//! pause is random.
//!
//! Every request of this program can be sent again: a `GET` changes nothing, and an event is recorded once.

use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
use std::thread::sleep;
use std::time::{Duration, Instant};

use ureq::http::StatusCode;

use super::reply::{message_of, retry_after};
use crate::failure::Failure;
use crate::http::Reply;
use crate::output::shown;

/// How often a request is sent at most.
const TRIES: u32 = 4;

type Tried = Result<Reply, ureq::Error>;

/// Sends a request until there is a reply that a retry can't change, at most [`TRIES`] times, and within
/// `timeout` altogether. `attempt` gets the time that is left; `notify` a sentence before each retry.
pub(super) fn until_replied(
    timeout: Duration,
    notify: impl Fn(&str),
    mut attempt: impl FnMut(Duration) -> Result<Tried, Failure>,
) -> Result<Tried, Failure> {
    let begun = Instant::now();
    let left = || timeout.saturating_sub(begun.elapsed());
    let mut count = 1;
    loop {
        let tried = attempt(left())?;
        let pause = pause_after(&tried, count).filter(|pause| count < TRIES && *pause < left());
        let Some(pause) = pause else { return Ok(tried) };
        notify(&format!("{}; trying again in {:.1} s", reason(&tried), pause.as_secs_f64()));
        sleep(pause);
        count += 1;
    }
}

/// How long to wait before the next attempt, after `count` of them; nothing when a retry can't help.
fn pause_after(tried: &Tried, count: u32) -> Option<Duration> {
    match tried {
        Ok(reply) => match reply.status() {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                Some(retry_after(reply).unwrap_or_else(|| backoff(count)))
            }
            StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => Some(backoff(count)),
            _ => None,
        },
        Err(error) if is_broken(error) => Some(backoff(count)),
        Err(_) => None,
    }
}

/// Whether a connection existed and broke. When there never was one, a retry does not help: a wrong address
/// or certificate stays wrong.
pub(crate) fn is_broken(error: &ureq::Error) -> bool {
    let kinds = [ConnectionReset, ConnectionAborted, BrokenPipe, UnexpectedEof];
    matches!(error, ureq::Error::Io(error) if kinds.contains(&error.kind()))
}

/// A random pause up to a bound that doubles with each attempt, so that many callers don't come back at
/// the same time ("full jitter").
fn backoff(count: u32) -> Duration {
    Duration::from_millis(fastrand::u64(50..=200 << count.min(6)))
}

fn reason(tried: &Tried) -> String {
    match tried {
        Ok(reply) => {
            let why = message_of(reply.body()).map_or(String::new(), |message| format!(" ({})", shown(&message)));
            format!("the server answers {}{why}", reply.status())
        }
        Err(ureq::Error::Io(error)) => format!("the connection broke ({})", shown(&error.to_string())),
        Err(error) => format!("the connection broke ({})", shown(&error.to_string())),
    }
}
