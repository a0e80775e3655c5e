//! How far something is: the time since it began, and how much of the usual time that is.

use api::{Deployment, Stage};
use domain::{Status, Timestamp};

use super::current;
use crate::moment;
use crate::output::{Look, Tone, word};

/// For how many seconds something runs, or ran; absent when that is not known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Elapsed(pub(super) Option<f64>);

impl Elapsed {
    /// Of the run of a deployment that its status speaks about.
    pub(super) fn of(deployment: &Deployment, now: Timestamp) -> Self {
        if deployment.status.is_terminal() {
            return Self(deployment.duration_seconds);
        }
        // A later run has no beginning of its own in the answer, but that of its first stage.
        let began = match deployment.attempt {
            1 => Some(deployment.started_at.as_str()),
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

    /// In whole seconds, for they are counted up; never less than none, whatever the clocks say.
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

/// How wide a bar is at most, and at least.
const BAR: std::ops::RangeInclusive<usize> = 5..=30;

/// How much of the usual time has passed, with a bar where there is room for it. It never says that
/// all is done: only the deployment itself can.
pub(super) fn against_expected(elapsed: f64, expected: f64, look: &Look) -> (String, Option<Tone>) {
    let usual = moment::duration(expected.round().max(1.0));
    let over = (elapsed - expected).floor();
    let (told, tone) = if over < 1.0 {
        let percent = (elapsed / expected * 100.0).floor().min(99.0);
        (format!("{percent} %, expected about {usual}"), None)
    } else {
        (format!("longer than usual by {}, expected about {usual}", moment::duration(over)), Some(Tone::Notable))
    };
    let room = look.width.map_or(*BAR.end(), |width| usize::from(width).saturating_sub(told.len() + 2));
    let cells = room.min(*BAR.end());
    if !BAR.contains(&cells) {
        return (told, tone);
    }
    let (full, empty) = if look.symbols { ("█", "░") } else { ("#", "-") };
    let done = (1..cells).rev().find(|done| share(*done, cells) <= elapsed / expected).unwrap_or(0);
    (format!("{}{}  {told}", full.repeat(done), empty.repeat(cells - done)), tone)
}

#[expect(clippy::cast_precision_loss, reason = "a bar has few cells")]
fn share(done: usize, cells: usize) -> f64 {
    done as f64 / cells as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(elapsed: f64, expected: f64, width: u16) -> String {
        let now = Timestamp::from_millis(0);
        let look = Look { terminal: true, width: Some(width), color: false, symbols: false, now };
        against_expected(elapsed, expected, &look).0
    }

    #[test]
    fn a_bar_says_how_much_of_the_usual_time_has_passed_and_never_that_all_is_done() {
        assert_eq!(told(0.0, 220.4, 80), "------------------------------  0 %, expected about 3m 40s");
        assert_eq!(told(110.0, 220.0, 80), "###############---------------  50 %, expected about 3m 40s");
        assert_eq!(told(219.9, 220.0, 80), "#############################-  99 %, expected about 3m 40s");
        assert_eq!(told(220.9, 220.0, 80), "#############################-  99 %, expected about 3m 40s");
        let over = "longer than usual by 1m 1s, expected about 3m 40s";
        assert_eq!(told(281.0, 220.0, 90), format!("#############################-  {over}"));
        assert_eq!(told(5.0, 0.2, 80), "#############################-  longer than usual by 4s, expected about 1s");
    }

    #[test]
    fn a_bar_is_as_wide_as_there_is_room_for() {
        assert_eq!(told(110.0, 220.0, 39), "#####-----  50 %, expected about 3m 40s");
        assert_eq!(told(110.0, 220.0, 34), "##---  50 %, expected about 3m 40s");
        assert_eq!(told(110.0, 220.0, 33), "50 %, expected about 3m 40s");
        assert_eq!(told(110.0, 220.0, 1), "50 %, expected about 3m 40s", "the caller cuts it");
    }

    fn elapsed(attempt: u32, stages: &serde_json::Value) -> Elapsed {
        let deployment = serde_json::json!({
            "deploymentId": "d-1", "service": "s", "environment": "e", "status": "IN_PROGRESS", "attempt": attempt,
            "startedAt": "2025-03-01T12:00:00Z", "updatedAt": "2025-03-01T12:00:00Z", "links": {}, "stages": stages,
            "eventCount": 1, "flags": [],
        });
        let now = Timestamp::parse("2025-03-01T12:03:12.900Z").unwrap();
        Elapsed::of(&serde_json::from_value(deployment).unwrap(), now)
    }

    #[test]
    fn a_later_run_is_timed_by_its_own_stages() {
        let stages = serde_json::json!([
            {"stage": "A", "attempt": 1, "status": "FAILED", "startedAt": "2025-03-01T12:00:00Z"},
            {"stage": "A", "attempt": 2, "status": "COMPLETED", "startedAt": "2025-03-01T12:02:00Z"},
            {"stage": "B", "attempt": 2, "status": "IN_PROGRESS", "startedAt": "2025-03-01T12:03:00Z"},
        ]);
        assert_eq!(elapsed(1, &stages).of_status(Status::InProgress), "in progress for 3m 12s");
        assert_eq!(elapsed(2, &stages), Elapsed(Some(72.0)));
        assert_eq!(elapsed(3, &stages).of_status(Status::InProgress), "in progress", "it is not known for how long");
    }

    #[test]
    fn a_clock_that_is_behind_makes_nothing_negative() {
        let now = Timestamp::parse("2025-03-01T12:00:00Z").unwrap();
        assert_eq!(Elapsed::since(Some("2025-03-01T12:00:05Z"), now), Elapsed(Some(0.0)));
        assert_eq!(Elapsed::since(Some("soon"), now), Elapsed(None));
    }
}
