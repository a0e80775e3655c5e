//! The releases that are not complete, and since when they could be.
//!
//! Of each environment the three newest are looked at, and those that the question names: however many newer ones
//! there are, it is known of these whether they are complete.

use std::collections::BTreeSet;

use domain::questions::drift::{IncompleteRelease, Kind, Question};
use domain::settings::Names;
use domain::{Environment, Label, Timestamp};
use futures_util::future::{try_join, try_join_all};

use crate::StoreError;
use crate::port::ReadItems;
use crate::reader::Reader;
use crate::reader::release::ReleaseStanding;
use crate::reader::releases::ReleasesQuestion;

/// How many of the newest releases of an environment are looked at.
const NEWEST: usize = 3;

impl<S: ReadItems> Reader<S> {
    /// The releases that are not complete in an environment of the path. Without releases it is one query.
    pub(super) async fn incomplete(
        &self,
        question: &Question<'_>,
        as_of: Option<Timestamp>,
        environments: &[Environment],
    ) -> Result<Vec<IncompleteRelease>, StoreError> {
        let (names, path) = (question.names, question.path);
        let releases = |environment| ReleasesQuestion { environment, as_of, names, path };
        if !question.kinds.contains(&Kind::Incomplete) || self.releases(releases(None), None, 1).await?.0.is_empty() {
            return Ok(Vec::new());
        }
        let asked = |name: &&Environment| question.environment.is_none_or(|asked| asked == *name);
        let of_each = environments.iter().filter(asked).map(|environment| async move {
            let newest = self.incomplete_releases(releases(Some(environment)), NEWEST).await?;
            let mut standings: Vec<(Label, ReleaseStanding)> = Vec::new();
            for listed in newest {
                standings.extend(listed.standing.map(|standing| (listed.release, standing)));
            }
            let known: BTreeSet<Label> = standings.iter().map(|(release, _)| release.clone()).collect();
            let besides =
                question.releases.iter().filter(|(name, release)| name == environment && !known.contains(release));
            let besides = besides.map(|(_, release)| async move {
                let standing = Box::pin(self.incomplete_release(release, releases(Some(environment)))).await?;
                Ok::<_, StoreError>(standing.map(|standing| (release.clone(), standing)))
            });
            standings.extend(try_join_all(besides).await?.into_iter().flatten());
            let with_since = standings.into_iter().map(|(release, standing)| async move {
                Box::pin(self.with_since(release, standing, (environment, as_of), names)).await
            });
            let incomplete = try_join_all(with_since).await?;
            Ok::<_, StoreError>(incomplete.into_iter().flatten().collect::<Vec<_>>())
        });
        Ok(try_join_all(of_each).await?.into_iter().flatten().collect())
    }

    /// A release that is not complete, with the time since when it is to be: its first deployment there, or its first
    /// declaration for it. What comes later moves neither.
    async fn with_since(
        &self,
        release: Label,
        standing: ReleaseStanding,
        (environment, as_of): (&Environment, Option<Timestamp>),
        names: &Names,
    ) -> Result<Option<IncompleteRelease>, StoreError> {
        let by = as_of.unwrap_or(Timestamp::MAX);
        let last_declared = standing.declared.as_ref().map(|declared| declared.version.recorded_at);
        let declared = async {
            match last_declared {
                Some(last) => Ok(Some(self.first_declared_for(&release, environment, names).await?.unwrap_or(last))),
                None => Ok(None),
            }
        };
        let (deployed, declared) = try_join(self.first_deployed_to(&release, environment, by, names), declared).await?;
        let Some(since) = deployed.into_iter().chain(declared).min() else { return Ok(None) };
        let services = standing.services.into_iter().map(|of| (of.expected.service, of.state)).collect();
        Ok(Some(IncompleteRelease {
            release,
            environment: environment.clone(),
            services,
            since,
            declared: last_declared,
        }))
    }
}
