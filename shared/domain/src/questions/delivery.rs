//! How deployments went over a window of time: counts, success rate, durations, stages, the four keys
//! of DORA. `docs/metrics.md` defines each figure, with its source.
//!
//! A pure function of what was asked and of the figures of the deployments and incidents that ended, in
//! whatever order these come. Incidents count for the time to restore alone. What is not known is absent:
//! there is no rate of nothing.

mod answer;
pub(in crate::questions) mod sample;
mod window;

use std::collections::BTreeMap;

use crate::identifiers::{Environment, Service, StageName};
use crate::ledger::figures::{Figures, StageFigures};
use crate::questions::asked::Asked;
use crate::{Status, Subject, Timestamp};

pub use answer::{Dora, Durations, Metrics, Outcomes, Period, StageMetrics};
pub use window::{Hours, Window};

use sample::Sample;

/// Of which deployments metrics are asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Only of this environment.
    pub environment: Asked<Environment>,
    /// Only of this service.
    pub service: Asked<Service>,
    /// Of those that ended in this window.
    pub window: Window,
}

impl Question {
    /// The answer, from the figures of deployments and incidents that have ended. Those that were not
    /// asked for don't count.
    #[must_use]
    pub fn answer(&self, figures: &[Figures]) -> Metrics {
        let asked = figures.iter().filter(|figures| self.asks_for(figures));
        let (incidents, ended): (Vec<&Figures>, Vec<&Figures>) = asked.partition(|figures| match figures.subject {
            Subject::Incident => true,
            // Nothing of an environment ends.
            Subject::Deployment | Subject::Environment | Subject::Verdicts | Subject::Observations => false,
        });
        let outcomes = Outcomes::of(ended.iter().map(|figures| figures.status));
        let completed = ended.iter().filter(|figures| figures.status == Status::Completed);
        Metrics {
            environment: self.environment.name().map(ToString::to_string),
            service: self.service.name().map(ToString::to_string),
            from: self.window.from().to_string(),
            to: self.window.to().to_string(),
            deployments: outcomes,
            success_rate: outcomes.success_rate(),
            duration_seconds: Sample::of(completed.filter_map(|figures| figures.duration_seconds)).durations(),
            stages: stages(&ended),
            dora: dora(&self.window, &ended, &incidents),
            trend: trend(&self.window, &ended),
        }
    }

    fn asks_for(&self, figures: &Figures) -> bool {
        self.window.contains(figures.finished_at)
            && self.environment.includes(&figures.environment)
            && self.service.includes(&figures.service)
    }
}

impl Outcomes {
    /// Counts these; what has not ended does not count.
    fn of(statuses: impl Iterator<Item = Status>) -> Self {
        let mut outcomes = Self::default();
        for status in statuses {
            match status {
                Status::Completed => outcomes.completed += 1,
                Status::Failed => outcomes.failed += 1,
                Status::RolledBack => outcomes.rolled_back += 1,
                Status::Cancelled => outcomes.cancelled += 1,
                Status::Pending | Status::InProgress | Status::Validating => {}
            }
        }
        outcomes
    }

    /// Percent. What was cancelled counts in neither direction.
    fn success_rate(&self) -> Option<f64> {
        percent(self.completed, self.completed + self.failed + self.rolled_back)
    }
}

/// `part` of `whole` in percent; none of nothing.
#[expect(clippy::cast_precision_loss, reason = "a count of deployments fits a double exactly")]
fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| 100.0 * part as f64 / whole as f64)
}

fn stages(ended: &[&Figures]) -> Vec<StageMetrics> {
    let mut stages: BTreeMap<&StageName, Vec<&StageFigures>> = BTreeMap::new();
    for figures in ended.iter().flat_map(|figures| &figures.stages) {
        stages.entry(&figures.stage).or_default().push(figures);
    }
    let metrics = stages.into_iter().map(|(name, stages)| {
        let outcomes = Outcomes::of(stages.iter().map(|stage| stage.status));
        let completed = stages.iter().filter(|stage| stage.status == Status::Completed);
        StageMetrics {
            stage: name.to_string(),
            outcomes,
            success_rate: outcomes.success_rate(),
            duration_seconds: Sample::of(completed.filter_map(|stage| stage.duration_seconds)).durations(),
        }
    });
    metrics.collect()
}

#[expect(clippy::cast_precision_loss, reason = "a count of deployments fits a double exactly")]
fn dora(window: &Window, ended: &[&Figures], incidents: &[&Figures]) -> Dora {
    let count = |counts: fn(&Figures) -> bool| ended.iter().filter(|figures| counts(figures)).count() as u64;
    let reached = count(|figures| figures.reached);
    let resolved = incidents.iter().filter_map(|incident| incident.duration_seconds);
    Dora {
        deployments_per_day: reached as f64 / window.days(),
        change_failure_rate: percent(count(Figures::is_change_failure), reached),
        median_lead_time_seconds: Sample::of(ended.iter().filter_map(|figures| figures.lead_time_seconds)).median(),
        median_time_to_restore_seconds: Sample::of(restored(ended).into_iter().chain(resolved)).median(),
    }
}

/// How long it took until each change failure was made good, in seconds, as far as it was.
fn restored(ended: &[&Figures]) -> Vec<f64> {
    let mut completions: BTreeMap<(&Environment, &Service), Vec<Timestamp>> = BTreeMap::new();
    for figures in ended.iter().filter(|figures| figures.status == Status::Completed) {
        completions.entry((&figures.environment, &figures.service)).or_default().push(figures.finished_at);
    }
    for completions in completions.values_mut() {
        completions.sort_unstable();
    }
    let next = |figures: &Figures| {
        let completions = completions.get(&(&figures.environment, &figures.service))?;
        let later = completions.partition_point(|completed_at| *completed_at <= figures.finished_at);
        Some(completions.get(later)?.seconds_since(figures.finished_at))
    };
    let failures = ended.iter().filter(|figures| figures.is_change_failure());
    // A rollback is itself what makes good; a failure is made good by what is deployed after it.
    failures
        .filter_map(|figures| match figures.status {
            Status::RolledBack => figures.stood_seconds,
            _ => next(figures),
        })
        .collect()
}

fn trend(window: &Window, ended: &[&Figures]) -> Vec<Period> {
    let periods = window.periods().into_iter().map(|(from, to)| {
        let within = ended.iter().filter(|figures| (from..to).contains(&figures.finished_at));
        let outcomes = Outcomes::of(within.map(|figures| figures.status));
        Period { from: from.to_string(), to: to.to_string(), outcomes }
    });
    periods.collect()
}
