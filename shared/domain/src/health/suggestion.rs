//! What to do about a version that is bad: the newest thing that ran there before it and is not bad itself.

use serde::{Deserialize, Serialize};

use crate::identifiers::{DeploymentId, Environment, Service};
use crate::live::log::Effect;
use crate::live::thing::Thing;
use crate::live::undone::brought;
use crate::live::{Cell, Entry};
use crate::settings::Settings;
use crate::settings::{Filled, Rollback};
use crate::{Commit, Region, Version, label};

/// What is suggested: a thing that ran there before, or why there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Suggestion {
    /// The version to go back to.
    #[schemars(with = "Option<String>")]
    pub version: Option<Version>,
    /// Its commit.
    #[schemars(with = "Option<String>")]
    pub commit: Option<Commit>,
    /// The deployment that brought it; null where there is nothing to go back to.
    #[schemars(with = "Option<String>")]
    pub deployment_id: Option<DeploymentId>,
    /// The command that puts it back, for a POSIX shell, where the settings say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The link by which it is put back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Why there is no command, or nothing to go back to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// The landings that something can go back to from a deployment of a thing that runs in a part of a place, the newest
/// first: of each thing the newest. `cell` is that of the place, with its tail.
///
/// # Errors
/// Why there is nothing to go back from: the deployment is not what runs there.
pub fn candidates(
    cell: &Cell,
    (id, thing, region): (&DeploymentId, &Thing, Option<&Region>),
) -> Result<Vec<Entry>, String> {
    let in_regions = cell.regions.values().map(|region| &region.live);
    let runs = in_regions.chain([&cell.live]).find(|live| live.deployment_id.as_ref() == Some(id));
    let Some(since) = runs.and_then(|live| live.since) else {
        return Err("it no longer runs there".to_owned());
    };
    let landed = |entry: &&Entry| entry.effect == Effect::Completed && entry.speaks_for(region) && entry.at <= since;
    let mut found: Vec<Entry> = Vec::new();
    for entry in cell.tail.landings.iter().filter(landed) {
        let candidate = brought(entry);
        let is_new = entry.deployment_id != *id && !candidate.is_same(thing) && candidate.is_known();
        if is_new && !found.iter().any(|newer| brought(newer).is_same(&candidate)) {
            found.push(entry.clone());
        }
    }
    Ok(found)
}

impl Suggestion {
    /// That there is nothing to go back to, and why.
    #[must_use]
    pub fn none(why: impl Into<String>) -> Self {
        Self { why: Some(why.into()), ..Self::default() }
    }

    /// That nothing of what ran there before can be gone back to, of which the newest is bad for this reason.
    #[must_use]
    pub fn none_of(candidates: &[Entry], newest: Option<&str>) -> Self {
        let why = match (candidates.len(), newest) {
            (0, _) | (_, None) => "nothing else ran there before, as far as is kept beside what runs".to_owned(),
            (1, Some(newest)) => format!("the only other thing that ran there before is none: {newest}"),
            (count, Some(newest)) => format!("none of the {count} things that ran there before will do: {newest}"),
        };
        Self::none(why)
    }

    /// To go back to what this landing brought, as the settings say how.
    #[must_use]
    pub fn to(landing: &Entry, (service, environment): (&Service, &Environment), settings: &Settings) -> Self {
        let Thing { version, commit } = brought(landing);
        let filled = settings.rollback_command(environment, service).map(|template| {
            template.fill(&Filled {
                service: service.as_str(),
                environment: environment.as_str(),
                version: version.as_ref().map(Version::as_str),
                commit: commit.as_ref().map(Commit::as_str),
                deployment_id: landing.deployment_id.as_str(),
            })
        });
        let (command, link, why) = match filled {
            None => (None, None, None),
            Some(Ok(Rollback::Command(command))) => (Some(command), None, None),
            Some(Ok(Rollback::Link(link))) => (None, Some(link), None),
            Some(Err(why)) => (None, None, Some(why)),
        };
        Self { version, commit, deployment_id: Some(landing.deployment_id.clone()), command, link, why }
    }

    /// It as a line: `go back to 1.2 (cart-7): deploy cart 1.2`, or why there is nothing to go back to.
    #[must_use]
    pub fn in_words(&self) -> String {
        let Some(id) = &self.deployment_id else {
            return format!("nothing to go back to: {}", self.why.as_deref().unwrap_or("nothing is known"));
        };
        let what = label(self.version.as_ref().map(Version::as_str), self.commit.as_ref().map(Commit::as_str));
        let how = self.command.as_ref().or(self.link.as_ref()).or(self.why.as_ref());
        let how = how.map(|how| format!(": {how}")).unwrap_or_default();
        match what {
            Some(what) => format!("go back to {what} ({id}){how}"),
            None => format!("go back to what {id} brought{how}"),
        }
    }
}

#[cfg(test)]
mod tests;
