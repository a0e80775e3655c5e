//! What people are notified of drift: a finding of high severity when it is new, and when it is over.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::follows::notifications::Transition;
use crate::identifiers::{Environment, ascii, key_part};
use crate::json::sha256_hex;
use crate::questions::drift::{Finding, FindingId};
use crate::{Timestamp, one_line};

mod changes;

pub use changes::{Changes, look_again};

/// How many findings of one look have a notification each; more have one for each environment.
pub const EACH: usize = 10;
/// How many findings a notification has at most; what is more has further ones.
pub const TOGETHER: usize = 50;
/// How many findings are listed in a mail.
const LISTED: usize = 20;

/// What became of findings since the look before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Became {
    /// They are new.
    New,
    /// They are over.
    Ended,
    /// Some are new and some are over in an environment: too many for a notification each, or the first look of all.
    Digest,
}

/// What people are notified of drift. All of it is of one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriftNotice {
    /// What became of the findings.
    pub became: Became,
    /// Those that are new.
    pub new: Vec<Finding>,
    /// Those that are over.
    pub ended: Vec<FindingId>,
    /// When it was found.
    pub at: Timestamp,
    /// The number of the look that found it: the same when it is made again.
    pub look: u64,
}

/// What is to be sent after a look: each finding is in one of these.
#[must_use]
pub fn notices(new: Vec<Finding>, ended: Vec<FindingId>, at: Timestamp, look: u64) -> Vec<DriftNotice> {
    let count = new.len() + ended.len();
    let notice = |became, new, ended| DriftNotice { became, new, ended, at, look };
    if count > EACH || (look == 0 && count > 0) {
        return of_environments(new, ended)
            .flat_map(|(new, ended)| together(new, ended))
            .map(|(new, ended)| notice(Became::Digest, new, ended))
            .collect();
    }
    let new = new.into_iter().map(|finding| notice(Became::New, vec![finding], Vec::new()));
    let ended = ended.into_iter().map(|id| notice(Became::Ended, Vec::new(), vec![id]));
    new.chain(ended).collect()
}

/// What is new and what is over, as a digest has it.
type News = (Vec<Finding>, Vec<FindingId>);

/// Of each environment apart: who listens to one is told all of it, and nothing of others.
fn of_environments(new: Vec<Finding>, ended: Vec<FindingId>) -> impl Iterator<Item = News> {
    let mut of_each: BTreeMap<Option<Environment>, News> = BTreeMap::new();
    for finding in new {
        of_each.entry(finding.environment.clone()).or_default().0.push(finding);
    }
    for id in ended {
        of_each.entry(id.environment.clone()).or_default().1.push(id);
    }
    of_each.into_values()
}

/// In parts that fit into a notification.
fn together(new: Vec<Finding>, ended: Vec<FindingId>) -> Vec<News> {
    let (mut new, mut ended, mut parts) = (new.into_iter(), ended.into_iter(), Vec::new());
    loop {
        let some: Vec<Finding> = new.by_ref().take(TOGETHER).collect();
        let over: Vec<FindingId> = ended.by_ref().take(TOGETHER - some.len()).collect();
        if some.is_empty() && over.is_empty() {
            return parts;
        }
        parts.push((some, over));
    }
}

impl DriftNotice {
    /// The environment that all of it is about.
    #[must_use]
    pub fn environment(&self) -> Option<&Environment> {
        let of_new = self.new.iter().map(|finding| finding.environment.as_ref());
        of_new.chain(self.ended.iter().map(|id| id.environment.as_ref())).next().flatten()
    }

    /// A short text that differs where it tells of other findings.
    fn contents(&self) -> String {
        let new = self.new.iter().map(|finding| format!("+{}", FindingId::of(finding).text()));
        let all: BTreeSet<String> = new.chain(self.ended.iter().map(|id| format!("-{}", id.text()))).collect();
        let mut hash = sha256_hex(&all.into_iter().collect::<Vec<_>>().join("\n"));
        hash.truncate(12);
        hash
    }

    /// The only finding that it is about; none of a digest.
    #[must_use]
    pub fn only(&self) -> Option<FindingId> {
        if self.became == Became::Digest {
            return None;
        }
        match (self.new.as_slice(), self.ended.as_slice()) {
            ([new], []) => Some(FindingId::of(new)),
            ([], [ended]) => Some(ended.clone()),
            _ => None,
        }
    }

    /// The same whenever the same look is made again and finds the same.
    #[must_use]
    pub fn dedupe_id(&self) -> String {
        let what = if let Some(id) = self.only() {
            id.text()
        } else {
            let environment = self.environment().map_or("", Environment::as_str);
            key_part::join(&["DIGEST", environment, &self.contents()])
        };
        let ended = if self.became == Became::Ended { "#ENDED" } else { "" };
        format!("{}#{what}{ended}#{}", Transition::Drift.as_str(), self.look)
    }

    /// `warning`, or `info` where all is over.
    #[must_use]
    pub fn severity(&self) -> &'static str {
        if self.new.is_empty() { "info" } else { "warning" }
    }

    /// What happened, as a filter knows it.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match self.became {
            Became::New => "NEW",
            Became::Ended => "ENDED",
            Became::Digest => "DIGEST",
        }
    }

    /// What happened, in a line.
    #[must_use]
    pub fn headline(&self) -> String {
        let environment =
            |id: &FindingId| id.environment.clone().map_or_else(String::new, |name| format!(" in {name}"));
        match (self.became, self.only()) {
            (Became::New, Some(id)) => format!("{} is {}{}", id.about(), id.kind.as_str(), environment(&id)),
            (Became::Ended, Some(id)) => {
                format!("{} is no longer {}{}", id.about(), id.kind.as_str(), environment(&id))
            }
            _ => {
                let environment = self.environment().map_or_else(String::new, |name| format!(" in {name}"));
                format!("drift{environment}: {} new, {} over", self.new.len(), self.ended.len())
            }
        }
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

    /// A few lines for a mail.
    #[must_use]
    pub fn text(&self) -> String {
        let mut lines = vec![self.headline(), String::new()];
        let new = self.new.iter().map(|finding| {
            let id = FindingId::of(finding);
            let environment = id.environment.as_ref().map_or("everywhere", Environment::as_str);
            format!("{} {environment}: {}\n  {}", id.kind.as_str(), finding.what, finding.suggestion)
        });
        let ended = self.ended.iter().map(|id| {
            let environment = id.environment.as_ref().map_or("everywhere", Environment::as_str);
            format!("over: {} {environment}: {}", id.kind.as_str(), id.about())
        });
        lines.extend(
            new.chain(ended)
                .take(LISTED)
                .map(|line| line.split('\n').map(|line| one_line(line, 1000)).collect::<Vec<_>>().join("\n")),
        );
        let more = (self.new.len() + self.ended.len()).saturating_sub(LISTED);
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        lines.extend([String::new(), "All of it: deployment-status drift".to_owned(), format!("At: {}", self.at)]);
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests;
