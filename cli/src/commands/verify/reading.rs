//! Reads what the API returns about a deployment: audit trail, summary, and its own verification.

use api::{Deployment, Page, RecordedEvent, Verification};
use domain::DeploymentId;
use serde::de::DeserializeOwned;

use crate::api::{Api, deployment_path, next_page};
use crate::failure::{Exit, Failure};

/// What the API returns about a deployment. The parts are read one after the other, so the deployment can
/// change in between. When two readings are equal, it did not.
#[derive(Debug, PartialEq)]
pub(super) struct Reading {
    /// The events as they came; absent when the server can't read them.
    pub(super) trail: Option<Vec<RecordedEvent>>,
    /// The summary; absent when there are only events.
    pub(super) deployment: Option<Deployment>,
    /// The server's own verification; absent like the summary.
    pub(super) verification: Option<Verification>,
}

impl Reading {
    /// Reads a deployment.
    ///
    /// # Errors
    /// When nothing of it exists (exit code 3), or the API does not answer.
    pub(super) fn of(api: &Api, id: &DeploymentId) -> Result<Self, Failure> {
        let verification: Option<Verification> = found(api, &deployment_path(id, "/verify"))?;
        let deployment = found(api, &deployment_path(id, ""))?;
        let trail = match trail(api, id) {
            Ok(trail) => Some(trail),
            // An event was altered so that the server can't parse it. Its verification reports that.
            Err(failure) if failure.is(Exit::Failed) && verification.as_ref().is_some_and(|own| !own.intact) => None,
            Err(failure) => return Err(failure),
        };
        Ok(Self { trail, deployment, verification })
    }
}

/// The answer at this path, or nothing when it is 404.
fn found<T: DeserializeOwned>(api: &Api, path: &str) -> Result<Option<T>, Failure> {
    match api.get(path, &[]) {
        Ok(answer) => Ok(Some(answer.value)),
        Err(failure) if failure.is(Exit::NotFound) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// All pages of the audit trail.
fn trail(api: &Api, id: &DeploymentId) -> Result<Vec<RecordedEvent>, Failure> {
    let path = deployment_path(id, "/events");
    let mut events = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let query = [("limit", Some("100")), ("cursor", cursor.as_deref())];
        let page: Page<RecordedEvent> = api.get(&path, &query)?.value;
        events.extend(page.items);
        if !next_page(&mut cursor, page.next_cursor)? {
            return Ok(events);
        }
    }
}
