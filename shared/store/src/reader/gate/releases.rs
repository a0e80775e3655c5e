//! The releases that a version belongs to, and how they stand in the environment before.

use std::collections::BTreeSet;

use domain::ledger::past::state_at;
use domain::live::thing::Thing;
use domain::questions::asked::Asked;
use domain::questions::gate::OfRelease;
use domain::settings::{Names, Path};
use domain::{Environment, Label, State, Timestamp};
use futures_util::future::{try_join, try_join_all};

use super::{GateQuestion, Reader, places};
use crate::StoreError;
use crate::port::ReadItems;
use crate::reader::lists::ListQuery;
use crate::reader::release::ReleaseQuestion;

/// How many deployments of the version to the environment before are looked at, the newest ones.
const DEPLOYMENTS: usize = 10;

impl<S: ReadItems> Reader<S> {
    /// The releases that it belongs to: those that are declared to have this version for the environment, and those
    /// that its newest ten deployments to the environment before name. And whether there may be more declared ones.
    pub(super) async fn releases_of(
        &self,
        question: GateQuestion<'_>,
        before: &Environment,
        names: &Names,
        path: &Path,
    ) -> Result<(Vec<OfRelease>, bool), StoreError> {
        let GateQuestion { place, as_of, known_at, thing, .. } = question;
        let recorded_by = as_of.into_iter().chain(known_at).min().unwrap_or(Timestamp::MAX);
        let declared = async {
            match &thing.version {
                Some(version) => self.declared_with(&place.service, version, (recorded_by, names)).await,
                None => Ok((Vec::new(), false)),
            }
        };
        let ((declared, more), implied) =
            try_join(Box::pin(declared), Box::pin(self.named_by_deployments(question, before, names))).await?;
        let declared = declared.into_iter().map(|declared| declared.declaration);
        let declared = declared.filter(|declaration| declaration.concerns(&place.environment));
        let releases: BTreeSet<Label> = declared.map(|declaration| declaration.release).chain(implied).collect();
        let standings = releases.into_iter().map(|release| async move {
            let question = ReleaseQuestion { release: &release, environment: before, as_of, known_at, names, path };
            let standing = Box::pin(self.release_standing(question)).await?;
            Ok::<_, StoreError>(standing.map(|standing| OfRelease {
                services: standing.services.into_iter().map(|of| (of.expected.service, of.state)).collect(),
                more: standing.more,
                release: release.clone(),
            }))
        });
        Ok((try_join_all(standings).await?.into_iter().flatten().collect(), more))
    }

    /// The releases that deployments of the version to the environment before name.
    async fn named_by_deployments(
        &self,
        GateQuestion { place, thing, as_of, known_at, .. }: GateQuestion<'_>,
        before: &Environment,
        names: &Names,
    ) -> Result<BTreeSet<Label>, StoreError> {
        let lists = places(before, &place.service, names).into_iter().map(|place| async move {
            let query = ListQuery {
                environment: Asked::from(place.environment),
                service: Asked::from(place.service),
                version: thing.version.clone(),
                to: as_of.map(|as_of| as_of.plus_millis(1)),
                ..ListQuery::default()
            };
            Ok::<_, StoreError>(self.list(&query, None, DEPLOYMENTS).await?.0)
        });
        let states: Vec<State> = try_join_all(lists).await?.into_iter().flatten().collect();
        let known = states.into_iter().map(|state| async move {
            if known_at.is_none_or(|known| state.recorded_at <= known) {
                return Ok::<_, StoreError>(Some(state));
            }
            let records = self.trail(&state.summary.deployment_id).await?.whole()?;
            Ok(state_at(&records, Timestamp::MAX, known_at))
        });
        let of_it = |state: &State| {
            let summary = &state.summary;
            thing.is_same(&Thing { version: summary.version(), commit: summary.commit() })
        };
        let known = try_join_all(known).await?.into_iter().flatten().filter(of_it);
        Ok(known.filter_map(|state| state.summary.named().release).collect())
    }
}
