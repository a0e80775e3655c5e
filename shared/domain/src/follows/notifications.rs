//! Which notifications follow from what is recorded, and what each says in plain text.

use crate::event::Failure;
use crate::follows::judged::Judged;
use crate::follows::milestones::Milestone;
use crate::follows::stuck::Stall;
use crate::health::verdict::Reason;
use crate::identifiers::ascii;
use crate::ledger::gated::{self, Override};
use crate::ledger::recording::Record;
use crate::ledger::stages::failed::FailedStage;
use crate::pages_url::{PagesUrl, open_command};
use crate::{Commit, DeploymentId, Environment, Service, Status, Timestamp, Version, label, one_line, page_paths};

mod rules;
mod transition;

pub use rules::NotifyRules;
pub use transition::Transition;

/// What people are notified of one deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    /// What happened.
    pub transition: Transition,
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// What is deployed.
    pub service: Service,
    /// Where.
    pub environment: Environment,
    /// Which version.
    pub version: Option<Version>,
    /// Its commit, where the version alone does not say what is deployed.
    pub commit: Option<Commit>,
    /// Which run of the deployment.
    pub attempt: u32,
    /// When it happened.
    pub at: Timestamp,
    /// How the deployment stands now: different from the transition when the news came late.
    pub status: Status,
    /// What went wrong.
    pub error: Option<Failure>,
    /// The stage that failed, where it is known.
    pub failed_stage: Option<FailedStage>,
    /// In what it stalled, and since when, where it did.
    pub stall: Option<Stall>,
    /// The verdict on it, where that is the news.
    pub judged: Option<Box<Judged>>,
    /// The record that brought it; none where nothing was recorded, as when a deployment is stuck.
    pub record: Option<Box<Record>>,
}

impl Notification {
    /// The notifications that follow from a record.
    #[must_use]
    pub fn of(record: &Record, rules: &NotifyRules) -> Vec<Self> {
        let notification = |milestone: &Milestone, before: Option<&Environment>| {
            let (transition, attempt, failed_stage, error) = match milestone {
                Milestone::Reached { attempt, status, failed_stage } => {
                    let error = record.received.event.error.clone();
                    (Transition::of(*status)?, attempt, failed_stage.clone(), error)
                }
                Milestone::GateOverridden { attempt } => {
                    let how = Override::of(&record.received.event)?.in_words(&record.received.producer);
                    let error = Failure { message: Some(how), code: Some(gated::OVERRIDDEN.to_owned()) };
                    (Transition::GateOverridden, attempt, None, Some(error))
                }
                _ => return None,
            };
            // What was notified when it was known under another environment is not notified again.
            let notifies = rules.notifies(&record.meaning.environment, transition)
                && !before.is_some_and(|before| rules.notifies(before, transition));
            notifies.then(|| Self {
                transition,
                deployment_id: record.deployment_id().clone(),
                service: record.meaning.service.clone(),
                environment: record.meaning.environment.clone(),
                version: record.meaning.version.clone(),
                commit: record.meaning.commit.clone(),
                attempt: *attempt,
                at: record.moment().at,
                status: record.meaning.status,
                error,
                failed_stage,
                stall: None,
                judged: None,
                record: Some(Box::new(record.clone())),
            })
        };
        let mut notifications = Vec::new();
        for milestone in &record.meaning.milestones {
            match milestone {
                Milestone::Named { before, reached, .. } => {
                    notifications.extend(reached.iter().filter_map(|milestone| notification(milestone, Some(before))));
                }
                milestone => notifications.extend(notification(milestone, None)),
            }
        }
        notifications
    }

    /// The same for every delivery of this news: subscribers can drop what they had.
    #[must_use]
    pub fn dedupe_id(&self) -> String {
        let id = format!("{}#{}#{}", self.deployment_id, self.attempt, self.transition.as_str());
        // A deployment can fall silent more than once, and its gate can be overridden more than once.
        match (self.transition, &self.stall) {
            (Transition::Resumed, Some(stall)) => format!("{id}#{}", stall.since.millis()),
            // Each verdict is told once, whatever attempt it is of.
            (Transition::Bad | Transition::Suspect | Transition::GoodAgain, _) => {
                format!("{}##{}", self.deployment_id, self.transition.as_str())
            }
            (Transition::Stuck | Transition::GateOverridden, _) => format!("{id}#{}", self.at.millis()),
            _ => id,
        }
    }

