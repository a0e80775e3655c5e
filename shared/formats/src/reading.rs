//! What a payload says, as its format reads it.

use std::fmt;

use domain::{Event, FieldError, Timestamp};

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
#[derive(Debug)]
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

    /// It is about a deployment, and says nothing of it that is kept: `reason` says why.
    pub(crate) fn nothing_new(reason: impl Into<String>) -> Self {
        Self::Ignore(Ignored::NothingNew(reason.into()))
    }
}

/// Something about a deployment.
#[derive(Debug)]
pub(crate) struct Report {
    /// What is to be recorded, without what only rules know.
    pub(crate) event: Event,
    /// What rules see of the payload; absent for our own events, which no rule touches.
    pub(crate) origin: Option<Origin>,
    /// Whether it is recorded although no rule says so.
    pub(crate) by_itself: ByItself,
    /// When it was said, of what says the same at any time.
    pub(crate) said_at: Option<Timestamp>,
}

impl Report {
    /// The reading of our own event.
    pub(crate) fn own(event: Event) -> Reading {
        Reading::Report(Box::new(Self { event, origin: None, by_itself: ByItself::Yes, said_at: None }))
    }

    /// The reading of an event of another tool.
    pub(crate) fn foreign(event: Event, origin: Origin) -> Reading {
        Reading::Report(Box::new(Self { event, origin: Some(origin), by_itself: ByItself::Yes, said_at: None }))
    }

    /// The same, of what its tool says again and again, each time at another time: that is when it happened
    /// the first time that it is said, and no part of what is said.
    pub(crate) fn repeated(event: Event, origin: Origin, said_at: Option<Timestamp>) -> Reading {
        Reading::Report(Box::new(Self { event, origin: Some(origin), by_itself: ByItself::Yes, said_at }))
    }

    /// The same, of what is a deployment only if a rule says so.
    pub(crate) fn only_by_rule(event: Event, origin: Origin) -> Reading {
        Reading::Report(Box::new(Self {
            event,
            origin: Some(origin),
            by_itself: ByItself::IsNoDeployment,
            said_at: None,
        }))
    }

    /// The same, of the end of what a deployment brought, which only a rule can take for one.
    pub(crate) fn only_if_removing(event: Event, origin: Origin) -> Reading {
        Reading::Report(Box::new(Self {
            event,
            origin: Some(origin),
            by_itself: ByItself::RemovesNothing,
            said_at: None,
        }))
    }
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
}

/// Why nothing of a payload is recorded, though it is known and nothing is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ignored {
    /// It is about something else than a deployment: a push, an alarm, a dry run. The text says so.
    NoDeployment(String),
    /// It is about a deployment, and says nothing of it that is kept. The text says why.
    NothingNew(String),
    /// A rule says that it is no deployment: the rule, as messages name it.
    ByRule(String),
    /// It is a deployment only where a rule says so, and none does: its source.
    ByNoRule(&'static str),
    /// A deployment is inactive: another one replaced it, or it was torn down, and no rule says that it is the
    /// latter.
    Inactive,
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDeployment(reason) | Self::NothingNew(reason) => f.write_str(reason),
            Self::Inactive => f.write_str(
                "inactive: another deployment of the environment replaced this one, or it was torn down; a rule with \"inactive\": \"removes\" takes it for the latter",
            ),
            Self::ByRule(rule) => write!(f, "{rule} says that this is not a deployment"),
            Self::ByNoRule(source) => write!(f, "no rule says that this event of {source} is a deployment"),
        }
    }
}
