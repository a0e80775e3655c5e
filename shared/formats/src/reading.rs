//! What a payload says, as its format reads it.

use std::borrow::Cow;
use std::fmt;

use domain::{Event, FieldError, Timestamp};
use serde_json::Value;

use crate::fields::within;
use crate::origin::Origin;

/// What a format reads of a payload, or all that is wrong with it.
pub(crate) type Read = Result<Reading, Vec<FieldError>>;

/// The same, of what stands under `path` of a payload.
pub(crate) fn under(path: &str, read: Read) -> Read {
    let mut reading = read.map_err(|errors| within(path, errors))?;
    if let Reading::Report(report) = &mut reading
        && let Some(origin) = &mut report.origin
    {
        origin.move_under(path);
    }
    Ok(reading)
}

/// What a payload says.
#[derive(Debug, Clone)]
pub(crate) enum Reading {
    /// Something about a deployment, on which a user's rules have the last word.
    Report(Box<Report>),
    /// It is known, and nothing of it is recorded.
    Ignore(Ignored),
}

impl Reading {
    /// It is about something else than a deployment: `reason` says what, or why.
    pub(crate) fn no_deployment(reason: impl Into<String>) -> Self {
        Self::Ignore(Ignored::NoDeployment(reason.into()))
    }

    /// Its kind is known, and not read: it is not looked into, so nobody knows what it is about.
    pub(crate) fn not_read(kind: impl Into<String>) -> Self {
        Self::Ignore(Ignored::NotRead(kind.into()))
    }

    /// It is about a deployment, and says nothing of it that is kept: `reason` says why.
    pub(crate) fn nothing_new(reason: impl Into<String>) -> Self {
        Self::Ignore(Ignored::NothingNew(reason.into()))
    }
}

/// Something about a deployment.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    /// What is to be recorded, without what only rules know.
    pub(crate) event: Event,
    /// What rules see of the payload; absent for our own events, which no rule touches.
    pub(crate) origin: Option<Origin>,
    /// Whether it is recorded although no rule says so.
    pub(crate) by_itself: ByItself,
    /// How it is known as one of many that say the same, where its tool sends such.
    pub(crate) repeated: Option<Repeated>,
    /// What is to be recorded instead where a rule takes its stage for a deployment of its own.
    pub(crate) of_stage: Option<Event>,
    /// When it was said, of what says the same at any time.
    pub(crate) said_at: Option<Timestamp>,
}

impl Report {
    /// The reading of our own event.
    pub(crate) fn own(event: Event) -> Reading {
        Self::new(event, None).reading()
    }

    /// The reading of an event of another tool.
    pub(crate) fn foreign(event: Event, origin: Origin) -> Reading {
        Self::of(event, origin).reading()
    }

    /// The same, of an event about a stage that rules may take for a deployment of its own: `of_stage` then.
    pub(crate) fn of_a_stage(event: Event, of_stage: Event, origin: Origin) -> Reading {
        Self { of_stage: Some(of_stage), ..Self::of(event, origin) }.reading()
    }

    /// The same, of what its tool may say again and again.
    pub(crate) fn repeated(event: Event, repeated: Repeated, origin: Origin) -> Reading {
        Self { repeated: Some(repeated), ..Self::of(event, origin) }.reading()
    }

    /// The same, of what its tool says again and again, each time at another time: that is when it happened
    /// the first time that it is said, and no part of what is said.
    pub(crate) fn said_again(event: Event, origin: Origin, said_at: Option<Timestamp>) -> Reading {
        Self { said_at, ..Self::of(event, origin) }.reading()
    }

    /// The same, of what is a deployment only if a rule says so.
    pub(crate) fn only_by_rule(event: Event, origin: Origin) -> Reading {
        Self { by_itself: ByItself::IsNoDeployment, ..Self::of(event, origin) }.reading()
    }

