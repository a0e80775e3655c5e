//! Many notifications of one kind: the first of a minute come by themselves, and what is more comes together.
//!
//! What is more is held, and is sent when its minute is over: in one notification that says how many there are, and
//! lists the first of them. So thousands of deployments that get stuck at once make a few messages.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::follows::notifications::{Notification, Transition};
use crate::follows::stuck::Stall;
use crate::identifiers::ascii;
use crate::json::sha256_hex;
use crate::{Commit, DeploymentId, Environment, Service, Status, Timestamp, Version, label, one_line};

mod pace;

pub use pace::{EACH_MINUTE, Pace};

/// How many deployments a digest lists for programs.
pub const LISTED: usize = 50;
/// How many of them a mail lists.
const IN_MAIL: usize = 20;
/// How many bytes the names of environments, and those of services, have in one digest. What is more comes in a
/// further one, because a filter must see all names, and a message has a greatest length.
const NAMES: usize = 48 * 1024;

/// A notification that waits for its digest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// What happened.
    pub transition: Transition,
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// What is deployed.
    pub service: Service,
    /// Where.
    pub environment: Environment,
    /// Which version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<Version>,
    /// Which commit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub commit: Option<Commit>,
    /// Which run of the deployment.
    pub attempt: u32,
    /// When it happened.
    pub at: Timestamp,
    /// How the deployment stood when it was held.
    pub status: Status,
    /// Where it failed, and why, in a line.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub why: Option<String>,
    /// The same for every delivery of this news.
    pub dedupe_id: String,
    /// The minute in which it was held.
    pub minute: Timestamp,
}

impl Held {
    /// What is kept of a notification that is held at this time.
    #[must_use]
    pub fn of(notification: &Notification, now: Timestamp) -> Self {
        let failed = notification.failed_stage.as_ref().map(|failed| {
            let error = failed.error.as_ref().map_or(String::new(), |error| format!(": {}", error.in_words()));
            format!("in {}{error}", failed.stage)
        });
        let failed = failed.or_else(|| notification.stall.as_ref().map(Stall::in_words));
        let judged = notification.judged.as_deref();
        let reason = judged.and_then(|judged| Some(judged.verdict.reasons.first()?.words()));
        let failed = failed.or(reason).or_else(|| judged?.because.clone());
        let why = failed.or_else(|| notification.error.as_ref().map(crate::event::Failure::in_words));
        Self {
            transition: notification.transition,
            deployment_id: notification.deployment_id.clone(),
            service: notification.service.clone(),
            environment: notification.environment.clone(),
            version: notification.version.clone(),
            commit: notification.commit.clone(),
            attempt: notification.attempt,
            at: notification.at,
            status: notification.status,
            why: why.map(|why| one_line(&why, 200)),
            dedupe_id: notification.dedupe_id(),
            minute: now.minute(),
        }
    }

    /// Whether its minute is over by `now`, so that nothing is added to its digest any more.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.minute < now.minute()
    }

    /// The service, and its version where it is known.
    fn what(&self) -> String {
        match label(self.version.as_ref().map(Version::as_str), self.commit.as_ref().map(Commit::as_str)) {
            Some(label) => format!("{} {label}", self.service),
            None => self.service.to_string(),
        }
    }
}

/// Notifications of one kind, of one minute, as one.
#[derive(Debug, Clone, PartialEq)]
pub struct Digest {
    /// What happened to each of them.
    pub transition: Transition,
    /// The minute in which they would have been sent.
    pub minute: Timestamp,
    /// They themselves, at least one: those of production first, and the earliest first.
    pub entries: Vec<Held>,
}

/// The digests of what was held: each of it is in one of them, and in whatever order it comes they are the same.
#[must_use]
pub fn digests(held: Vec<Held>, is_production: impl Fn(&Environment) -> bool) -> Vec<Digest> {
    let mut of_each: BTreeMap<(Timestamp, Transition), BTreeMap<_, Held>> = BTreeMap::new();
    for one in held {
        let first = (!is_production(&one.environment), one.at, one.dedupe_id.clone());
        of_each.entry((one.minute, one.transition)).or_default().insert(first, one);
    }
    let mut digests: Vec<Digest> = Vec::new();
    for ((minute, transition), entries) in of_each {
        let (mut part, mut environments, mut services) = (Vec::new(), Names::default(), Names::default());
        for held in entries.into_values() {
            let has_room = environments.take(held.environment.as_str()) & services.take(held.service.as_str());
            if !has_room {
                digests.push(Digest { transition, minute, entries: std::mem::take(&mut part) });
                (environments, services) = (Names::default(), Names::default());
                environments.take(held.environment.as_str());
                services.take(held.service.as_str());
            }
            part.push(held);
        }
        digests.push(Digest { transition, minute, entries: part });
    }
    digests
}

