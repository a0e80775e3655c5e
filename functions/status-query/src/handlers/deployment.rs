//! How a deployment stands.

use api::{Deployment, Problem};
use domain::DeploymentId;
use store::ReadItems;

use crate::StatusQuery;
use crate::answer::{Answer, Unanswered, json};

impl<S: ReadItems> StatusQuery<S> {
    pub(crate) async fn deployment(&self, id: &DeploymentId) -> Answer {
        let state = self.reader.state(id).await?.ok_or_else(|| not_found(id))?;
        json(&Deployment::from(&state))
    }
}

pub(super) fn not_found(id: &DeploymentId) -> Unanswered {
    Problem::new(404, format!("no deployment {id}: no event of it is recorded")).into()
}
