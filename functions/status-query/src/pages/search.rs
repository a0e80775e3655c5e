//! What a text leads to.

use std::collections::BTreeSet;

use api::{ListedDeployment, LiveCell};
use domain::identifiers::Identifier as _;
use domain::live::thing::Thing;
use domain::live::{Landings, Place, ThingKey};
use domain::questions::asked::Asked as AskedName;
use domain::{Commit, DeploymentId, Environment, Label, Service, State, Timestamp, Version};
use futures_util::future::{try_join, try_join3};
use pages::search::{Found, Landed, may_be_commit};
use pages::{Asked, address};
use store::{ListQuery, ReadItems};

use super::Shown;
use crate::StatusQuery;
use crate::answer::Unanswered;
use crate::handlers::live::LiveQuestion;

/// Among how many services, by their names.
const SERVICES: usize = 1000;
/// Among how many of the latest deployments, by the beginning of their commit.
const LATEST: usize = 50;
/// How many of what is called so are shown.
const NAMED: usize = 20;

/// What is called exactly so.
#[derive(Default)]
struct Exact {
    service: Option<Service>,
    environment: Option<Environment>,
    deployment: Option<DeploymentId>,
}

impl Exact {
    /// The page of what is called so, where that is one thing.
    fn page(&self) -> Option<String> {
        match (&self.service, &self.environment, &self.deployment) {
            (Some(service), None, None) => Some(address::service(service.as_str())),
            (None, Some(environment), None) => Some(address::environment(environment.as_str())),
            (None, None, Some(id)) => Some(address::deployment(id.as_str())),
            _ => None,
        }
    }
}

impl<S: ReadItems> StatusQuery<S> {
    async fn exact(&self, text: &str, now: Timestamp) -> Result<Exact, Unanswered> {
        let settings = self.settings_in_use(now).await?;
        let service = async {
            let Ok(name) = Service::parse(text) else { return Ok(None) };
            let name = AskedName::of(name, &settings.names.services);
            let environments = self.reader.environments_for(&AskedName::default(), &name).await?;
            Ok::<_, Unanswered>(
                name.name().cloned().filter(|name| !environments.is_empty() && *name != Service::unknown()),
            )
        };
        let environment = async {
            let Ok(name) = Environment::parse(text) else { return Ok(None) };
            let name = settings.names.environments.resolve(&name).clone();
            let listed = settings.settings.environment(&name).is_some();
            let known = name != Environment::unknown() && (listed || self.reader.has_environment(&name).await?);
            Ok(known.then_some(name))
        };
        let deployment = async {
            let Ok(id) = DeploymentId::parse(text) else { return Ok(None) };
            Ok(self.reader.state(&id).await?.map(|_| id))
        };
        let (service, environment, deployment) = try_join3(service, environment, deployment).await?;
        Ok(Exact { service, environment, deployment })
    }

    /// What a text leads to: the page of the one service, environment or deployment that is called exactly so, or a
    /// list.
    pub(super) async fn search(&self, asked: &Asked, now: Timestamp) -> Result<Shown, Unanswered> {
        let Some(text) = asked.parameter("q").map(str::trim).filter(|text| !text.is_empty()) else {
            return Ok(Shown::page(pages::search::form_page(asked)));
        };
        let exact = self.exact(text, now).await?;
        if let Some(path) = exact.page() {
            return Ok(Shown::Elsewhere(path));
        }
        let settings = self.settings_in_use(now).await?;
        let mut found = Found { text: text.to_owned(), ..Found::default() };
        let cells = Box::pin(self.all_live(LiveQuestion::default(), &settings, now));
        let ((), cells) = try_join(self.by_name(&mut found), cells).await?;
        found.deployment = exact.deployment.map(String::from);
        // An alias leads to the name that it stands for.
        for (exact, names) in [
            (exact.service.map(String::from), &mut found.services),
            (exact.environment.map(String::from), &mut found.environments),
        ] {
            if let Some(exact) = exact {
                names.retain(|name| *name != exact);
                names.insert(0, exact);
            }
        }
        let (release, ((of_version, more), of_commit)) =
            try_join(self.release_called(text), try_join(self.of_version(text, now), self.of_commit(text, &cells)))
                .await?;
        found.release = release;
        (found.of_version, found.more_of_version) = (of_version, more);
        if let Some((looked_at, of_commit, landed)) = of_commit {
            (found.looked_at, found.of_commit, found.landed) = (Some(looked_at), of_commit, landed);
        }
        found.cells = cells.into_iter().filter(|cell| runs_there(cell, text)).collect();
        Ok(Shown::page(pages::search::page(asked, &found)))
    }

