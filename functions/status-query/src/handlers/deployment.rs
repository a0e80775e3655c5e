//! How a deployment stands.

use api::{Deployment, Problem};
use domain::DeploymentId;

use crate::StatusQuery;
use crate::answer::{Answer, Unanswered, json};

impl StatusQuery {
    pub(crate) async fn deployment(&self, id: &DeploymentId) -> Answer {
        let state = self.store.state(id).await?.ok_or_else(|| not_found(id))?;
        json(&Deployment::from(&state))
    }
}

pub(super) fn not_found(id: &DeploymentId) -> Unanswered {
    Problem::new(404, format!("no event of a deployment {id} is recorded")).into()
}
