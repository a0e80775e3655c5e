//! One deployment.

use api::{Comparison, JudgedDeployment, LiveCell, RecordedEvent, Verification};
use domain::identifiers::Identifier as _;
use domain::live::log::{Effect, entries};
use domain::live::thing::Thing;
use domain::{Commit, DeploymentId, Environment, Subject, Timestamp, Version};
use futures_util::future::{try_join, try_join3};
use pages::deployment::{Brought, Part, Place};
use pages::forms::Sender;
use pages::{Asked, Page, route};
use store::ReadItems;

use super::parameters;
use crate::StatusQuery;
use crate::answer::Unanswered;
use crate::handlers::at::When;

impl<S: ReadItems> StatusQuery<S> {
    pub(super) async fn deployment_page(
        &self,
        asked: &Asked,
        when: When,
        caller: &str,
        now: Timestamp,
    ) -> Result<Page, Unanswered> {
        let id = asked.path.strip_prefix(route::DEPLOYMENT).unwrap_or_default();
        let path = format!("/v1/deployments/{id}");
        let mut most = Self::times(asked);
        most.push(("limit".to_owned(), "100".to_owned()));
        let then = match self.ask::<JudgedDeployment>(&path, Self::times(asked), now).await {
            Err(Unanswered::Problem(problem)) if problem.status == 404 && !when.is_now() => {
                // One that is known of another time is no wrong address.
                self.ask::<JudgedDeployment>(&path, Vec::new(), now).await?;
                return Ok(pages::deployment::unknown_page(id, &problem.detail));
            }
            then => then?,
        };
        let (events, verified, place) = try_join3(
            self.ask::<api::Page<RecordedEvent>>(&format!("{path}/events"), most, now),
            self.ask::<Verification>(&format!("{path}/verify"), Vec::new(), now),
            Box::pin(self.place(asked, id, when, now)),
        )
        .await?;
        Ok(pages::deployment::page(
            asked,
            &then,
            &events.items,
            &verified,
            &place,
            Sender { caller, groups: &[], csrf: asked.csrf() },
        ))
    }

    async fn place(&self, asked: &Asked, id: &str, when: When, now: Timestamp) -> Result<Place, Unanswered> {
        // An incident, or the end of an environment, puts nothing live.
        let Some(id) = DeploymentId::parse(id).ok().filter(|id| id.subject() == Subject::Deployment) else {
            return Ok(Place::default());
        };
        let summary = self.deployment_at(&id, when).await?.summary;
        let (place, endings) = entries(&summary);
        if !place.is_known() {
            return Ok(Place::default());
        }
        let mut query = Self::times(asked);
        let of = [("service", place.service.as_str()), ("environment", place.environment.as_str())];
        query.extend(parameters(of));
        let landing = endings.iter().find(|ending| ending.effect == Effect::Completed);
        let ending = landing.or(endings.last());
        let parts = async {
            let Some(ending) = ending else { return Ok(Vec::new()) };
            let (parts, is_whole) = self.timelines_around(&place, ending.at, when).await?;
            let of_it = parts.into_iter().filter(|(region, _)| ending.speaks_for(region.as_ref()));
            let part = |(region, timeline)| Part {
                region: Option::map(region, String::from),
                timeline,
                around: ending.at,
                is_whole,
            };
            Ok::<_, Unanswered>(of_it.map(part).collect())
        };
        let before_it = landing.map(|landing| landing.at.plus_millis(-1));
        let (cells, (parts, brought)) = try_join(
            self.ask::<api::Page<LiveCell>>("/v1/live", query, now),
            try_join(parts, self.brought(asked, (&place, &Thing::of(&summary)), before_it, now)),
        )
        .await?;
        // Where both a name and its alias have something, each is told.
        let cells = cells.items.into_iter().filter(|cell| cell.since.is_some() || cell.mixed).collect();
        Ok(Place { cells, parts, brought })
    }

    /// What landed in the environment before, since what ran here before did, up to what this deployment brought:
    /// none where it brought what had not landed there, or nothing.
    async fn brought(
        &self,
        asked: &Asked,
        (place, thing): (&domain::live::Place, &Thing),
        before_it: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<Brought>, Unanswered> {
        let Some(before_it) = before_it else { return Ok(None) };
        let settings = self.settings_in_use(now).await?;
        let known: Vec<Environment> =
            if settings.path.is_listed() { Vec::new() } else { self.reader.environments().await? };
        let Some(before) = settings.path.before(&place.environment, &known) else { return Ok(None) };
        let of = [
            ("from", before.as_str()),
            ("to", place.environment.as_str()),
            ("service", place.service.as_str()),
            ("asOf", &before_it.to_string()),
        ];
        let mut query = Vec::from(parameters(of));
        query.extend(asked.parameter("knownAt").map(|known| ("knownAt".to_owned(), known.to_owned())));
        let compared: Comparison = self.ask("/v1/compare", query, now).await?;
        let Some(item) = compared.items.into_iter().next() else { return Ok(None) };
        let is_it = |version: &Option<String>, commit: &Option<String>| {
            let version = version.as_ref().and_then(|version| Version::parse(version).ok());
            let commit = commit.as_ref().and_then(|commit| Commit::parse(commit).ok());
            Thing { version, commit }.is_same(thing)
        };
        let changes = item.compared.changes.into_iter();
        let changes: Vec<_> = changes.skip_while(|change| !is_it(&change.version, &change.commit)).collect();
        let brought = Brought { before: before.to_string(), changes, more: item.compared.more };
        Ok(Some(brought).filter(|brought| !brought.changes.is_empty()))
    }
}
