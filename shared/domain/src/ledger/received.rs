//! An event as it was received: what it says, under which key, and what is known of it only until it is recorded.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::{Event, Name};
use crate::identifiers::{DeploymentId, EventKey, Identifier as _, Principal, Service};
use crate::json;
use crate::ledger::overlay::Overlay;
use crate::ledger::ownership::Owner;
use crate::ledger::summary::Summary;
use crate::settings::{Aliases, Grant, Names, Right};
use crate::{FieldError, Timestamp};

/// An event as it was received, ready to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// What it says.
    pub event: Event,
    /// Its canonical text.
    pub payload: String,
    /// SHA-256 of the canonical text.
    pub payload_hash: String,
    /// Its key.
    pub key: EventKey,
    /// When it happened: as it says, else as its envelope says, else when it was received.
    pub occurred_at: Timestamp,
    /// Who sent it, as far as the door that it came through knows.
    pub producer: String,
    /// Whether the place that it names must be its deployment's: so it is with our own events when they
    /// arrive. It is not kept with the record.
    pub must_agree: bool,
    /// The names that stand for the same as its own service and environment now, where there are any. They are
    /// not kept with the record.
    pub same: SameNames,
    /// Where else it may stand already. They are not kept with the record.
    pub earlier: Vec<Earlier>,
    /// Whether it is known by its key alone: what comes again under it is the same, whatever else it says. It is
    /// not kept with the record.
    pub once: bool,
    /// The tool whose its id is, where somebody else sent it. It is not kept with the record.
    pub owner: Option<Owner>,
    /// For which places its sender has the right that it needs, where permissions limit it. It is not kept with the
    /// record.
    pub grant: Option<Box<(Right, Grant)>>,
}

/// Where an event stands if it was recorded while rules and aliases gave it another deployment, or none did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// The deployment that it had then.
    pub deployment_id: DeploymentId,
    /// Its key there, and the one that it had formerly.
    pub keys: [EventKey; 2],
    /// SHA-256 of what its sender said, as it would stand there. None where whatever stands under its key is the same.
    pub said: Option<String>,
}

impl Earlier {
    fn of(there: &Received, said: Option<String>) -> Self {
        let keys = [there.key.clone(), there.former_key()];
        Self { deployment_id: there.event.deployment_id.clone(), keys, said }
    }

    /// Whether what is recorded there is the event.
    #[must_use]
    pub fn is(&self, recorded: &Received) -> bool {
        self.deployment_id == recorded.event.deployment_id
            && self.keys.contains(&recorded.key)
            && self.said.as_ref().is_none_or(|said| *said == recorded.said_hash())
    }
}

/// For a service and an environment, all names that stand for the same.
pub type SameNames = BTreeMap<Name, BTreeSet<String>>;

impl Received {
    /// Prepares `event`; `fallback` is its time when it names none.
    ///
    /// # Errors
    /// What of it [contradicts itself](Event::contradictions): never of an event that was
    /// [read](crate::event::read).
    pub fn new(event: &Event, fallback: Timestamp, producer: &str) -> Result<Self, Vec<FieldError>> {
        let contradictions = event.contradictions();
        if !contradictions.is_empty() {
            return Err(contradictions);
        }
        let unwritable = |error: serde_json::Error| vec![FieldError::new("", error.to_string())];
        let payload = event.canonical().map_err(unwritable)?;
        // What is folded now must be what is folded again from history: the canonical text has one
        // form for each number (`1` for `1.0`, a double for a large integer), the event had its own.
        let event: Event = serde_json::from_str(&payload).map_err(unwritable)?;
        let payload_hash = json::sha256_hex(&payload);
        let occurred_at = event.occurred_at.unwrap_or(fallback);
        let key = event.key(&Principal::of(producer), &said_hash(&event, &payload_hash));
        Ok(Self::kept(event, (payload, payload_hash), key, occurred_at, producer.to_owned()))
    }

    /// What a record keeps of it: the event with its canonical text and the hash of that, its key, when it happened,
    /// and who sent it.
    #[must_use]
    pub fn kept(
        event: Event,
        (payload, payload_hash): (String, String),
        key: EventKey,
        occurred_at: Timestamp,
        producer: String,
    ) -> Self {
        Self {
            event,
            payload,
            payload_hash,
            key,
            occurred_at,
            producer,
            must_agree: false,
            same: SameNames::new(),
            earlier: Vec::new(),
            once: false,
            owner: None,
            grant: None,
        }
    }

