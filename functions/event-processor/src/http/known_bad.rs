//! Whoever reports that a version is on its way hears in the receipt that it is known to be bad.
//!
//! A service of which nothing was ever undone or said costs nothing but a key more in what is read ahead anyway; another
//! one a round trip, after what was reported is committed.

use std::collections::BTreeSet;

use api::{BadVersion, Receipt};
use domain::live::thing::Thing;
use domain::questions::bad::{Question, bad, on_its_way};
use domain::settings::SettingsInUse;
use domain::{DeploymentId, Service};
use formats::Settings;
use futures_util::future::join_all;
use publisher::Publisher;
use store::{StoreError, WriteItems};

use super::receipts::Readable;
use crate::processor::EventProcessor;

/// Of how many events of one request it is asked, the first: each takes up to three calls.
const EVENTS: usize = 20;

/// A version that is on its way.
pub(super) struct Coming {
    deployment_id: DeploymentId,
    service: Service,
    /// All names of the service.
    names: BTreeSet<Service>,
    thing: Thing,
}

impl Coming {
    /// What an event says is on its way; none where it does not say so.
    pub(super) fn of(readable: &Readable) -> Option<Self> {
        let received = readable.as_ref().ok()?;
        let thing = on_its_way(&received.event)?;
        let service = received.event.named.service.clone()?;
        let names = received.services();
        Some(Self { deployment_id: received.event.deployment_id.clone(), service, names, thing })
    }
}

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Adds to receipts what is known to be bad of what their events say is on its way. What can't be read is left out:
    /// what was reported is recorded, and it is the gate that denies.
    pub(super) async fn warn<'r>(
        &self,
        receipts: impl IntoIterator<Item = (&'r mut Receipt, Option<Coming>)>,
        settings: &Settings,
    ) {
        let begins = |receipt: &Receipt| {
            receipt.sequence == Some(1) || receipt.status.is_some_and(|status| !status.is_terminal())
        };
        let receipts = receipts.into_iter().filter_map(|(receipt, coming)| Some((receipt, coming?)));
        let asked = receipts.filter(|(receipt, coming)| begins(receipt) && self.recorder.may_be_bad(&coming.names));
        let asked: Vec<(&mut Receipt, Coming)> = asked.take(EVENTS).collect();
        if asked.is_empty() {
            return;
        }
        let settings = SettingsInUse::from(settings.general.clone());
        let found = join_all(asked.iter().map(|(_, coming)| self.known_bad(coming, &settings))).await;
        for ((receipt, _), found) in asked.into_iter().zip(found) {
            match found {
                Ok(bad) => receipt.bad = bad,
                Err(error) => tracing::warn!(%error, "whether a version is known to be bad could not be read"),
            }
        }
    }

    /// What is known to be bad of what is on its way. What was undone of this deployment is not: whoever reports it knows.
    async fn known_bad(&self, coming: &Coming, settings: &SettingsInUse) -> Result<Vec<BadVersion>, StoreError> {
        let Coming { deployment_id, service, names, thing } = coming;
        let mut known = self.recorder.reader().known_of_version(names, thing).await?;
        known.undone.retain(|(_, entry)| entry.deployment_id != *deployment_id);
        let listed = bad(&known, &Question::default(), service, settings);
        let same = listed.into_iter().filter(|version| version.thing().is_same(thing));
        Ok(same.map(|version| BadVersion::new(service, version)).collect())
    }
}
