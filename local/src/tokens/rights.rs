//! What a token may be used for.

use std::fmt;

use api::routes::Operation;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::target::{LocalRoute, Page, Target};

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "camelCase")]
pub enum Right {
    /// Reading everything: what runs where, histories, metrics, settings
    Read,
    /// Reporting events
    Report,
    /// Changing the settings, declaring releases, and recording what a person enters
    Record,
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Report => "report",
            Self::Record => "record",
        })
    }
}

/// What a request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: it tells nothing, or brings a proof of its own.
    Nothing,
    /// A token, whatever its rights.
    Token,
    /// A token with this right.
    Right(Right),
    /// A token with all of these.
    Rights(&'static [Right]),
}

/// What a form needs: it shows what is known by name, and records.
const FORM: &[Right] = &[Right::Read, Right::Record];

impl Needs {
    /// What a request for `target` needs.
    #[must_use]
    pub fn of(target: Target) -> Self {
        match target {
            Target::Api(operation) => match operation {
                // A webhook is proven by its own signature or token.
                Operation::GetHealth | Operation::PostWebhook | Operation::PostCustomWebhook => Self::Nothing,
                Operation::PostEvents => Self::Right(Right::Report),
                Operation::PutSettings | Operation::PutRelease => Self::Right(Right::Record),
                Operation::ListDeployments
                | Operation::ListActiveDeployments
                | Operation::GetDeployment
                | Operation::ListDeploymentEvents
                | Operation::VerifyDeployment
                | Operation::VerifyDay
                | Operation::Export
                | Operation::ListIncidents
                | Operation::ListLive
                | Operation::Compare
                | Operation::ListDrift
                | Operation::ListSuspects
                | Operation::GetGate
                | Operation::ListBad
                | Operation::ListReleases
                | Operation::GetRelease
                | Operation::GetMetrics
                | Operation::GetCatalog
                | Operation::GetUsage
                | Operation::ListRejected
                | Operation::GetSettings
                | Operation::ListSettings
                | Operation::GetOpenapi
                | Operation::GetRoot => Self::Right(Right::Read),
            },
            Target::Page(Page::Asset | Page::Login) => Self::Nothing,
            Target::Page(Page::Form) => Self::Rights(FORM),
            Target::Local(LocalRoute::EventBridge) => Self::Right(Right::Report),
            Target::Page(Page::Told)
            | Target::Local(
                LocalRoute::Explain | LocalRoute::Metrics | LocalRoute::Notifications | LocalRoute::Unreadable,
            ) => Self::Right(Right::Read),
            // Who holds a token may learn that there is no such route.
            Target::Nothing => Self::Token,
        }
    }

    /// The first right that it needs and that is not `held`.
    pub(super) fn missing(self, held: &[Right]) -> Option<Right> {
        let needed = match self {
            Self::Nothing | Self::Token => &[],
            Self::Right(ref right) => std::slice::from_ref(right),
            Self::Rights(rights) => rights,
        };
        needed.iter().find(|right| !held.contains(right)).copied()
    }
}
