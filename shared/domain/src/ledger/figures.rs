//! What metrics need to know of a deployment, or an incident, that has ended.
//!
//! These few facts are kept beside its summary, and in an index by the time of its end: so a window of
//! time is answered by reading the index alone. They are facts and not results: what counts for what is
//! decided where they are read ([`delivery`](crate::questions::delivery)).

use serde::{Deserialize, Serialize};

use crate::health::watched::may_speak_against;
use crate::identifiers::{Environment, Label, Service, StageName};
use crate::ledger::attempt::Attempt;
use crate::ledger::summary::Summary;
use crate::subject::as_incident;
use crate::time::as_millis;
use crate::{Status, Subject, Timestamp};

/// The facts of one ended deployment or incident. Short names: it is stored twice, and its size is what an index
/// is billed by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Where it went.
    #[serde(rename = "env")]
    pub environment: Environment,
    /// What was deployed.
    #[serde(rename = "svc")]
    pub service: Service,
    /// What it is: an incident counts for the time to restore, and for nothing else.
    #[serde(rename = "incident", default, with = "as_incident", skip_serializing_if = "Subject::is_deployment")]
    pub subject: Subject,
    /// How it ended.
    pub status: Status,
    /// When it ended.
    #[serde(rename = "at", with = "as_millis")]
    pub finished_at: Timestamp,
    /// Whether it reached its environment: one of its attempts completed, or it was rolled back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reached: bool,
    /// How long its last attempt took, in seconds, as far as it is known.
    #[serde(rename = "took", default, skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<f64>,
    /// From its commit to the completion of its last attempt, in seconds.
    #[serde(rename = "lead", default, skip_serializing_if = "Option::is_none")]
    pub lead_time_seconds: Option<f64>,
    /// The same of each commit that it brings, where it names them: these count then.
    #[serde(rename = "leads", default, skip_serializing_if = "Vec::is_empty")]
    pub lead_times_seconds: Vec<f64>,
    /// How long what was rolled back had been there, in seconds: since it completed, or since its last
    /// attempt began when it never completed. Of what failed after it had completed: since it completed.
    #[serde(rename = "stood", default, skip_serializing_if = "Option::is_none")]
    pub stood_seconds: Option<f64>,
    /// The release that it is part of.
    #[serde(rename = "rel", default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Label>,
    /// Whether its own events say anything of how it went that can be bad: a failed health check, a health score below
    /// 100, or errors. By which bounds it is, and whether that was in time, is judged where it is asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub measured: bool,
    /// Its stages that have ended, of all attempts that its summary keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<StageFigures>,
}

/// The facts of one ended stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Row", into = "Row")]
pub struct StageFigures {
    /// What it is called.
    pub stage: StageName,
    /// How it ended.
    pub status: Status,
    /// How long it took, in seconds, as far as it is known.
    pub duration_seconds: Option<f64>,
}

type Row = (StageName, Status, Option<f64>);

impl Figures {
    /// The figures of a deployment or an incident that has ended. None of one that has not, or whose end
    /// nobody reported, and none of a removal: it brings no version anywhere.
    #[must_use]
    pub fn of(summary: &Summary) -> Option<Self> {
        let reported = summary.outcome.as_ref().is_some_and(|outcome| !outcome.order.is_concluded());
        let finished_at = summary.finished_at().filter(|_| reported && !summary.is_removal())?;
        let status = summary.status();
        let subject = summary.deployment_id.subject();
        let current = summary.attempts.get(&summary.attempt());
        let completed = summary.attempts.values().filter_map(|attempt| attempt.completed).max();
        let rolled_back = status == Status::RolledBack;
        let lead_time = |(attempt, committed_at): (&Attempt, Timestamp)| attempt.lead_time_seconds(committed_at);
        let of_each =
            |attempt: &Attempt| summary.commits.times().filter_map(|at| attempt.lead_time_seconds(at)).collect();
        // What is known of it only by its end does not say how long it had been there.
        let there_since = match status {
            Status::RolledBack => completed.or_else(|| current?.began),
            Status::Failed => completed,
            _ => None,
        };
        Some(Self {
            environment: summary.environment(),
            service: summary.service(),
            subject,
            status,
            finished_at,
            reached: match subject {
                Subject::Deployment => completed.is_some() || rolled_back,
                Subject::Incident | Subject::Environment | Subject::Verdicts | Subject::Observations => false,
            },
            duration_seconds: summary.duration_seconds(),
            lead_time_seconds: current.zip(summary.committed_at).and_then(lead_time),
            lead_times_seconds: current.map(of_each).unwrap_or_default(),
            // Negative when the clocks of its senders disagree.
            stood_seconds: there_since.map(|since| finished_at.seconds_since(since)).filter(|seconds| *seconds >= 0.0),
            release: summary.named().release,
            measured: subject == Subject::Deployment && may_speak_against(summary),
            stages: stages(summary),
        })
    }

    /// Whether it had to be undone: it was rolled back, or failed after it had completed.
    #[must_use]
    pub fn is_change_failure(&self) -> bool {
        self.reached && matches!(self.status, Status::RolledBack | Status::Failed)
    }

    /// From each of its changes to its completion, in seconds: from its commits, or from the one that is deployed.
    pub fn lead_times(&self) -> impl Iterator<Item = f64> {
        let one = self.lead_time_seconds.filter(|_| self.lead_times_seconds.is_empty());
        self.lead_times_seconds.iter().copied().chain(one)
    }

    /// When what it brought was there, as far as that is known: when it completed, also where it was undone later.
    #[must_use]
    pub fn landed_at(&self) -> Option<Timestamp> {
        let ended = matches!(self.status, Status::RolledBack | Status::Failed);
        match self.stood_seconds.filter(|_| ended) {
            #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds, of fewer years than fit")]
            Some(stood) => Some(self.finished_at.plus_millis(-((stood * 1000.0).round() as i64))),
            None => (self.reached && !ended).then_some(self.finished_at),
        }
    }
}

fn stages(summary: &Summary) -> Vec<StageFigures> {
    let ended = summary.stage_rows().into_iter().filter(|row| row.finished_at.is_some());
    let figures =
        ended.map(|row| StageFigures { stage: row.stage, status: row.status, duration_seconds: row.duration_seconds });
    figures.collect()
}

impl From<Row> for StageFigures {
    fn from((stage, status, duration_seconds): Row) -> Self {
        Self { stage, status, duration_seconds }
    }
}

impl From<StageFigures> for Row {
    fn from(figures: StageFigures) -> Self {
        (figures.stage, figures.status, figures.duration_seconds)
    }
}
