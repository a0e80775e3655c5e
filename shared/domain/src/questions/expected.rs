//! How long a deployment usually takes: by the newest that completed in its place, or else in its environment.
//!
//! A function of what landed, computed when it is asked for. Median and percentile are by nearest rank, so each is a
//! time that was measured; the spread is the median of the distances from the median (the MAD), which one deployment
//! that took hours does not move.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::identifiers::StageName;
use crate::ledger::figures::Figures;
use crate::live::timing::Timing;
use crate::questions::delivery::sample::Sample;
use crate::{Status, Subject};

/// Of what it was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "ExpectedOf")]
pub enum Of {
    /// Of deployments of the service to the environment.
    Place,
    /// Of all deployments to the environment, because the service has too few there.
    Environment,
}

impl Of {
    /// How many it takes at least: with fewer nothing is expected.
    #[must_use]
    pub fn least(self) -> usize {
        match self {
            Self::Place => 8,
            Self::Environment => 20,
        }
    }
}

/// How long something usually takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usual {
    /// The median, in seconds.
    pub seconds: f64,
    /// What nineteen of twenty took at most, in seconds.
    pub p95: f64,
    /// The median distance from the median, in seconds.
    pub spread: f64,
    /// Of how many.
    pub from: usize,
}

/// How long a deployment, and each of its stages, usually takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// The whole.
    pub whole: Usual,
    /// Its stages: those that enough of these deployments had.
    pub stages: BTreeMap<StageName, Usual>,
    /// Of what.
    pub of: Of,
}

/// How long one that completed took, and its stages, in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Took {
    seconds: f64,
    stages: Vec<(StageName, f64)>,
}

impl Took {
    /// As it stands beside a landing; none where that does not say it.
    #[must_use]
    pub fn of_landing(timing: &Timing) -> Option<Self> {
        let stages = timing.stages.keys().filter_map(|name| Some((name.clone(), timing.stage_seconds(name)?)));
        Some(Self { seconds: timing.seconds()?, stages: stages.collect() })
    }

    /// Of a deployment of an environment; none of what did not complete, or of which that is not known.
    #[must_use]
    pub fn of_finished(figures: &Figures) -> Option<Self> {
        if figures.subject != Subject::Deployment || figures.status != Status::Completed {
            return None;
        }
        let completed = figures.stages.iter().filter(|stage| stage.status == Status::Completed);
        let stages = completed.filter_map(|stage| Some((stage.stage.clone(), stage.duration_seconds?)));
        Some(Self { seconds: figures.duration_seconds?, stages: stages.collect() })
    }
}

impl Expected {
    /// How many of the newest are looked at.
    pub const NEWEST: usize = 50;

    /// What is expected after these; none after too few.
    #[must_use]
    pub fn after(took: &[Took], of: Of) -> Option<Self> {
        let whole = Usual::of(took.iter().map(|took| took.seconds)).filter(|usual| usual.from >= of.least())?;
        let mut stages: BTreeMap<&StageName, Vec<f64>> = BTreeMap::new();
        for (stage, seconds) in took.iter().flat_map(|took| &took.stages) {
            stages.entry(stage).or_default().push(*seconds);
        }
        let stages = stages.into_iter().filter_map(|(stage, seconds)| {
            let usual = Usual::of(seconds.into_iter()).filter(|usual| usual.from >= of.least())?;
            Some((stage.clone(), usual))
        });
        Some(Self { whole, stages: stages.collect(), of })
    }
}

impl Usual {
    fn of(seconds: impl Iterator<Item = f64>) -> Option<Self> {
        let sample = Sample::of(seconds);
        let (median, p95) = (sample.median()?, sample.percentile(95)?);
        let spread = Sample::of(sample.values().map(|seconds| (seconds - median).abs())).median()?;
        Some(Self { seconds: median, p95, spread, from: sample.values().count() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::identifiers::Identifier as _;

    fn took(seconds: f64, stages: &[(&str, f64)]) -> Took {
        let stages = stages.iter().map(|(name, seconds)| (StageName::parse(name).unwrap(), *seconds));
        Took { seconds, stages: stages.collect() }
    }

    fn numbered(least: u32, most: u32) -> Vec<Took> {
        (least..=most).map(|n| took(f64::from(n), &[])).collect()
    }

    #[test]
    fn it_takes_eight_of_the_place_or_twenty_of_the_environment() {
        for (n, of, expected) in [
            (0, Of::Place, false),
            (7, Of::Place, false),
            (8, Of::Place, true),
            (19, Of::Environment, false),
            (20, Of::Environment, true),
        ] {
            assert_eq!(Expected::after(&numbered(1, n), of).is_some(), expected, "{n} {of:?}");
        }
    }

    #[test]
    fn median_percentile_and_spread_are_by_nearest_rank() {
        for (values, (seconds, p95, spread)) in [
            // Of an even number the lower of the two in the middle.
            (vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], (4.0, 8.0, 2.0)),
            (vec![10.0; 8], (10.0, 10.0, 0.0)),
            // One that took hours moves neither the median nor the spread.
            (vec![100.0, 101.0, 99.0, 100.0, 102.0, 98.0, 100.0, 9000.0, 100.0], (100.0, 9000.0, 1.0)),
            ((1..=20).map(f64::from).collect(), (10.0, 19.0, 5.0)),
            ((1..=21).map(f64::from).collect(), (11.0, 20.0, 5.0)),
        ] {
            let all: Vec<Took> = values.iter().map(|seconds| took(*seconds, &[])).collect();
            let whole = Expected::after(&all, Of::Place).unwrap().whole;
            assert_eq!(whole, Usual { seconds, p95, spread, from: values.len() }, "{values:?}");
        }
    }

    #[test]
    fn a_stage_is_expected_where_enough_had_it() {
        let mut all: Vec<Took> = (0..7).map(|_| took(60.0, &[("BUILD", 10.0), ("TEST", 20.0)])).collect();
        all.push(took(60.0, &[("BUILD", 12.0)]));
        let stages = Expected::after(&all, Of::Place).unwrap().stages;
        let names: Vec<&str> = stages.keys().map(StageName::as_str).collect();
        assert_eq!(names, ["BUILD"]);
        let build = &stages[&StageName::parse("BUILD").unwrap()];
        assert_eq!((build.seconds.to_bits(), build.p95.to_bits()), (10f64.to_bits(), 12f64.to_bits()));
    }

    proptest! {
        #[test]
        fn it_depends_on_no_order_and_lies_within_what_was_measured(
            values in proptest::collection::vec(0u32..100_000, 8..50), turn in 0usize..50
        ) {
            let all: Vec<Took> = values.iter().map(|n| took(f64::from(*n), &[("A", f64::from(*n) / 2.0)])).collect();
            let mut turned = all.clone();
            turned.rotate_left(turn % all.len());
            turned.reverse();
            let expected = Expected::after(&all, Of::Place).unwrap();
            prop_assert_eq!(&expected, &Expected::after(&turned, Of::Place).unwrap());
            let Usual { seconds, p95, spread, from } = expected.whole;
            let is_one = |seconds: f64| values.iter().any(|n| f64::from(*n).to_bits() == seconds.to_bits());
            prop_assert!(is_one(seconds) && is_one(p95));
            prop_assert!(seconds <= p95 && spread >= 0.0 && from == values.len());
            // At least half are no longer than the median, at least half no shorter.
            let half = values.len().div_ceil(2);
            prop_assert!(values.iter().filter(|n| f64::from(**n) <= seconds).count() >= half);
            prop_assert!(values.iter().filter(|n| f64::from(**n) >= seconds).count() > values.len() - half);
        }
    }
}
