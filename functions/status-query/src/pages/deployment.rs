//! One deployment.

use api::{Deployment, RecordedEvent, Verification};
use domain::Timestamp;
use futures_util::future::try_join3;
use pages::forms::Sender;
use pages::{Asked, Page, route};
use store::ReadItems;

use crate::StatusQuery;
use crate::answer::Unanswered;

impl<S: ReadItems> StatusQuery<S> {
    pub(super) async fn deployment_page(
        &self,
        asked: &Asked,
        caller: &str,
        now: Timestamp,
    ) -> Result<Page, Unanswered> {
        let id = asked.path.strip_prefix(route::DEPLOYMENT).unwrap_or_default();
        let path = format!("/v1/deployments/{id}");
        let most = vec![("limit".to_owned(), "100".to_owned())];
        let (deployment, events, verified) = try_join3(
            self.ask::<Deployment>(&path, Vec::new(), now),
            self.ask::<api::Page<RecordedEvent>>(&format!("{path}/events"), most, now),
            self.ask::<Verification>(&format!("{path}/verify"), Vec::new(), now),
        )
        .await?;
        Ok(pages::deployment::page(asked, &deployment, &events.items, &verified, Sender { caller, csrf: None }))
    }
}