    /// `error`, `warning` or `info`.
    #[must_use]
    pub fn severity(&self) -> &'static str {
        self.transition.severity()
    }

    /// A line of printable ASCII under 100 characters, with names as [`ascii`] writes them.
    #[must_use]
    pub fn subject(&self) -> String {
        let (environment, what) = (ascii(self.environment.as_str()), self.what());
        one_line(&format!("[{environment}] {} {}", ascii(&what), ascii(&self.outcome())), 99)
    }

    /// At most 140 characters.
    #[must_use]
    pub fn sms(&self) -> String {
        one_line(&format!("{}: {} {}", self.environment, self.what(), self.outcome()), 140)
    }

    /// The path of the deployment's page, encoded.
    #[must_use]
    pub fn page(&self) -> String {
        page_paths::deployment(self.deployment_id.as_str())
    }

    /// A few lines for a mail, the last of which leads to the deployment's page: its address, or the command that
    /// opens it where nobody knows where the pages are.
    #[must_use]
    pub fn text(&self, pages: Option<&PagesUrl>) -> String {
        let mut lines = vec![
            format!("{} in {}: {}", self.what(), self.environment, self.transition.words()),
            String::new(),
            format!("Deployment: {} (attempt {})", self.deployment_id, self.attempt),
            format!("At:         {}", self.at),
            format!("Status now: {}", self.status),
        ];
        if let Some(failed) = &self.failed_stage {
            let error = failed.error.as_ref().map_or(String::new(), |error| format!(": {}", error.in_words()));
            lines.push(format!("Failed in:  {}", one_line(&format!("{}{error}", failed.stage), 1000)));
        }
        if let Some(stall) = &self.stall {
            lines.push(format!("Stalled:    {}", one_line(&stall.in_words(), 1000)));
        }
        for said in self.said() {
            lines.push(said);
        }
        if let Some(error) = &self.error {
            lines.push(format!("Error:      {}", one_line(&error.in_words(), 1000)));
        }
        let page = self.page();
        let page = pages.map_or_else(|| open_command(&page), |pages| pages.page(&page));
        lines.push(format!("Page:       {page}"));
        lines.join("\n")
    }

    /// What is said of its verdict, where that is the news, a line each: every reason, and what to do.
    #[must_use]
    pub fn said(&self) -> Vec<String> {
        let Some(judged) = self.judged.as_deref() else { return Vec::new() };
        let because = judged.verdict.reasons.iter().map(Reason::words).chain(judged.because.clone());
        let because = because.map(|reason| format!("Because:    {}", one_line(&reason, 1000)));
        let suggestion = judged.verdict.suggestion.as_ref();
        let suggestion = suggestion.map(|to| format!("Suggestion: {}", one_line(&to.in_words(), 3000)));
        let suggested = judged.verdict.suggested.as_ref();
        let suggested = suggested.map(|to| format!("Suggested:  by itself, {}", one_line(&to.in_words(), 1000)));
        because.chain(suggestion).chain(suggested).collect()
    }

    /// What happened to it, and in which stage: `FAILED in HEALTH_CHECK`; `ROLLED BACK, HEALTH_CHECK failed`.
    #[must_use]
    pub fn outcome(&self) -> String {
        let words = self.transition.words();
        let stage = self.stall.as_ref().and_then(|stall| stall.stage.as_ref());
        if let Some(stage) = stage.filter(|_| self.transition == Transition::Stuck) {
            return format!("{words} in {stage}");
        }
        match (&self.failed_stage, self.transition) {
            (Some(failed), Transition::Failed) => format!("{words} in {}", failed.stage),
            (Some(failed), _) => format!("{words}, {} failed", failed.stage),
            (None, _) => words.to_owned(),
        }
    }

    /// The service, and its version where it is known.
    #[must_use]
    pub fn what(&self) -> String {
        match label(self.version.as_ref().map(Version::as_str), self.commit.as_ref().map(Commit::as_str)) {
            Some(label) => format!("{} {label}", self.service),
            None => self.service.to_string(),
        }
    }
}
