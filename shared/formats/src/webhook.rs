use std::fmt;

use domain::Timestamp;
use serde_json::Value;

use crate::payload::Payload;
use crate::proof::{Proof, Secret, Unproven};
use crate::reading::{Read, Reading};
use crate::rejection::Rejection;
use crate::source::{Intake, WebhookIntake};
use crate::sources::SOURCES;

/// A tool whose webhooks are taken: a row of the table of [sources](SOURCES).
#[derive(Clone, Copy)]
pub struct Webhook {
    name: &'static str,
    intake: &'static WebhookIntake,
}

impl Webhook {
    /// All of them, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        SOURCES.iter().filter_map(|source| match &source.intake {
            Intake::Webhook(intake) => Some(Self { name: source.name, intake }),
            Intake::Bus { .. } | Intake::Posted { .. } => None,
        })
    }

    /// The one with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|webhook| webhook.name == name)
    }

    /// Its name: in its route `/v1/webhooks/<name>`, and among the secrets.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.name
    }

    /// What is accepted of its tool, in a sentence.
    #[must_use]
    pub fn summary(self) -> &'static str {
        self.intake.summary
    }

    /// What people call one, with the article.
    pub(crate) fn what(self) -> &'static str {
        self.intake.what
    }

    /// Whether one of these secrets proves that its tool sent a payload.
    ///
    /// # Errors
    /// What is wrong, without what would be right.
    pub fn prove(self, secrets: &[Secret], payload: &Payload<'_>, now: Timestamp) -> Result<(), Unproven> {
        self.intake.proof.check(secrets, payload, now)
    }

    /// How its tool proves itself.
    pub(crate) fn proof(self) -> Proof {
        self.intake.proof
    }

    /// Whether a payload with this body has a mark of its tool.
    pub(crate) fn recognises(self, payload: &Payload<'_>, body: &Value) -> bool {
        self.intake.marks.iter().any(|mark| mark.is_on(payload, body))
    }

    /// Who sent a payload that was read so: `webhook:<tool>`, and whose it is to the tool where it says so, such as
    /// the repository.
    pub(crate) fn producer(self, reading: Option<&Reading>) -> String {
        const MOST: usize = 256;
        let tool = format!("webhook:{}", self.name);
        let Some(Reading::Report(report)) = reading else { return tool };
        let Some(origin) = &report.origin else { return tool };
        let fact = |names: &&[&'static str]| names.iter().find_map(|name| origin.fact(name));
        let whose: Vec<&str> = self.intake.whose.iter().map_while(fact).collect();
        let whose = whose.join("/");
        if whose.is_empty() || whose.len() > MOST { tool } else { format!("{tool}:{whose}") }
    }

    /// Reads what its tool sent.
    pub(crate) fn read(self, payload: &Payload<'_>, now: Timestamp) -> Result<Read, Rejection> {
        (self.intake.read)(payload, now)
    }
}

impl PartialEq for Webhook {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Webhook {}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Webhook").field(&self.name).finish()
    }
}
