//! Trying again: a server that is busy says when, and a connection that broke says nothing at all.
//!
//! Every request of ours can be sent again: asking changes nothing, and an event is recorded once.

use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
use std::thread::sleep;
use std::time::{Duration, Instant};

use ureq::http::{StatusCode, header};

use crate::failure::Failure;
use crate::http::Reply;
use crate::output::shown;

/// How often a request is sent at most.
const TRIES: u32 = 4;
/// The longest pause before another try. A server that wants a longer one is told to the caller as busy.
const LONGEST: Duration = Duration::from_secs(20);

type Tried = Result<Reply, ureq::Error>;

/// Sends a request until it is replied to, or until trying again is of no use or takes more than
/// `timeout` altogether. `attempt` is given what is left of that; `tell` hears of each further try.
pub(super) fn until_replied(
    timeout: Duration,
    tell: impl Fn(&str),
    mut attempt: impl FnMut(Duration) -> Result<Tried, Failure>,
) -> Result<Tried, Failure> {
    let begun = Instant::now();
    let left = || timeout.saturating_sub(begun.elapsed());
    let mut count = 1;
    loop {
        let tried = attempt(left())?;
        let pause = pause_after(&tried, count).filter(|pause| count < TRIES && *pause < left());
        let Some(pause) = pause else { return Ok(tried) };
        tell(&format!("{}; trying again in {:.1} s", reason(&tried), pause.as_secs_f64()));
        sleep(pause);
        count += 1;
    }
}

/// How long to wait after so many tries before another one; nothing when there should be none.
fn pause_after(tried: &Tried, count: u32) -> Option<Duration> {
    match tried {
        Ok(reply) => match reply.status() {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => match retry_after(reply) {
                Some(wanted) => Some(wanted).filter(|wanted| *wanted <= LONGEST),
                None => Some(backoff(count)),
            },
            StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => Some(backoff(count)),
            _ => None,
        },
        Err(error) if is_broken(error) => Some(backoff(count)),
        Err(_) => None,
    }
}

/// Whether the connection was there, and broke. One that never came about is told at once: a wrong
/// address or certificate stays wrong.
fn is_broken(error: &ureq::Error) -> bool {
    let kinds = [ConnectionReset, ConnectionAborted, BrokenPipe, UnexpectedEof];
    matches!(error, ureq::Error::Io(error) if kinds.contains(&error.kind()))
}

/// How long the server asks to be left alone: `Retry-After` (RFC 9110, section 10.2.3), as seconds or
/// as a date.
pub(super) fn retry_after(reply: &Reply) -> Option<Duration> {
    let text = reply.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More than fits is for ever.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = chrono::DateTime::parse_from_rfc2822(text).ok()?;
    (date.to_utc() - chrono::Local::now().to_utc()).to_std().ok().or(Some(Duration::ZERO))
}

/// A random pause up to a bound that doubles with each try, so that many callers don't come back at
/// once ("full jitter").
fn backoff(count: u32) -> Duration {
    Duration::from_millis(fastrand::u64(50..=200 << count.min(6)))
}

fn reason(tried: &Tried) -> String {
    match tried {
        Ok(reply) => format!("the server answers {}", reply.status()),
        Err(ureq::Error::Io(error)) => format!("the connection broke ({})", shown(&error.to_string())),
        Err(error) => format!("the connection broke ({})", shown(&error.to_string())),
    }
}
