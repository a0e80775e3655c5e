//! A recount: straight from the definitions and from the summaries, one figure at a time, without any
//! thought of speed.

use std::collections::BTreeSet;

use domain::questions::delivery::{Against, Because, ChangeFailures, Counted, How, Question};
use domain::questions::delivery::{Dora, Durations, Metrics, Outcomes, Period, StageMetrics};
use domain::{DeploymentId, Status, Summary, Timestamp};

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

/// When what a deployment brought was there.
fn landed(d: &Summary) -> Option<Timestamp> {
    let completed = d.attempts.values().filter_map(|attempt| attempt.completed).max();
    let end = d.finished_at().unwrap();
    match d.status() {
        Status::RolledBack => completed.or(d.attempts[&d.attempt()].began).filter(|at| *at <= end),
        Status::Failed => completed.filter(|at| *at <= end),
        _ => Some(end),
    }
}

fn dora(question: &Question, ended: &[&Summary], incidents: &[&Summary], others: &[Against]) -> Dora {
    let (from, to) = (question.window.from(), question.window.to());
    let completions = |d: &Summary| d.attempts.values().filter_map(|attempt| attempt.completed).max();
    let reached: Vec<&&Summary> =
        ended.iter().filter(|d| completions(d).is_some() || d.status() == Status::RolledBack).collect();
    // What speaks against one: how, when, when it was over, and by which history.
    let against = |d: &Summary| -> Vec<(How, Timestamp, Option<Timestamp>, DeploymentId)> {
        let id = &d.deployment_id;
        let end = d.finished_at().unwrap();
        let own = match d.status() {
            Status::RolledBack => Some((How::Undone, end, None, id.clone())),
            Status::Failed => Some((How::FailedAfter, end, None, id.clone())),
            _ => None,
        };
        let is_reached = |by: &DeploymentId| reached.iter().any(|other| other.deployment_id == *by);
        let others = others.iter().filter(|one| one.deployment_id == *id && one.at < to);
        // What replaced it counts itself, and like an incident that it began, is in the window.
        let others = others.filter(|one| one.how != How::Undone || is_reached(&one.by));
        let others = others.filter(|one| one.at >= from || matches!(one.how, How::JudgedBad | How::FailedAfter));
        own.into_iter().chain(others.map(|one| (one.how, one.at, one.over_at, one.by.clone()))).collect()
    };
    let (mut counts, mut lead, mut restored) = ([0_u64; 5], Vec::new(), Vec::new());
    let (mut reworks, mut explained) = (BTreeSet::new(), BTreeSet::new());
    for d in &reached {
        let current = &d.attempts[&d.attempt()];
        let since = |at: Timestamp| {
            let completed = current.completed.filter(|completed| *completed >= at);
            completed.map(|completed| completed.seconds_since(at))
        };
        let of_each: Vec<f64> = d.commits.times().filter_map(since).collect();
        lead.extend(if of_each.is_empty() { d.committed_at.and_then(since).into_iter().collect() } else { of_each });
        let evidence = against(d);
        if evidence.is_empty() {
            continue;
        }
        counts[4] += 1;
        for (count, how) in counts.iter_mut().zip([How::Undone, How::FailedAfter, How::JudgedBad, How::Incident]) {
            *count += u64::from(evidence.iter().any(|one| one.0 == how));
        }
        explained.extend(evidence.iter().map(|one| one.3.clone()));
        let first = evidence.iter().map(|one| one.1).min().unwrap();
        let nothing_before = evidence.iter().any(|one| one.0 == How::Undone && one.1 == first);
        let begun = if nothing_before { landed(d).filter(|at| *at <= first) } else { Some(first) };
        let Some(begun) = begun else { continue };
        let place = |d: &Summary| (d.service(), d.environment());
        let at = |d: &Summary| landed(d).unwrap_or(d.finished_at().unwrap());
        let later: Vec<&&&Summary> = reached
            .iter()
            .filter(|other| other.deployment_id != d.deployment_id && place(other) == place(d) && at(other) > begun)
            .collect();
        let good = later.iter().filter(|other| other.status() == Status::Completed && against(other).is_empty());
        let over = evidence
            .iter()
            .flat_map(|(how, at, over, _)| [(*how == How::Undone).then_some(*at), over.filter(|over| *over < to)]);
        let over = over.flatten().filter(|over| *over >= begun).chain(good.map(|other| at(other))).min();
        restored.extend(over.map(|over| over.seconds_since(begun)));
        let meanwhile = later.iter().filter(|other| over.is_none_or(|over| at(other) <= over));
        reworks.extend(meanwhile.map(|other| other.deployment_id.clone()));
    }
    let alone = incidents.iter().filter(|incident| !explained.contains(&incident.deployment_id));
    restored.extend(alone.filter_map(|incident| incident.attempts[&incident.attempt()].duration_seconds()));
    let percent = |part: u64| (!reached.is_empty()).then(|| 100.0 * part as f64 / reached.len() as f64);
    let [undone, failed_after, judged_bad, by_incident, total] = counts;
    Dora {
        deployments_per_day: reached.len() as f64 / (to.seconds_since(from) / 3600.0 / 24.0),
        change_failures: ChangeFailures {
            undone,
            failed_after,
            judged_bad: Some(judged_bad),
            incidents: by_incident,
            total,
        },
        change_failure_rate: percent(total),
        deployment_rework_rate: percent(reworks.len() as u64),
        median_lead_time_seconds: percentile(&lead, 50),
        median_time_to_restore_seconds: percentile(&restored, 50),
    }
}

/// What a question's answer must be, of all these deployments and incidents.
pub(crate) fn recount(question: &Question, summaries: &[Summary], others: &[Against]) -> Metrics {
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
        environment: question.named.clone().map(String::from),
        environments: match &question.named {
            Some(name) => Counted { names: Some(vec![name.to_string()]), because: Because::Asked },
            None => Counted { names: None, because: Because::All },
        },
        service: question.service.name().cloned().map(String::from),
        team: None,
        release: None,
        from: from.to_string(),
        to: to.to_string(),
        deployments: counts,
        success_rate,
        duration_seconds: durations(&took),
        stages: stages(&ended),
        dora: dora(question, &ended, &ended_in(true, from, to), others),
        trend,
        groups: None,
        previous: None,
    }
}