/// Different names, up to a number of bytes.
#[derive(Default)]
struct Names {
    names: BTreeSet<String>,
    bytes: usize,
}

impl Names {
    /// Takes one more; answers whether it had room.
    fn take(&mut self, name: &str) -> bool {
        if self.names.insert(name.to_owned()) {
            // Two quotation marks and a comma, and each `"` or `\` of a name is two.
            self.bytes += name.len() + name.matches(['"', '\\']).count() + 3;
        }
        self.bytes <= NAMES
    }
}

impl Digest {
    /// The environments, each with how many of these deployments go there.
    #[must_use]
    pub fn environments(&self) -> BTreeMap<&Environment, usize> {
        let mut environments = BTreeMap::new();
        for held in &self.entries {
            *environments.entry(&held.environment).or_default() += 1;
        }
        environments
    }

    /// The services.
    #[must_use]
    pub fn services(&self) -> BTreeSet<&Service> {
        self.entries.iter().map(|held| &held.service).collect()
    }

    /// How the deployments stood.
    #[must_use]
    pub fn statuses(&self) -> BTreeSet<Status> {
        self.entries.iter().map(|held| held.status).collect()
    }

    /// The only environment that all of it is about, if there is one.
    #[must_use]
    pub fn environment(&self) -> Option<&Environment> {
        let first = &self.entries.first()?.environment;
        self.entries.iter().all(|held| held.environment == *first).then_some(first)
    }

    /// How many are not among the [listed](LISTED).
    #[must_use]
    pub fn more(&self) -> usize {
        self.entries.len().saturating_sub(LISTED)
    }

    /// The same when it is made again of the same.
    #[must_use]
    pub fn dedupe_id(&self) -> String {
        let all: Vec<&str> = self.entries.iter().map(|held| held.dedupe_id.as_str()).collect();
        let mut hash = sha256_hex(&all.join("\n"));
        hash.truncate(12);
        format!("DIGEST#{}#{}#{hash}", self.transition.as_str(), self.minute.millis())
    }

    /// `error`, `warning` or `info`.
    #[must_use]
    pub fn severity(&self) -> &'static str {
        self.transition.severity()
    }

    /// The path of the API and of the pages at which the deployments are listed.
    #[must_use]
    pub fn list(&self) -> String {
        let status = match self.transition {
            Transition::Started | Transition::Stuck | Transition::Resumed => {
                return "/v1/deployments/active".to_owned();
            }
            Transition::Completed => Status::Completed,
            Transition::Failed => Status::Failed,
            Transition::RolledBack => Status::RolledBack,
            Transition::Cancelled => Status::Cancelled,
            Transition::Bad => return "/v1/bad".to_owned(),
            Transition::GateOverridden | Transition::Drift | Transition::Suspect | Transition::GoodAgain => {
                return "/v1/deployments".to_owned();
            }
        };
        format!("/v1/deployments?status={status}")
    }

    /// How many, what became of them, and where, in a line.
    #[must_use]
    pub fn headline(&self) -> String {
        let place = self
            .environment()
            .map_or_else(|| format!("{} environments", self.environments().len()), ToString::to_string);
        let (count, words) = (self.entries.len(), self.transition.words());
        let more = if count == 1 { "more deployment" } else { "more deployments" };
        format!("{count} {more} in {place}: {words}")
    }

    /// A line of printable ASCII under 100 characters.
    #[must_use]
    pub fn subject(&self) -> String {
        one_line(&ascii(&self.headline()), 99)
    }

    /// At most 140 characters.
    #[must_use]
    pub fn sms(&self) -> String {
        one_line(&self.headline(), 140)
    }

    /// The lines about single deployments: those that come first.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.entries.iter().take(IN_MAIL).map(|held| {
            let why = held.why.as_ref().map_or(String::new(), |why| format!(": {why}"));
            one_line(
                &format!("{} in {}, {} at {}{why}", held.what(), held.environment, held.deployment_id, held.at),
                500,
            )
        })
    }

    /// A few lines for a mail.
    #[must_use]
    pub fn text(&self) -> String {
        let mut lines = vec![self.headline(), String::new()];
        lines.extend(self.lines());
        let more = self.entries.len().saturating_sub(IN_MAIL);
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        let why = format!("More than {EACH_MINUTE} of one kind in a minute come together.");
        lines.extend([String::new(), why, format!("All of them: GET {}", self.list()), format!("At: {}", self.minute)]);
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests;
