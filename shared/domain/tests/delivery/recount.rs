//! A recount: straight from the definitions and from the summaries, one figure at a time, without any
//! thought of speed.

use domain::questions::delivery::Question;
use domain::questions::delivery::{Dora, Durations, Metrics, Outcomes, Period, StageMetrics};
use domain::{Status, Summary, Timestamp};

use super::MINUTE;

/// The least value that is no smaller than so many percent of all.
fn percentile(values: &[f64], percent: usize) -> Option<f64> {
    let enough = |value: &f64| values.iter().filter(|other| *other <= value).count() * 100 >= percent * values.len();
    values.iter().copied().filter(enough).min_by(f64::total_cmp)
}

fn durations(values: &[f64]) -> Option<Durations> {
    Some(Durations {
        count: values.len() as u64,
        average: values.iter().map(|value| value / values.len() as f64).sum(),
        p50: percentile(values, 50)?,
        p95: percentile(values, 95)?,
        maximum: values.iter().copied().max_by(f64::total_cmp)?,
    })
}

fn outcomes(statuses: &[Status]) -> (Outcomes, Option<f64>) {
    let count = |status| statuses.iter().filter(|other| **other == status).count() as u64;
    let outcomes = Outcomes {
        completed: count(Status::Completed),
        failed: count(Status::Failed),
        rolled_back: count(Status::RolledBack),
        cancelled: count(Status::Cancelled),
    };
    let counted = statuses.len() as u64 - outcomes.cancelled;
    (outcomes, (counted > 0).then(|| 100.0 * outcomes.completed as f64 / counted as f64))
}

/// The stages of these deployments that have ended, by name.
fn stages(ended: &[&Summary]) -> Vec<StageMetrics> {
    let mut stages = Vec::new();
    for name in ["s0", "s1", "s2"] {
        let (mut statuses, mut took) = (Vec::new(), Vec::new());
        for row in ended.iter().flat_map(|d| d.stage_rows()).filter(|row| row.stage.as_str() == name) {
            if row.finished_at.is_some() {
                statuses.push(row.status);
                took.extend(row.duration_seconds.filter(|_| row.status == Status::Completed));
            }
        }
        let (outcomes, success_rate) = outcomes(&statuses);
        if !statuses.is_empty() {
            let stage = name.to_owned();
            stages.push(StageMetrics { stage, outcomes, success_rate, duration_seconds: durations(&took) });
        }
    }
    stages
}

fn dora(question: &Question, ended: &[&Summary], incidents: &[&Summary]) -> Dora {
    let completions = |d: &Summary| d.attempts.values().filter_map(|attempt| attempt.completed).max();
    let reached: Vec<&&Summary> =
        ended.iter().filter(|d| completions(d).is_some() || d.status() == Status::RolledBack).collect();
    let (mut failures, mut lead, mut restored) = (0_u64, Vec::new(), Vec::new());
    for d in &reached {
        let current = &d.attempts[&d.attempt()];
        lead.extend(d.committed_at.and_then(|committed_at| current.lead_time_seconds(committed_at)));
        let end = d.finished_at().unwrap();
        match d.status() {
            Status::RolledBack => {
                failures += 1;
                let since = completions(d).or(current.began);
                restored.extend(since.filter(|since| *since <= end).map(|since| end.seconds_since(since)));
            }
            Status::Failed => {
                failures += 1;
                let same = |other: &&&Summary| (other.service(), other.environment()) == (d.service(), d.environment());
                let completed = ended.iter().filter(same).filter(|other| other.status() == Status::Completed);
                let later = completed.filter_map(|other| other.finished_at()).filter(|at| *at > end);
                restored.extend(later.min().map(|at| at.seconds_since(end)));
            }
            _ => {}
        }
    }
    restored.extend(incidents.iter().filter_map(|incident| incident.attempts[&incident.attempt()].duration_seconds()));
    let hours = question.window.to().seconds_since(question.window.from()) / 3600.0;
    Dora {
        deployments_per_day: reached.len() as f64 / (hours / 24.0),
        change_failure_rate: (!reached.is_empty()).then(|| 100.0 * failures as f64 / reached.len() as f64),
        median_lead_time_seconds: percentile(&lead, 50),
        median_time_to_restore_seconds: percentile(&restored, 50),
    }
}

/// What a question's answer must be, of all these deployments and incidents.
pub(crate) fn recount(question: &Question, summaries: &[Summary]) -> Metrics {
    let (from, to) = (question.window.from(), question.window.to());
    let ended_in = |incident: bool, from: Timestamp, to: Timestamp| -> Vec<&Summary> {
        let asked = |d: &&Summary| {
            question.environment.includes(&d.environment())
                && question.service.includes(&d.service())
                && !d.endings.iter().any(|ending| ending.removal && ending.order.attempt() == d.attempt())
                && d.finished_at().is_some_and(|at| from <= at && at < to)
                && d.deployment_id.as_str().starts_with("incident:") == incident
        };
        summaries.iter().filter(asked).collect()
    };
    let statuses = |ended: &[&Summary]| ended.iter().map(|d| d.status()).collect::<Vec<_>>();
    let ended = ended_in(false, from, to);
    let (counts, success_rate) = outcomes(&statuses(&ended));
    let completed = ended.iter().filter(|d| d.status() == Status::Completed);
    let took: Vec<f64> = completed.filter_map(|d| d.duration_seconds()).collect();
    let period = if to.seconds_since(from) <= 48.0 * 3600.0 { 60 * MINUTE } else { 24 * 60 * MINUTE };
    let mut trend = Vec::new();
    let mut end = to;
    while end > from {
        let begin = end.plus_millis(-period).max(from);
        let (outcomes, _) = outcomes(&statuses(&ended_in(false, begin, end)));
        trend.insert(0, Period { from: begin.to_string(), to: end.to_string(), outcomes });
        end = begin;
    }
    Metrics {
        environment: question.environment.name().cloned().map(String::from),
        service: question.service.name().cloned().map(String::from),
        from: from.to_string(),
        to: to.to_string(),
        deployments: counts,
        success_rate,
        duration_seconds: durations(&took),
        stages: stages(&ended),
        dora: dora(question, &ended, &ended_in(true, from, to)),
        trend,
    }
}
