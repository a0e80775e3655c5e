//! What one environment runs beside another: per service, which of the two is behind, by what and since when.
//!
//! Versions are never compared as numbers. The order is that in which things landed first, where the changes come
//! from; the promotion path says which of two environments that is when only one of them knows a thing.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::live::log::Entry;
use crate::live::log_key::LogKey;
use crate::live::resolve::Live;
use crate::live::thing::Thing;

mod parts;

pub use parts::{Part, parts, running};

/// How a service in one environment (`to`) stands to the same in another (`from`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// The same thing runs in both.
    Same,
    /// What runs in `to` landed in `from` before what runs there now.
    Behind,
    /// What runs in `from` landed in `to` before what runs there now, or `from` went back to it.
    Ahead,
    /// What runs in `to` never landed in `from`: a hotfix, or a change by hand.
    Unseen,
    /// It runs in `from` only.
    Missing,
    /// It runs in `to` only.
    Extra,
    /// Regions of one of them disagree: each is compared.
    Mixed,
}

impl Relation {
    /// As it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Behind => "behind",
            Self::Ahead => "ahead",
            Self::Unseen => "unseen",
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Mixed => "mixed",
        }
    }
}

/// One of the two environments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// That from which changes come.
    From,
    /// That to which they go.
    To,
}

/// A relation, and what is to be counted for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The relation.
    pub relation: Relation,
    /// Whose landings say by how much; none where there is nothing to count.
    pub between: Option<Between>,
}

/// The landings in one environment that stand between what runs in both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Between {
    /// Where they are.
    pub side: Side,
    /// They are later than this first landing of the older thing.
    pub after: LogKey,
    /// They are no later than this one; without it, they are all that are later.
    pub up_to: Option<LogKey>,
    /// The older thing: where it landed again, that is none of them.
    pub older: Thing,
}

impl From<Relation> for Related {
    fn from(relation: Relation) -> Self {
        Self { relation, between: None }
    }
}

/// When a thing landed in an environment first; none where it never did.
pub type First<'f> = &'f dyn Fn(&Thing) -> Option<LogKey>;

/// How what runs in `to` stands to what runs in `from`. `leads` says that `from` stands before `to` on the
/// promotion path: what never landed there is then unseen. None where nothing runs in either.
#[must_use]
pub fn relate(from: (&Live, First<'_>), to: (&Live, First<'_>), leads: bool) -> Option<Related> {
    let ((from, first_in_from), (to, first_in_to)) = (from, to);
    match (from.is_running(), to.is_running()) {
        (false, false) => return None,
        (true, false) => return Some(Relation::Missing.into()),
        (false, true) => return Some(Relation::Extra.into()),
        (true, true) => {}
    }
    let (of_from, of_to) = (Thing::from(from), Thing::from(to));
    if of_from.is_same(&of_to) {
        return Some(Relation::Same.into());
    }
    let behind = |older: Thing, side, after, up_to| Between { side, after, up_to, older };
    // Where what runs in `from` landed in `to` before what runs there now.
    let before_in_to =
        first_in_to(&of_from).filter(|first| first_in_to(&of_to).is_none_or(|of_to_there| *first < of_to_there));
    let seen = first_in_from(&of_to).map(|seen| (seen, first_in_from(&of_from)));
    Some(match (seen, before_in_to) {
        (Some((seen, first)), _) if first.as_ref().is_none_or(|first| seen < *first) => {
            Related { relation: Relation::Behind, between: Some(behind(of_to, Side::From, seen, None)) }
        }
        (seen, Some(before)) if seen.is_some() || !leads => {
            Related { relation: Relation::Ahead, between: Some(behind(of_from, Side::To, before, None)) }
        }
        // `from` went back to what never came to `to`.
        (Some((seen, Some(first))), _) => {
            Related { relation: Relation::Ahead, between: Some(behind(of_from, Side::From, first, Some(seen))) }
        }
        _ => Relation::Unseen.into(),
    })
}

/// What stands between, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted<'e> {
    /// How many distinct things landed.
    pub by: usize,
    /// Whether there are more than were read.
    pub more: bool,
    /// When the first of them landed; none where that was not read.
    pub since: Option<Timestamp>,
    /// The landings, the newest first.
    pub landings: Vec<&'e Entry>,
}

impl Between {
    /// Whether the newest landings of a place, newest first, reach back far enough to count.
    #[must_use]
    pub fn is_within(&self, newest_first: &[Entry], whole: bool) -> bool {
        whole || newest_first.last().is_some_and(|oldest| LogKey::of(oldest) <= self.after)
    }

    /// Counts, given the newest entries of the place's log, newest first, and whether they are all.
    #[must_use]
    pub fn count<'e>(&self, newest_first: &'e [Entry], whole: bool) -> Counted<'e> {
        let is_between = |entry: &&Entry| {
            let key = LogKey::of(entry);
            entry.lands()
                && key > self.after
                && self.up_to.as_ref().is_none_or(|last| key <= *last)
                && !Thing::from(*entry).is_same(&self.older)
        };
        let landings: Vec<&Entry> = newest_first.iter().filter(is_between).collect();
        let mut things: Vec<Thing> = Vec::new();
        for thing in landings.iter().map(|entry| Thing::from(*entry)) {
            // What is not known is the same as nothing else.
            if !things.iter().any(|counted| counted.is_same(&thing)) {
                things.push(thing);
            }
        }
        let more = !self.is_within(newest_first, whole);
        let since = landings.last().map(|entry| entry.at).filter(|_| !more);
        Counted { by: things.len(), more, since, landings }
    }
}

/// What is to be said beside a relation: that nothing is known of what runs, that the two have no kind of name in
/// common, or that both are semantic versions, and in another order than that in which they landed.
#[must_use]
pub fn note(relation: Relation, from: &Live, to: &Live) -> Option<String> {
    if matches!(relation, Relation::Behind | Relation::Ahead | Relation::Unseen) {
        let unknown = |live: &Live| !Thing::from(live).is_known();
        match (unknown(from), unknown(to)) {
            (false, false) => {}
            (true, _) => return Some("what runs in `from` has neither version nor commit".to_owned()),
            (_, true) => return Some("what runs in `to` has neither version nor commit".to_owned()),
        }
    }
    if relation == Relation::Unseen && !Thing::from(from).is_comparable(&Thing::from(to)) {
        let only = |live: &Live| if live.version.is_some() { "a version" } else { "a commit" };
        let (from, to) = (only(from), only(to));
        return Some(format!("the two sides have no name in common: `from` has only {from}, `to` only {to}"));
    }
    let version = |live: &Live| {
        let text = live.version.as_ref()?.as_str();
        semver::Version::parse(text.strip_prefix('v').unwrap_or(text)).ok()
    };
    let (of_from, of_to) = (version(from)?, version(to)?);
    let (older, newer) = match relation {
        Relation::Behind => (of_to, of_from),
        Relation::Ahead => (of_from, of_to),
        _ => return None,
    };
    (older > newer).then(|| format!("{older} is the greater version, but landed before {newer}"))
}

#[cfg(test)]
mod tests;
