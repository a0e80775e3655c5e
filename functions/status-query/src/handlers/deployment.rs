//! How a deployment stands, or stood at a time.

use api::{Deployment, JudgedDeployment, Outlook, Problem};
use domain::ledger::past::state_at;
use domain::questions::pace::Progress;
use domain::{DeploymentId, State, Timestamp};
use futures_util::TryFutureExt as _;
use futures_util::future::try_join;
use store::ReadItems;

use super::at::When;
use crate::StatusQuery;
use crate::answer::{Answer, Unanswered, json};
use crate::parameters::Parameters;

impl<S: ReadItems> StatusQuery<S> {
    /// A deployment with its verdict, where `version` is that of the settings in use.
    pub(crate) async fn deployment(
        &self,
        id: &DeploymentId,
        mut parameters: Parameters,
        version: u64,
        now: Timestamp,
    ) -> Answer {
        let when = When { as_of: parameters.time_up_to("asOf"), known_at: parameters.time_up_to("knownAt") };
        parameters.finish()?;
        let state = self.deployment_at(id, when).await?;
        let (outlook, verdict) = try_join(
            Box::pin(self.outlook(&state, when, now)),
            Box::pin(
                self.reader.verdict_on(&state, when, (parameters.settings(), version), now).map_err(Unanswered::from),
            ),
        )
        .await?;
        json(&JudgedDeployment {
            deployment: Deployment { outlook: Some(outlook), ..Deployment::from(&state) },
            verdict,
        })
    }

    /// What is expected of a deployment, how it goes beside that, and what landed before it.
    async fn outlook(&self, state: &State, when: When, now: Timestamp) -> Result<Outlook, Unanswered> {
        let as_of = when.as_of.unwrap_or(now);
        let found = self.reader.outlook(&state.summary, as_of, when.known_at).await?;
        let progress = Progress::of(&state.summary, found.expected.as_ref(), self.stuck_after, as_of);
        Ok(Outlook::new(found.expected.as_ref(), progress.as_ref(), found.previous.as_ref()))
    }

    /// Of a time it is what the events of then say, all of which must be there.
    pub(crate) async fn deployment_at(&self, id: &DeploymentId, when: When) -> Result<State, Unanswered> {
        let state = self.reader.state(id).await?.ok_or_else(|| not_found(id))?;
        if when.is_now() {
            return Ok(state);
        }
        let records = self.reader.trail(id).await?.whole()?;
        if records.iter().filter(|record| record.sequence <= state.sequence).count() as u64 != state.sequence {
            let detail =
                format!("a part of the history of {id} has expired: how it stood at another time is not known");
            return Err(Problem::new(404, detail).into());
        }
        let then = state_at(&records, when.as_of.unwrap_or(Timestamp::MAX), when.known_at);
        then.ok_or_else(|| Problem::new(404, format!("no deployment {id} then: no event of it was there yet")).into())
    }
}

pub(super) fn not_found(id: &DeploymentId) -> Unanswered {
    Problem::new(404, format!("no deployment {id}: no event of it is recorded")).into()
}