    /// The same, of the end of what a deployment brought, which only a rule can take for one.
    pub(crate) fn only_if_removing(event: Event, origin: Origin) -> Reading {
        Self { by_itself: ByItself::RemovesNothing, ..Self::of(event, origin) }.reading()
    }

    /// The same, of what is of a place that only a rule can name.
    pub(crate) fn only_of_a_place(event: Event, origin: Origin) -> Reading {
        Self { by_itself: ByItself::IsOfNoPlace, ..Self::of(event, origin) }.reading()
    }

    fn of(event: Event, origin: Origin) -> Self {
        let origin = origin.naming(&event.named);
        Self::new(event, Some(origin))
    }

    fn new(event: Event, origin: Option<Origin>) -> Self {
        Self { event, origin, by_itself: ByItself::Yes, repeated: None, of_stage: None, said_at: None }
    }

    fn reading(self) -> Reading {
        Reading::Report(Box::new(self))
    }
}

/// What a tool may say again and again, of which a rule can say by which value it is the same.
#[derive(Debug, Clone)]
pub(crate) struct Repeated {
    /// What the id of the deployment begins with; the value follows.
    pub(crate) id: String,
    /// What has the value.
    pub(crate) document: Value,
}

/// Whether a report is recorded where no rule says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ByItself {
    /// It is.
    Yes,
    /// It is a deployment only where a rule says so; a build, say.
    IsNoDeployment,
    /// It takes away what a deployment brought only where a rule says so.
    RemovesNothing,
    /// It is recorded only where rules give it a service and an environment.
    IsOfNoPlace,
}

/// Why nothing of a payload is recorded, though it is known and nothing is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ignored {
    /// It is about something else than a deployment: a push, an alarm, a dry run. The text says so.
    NoDeployment(String),
    /// Its kind is one that is not read: this one. It may be about a deployment or not.
    NotRead(String),
    /// It is about a deployment, and says nothing of it that is kept. The text says why.
    NothingNew(String),
    /// It is what this system itself suggested, and came back.
    OwnSuggestion,
    /// A rule says that it is no deployment: the rule, as messages name it.
    ByRule(String),
    /// It is a deployment only where a rule says so, and none does: its source.
    ByNoRule(Cow<'static, str>),
    /// It is recorded only where rules give it a service and an environment, and they do not: its source.
    NoPlace(Cow<'static, str>),
    /// Rules take stages of what it is about for deployments of their own, and none names its environment: the
    /// rule that does so first, as messages name it.
    ByStages(String),
    /// A rule takes what has the same value of a field for the same, and this has none: the rule, as messages
    /// name it.
    NoValue(String),
    /// A deployment is inactive: another one replaced it, or it was torn down, and no rule says that it is the
    /// latter.
    Inactive,
}

impl Ignored {
    /// Whether it is the payload alone that says so, whatever settings say.
    pub(crate) fn is_of_the_payload_alone(&self) -> bool {
        matches!(self, Self::NoDeployment(_) | Self::NotRead(_) | Self::NothingNew(_) | Self::OwnSuggestion)
    }
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDeployment(reason) | Self::NothingNew(reason) => f.write_str(reason),
            Self::NotRead(kind) => write!(f, "{kind} is not read"),
            Self::OwnSuggestion => f.write_str("it is this system's own suggestion of a rollback"),
            Self::Inactive => f.write_str(
                "inactive: another deployment of the environment replaced this one, or it was torn down; a rule with \"inactive\": \"removes\" takes it for the latter",
            ),
            Self::ByRule(rule) => write!(f, "{rule} says that this is not a deployment"),
            Self::ByStages(rule) => write!(
                f,
                "{rule} takes stages of this for deployments of their own, and no rule names the environment of this event"
            ),
            Self::NoValue(rule) => write!(f, "{rule} takes each value of a field once, and this has none there"),
            Self::NoPlace(source) => {
                write!(f, "no rule gives this event of {source} a service and an environment: it is of no known place")
            }
            Self::ByNoRule(source) => write!(f, "no rule says that this event of {source} is a deployment"),
        }
    }
}
