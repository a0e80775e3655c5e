//! What a tick goes by: for which environments a gauge is above zero, how far the one before came, and which
//! notifications wait for their digest. All of it is one partition, so that a tick reads it at once.

use std::collections::BTreeSet;

use domain::Environment;
use domain::follows::digest::Held;
use domain::follows::judged::LookAgain;
use domain::follows::stuck::Told;
use domain::identifiers::Identifier as _;

use super::Reader;
use crate::StoreError;
use crate::items::from_item;
use crate::items::held::HeldItem;
use crate::items::judged::LookAgainItem;
use crate::items::stalled::StalledItem;
use crate::items::tick::TickPositionItem;
use crate::keys::{GAUGES, HELD, LOOK_AGAIN, STALLED, text, tick_position_key};
use crate::port::ReadItems;
use crate::query::Query;
use crate::tables::{SORT, Table};

/// What a tick goes by.
#[derive(Debug, Default, PartialEq)]
pub struct TickState {
    /// The environments whose gauges were last published above zero.
    pub gauged: BTreeSet<Environment>,
    /// How far a tick came that did not come to its end.
    pub position: Option<TickPositionItem>,
    /// The notifications that wait for their digest.
    pub held: Vec<Held>,
    /// Of which deployments people were told that they stalled, and not yet that they go on.
    pub stalled: Vec<Told>,
    /// What is to be looked at again, because evidence against it came too early to be judged.
    pub looks: Vec<LookAgain>,
}

impl<S: ReadItems> Reader<S> {
    /// What a tick goes by.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn tick_state(&self) -> Result<TickState, StoreError> {
        let mut state = TickState::default();
        let position = tick_position_key();
        let mut pages = self.pages(Query::of(Table::State, GAUGES).consistent().limit(1000));
        while let Some(page) = pages.next().await? {
            for item in page.items {
                let Some(sort) = text(&item, SORT) else { continue };
                if sort.starts_with(HELD) {
                    state.held.push(from_item::<HeldItem>(item)?.held);
                } else if sort.starts_with(STALLED) {
                    state.stalled.push(from_item::<StalledItem>(item)?.told);
                } else if sort.starts_with(LOOK_AGAIN) {
                    state.looks.push(from_item::<LookAgainItem>(item)?.look);
                } else if sort == position.sort {
                    state.position = Some(from_item(item)?);
                } else {
                    state.gauged.extend(Environment::from_key_part(sort).ok());
                }
            }
        }
        Ok(state)
    }
}
