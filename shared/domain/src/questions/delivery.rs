//! How deployments went over a window of time: counts, success rate, durations, stages, the keys of DORA.
//! `docs/metrics.md` defines each figure, with its source.
//!
//! A pure function of what was asked, of the figures of the deployments and incidents that ended, and of what speaks
//! against deployments, in whatever order these come. What is not known is absent: there is no rate of nothing.

mod answer;
pub mod blame;
pub mod by;
mod csv;
pub mod failures;
pub mod of_day;
mod part;
pub(in crate::questions) mod sample;
mod window;

use std::collections::BTreeMap;

use crate::identifiers::{Environment, Service, StageName};
use crate::ledger::figures::{Figures, StageFigures};
use crate::questions::asked::Asked;
use crate::{DeploymentId, Settings, Status, Subject, Timestamp};

pub use answer::{
    Because, ChangeFailures, Counted, Difference, Dora, Durations, Group, Metrics, Outcomes, Period, Previous,
    StageMetrics,
};
pub use failures::{Against, Facts, How};
pub use of_day::OfDay;
pub use part::{Part, Team};
pub use window::{Hours, Window};

use failures::Failures;
use sample::Sample;

/// A deployment, or an incident, that ended, with its figures.
pub type Ended = (DeploymentId, Figures);

/// Deployments, and incidents.
type Split<'f> = (Vec<&'f Ended>, Vec<&'f Ended>);

/// Of which deployments metrics are asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The environment that is named.
    pub named: Option<Environment>,
    /// Only of these environments.
    pub environment: Asked<Environment>,
    /// Only of this service.
    pub service: Asked<Service>,
    /// Of those that ended in this window.
    pub window: Window,
    /// Only of this part.
    pub part: Part,
}

impl Question {
    /// A question of an environment, or without one of those that the settings call production; of all where they call
    /// none so.
    #[must_use]
    pub fn new(asked: Asked<Environment>, service: Asked<Service>, window: Window, settings: &Settings) -> Self {
        let named = asked.name().cloned();
        let environment = if named.is_some() { asked } else { Asked::any_of(settings.production()) };
        Self { named, environment, service, window, part: Part::default() }
    }

    /// The same question of a part.
    #[must_use]
    pub fn of_part(self, part: Part) -> Self {
        Self { part, ..self }
    }

    /// The answer, from what is known of deployments and incidents that have ended. Those that were not asked for
    /// don't count.
    #[must_use]
    pub fn answer(&self, facts: &Facts) -> Metrics {
        let (ended, incidents, failures) = self.asked_for(facts);
        let dora = dora(&self.window, (&ended, &incidents), &failures);
        let ended: Vec<&Figures> = ended.into_iter().map(|(_, figures)| figures).collect();
        let outcomes = Outcomes::of(ended.iter().map(|figures| figures.status));
        let completed = ended.iter().filter(|figures| figures.status == Status::Completed);
        Metrics {
            environment: self.named.as_ref().map(ToString::to_string),
            environments: self.counted(),
            service: self.service.name().map(ToString::to_string),
            team: self.part.team.as_ref().map(|team| team.name.to_string()),
            release: self.part.release.as_ref().map(ToString::to_string),
            from: self.window.from().to_string(),
            to: self.window.to().to_string(),
            deployments: outcomes,
            success_rate: outcomes.success_rate(),
            duration_seconds: Sample::of(completed.filter_map(|figures| figures.duration_seconds)).durations(),
            stages: stages(&ended),
            dora,
            trend: trend(&self.window, &ended),
            groups: None,
            previous: None,
        }
    }

