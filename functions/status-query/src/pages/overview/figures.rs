//! The figures of the last fourteen days, read once: of a day, of a week and of the week before, and how long
//! deployments usually take.

use domain::questions::asked::Asked;
use domain::questions::delivery::{Facts, Hours, Part, Question, Window};
use domain::{Environment, Service, State, Timestamp};
use pages::overview;
use store::{ReadItems, StoreError};

use crate::handlers::metrics::TooMany;
use crate::{SettingsInUse, StatusQuery};

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// What ended in fourteen days up to a time.
pub(super) struct Ended {
    until: Timestamp,
    facts: Facts,
}

impl<S: ReadItems> StatusQuery<S> {
    /// What ended in these environments in the fourteen days up to a time, or in all without any; or why that is not
    /// counted.
    pub(super) async fn ended(
        &self,
        environments: Vec<Environment>,
        until: Timestamp,
        in_use: (&SettingsInUse, u64),
    ) -> Result<Result<Ended, String>, StoreError> {
        let window = Window::up_to(until, Hours::FORTNIGHT);
        let facts =
            Box::pin(self.facts(&question(Asked::any_of(environments), Asked::default(), window), in_use)).await?;
        let too_many = |TooMany(most)| format!("more than {most} deployments and incidents finished in 14 days");
        Ok(facts.map(|facts| Ended { until, facts }).map_err(too_many))
    }
}

/// A question of environments that are chosen here, whatever is production.
fn question(environment: Asked<Environment>, service: Asked<Service>, window: Window) -> Question {
    Question { named: environment.name().cloned(), environment, service, window, part: Part::default() }
}

impl Ended {
    /// The figures of an environment, or of all that were read.
    pub(super) fn of(&self, environment: Option<&Environment>) -> overview::Figures {
        let of = |days_ago: i64, hours: Hours| {
            let environment = environment.cloned().map(Asked::from).unwrap_or_default();
            let window = Window::up_to(self.until.plus_millis(-days_ago * DAY_MILLIS), hours);
            question(environment, Asked::default(), window).answer(&self.facts)
        };
        overview::Figures {
            day: of(0, Hours::DAY),
            week: of(0, Hours::WEEK),
            before: of(7, Hours::WEEK),
            days: (0..14).rev().map(|ago| of(ago, Hours::DAY)).collect(),
        }
    }

    /// How long deployments of a service to an environment took in these days: the median; none where none completed.
    pub(super) fn usual_seconds(&self, state: &State) -> Option<f64> {
        let (environment, service): (Environment, Service) = (state.summary.environment(), state.summary.service());
        let window = Window::up_to(self.until, Hours::FORTNIGHT);
        question(environment.into(), service.into(), window).answer(&self.facts).duration_seconds.map(|known| known.p50)
    }
}
