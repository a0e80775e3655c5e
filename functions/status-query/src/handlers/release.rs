//! Releases: how one stands in an environment, and which there are.

use api::{ComparedThing, DeclaredRelease, ListedRelease, LiveCell, Page, Problem, Release, ReleaseService};
use domain::live::Place;
use domain::{Label, Timestamp};
use store::ReadItems;
use store::reader::declarations::Declared;
use store::reader::release::ReleaseQuestion;
use store::reader::releases::ReleasesQuestion;

use crate::StatusQuery;
use crate::answer::{Answer, json};
use crate::parameters::Parameters;

impl<S: ReadItems> StatusQuery<S> {
    /// How a release stands in an environment, by its declaration of then, and by the promotion path in force now.
    pub(crate) async fn release(&self, release: &Label, mut parameters: Parameters) -> Answer {
        let environment = parameters.required_environment("environment");
        let as_of = parameters.time_up_to("asOf");
        parameters.finish()?;
        // Without it, it was finished.
        let Some(environment) = environment else { return Err(Vec::new().into()) };
        let settings = parameters.settings();
        let (names, path) = (&settings.names, &settings.path);
        let question = ReleaseQuestion { release, environment: &environment, as_of, known_at: None, names, path };
        let Some(standing) = self.reader.release_standing(question).await? else {
            let by = as_of.map(|_| " by then").unwrap_or_default();
            let detail = format!("no release {release} was declared{by}, and no deployment names it");
            return Err(Problem::new(404, detail).into());
        };
        let complete = standing.is_complete();
        let items = standing.services.into_iter().map(|service| {
            let place = Place { environment: environment.clone(), service: service.expected.service };
            ReleaseService {
                expected: ComparedThing::from(service.expected.thing),
                live: service.live.map(|shown| LiveCell::new(&place, shown)),
                state: service.state,
                service: place.service.to_string(),
            }
        });
        json(&Release {
            release: release.to_string(),
            environment: environment.to_string(),
            as_of: as_of.map(String::from),
            declared: standing.declared.as_ref().map(declared),
            complete,
            more: standing.more,
            items: items.collect(),
        })
    }

    /// Releases, those of the newest day first.
    pub(crate) async fn list_releases(&self, mut parameters: Parameters) -> Answer {
        let environment = parameters.environment();
        let as_of = parameters.time_up_to("asOf");
        let limit = parameters.limit();
        let position = parameters.position(is_day);
        parameters.finish()?;
        let settings = parameters.settings();
        let (names, path) = (&settings.names, &settings.path);
        let question = ReleasesQuestion { environment: environment.name(), as_of, names, path };
        let (releases, next) = self.reader.releases(question, position.as_deref(), limit).await?;
        let items = releases.into_iter().map(|listed| ListedRelease {
            release: listed.release.to_string(),
            day: listed.day,
            deployed_at: listed.deployed_at.map(String::from),
            declared: listed.declared.as_ref().map(declared),
            complete: listed.standing.map(|standing| standing.is_complete()),
        });
        json(&Page { items: items.collect(), next_cursor: parameters.cursor(next) })
    }
}

/// Whether this is a position in the list: `<yyyy-mm-dd>#<release>`.
fn is_day(position: &str) -> bool {
    let day = position.split_once('#').map(|(day, _)| format!("{day}T00:00:00Z"));
    day.is_some_and(|day| Timestamp::parse(&day).is_ok())
}

fn declared(Declared { version, declaration }: &Declared) -> DeclaredRelease {
    DeclaredRelease::new(version, declaration)
}
