//! The elapsed time of a deployment or stage, and its share of the usual duration.

use api::{Deployment, Stage};
use domain::{Status, Timestamp};

use super::attempt::current;
use crate::moment;
use crate::output::{Look, Tone, word};

/// The elapsed time in seconds; absent when it is not known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Elapsed(pub(super) Option<f64>);

impl Elapsed {
    /// Of the current attempt of a deployment.
    pub(super) fn of(deployment: &Deployment, now: Timestamp) -> Self {
        if deployment.status.is_terminal() {
            return Self(deployment.duration_seconds);
        }
        // The answer has no start of a later attempt, so its first stage counts.
        let began = match deployment.attempt {
            // Waiting is not yet working, but time passes all the same.
            1 => Some(deployment.started_at.as_deref().unwrap_or(&deployment.created_at)),
            _ => current(deployment).filter_map(|stage| stage.started_at.as_deref()).min(),
        };
        Self::since(began, now)
    }

    /// Of a stage.
    pub(super) fn of_stage(stage: &Stage, now: Timestamp) -> Self {
        if stage.status.is_terminal() {
            Self(stage.duration_seconds)
        } else {
            Self::since(stage.started_at.as_deref(), now)
        }
    }

    /// In whole seconds; never negative, even when the clocks differ.
    fn since(began: Option<&str>, now: Timestamp) -> Self {
        let began = began.and_then(|began| Timestamp::parse(began).ok());
        Self(began.map(|began| now.seconds_since(began).floor().max(0.0)))
    }

    /// A status with its time: `in progress for 3m 12s`, `failed after 3m 50s`.
    pub(super) fn of_status(self, status: Status) -> String {
        let preposition = if status.is_terminal() { "after" } else { "for" };
        match self.0 {
            Some(seconds) => format!("{} {preposition} {}", word(status), moment::duration(seconds)),
            None => word(status).to_owned(),
        }
    }
}

/// The widths that a progress bar can have.
const BAR: std::ops::RangeInclusive<usize> = 5..=30;

/// How much of the usual time has passed, with a bar if there is room. It never shows 100 %: only the
/// deployment's own status says that it finished.
pub(super) fn against_expected(elapsed: f64, expected: f64, look: &Look) -> (String, Option<Tone>) {
    let usual = moment::duration(expected.round().max(1.0));
    let over = (elapsed - expected).floor();
    let (text, tone) = if over < 1.0 {
        let percent = (elapsed / expected * 100.0).floor().min(99.0);
        (format!("{percent} %, expected about {usual}"), None)
    } else {
        (format!("longer than usual by {}, expected about {usual}", moment::duration(over)), Some(Tone::Notable))
    };
    let room = look.width.map_or(*BAR.end(), |width| usize::from(width).saturating_sub(text.len() + 2));
    let cells = room.min(*BAR.end());
    if !BAR.contains(&cells) {
        return (text, tone);
    }
    let (full, empty) = if look.symbols { ("█", "░") } else { ("#", "-") };
    let done = (1..cells).rev().find(|done| share(*done, cells) <= elapsed / expected).unwrap_or(0);
    (format!("{}{}  {text}", full.repeat(done), empty.repeat(cells - done)), tone)
}

#[expect(clippy::cast_precision_loss, reason = "a bar has few cells")]
fn share(done: usize, cells: usize) -> f64 {
    done as f64 / cells as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(elapsed: f64, expected: f64, width: u16) -> String {
        let now = Timestamp::from_millis(0);
        let look = Look { terminal: true, width: Some(width), color: false, symbols: false, now };
        against_expected(elapsed, expected, &look).0
    }

    #[test]
    fn a_bar_shows_the_share_of_the_usual_time_and_never_100_percent() {
        assert_eq!(bar(0.0, 220.4, 80), "------------------------------  0 %, expected about 3m 40s");
        assert_eq!(bar(110.0, 220.0, 80), "###############---------------  50 %, expected about 3m 40s");
        assert_eq!(bar(219.9, 220.0, 80), "#############################-  99 %, expected about 3m 40s");
        assert_eq!(bar(220.9, 220.0, 80), "#############################-  99 %, expected about 3m 40s");
        let over = "longer than usual by 1m 1s, expected about 3m 40s";
        assert_eq!(bar(281.0, 220.0, 90), format!("#############################-  {over}"));
        assert_eq!(bar(5.0, 0.2, 80), "#############################-  longer than usual by 4s, expected about 1s");
    }

    #[test]
    fn a_bar_fits_the_terminal() {
        assert_eq!(bar(110.0, 220.0, 39), "#####-----  50 %, expected about 3m 40s");
        assert_eq!(bar(110.0, 220.0, 34), "##---  50 %, expected about 3m 40s");
        assert_eq!(bar(110.0, 220.0, 33), "50 %, expected about 3m 40s");
        assert_eq!(bar(110.0, 220.0, 1), "50 %, expected about 3m 40s", "the caller cuts it");
    }

    fn elapsed(attempt: u32, stages: &serde_json::Value) -> Elapsed {
        let deployment = serde_json::json!({
            "deploymentId": "d-1", "service": "s", "environment": "e", "status": "IN_PROGRESS", "attempt": attempt,
            "createdAt": "2025-03-01T12:00:00Z", "startedAt": "2025-03-01T12:00:00Z", "updatedAt": "2025-03-01T12:00:00Z", "links": {}, "stages": stages,
            "eventCount": 1, "flags": [],
        });
        let now = Timestamp::parse("2025-03-01T12:03:12.900Z").unwrap();
        Elapsed::of(&serde_json::from_value(deployment).unwrap(), now)
    }

    #[test]
    fn a_later_attempt_is_timed_by_its_own_stages() {
        let stages = serde_json::json!([
            {"stage": "A", "attempt": 1, "status": "FAILED", "startedAt": "2025-03-01T12:00:00Z"},
            {"stage": "A", "attempt": 2, "status": "COMPLETED", "startedAt": "2025-03-01T12:02:00Z"},
            {"stage": "B", "attempt": 2, "status": "IN_PROGRESS", "startedAt": "2025-03-01T12:03:00Z"},
        ]);
        assert_eq!(elapsed(1, &stages).of_status(Status::InProgress), "in progress for 3m 12s");
        assert_eq!(elapsed(2, &stages), Elapsed(Some(72.0)));
        assert_eq!(elapsed(3, &stages).of_status(Status::InProgress), "in progress", "the time is not known");
    }

    #[test]
    fn the_elapsed_time_is_never_negative() {
        let now = Timestamp::parse("2025-03-01T12:00:00Z").unwrap();
        assert_eq!(Elapsed::since(Some("2025-03-01T12:00:05Z"), now), Elapsed(Some(0.0)));
        assert_eq!(Elapsed::since(Some("soon"), now), Elapsed(None));
    }
}
