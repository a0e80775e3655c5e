//! What is known of a source of events: how its payloads come, how they are recognised, and what reads them.

use domain::Timestamp;
use serde_json::Value;

use crate::envelope::Envelope;
use crate::payload::Payload;
use crate::proof::Proof;
use crate::reading::Read;
use crate::rejection::Rejection;

/// A source of events: a row of [`SOURCES`](crate::SOURCES).
#[derive(Debug)]
pub struct Source {
    /// What rules know it by; of a webhook also the end of its route, and the name of its secrets.
    pub name: &'static str,
    /// How the ids of deployments begin that only its reader makes: nobody else opens one of these.
    pub ids: &'static [&'static str],
    /// The facts of this source that rules may look at, besides [those of all](FACTS_OF_ALL). A payload need
    /// not have each.
    pub facts: &'static [&'static str],
    /// How its payloads come, and what reads them.
    pub(crate) intake: Intake,
}

/// The fact by which a rule can take a stage for a deployment of its own.
pub(crate) const STAGE: &str = "stage";

/// The facts that rules may look at, whatever the source.
pub const FACTS_OF_ALL: [&str; 3] = ["version", "commit", "triggeredBy"];

impl Source {
    /// All facts that rules may look at, its own first.
    pub fn all_facts(&self) -> impl Iterator<Item = &'static str> {
        self.facts.iter().copied().chain(FACTS_OF_ALL)
    }
}

/// How the payloads of a source come, and what reads them.
#[derive(Debug)]
pub(crate) enum Intake {
    /// On an event bus, in an envelope that has the source's name: events of an AWS service.
    Bus {
        /// Reads one.
        read: fn(&Envelope, Timestamp) -> Read,
        /// Gives an envelope to a message of the service that comes without one.
        envelope: Option<fn(&Value) -> Option<Value>>,
    },
    /// Posted to `/v1/events`, or in the data of a CloudEvent: known by what stands in it.
    Posted {
        /// What people call such a document, with the article.
        what: &'static str,
        /// Whether a document is of this source.
        is: fn(&Value) -> bool,
        /// Reads it; the time is that of the envelope around it, where there is one.
        read: fn(&Value, Option<Timestamp>, Timestamp) -> Read,
        /// Whether it is read in the `detail` of an event of a bus too.
        in_detail: bool,
    },
    /// Posted by the tool itself to `/v1/webhooks/<name>`.
    Webhook(WebhookIntake),
}

/// What is known of the webhooks of a tool.
#[derive(Debug)]
pub(crate) struct WebhookIntake {
    /// What is accepted of the tool, in a sentence: for the description of the API.
    pub(crate) summary: &'static str,
    /// What people call one, with the article.
    pub(crate) what: &'static str,
    /// How the tool proves that it sent them.
    pub(crate) proof: Proof,
    /// The facts that say whose payload it is, as its tool says it: of each part the first that a payload has.
    pub(crate) whose: &'static [&'static [&'static str]],
    /// By what they can be recognised, wherever they come; each is enough.
    pub(crate) marks: &'static [Mark],
    /// Reads one, or says why that can't be done.
    pub(crate) read: fn(&Payload<'_>, Timestamp) -> Result<Read, Rejection>,
}

/// Something by which the payloads of a tool can be recognised.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mark {
    /// This header.
    Header(&'static str),
    /// This field of the body, by its JSON Pointer.
    Field(&'static str),
    /// This field of the body, by its JSON Pointer, when its text begins so.
    FieldBegins(&'static str, &'static str),
}

impl Mark {
    /// Whether a payload with this body has it.
    pub(crate) fn is_on(self, payload: &Payload<'_>, body: &Value) -> bool {
        match self {
            Self::Header(name) => payload.header(name).is_some(),
            Self::Field(pointer) => body.pointer(pointer).is_some(),
            Self::FieldBegins(pointer, beginning) => {
                body.pointer(pointer).and_then(Value::as_str).is_some_and(|text| text.starts_with(beginning))
            }
        }
    }
}
