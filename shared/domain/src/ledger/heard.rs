//! Who reported a deployment: what its summary keeps of the producers of its events.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::event::{Event, Kind, OWN_SOURCE};
use crate::identifiers::Principal;

/// Who reported a deployment, notes and conclusions of this system aside. What it keeps does not depend on the order
/// in which events arrive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// Each, without its session: at most [`Heard::MOST`], the first as texts.
    #[serde(rename = "w")]
    who: BTreeSet<String>,
    /// The kinds of all others, of which there are few.
    #[serde(rename = "k", default, skip_serializing_if = "BTreeSet::is_empty")]
    others: BTreeSet<String>,
    /// Whether events were recorded of which nothing is kept here: by a version that did not know of it.
    #[serde(rename = "p", default, skip_serializing_if = "std::ops::Not::not")]
    partial: bool,
    /// Whether there may be events whose key is not of their producer: of a version before that.
    #[serde(rename = "f", default, skip_serializing_if = "std::ops::Not::not")]
    former: bool,
}

/// What is known where nothing stands: that nobody looked.
impl Default for Heard {
    fn default() -> Self {
        Self { partial: true, former: true, ..Self::nobody() }
    }
}

impl Heard {
    /// How many are kept by name.
    pub const MOST: usize = 16;

    /// That nobody reported anything yet.
    #[must_use]
    pub fn nobody() -> Self {
        Self { who: BTreeSet::new(), others: BTreeSet::new(), partial: false, former: false }
    }

    /// Adds the producer of an event, whose key is of it or not.
    pub(crate) fn add(&mut self, event: &Event, producer: &str, is_keyed_by_producer: bool) {
        self.former |= !is_keyed_by_producer;
        if event.kind == Kind::Note || event.source.as_str() == OWN_SOURCE {
            return;
        }
        self.who.insert(Principal::of(producer).as_str().to_owned());
        while self.who.len() > Self::MOST {
            self.others.extend(self.who.pop_last().map(|last| kind(&last)));
        }
    }

    /// Who reported it, without their sessions: at most [`Heard::MOST`].
    pub fn who(&self) -> impl Iterator<Item = &str> {
        self.who.iter().map(String::as_str)
    }

    /// The kinds of those who reported it.
    #[must_use]
    pub fn kinds(&self) -> BTreeSet<String> {
        self.who.iter().map(|who| kind(who)).chain(self.others.iter().cloned()).collect()
    }

    /// Whether there may be events that it does not know of.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.partial
    }

    /// Whether there may be events whose key is not of their producer.
    #[must_use]
    pub fn has_former_keys(&self) -> bool {
        self.former
    }
}

/// What kind of producer this is: by which way it is known who it is, and of the tools that send themselves which.
#[must_use]
pub fn kind(producer: &str) -> String {
    let mut parts = producer.splitn(3, ':');
    let known = match (parts.next(), parts.next(), parts.next()) {
        (Some("arn"), ..) => "aws",
        (Some("token"), Some(_), _) => "token",
        (Some("anonymous"), None, None) => "anonymous",
        (Some("webhook"), Some("custom"), Some(name)) => return format!("webhook:custom:{name}"),
        (Some("webhook"), Some(tool), _) => return format!("webhook:{tool}"),
        // Nobody but AWS can send in the name of one of its services.
        (Some("eventbridge"), _, Some(source)) if source.starts_with("aws.") => return format!("eventbridge:{source}"),
        (Some("eventbridge"), ..) => "eventbridge",
        // The subject of a token; earlier versions had it without `oidc:`.
        _ => "oidc",
    };
    known.to_owned()
}

/// Whether producers of a kind are tools that report their own deployments.
#[must_use]
pub fn is_tool(kind: &str) -> bool {
    kind.starts_with("webhook:") || kind.starts_with("eventbridge:")
}

/// Whether what a tool of a kind reports can lack names that only others know: the services of AWS, and tools that a
/// user's mapping reads.
#[must_use]
pub fn lacks_names(kind: &str) -> bool {
    kind.starts_with("webhook:custom:") || kind.starts_with("eventbridge:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_of_the_way_by_which_it_is_known_who_it_is() {
        for (producer, expected, tool) in [
            ("arn:aws:sts::111122223333:assumed-role/ci/build-7", "aws", false),
            ("oidc:repo:acme/cart:environment:production", "oidc", false),
            ("repo:acme/cart:environment:production", "oidc", false),
            ("token:ana", "token", false),
            ("anonymous", "anonymous", false),
            ("eventbridge:111122223333:my.pipeline", "eventbridge", false),
            ("eventbridge:111122223333:aws.codedeploy", "eventbridge:aws.codedeploy", true),
            ("webhook:github", "webhook:github", true),
            ("webhook:github:acme/cart", "webhook:github", true),
            ("webhook:custom:azure", "webhook:custom:azure", true),
        ] {
            assert_eq!((kind(producer).as_str(), is_tool(&kind(producer))), (expected, tool), "{producer}");
        }
    }

    #[test]
    fn state_of_before_knows_nothing_of_it() {
        let before: Heard = serde_json::from_str::<Option<Heard>>("null").unwrap().unwrap_or_default();
        assert!(before.is_partial() && before.has_former_keys());
        let nobody = Heard::nobody();
        assert_eq!(serde_json::to_string(&nobody).unwrap(), r#"{"w":[]}"#);
        assert_eq!(serde_json::from_str::<Heard>(r#"{"w":[]}"#).unwrap(), nobody);
    }
}
