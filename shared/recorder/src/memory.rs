//! What a warm process need not read again. Each write checks it, so an entry that is out of date costs
//! one more round trip and never correctness.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::identifiers::Identifier as _;
use domain::{DeploymentId, Environment, State};
use store::Key;
use store::keys::{CATALOG, ENVIRONMENTS};

/// The states of deployments, and which entries of the catalog exist.
#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    states: HashMap<DeploymentId, State>,
    catalog: HashSet<Key>,
    environments: BTreeSet<Environment>,
}

/// How many deployments are remembered. When they are too many all are forgotten: cheaper than tracking
/// their use, and a deployment under way is soon remembered again.
const STATES: usize = 500;
const CATALOG_ENTRIES: usize = 5000;

impl Memory {
    /// The state of a deployment as it was last seen.
    pub(crate) fn state(&self, id: &DeploymentId) -> Option<State> {
        self.remembered().states.get(id).cloned()
    }

    /// Whether an entry of the catalog is known to exist. None ever ceases to.
    pub(crate) fn exists(&self, key: &Key) -> bool {
        self.remembered().catalog.contains(key)
    }

    /// The environments that are known to exist, as far as this process has seen any.
    pub(crate) fn environments(&self) -> BTreeSet<Environment> {
        self.remembered().environments.clone()
    }

    /// Keeps a deployment's state.
    pub(crate) fn keep(&self, state: State) {
        let mut remembered = self.remembered();
        if remembered.states.len() >= STATES {
            remembered.states.clear();
        }
        remembered.states.insert(state.summary.deployment_id.clone(), state);
    }

    /// Keeps that entries of the catalog exist.
    pub(crate) fn keep_existing(&self, keys: impl IntoIterator<Item = Key>) {
        let mut remembered = self.remembered();
        if remembered.catalog.len() >= CATALOG_ENTRIES {
            remembered.catalog.clear();
            remembered.environments.clear();
        }
        for key in keys {
            let name = key.sort.strip_prefix(ENVIRONMENTS).filter(|_| key.partition == CATALOG);
            remembered.environments.extend(name.and_then(|name| Environment::from_key_part(name).ok()));
            remembered.catalog.insert(key);
        }
    }

    /// Forgets a deployment's state: what became of a write to it is not known.
    pub(crate) fn forget(&self, id: &DeploymentId) {
        self.remembered().states.remove(id);
    }

    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        // What a panicking thread left is still only a memory that each write checks.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
