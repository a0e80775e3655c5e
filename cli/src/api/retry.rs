//! Trying again: a server that is busy says when, and a connection that broke says nothing at all.

use std::thread::sleep;
use std::time::Duration;

use ureq::Body;
use ureq::http::{Response, StatusCode, header};

use crate::failure::Failure;
use crate::output::note;

/// How often a request is sent at most.
const TRIES: u32 = 4;
/// The longest pause before another try. A server that wants a longer one is told to the caller as busy.
const LONGEST: Duration = Duration::from_secs(20);

type Tried = Result<Response<Body>, ureq::Error>;

/// Sends a request until it is answered, or until trying again is of no use. Every request of ours
/// can be sent again: asking changes nothing, and an event is recorded once.
pub(super) fn until_answered(mut attempt: impl FnMut() -> Result<Tried, Failure>) -> Result<Tried, Failure> {
    let mut tries = 1;
    loop {
        let tried = attempt()?;
        let Some(pause) = pause_after(&tried, tries).filter(|_| tries < TRIES) else { return Ok(tried) };
        note(&format!("{}; trying again in {:.1} s", reason(&tried), pause.as_secs_f64()));
        sleep(pause);
        tries += 1;
    }
}

/// How long to wait before another try; nothing when there should be none.
fn pause_after(tried: &Tried, tries: u32) -> Option<Duration> {
    match tried {
        Ok(response) => match response.status() {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => match retry_after(response) {
                Some(wanted) => Some(wanted).filter(|wanted| *wanted <= LONGEST),
                None => Some(backoff(tries)),
            },
            StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => Some(backoff(tries)),
            _ => None,
        },
        // The connection was there, and broke. One that never came about is told at once.
        Err(ureq::Error::Io(error)) if error.kind() != std::io::ErrorKind::ConnectionRefused => Some(backoff(tries)),
        Err(ureq::Error::Protocol(_)) => Some(backoff(tries)),
        Err(_) => None,
    }
}

/// `Retry-After` (RFC 9110, section 10.2.3), as seconds or as a date.
fn retry_after(response: &Response<Body>) -> Option<Duration> {
    let text = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = chrono::DateTime::parse_from_rfc2822(text).ok()?;
    (date.to_utc() - chrono::Local::now().to_utc()).to_std().ok().or(Some(Duration::ZERO))
}

/// A random pause up to a bound that doubles with each try, so that many callers don't come back at
/// once ("full jitter").
fn backoff(tries: u32) -> Duration {
    Duration::from_millis(fastrand::u64(50..=200 << tries.min(6)))
}

fn reason(tried: &Tried) -> String {
    match tried {
        Ok(response) => format!("the server answers {}", response.status()),
        Err(error) => format!("the connection broke ({error})"),
    }
}