    /// Services and environments whose name has the text in it.
    async fn by_name(&self, found: &mut Found) -> Result<(), Unanswered> {
        let part = found.text.to_lowercase();
        let (environments, (services, more)) =
            try_join(self.reader.environments(), self.reader.services(None, SERVICES)).await?;
        let named = |name: &String| name.to_lowercase().contains(&part) && name != "unknown";
        let services = services.into_iter().map(|(service, _)| service.to_string());
        found.services = services.filter(named).take(NAMED).collect();
        found.environments = environments.into_iter().map(String::from).filter(named).take(NAMED).collect();
        found.more_services = more;
        Ok(())
    }

    /// The release of this name, if it was declared or any deployment names it.
    async fn release_called(&self, text: &str) -> Result<Option<String>, Unanswered> {
        let Ok(release) = Label::parse(text) else { return Ok(None) };
        let query = ListQuery { release: Some(release.clone()), ..ListQuery::default() };
        let (declared, (deployed, _)) =
            try_join(self.reader.newest_declaration(&release), self.reader.list(&query, None, 1)).await?;
        Ok((declared.is_some() || !deployed.is_empty()).then(|| release.to_string()))
    }

    /// The latest deployments of this version, and whether there may be more.
    async fn of_version(&self, text: &str, now: Timestamp) -> Result<(Vec<ListedDeployment>, bool), Unanswered> {
        if Version::parse(text).is_err() {
            return Ok((Vec::new(), false));
        }
        let query = vec![("version".to_owned(), text.to_owned())];
        let page: api::Page<ListedDeployment> = self.ask("/v1/deployments", query, now).await?;
        Ok((page.items, page.next_cursor.is_some()))
    }

    /// How many of the latest deployments were looked at, those of a commit that begins so, and where it landed first;
    /// none where the text is no commit.
    async fn of_commit(
        &self,
        text: &str,
        cells: &[LiveCell],
    ) -> Result<Option<(usize, Vec<ListedDeployment>, Vec<Landed>)>, Unanswered> {
        let Ok(commit) = Commit::parse(text) else { return Ok(None) };
        if !may_be_commit(text) {
            return Ok(None);
        }
        let query = ListQuery::default();
        let latest = async { Ok(self.reader.list(&query, None, LATEST).await?) };
        let ((latest, _), landed) = try_join(latest, self.landed(commit, cells)).await?;
        let looked_at = latest.len();
        let begins = |state: &State| state.summary.commit().is_some_and(|commit| begins(commit.as_str(), text));
        let found: Vec<State> = latest.into_iter().filter(begins).collect();
        let changes = self.reader.changes(&found).await?;
        let listed = found.iter().zip(changes).map(|(state, change)| ListedDeployment::new(&state.summary, change));
        Ok(Some((looked_at, listed.collect(), landed)))
    }

    /// Where a commit landed first, of all places where something runs.
    async fn landed(&self, commit: Commit, cells: &[LiveCell]) -> Result<Vec<Landed>, Unanswered> {
        let places = cells.iter().filter_map(|cell| {
            let (environment, service) = (Environment::parse(&cell.environment), Service::parse(&cell.service));
            Some(Place { environment: environment.ok()?, service: service.ok()? })
        });
        let key = ThingKey::Commit(commit.clone());
        let asked: BTreeSet<(Place, ThingKey)> = places.map(|place| (place, key.clone())).collect();
        let thing = Thing { version: None, commit: Some(commit) };
        let landed = self.reader.landings(asked).await?.into_iter().filter_map(|((place, _), item)| {
            let landings = item?.landings;
            let first = Landings::first_anywhere(&thing, |of| (*of == key).then_some(&landings))?;
            Some(Landed {
                service: place.service.to_string(),
                environment: place.environment.to_string(),
                deployment_id: first.deployment_id.to_string(),
                at: first.moment.at.to_string(),
            })
        });
        Ok(landed.collect())
    }
}

/// Whether what runs in a place, or in a region of it, is called so.
fn runs_there(cell: &LiveCell, text: &str) -> bool {
    let is_it = |version: &Option<String>, commit: &Option<String>| {
        version.as_deref() == Some(text)
            || commit.as_deref().is_some_and(|commit| commit == text || (may_be_commit(text) && begins(commit, text)))
    };
    is_it(&cell.version, &cell.commit) || cell.regions.iter().any(|region| is_it(&region.version, &region.commit))
}

fn begins(commit: &str, text: &str) -> bool {
    commit.get(..text.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(text))
}
