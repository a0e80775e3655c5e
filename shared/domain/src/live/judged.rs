//! What runs, with what its landing is: judged by what landed there first.

use crate::Region;
use crate::live::change::Change;
use crate::live::log_key::LogKey;
use crate::live::resolve::{Live, Resolved};
use crate::live::thing::{Landings, Thing, ThingKey};

impl From<&Live> for Thing {
    fn from(live: &Live) -> Self {
        Self { version: live.version.clone(), commit: live.commit.clone() }
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
