//! What a person enters, and no pipeline reports: as the event that is recorded. The command line and the forms of the
//! pages make the same ones.

use domain::event::{Reason, Verdict};
use domain::{Commit, Service, Timestamp, Version};
use serde_json::{Value, json};

/// What happened, in the words of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// A version was deployed.
    Completed,
    /// It was tried, and failed.
    Failed,
    /// An earlier version was brought back.
    RolledBack,
    /// The service was taken out of the environment.
    Removed,
}

impl Happened {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Completed, Self::Failed, Self::RolledBack, Self::Removed];

    /// As it stands in a form.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::RolledBack => "rolled-back",
            Self::Removed => "removed",
        }
    }

    /// Reads the exact word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|happened| happened.as_str() == text)
    }

    /// The status of its event, and the type where it is not a deployment's.
    fn status(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Completed => ("COMPLETED", None),
            Self::Failed => ("FAILED", None),
            Self::RolledBack => ("ROLLED_BACK", None),
            Self::Removed => ("COMPLETED", Some("removal")),
        }
    }
}

/// A deployment that a person enters, as it was typed.
#[derive(Debug, Clone, Copy)]
pub struct ByHand<'a> {
    /// What makes it one: entered twice it is recorded once.
    pub id: &'a str,
    /// What happened.
    pub happened: Happened,
    /// The service.
    pub service: &'a str,
    /// The environment.
    pub environment: &'a str,
    /// The version: of a rollback the one that runs again.
    pub version: Option<&'a str>,
    /// Its commit.
    pub commit: Option<&'a str>,
    /// The region.
    pub region: Option<&'a str>,
    /// When it happened, RFC 3339; else when it is received.
    pub occurred_at: Option<&'a str>,
    /// Free text.
    pub notes: Option<&'a str>,
    /// Who enters it, where that is known.
    pub actor: Option<&'a str>,
}

impl ByHand<'_> {
    /// The deployment's id.
    #[must_use]
    pub fn deployment_id(id: &str) -> String {
        format!("by-hand-{id}")
    }

    /// The event.
    #[must_use]
    pub fn event(&self) -> Value {
        let (status, kind) = self.happened.status();
        let version = if self.happened == Happened::RolledBack { "rollbackTo" } else { "version" };
        let event = json!({
            "deploymentId": Self::deployment_id(self.id), "eventId": self.id, "status": status,
            "service": self.service, "environment": self.environment, "triggeredBy": trigger(self.actor),
        });
        with(
            event,
            [
                ("type", kind),
                (version, self.version),
                ("commit", self.commit),
                ("region", self.region),
                ("occurredAt", self.occurred_at),
                ("notes", self.notes),
            ],
        )
    }
}

/// What a person says of a version: that it is bad, or that it is cleared.
#[derive(Debug, Clone, Copy)]
pub struct JudgedVersion<'a> {
    /// What makes it one, where it has an id: entered twice it is recorded once.
    pub id: Option<&'a str>,
    /// What is said.
    pub outcome: Verdict,
    /// The service.
    pub service: &'a Service,
    /// The version, or none where a commit is judged.
    pub version: Option<&'a Version>,
    /// The commit.
    pub commit: Option<&'a Commit>,
    /// Where it is said of; none for everywhere.
    pub environment: Option<&'a str>,
    /// Why.
    pub reason: &'a Reason,
    /// When it is said, where that is not when it is received.
    pub at: Option<Timestamp>,
    /// Who says so, where it is not whoever sends it.
    pub actor: Option<&'a str>,
}

impl JudgedVersion<'_> {
    /// The event.
    #[must_use]
    pub fn event(&self) -> Value {
        let event = json!({
            "type": "verdict", "service": self.service, "outcome": self.outcome, "reason": self.reason,
            "triggeredBy": trigger(self.actor),
        });
        let at = self.at.map(String::from);
        with(
            event,
            [
                ("eventId", self.id),
                ("occurredAt", at.as_deref()),
                ("version", self.version.map(Version::as_str)),
                ("commit", self.commit.map(Commit::as_str)),
                ("environment", self.environment),
            ],
        )
    }
}

/// A note on a deployment, in its current attempt, as its event. Who writes it is who sends it.
#[must_use]
pub fn note(deployment_id: &str, attempt: u32, id: &str, text: &str) -> Value {
    json!({
        "deploymentId": deployment_id, "type": "note", "status": "COMPLETED", "attempt": attempt,
        "eventId": format!("note-{id}"), "notes": text,
    })
}

/// A person triggered it; who that is, where it is said.
fn trigger(actor: Option<&str>) -> Value {
    with(json!({"kind": "MANUAL"}), [("actor", actor)])
}

/// The same with those fields that have a value.
fn with<const N: usize>(mut event: Value, fields: [(&str, Option<&str>); N]) -> Value {
    for (field, value) in fields.into_iter().filter_map(|(field, value)| Some((field, value?))) {
        event[field] = json!(value);
    }
    event
}
