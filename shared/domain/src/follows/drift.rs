//! What people are notified of drift: a finding of high severity when it is new, and when it is over.

use serde::Serialize;

use crate::identifiers::{Environment, Identifier, Label, Service, ascii, key_part};
use crate::one_line;
use crate::questions::drift::{Finding, Kind};
use crate::{Timestamp, follows::notifications::Transition};

/// How many findings of one look have a notification each; more have one together.
pub const EACH: usize = 10;
/// How many findings are listed in a mail.
const LISTED: usize = 20;

/// Which finding it is, from look to look: its kind, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FindingId {
    /// What is wrong.
    pub kind: Kind,
    /// Where.
    pub environment: Option<Environment>,
    /// The service.
    pub service: Option<Service>,
    /// The release.
    pub release: Option<Label>,
}

/// What became of findings since the look before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Became {
    /// They are new.
    New,
    /// They are over.
    Ended,
    /// Some are new and some are over: too many for a notification each, or the first look of all.
    Digest,
}

/// What people are notified of drift.
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

/// What is to be sent after a look.
#[must_use]
pub fn notices(new: Vec<Finding>, ended: Vec<FindingId>, at: Timestamp, look: u64) -> Vec<DriftNotice> {
    let count = new.len() + ended.len();
    let notice = |became, new, ended| DriftNotice { became, new, ended, at, look };
    if count > EACH || (look == 0 && count > 0) {
        return vec![notice(Became::Digest, new, ended)];
    }
    let new = new.into_iter().map(|finding| notice(Became::New, vec![finding], Vec::new()));
    let ended = ended.into_iter().map(|id| notice(Became::Ended, Vec::new(), vec![id]));
    new.chain(ended).collect()
}

impl FindingId {
    /// Which finding it is.
    #[must_use]
    pub fn of(finding: &Finding) -> Self {
        let Finding { kind, environment, service, release, .. } = finding.clone();
        Self { kind, environment, service, release }
    }

    /// As a part of keys and ids.
    #[must_use]
    pub fn text(&self) -> String {
        key_part::join(&[
            self.kind.as_str(),
            self.environment.as_ref().map_or("", Environment::as_str),
            self.service.as_ref().map_or("", Service::as_str),
            self.release.as_ref().map_or("", Label::as_str),
        ])
    }

    /// The finding of this text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('#').collect();
        let [kind, environment, service, release] = parts[..] else { return None };
        Some(Self {
            kind: Kind::parse(kind)?,
            environment: name(environment),
            service: name(service),
            release: name(release),
        })
    }

    /// What it is about, in words.
    fn about(&self) -> String {
        let release = self.release.as_ref().map(|release| format!("release {}", release.as_str()));
        let service = self.service.as_ref().map(|service| service.as_str().to_owned());
        service.or(release).unwrap_or_else(|| "names".to_owned())
    }
}

impl DriftNotice {
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

    /// The same whenever the same look is made again.
    #[must_use]
    pub fn dedupe_id(&self) -> String {
        let what = match self.only() {
            Some(id) => id.text(),
            None => "DIGEST".to_owned(),
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
            _ => format!("drift: {} new, {} over", self.new.len(), self.ended.len()),
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

/// A name in a text; none where it is empty.
fn name<T: Identifier>(part: &str) -> Option<T> {
    T::from_key_part(part).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::questions::drift::Severity;

    fn finding(service: &str) -> Finding {
        Finding {
            kind: Kind::Unseen,
            severity: Severity::High,
            service: Service::parse(service).ok(),
            environment: Environment::parse("PR #1").ok(),
            release: None,
            since: None,
            what: format!("{service} runs hotfix"),
            evidence: Vec::new(),
            suggestion: "find out".to_owned(),
        }
    }

    #[test]
    fn each_of_a_few_has_a_notice_and_many_or_the_first_look_have_one_together() {
        let at = Timestamp::from_millis(0);
        let few: Vec<Finding> = (0..EACH - 1).map(|n| finding(&format!("s{n}"))).collect();
        let ended = vec![FindingId::of(&finding("over"))];
        let each = notices(few.clone(), ended.clone(), at, 1);
        assert_eq!(each.len(), EACH);
        assert_eq!(each[0].subject(), "s0 is UNSEEN in PR #1");
        assert_eq!(each[EACH - 1].headline(), "over is no longer UNSEEN in PR #1");
        assert_eq!(each[0].dedupe_id(), "DRIFT#UNSEEN#PR §n1#s0##1");
        assert_eq!((each[0].severity(), each[EACH - 1].severity()), ("warning", "info"));
        assert_eq!(notices(few.clone(), ended.clone(), at, 0).len(), 1, "the first look");
        let many = notices([few.clone(), few].concat(), ended, at, 1);
        assert_eq!((many.len(), many[0].headline().as_str()), (1, "drift: 18 new, 1 over"));
        assert!(many[0].text().contains("s3 runs hotfix\n  find out"), "{}", many[0].text());
        assert_eq!(notices(Vec::new(), Vec::new(), at, 0), []);
    }

    #[test]
    fn an_id_leads_back_to_its_finding() {
        let id = FindingId::of(&finding("a#b"));
        assert_eq!(FindingId::parse(&id.text()), Some(id));
        assert_eq!(FindingId::parse("UNSEEN#a"), None);
    }
}
