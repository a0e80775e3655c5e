//! What a landing is beside what ran before: a step forward, a way back, or the same again.

use serde::{Deserialize, Serialize};

use crate::Region;
use crate::live::as_of::LogKey;
use crate::live::resolve::{Live, Resolved};
use crate::live::thing::{Landings, Thing, ThingKey};

/// What a landing is, whatever its event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Something else runs than before, and not what landed here before it.
    Forward,
    /// What landed here earlier than what ran just before runs again.
    Rollback,
    /// The same thing runs as just before.
    Redeploy,
}

impl Change {
    /// As it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Rollback => "rollback",
            Self::Redeploy => "redeploy",
        }
    }

    /// What a landing is, given what ran just before it, if anything did. Each thing comes with when it landed
    /// here first. None where what is known does not say.
    #[must_use]
    pub fn of(
        landing: &LogKey,
        (thing, first): (&Thing, Option<&LogKey>),
        replaced: Option<(&Thing, Option<&LogKey>)>,
    ) -> Option<Self> {
        let first = first.filter(|_| thing.is_known())?;
        let Some((replaced, replaced_first)) = replaced else { return Some(Self::Forward) };
        if thing.is_same(replaced) {
            return Some(Self::Redeploy);
        }
        if !replaced.is_known() {
            // It may have been the same thing, unless that is new here.
            return (first == landing).then_some(Self::Forward);
        }
        Some(if first < replaced_first? { Self::Rollback } else { Self::Forward })
    }
}

impl Resolved {
    /// By what is kept of what runs, and of what ran before, where that says what the landing is.
    #[must_use]
    pub fn keys(&self) -> Vec<ThingKey> {
        let Some(_) = &self.landing else { return Vec::new() };
        [&self.live].into_iter().chain(&self.replaced).flat_map(|live| Thing::from(live).keys()).collect()
    }

    /// What runs in a region, with what its landing is, given the landings that are kept by each key.
    #[must_use]
    pub fn judged<'l>(self, region: Option<&Region>, landings: impl Fn(&ThingKey) -> Option<&'l Landings>) -> Live {
        self.judged_by(|live| Landings::first(&Thing::from(live), region, &landings).cloned())
    }

    /// What runs, with what its landing is, given when something landed here first.
    pub(super) fn judged_by(self, first: impl Fn(&Live) -> Option<LogKey>) -> Live {
        let Self { live, landing, replaced } = self;
        let Some(landing) = landing else { return live };
        let (thing, landed_first) = (Thing::from(&live), first(&live));
        let replaced = replaced.map(|replaced| (Thing::from(&replaced), first(&replaced)));
        let replaced = replaced.as_ref().map(|(thing, first)| (thing, first.as_ref()));
        let change = Change::of(&landing, (&thing, landed_first.as_ref()), replaced);
        Live { change, first: landed_first, ..live }
    }
}