    /// The same, with what its names mean now.
    #[must_use]
    pub fn with_same(mut self, names: &Names) -> Self {
        fn texts<T: ToString + Ord + Clone>(aliases: &Aliases<T>, name: Option<&T>) -> Option<BTreeSet<String>> {
            let same = aliases.same(name?);
            (same.len() > 1).then(|| same.iter().map(ToString::to_string).collect())
        }
        let own = &self.event.named;
        let services = texts(&names.services, own.service.as_ref()).map(|same| (Name::Service, same));
        let environments = texts(&names.environments, own.environment.as_ref()).map(|same| (Name::Environment, same));
        self.same = services.into_iter().chain(environments).collect();
        self
    }

    /// The names of its service: its own, and those that stand for the same now. None where it names no service.
    #[must_use]
    pub fn services(&self) -> BTreeSet<Service> {
        let own = self.event.named.service.iter().cloned();
        let same = self.same.get(&Name::Service).into_iter().flatten();
        own.chain(same.filter_map(|name| Service::parse(name).ok())).collect()
    }

    /// The same, which would be `base` without rules and aliases: where that is of another deployment, it may be
    /// recorded there.
    #[must_use]
    pub fn instead_of(mut self, base: Option<&Event>) -> Self {
        if let Some(base) = base.filter(|base| base.deployment_id != self.event.deployment_id)
            && let Ok(base) = Self::new(base, self.occurred_at, &self.producer)
        {
            self.earlier.push(Earlier::of(&base, None));
        }
        self
    }

    /// The same, which was `former` by settings that were in force until lately: where that is of another deployment, it
    /// may be recorded there. What only has the same key there is another event: what a rule took for the same then is
    /// that no more.
    pub fn or_formerly(&mut self, former: &Self) {
        let is_known = |known: &Earlier| known.deployment_id == former.event.deployment_id;
        if former.event.deployment_id != self.event.deployment_id && !self.earlier.iter().any(is_known) {
            self.earlier.push(Earlier::of(former, Some(former.said_hash())));
        }
    }

    /// SHA-256 of what the sender [said](Event::canonical_as_said): the same of each delivery of one event,
    /// whatever rules and aliases made of it.
    #[must_use]
    pub fn said_hash(&self) -> String {
        said_hash(&self.event, &self.payload_hash)
    }

    /// The key that it had before keys were of producers.
    #[must_use]
    pub fn former_key(&self) -> EventKey {
        self.event.former_key(&self.said_hash())
    }

    /// Whether its key is the one that it has by its producer.
    #[must_use]
    pub fn is_keyed_by_producer(&self) -> bool {
        self.key == self.event.key(&Principal::of(&self.producer), &self.said_hash())
    }

    /// Notes which names of its deployment it replaces: those that stand for the same as its own now, and did
    /// not when they were recorded.
    pub(super) fn replacing(mut self, before: &Summary) -> Self {
        for name in Name::ALL.into_iter().filter(|name| !self.event.provisional.contains(name)) {
            let text =
                |names: &Overlay| names.get(name.as_str()).and_then(serde_json::Value::as_str).map(str::to_owned);
            let Some(own) = self.event.named.text(name) else { continue };
            let (named, replaced) = (text(&before.named), text(&before.replaced));
            let stands_for = |known: &String| self.same.get(&name).is_some_and(|same| same.contains(known));
            // Once it is replaced a name stays so, whatever settings say later.
            let is_settled = replaced.as_deref() == Some(own);
            let former = named.filter(|known| known != own && (is_settled || stands_for(known)));
            if let Some(former) = former.or_else(|| replaced.filter(|known| known != own && stands_for(known))) {
                self.event.replaces.insert(name, former);
            }
        }
        if !self.event.replaces.is_empty() {
            self.payload = self.event.canonical().unwrap_or(self.payload);
            self.payload_hash = json::sha256_hex(&self.payload);
        }
        self
    }

    /// This event, whose place must be its deployment's.
    #[must_use]
    pub fn agreeing(self) -> Self {
        Self { must_agree: true, ..self }
    }

    /// This event, which is known by its key alone.
    #[must_use]
    pub fn once(self) -> Self {
        Self { once: true, ..self }
    }
}

/// SHA-256 of what the sender of an event said, whose canonical text has this hash.
fn said_hash(event: &Event, payload_hash: &str) -> String {
    if event.said.is_empty() && event.replaces.is_empty() {
        return payload_hash.to_owned();
    }
    // An event that was read can be written.
    json::sha256_hex(&event.canonical_as_said().unwrap_or_default())
}
