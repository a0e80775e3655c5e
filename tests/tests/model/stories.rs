//! Stories: what happened to a few deployments, and when each event of it was received.

use serde_json::{Value, json};

use super::chance::Chance;
use super::plots::{Plot, Told};
use super::times;

/// One delivery of an event.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// When it was received.
    pub(super) received: i64,
    /// When it happened, if it says so.
    pub(super) occurred: Option<i64>,
    pub(super) event: Value,
}

/// Every event of a story, in the order of arrival.
#[derive(Debug, Clone)]
pub(super) struct Story(pub(super) Vec<Step>);

impl std::fmt::Display for Story {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for step in &self.0 {
            writeln!(f, "  {}  {}", times::text(step.received), step.event)?;
        }
        Ok(())
    }
}

/// The story of a plot and a seed.
pub(super) fn story(plot: Plot, seed: u64) -> Story {
    let mut chance = Chance::of(seed);
    let told = plot(&mut chance);
    Story(delivered(&mut chance, told))
}

/// How events come: at once, late, ahead of the clock here, twice, and in another order.
fn delivered(chance: &mut Chance, told: Vec<Told>) -> Vec<Step> {
    let orderly = chance.one_in(3);
    let mut steps = Vec::new();
    for Told { occurred, mut event } in told {
        let delay = match chance.between(0, 10) {
            _ if orderly => 0,
            0 => -chance.between(1, 300) * 1000,
            1 => -chance.between(1, 8000),
            2 => chance.between(0, 7200) * 1000,
            3 => chance.between(0, 2000),
            4 => chance.pick(&[1, 500, 1000, 60_000]),
            _ => 0,
        };
        let received = (occurred + delay).max(0);
        // A retirement and a verdict must say when it was.
        let timeless = chance.one_in(25) && !["retirement", "verdict"].contains(&event["type"].as_str().unwrap_or(""));
        let occurred = (!timeless).then_some(occurred);
        if let Some(occurred) = occurred {
            event["occurredAt"] = json!(times::text(occurred));
        }
        if chance.one_in(20) {
            event["eventId"] = json!(format!("e-{}", chance.between(0, 6)));
        }
        let again = Step { received: received + chance.between(0, 600) * 1000, occurred, event };
        if chance.one_in(12) {
            steps.push(again.clone());
        }
        steps.push(Step { received, ..again });
    }
    // The sort is stable: what is received at once comes as it was told, or the other way round.
    if chance.one_in(2) {
        steps.reverse();
    }
    steps.sort_by_key(|step| step.received);
    steps
}
