//! What the API tells of a deployment: its trail, its summary, and the server's own verdict.

use api::{Deployment, Page, RecordedEvent, Verification};
use domain::DeploymentId;
use serde::de::DeserializeOwned;

use crate::api::{Api, deployment_path, go_on};
use crate::failure::{Exit, Failure};

/// What the API tells of a deployment. It is read piece by piece, so one reading need not be of one
/// moment; two that are equal are.
#[derive(Debug, PartialEq)]
pub(super) struct Reading {
    /// The events as they came; absent when the server can't read them itself.
    pub(super) trail: Option<Vec<RecordedEvent>>,
    /// The summary; absent when there is none, though there are events.
    pub(super) deployment: Option<Deployment>,
    /// The server's own verdict, absent like the summary.
    pub(super) verification: Option<Verification>,
}

impl Reading {
    /// Reads what there is of a deployment.
    ///
    /// # Errors
    /// When there is nothing of it (exit code 3), or the API does not answer.
    pub(super) fn of(api: &Api, id: &DeploymentId) -> Result<Self, Failure> {
        let verification: Option<Verification> = found(api, &deployment_path(id, "/verify"))?;
        let deployment = found(api, &deployment_path(id, ""))?;
        let trail = match trail(api, id) {
            Ok(trail) => Some(trail),
            // An event that was altered so that it can't be read any more: the server can't show it, but
            // has said so.
            Err(failure) if failure.is(Exit::Failed) && verification.as_ref().is_some_and(|own| !own.intact) => None,
            Err(failure) => return Err(failure),
        };
        Ok(Self { trail, deployment, verification })
    }
}

/// What stands at this path, if anything does.
fn found<T: DeserializeOwned>(api: &Api, path: &str) -> Result<Option<T>, Failure> {
    match api.get(path, &[]) {
        Ok(answer) => Ok(Some(answer.value)),
        Err(failure) if failure.is(Exit::NotFound) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// All pages of the trail.
fn trail(api: &Api, id: &DeploymentId) -> Result<Vec<RecordedEvent>, Failure> {
    let path = deployment_path(id, "/events");
    let mut events = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let query = [("limit", Some("100")), ("cursor", cursor.as_deref())];
        let page: Page<RecordedEvent> = api.get(&path, &query)?.value;
        events.extend(page.items);
        if !go_on(&mut cursor, page.next_cursor)? {
            return Ok(events);
        }
    }
}