    /// The figures of each group of what ended, in the order of their names; what is in none comes last. A failure is
    /// restored by whatever restored it, in whichever group that is.
    #[must_use]
    pub fn groups(&self, facts: &Facts, group: impl Fn(&Figures) -> Option<String>) -> Vec<Group> {
        let (ended, incidents, failures) = self.asked_for(facts);
        let mut groups: BTreeMap<(bool, Option<String>), Split<'_>> = BTreeMap::new();
        for one in ended {
            let name = group(&one.1);
            groups.entry((name.is_none(), name)).or_default().0.push(one);
        }
        for one in incidents {
            let name = group(&one.1);
            groups.entry((name.is_none(), name)).or_default().1.push(one);
        }
        let groups = groups.into_iter().map(|((_, name), (ended, incidents))| {
            let deployments = Outcomes::of(ended.iter().map(|(_, figures)| figures.status));
            let dora = dora(&self.window, (&ended, &incidents), &failures);
            Group { name, deployments, success_rate: deployments.success_rate(), dora }
        });
        groups.collect()
    }

    /// What is asked for of all that ended: deployments, and incidents; and which of these failed, as all that ended in
    /// these environments tells.
    fn asked_for<'f>(&self, facts: &'f Facts) -> (Vec<&'f Ended>, Vec<&'f Ended>, Failures<'f>) {
        let asked = facts.ended.iter().filter(|(_, figures)| self.asks_for(figures));
        let (incidents, ended): Split<'f> = asked.partition(|(_, figures)| match figures.subject {
            Subject::Incident => true,
            // Nothing of an environment ends.
            Subject::Deployment | Subject::Environment | Subject::Verdicts | Subject::Observations => false,
        });
        let failures = Failures::of(&ended, facts, &self.window);
        let of_part =
            |some: Vec<&'f Ended>| some.into_iter().filter(|(_, figures)| self.part.includes(figures)).collect();
        (of_part(ended), of_part(incidents), failures)
    }

    /// The same question of what ended in some environments since a time.
    #[must_use]
    pub fn since(&self, from: Timestamp, environments: Vec<Environment>) -> Self {
        Self { environment: Asked::any_of(environments), window: self.window.since(from), ..self.clone() }
    }

    /// The same question of the window before.
    #[must_use]
    pub fn before(&self) -> Self {
        Self { window: self.window.before(), ..self.clone() }
    }

    fn counted(&self) -> Counted {
        let because = match (&self.named, self.environment.name()) {
            (Some(_), _) => Because::Asked,
            (None, Some(_)) => Because::Production,
            (None, None) => Because::All,
        };
        let names = match because {
            Because::All => None,
            Because::Asked => self.named.as_ref().map(|name| vec![name.to_string()]),
            Because::Production => Some(self.environment.names().iter().map(ToString::to_string).collect()),
        };
        Counted { names, because }
    }

    /// Whether these are figures of something that is asked for.
    #[must_use]
    pub fn asks_for(&self, figures: &Figures) -> bool {
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
fn dora(window: &Window, (ended, incidents): (&[&Ended], &[&Ended]), failures: &Failures<'_>) -> Dora {
    let reached = ended.iter().filter(|(_, figures)| figures.reached).count() as u64;
    let alone = incidents.iter().filter(|(id, _)| !failures.explains(id));
    let resolved = alone.filter_map(|(_, incident)| incident.duration_seconds);
    let counts = failures.counts(ended);
    Dora {
        deployments_per_day: reached as f64 / window.days(),
        change_failures: counts,
        change_failure_rate: percent(counts.total, reached),
        deployment_rework_rate: percent(failures.reworks(ended), reached),
        median_lead_time_seconds: Sample::of(ended.iter().flat_map(|(_, figures)| figures.lead_times())).median(),
        median_time_to_restore_seconds: Sample::of(failures.recoveries(ended).chain(resolved)).median(),
    }
}

fn trend(window: &Window, ended: &[&Figures]) -> Vec<Period> {
    let periods = window.periods().into_iter().map(|(from, to)| {
        let within = ended.iter().filter(|figures| (from..to).contains(&figures.finished_at));
        let outcomes = Outcomes::of(within.map(|figures| figures.status));
        Period { from: from.to_string(), to: to.to_string(), outcomes }
    });
    periods.collect()
}
