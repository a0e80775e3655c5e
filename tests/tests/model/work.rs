//! How long an attempt was worked on.

use serde_json::Value;

use super::heard::Event;
use super::times;

/// The work of the current attempt of a deployment.
pub(super) struct Work {
    /// From its begin to its end, if both are known; negative where clocks are wrong.
    measured: Option<i64>,
    /// What its endings reported, if it has ended.
    reported: Option<f64>,
    /// Whether anything of the deployment as a whole says that it had begun: waiting is not yet that.
    begun: bool,
}

impl Work {
    /// `events` are in their order, and `ending` is what ended the attempt.
    pub(super) fn of(events: &[&Event], attempt: u64, ending: Option<&Event>) -> Self {
        let here: Vec<&&Event> = events.iter().filter(|event| event.attempt() == attempt).collect();
        // An ending does not say when its attempt began, nor does that of a stage.
        let under_way = || here.iter().filter(|event| !event.is_final());
        let began = under_way().filter(|event| event.status() != "PENDING").map(|event| event.moment.0).min();
        let ends = here.iter().rev().filter(|event| event.is_whole() && event.is_final());
        let reported = ends.map(|end| &end.field("metrics")["durationSeconds"]).find_map(Value::as_f64);
        let mut whole = under_way().filter(|event| event.is_whole());
        Self {
            measured: ending.zip(began).map(|(ending, began)| ending.moment.0 - began),
            reported: reported.filter(|_| ending.is_some()),
            begun: whole.any(|event| event.status() != "PENDING"),
        }
    }

    /// In seconds.
    pub(super) fn duration(&self) -> Option<f64> {
        self.measured.filter(|millis| *millis >= 0).map(times::seconds).or(self.reported)
    }

    /// Whether it ended before it began. A stage, such as cleaning up, may well follow the end.
    pub(super) fn is_backwards(&self) -> bool {
        self.begun && self.measured.is_some_and(|millis| millis < 0)
    }
}
