//! AWS CodeDeploy's state changes, as EventBridge delivers them and as notification rules do.
//! Documented in the AWS CodeDeploy user guide, "Monitoring deployments with Amazon CloudWatch
//! Events", and in the Amazon EventBridge events reference, "AWS CodeDeploy events".
//!
//! * A deployment is named by `deploymentId`; the application is its service.
//! * An instance is a stage of it, named by the instance; its success is not the deployment's.
//! * No event names an environment or a version. A deployment group often stands for an environment:
//!   a user's rule says so, nothing here guesses it.
//! * Delivery is best effort: the first event that is seen of a deployment may be its last.
//! * Whether a deployment is an automatic rollback is not in these events, only in those of triggers:
//!   see [`trigger`].

mod trigger;

use domain::event::Kind;
use domain::identifiers::Service;
use domain::{FieldError, Status, Timestamp};
use serde::Deserialize;

pub(super) use self::trigger::envelope;
use crate::envelope::Envelope;
use crate::fields::{identifier, typed};
use crate::reading::{Read, Reading, Report};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    deployment_id: String,
    application: String,
    deployment_group: Option<String>,
    instance_id: Option<String>,
    state: String,
}

/// Reads a state change of a deployment or of an instance.
pub(super) fn read(envelope: &Envelope, now: Timestamp) -> Read {
    let about_instance = match envelope.detail_type.as_str() {
        "CodeDeploy Deployment State-change Notification" => false,
        "CodeDeploy Instance State-change Notification" => true,
        trigger::DETAIL_TYPE => return trigger::read(envelope, now),
        other => return Ok(Reading::not_read(format!("{other:?}"))),
    };
    let time = envelope.required_time()?;
    let detail: Detail = typed(&envelope.detail, "detail")?;
    let id = identifier("detail.deploymentId", &detail.deployment_id)?;
    let kind = if about_instance { Kind::Stage } else { Kind::Deployment };
    let mut event = envelope.event(id, kind, status(&detail.state)?)?;
    event.occurred_at = Some(time);
    event.named.service = Some(identifier::<Service>("detail.application", &detail.application)?);
    event.named.region = envelope.region();
    if about_instance {
        event.stage = Some(identifier("detail.instanceId", detail.instance_id.as_deref().unwrap_or_default())?);
    }
    let origin = envelope
        .origin("aws.codedeploy")
        .with("application", Some(&detail.application))
        .with("deploymentGroup", detail.deployment_group.as_deref());
    Ok(Report::foreign(event, origin))
}

fn status(state: &str) -> Result<Status, Vec<FieldError>> {
    match state {
        "START" => Ok(Status::InProgress),
        // The new instances are there and wait for traffic.
        "READY" => Ok(Status::Validating),
        "SUCCESS" => Ok(Status::Completed),
        "FAILURE" => Ok(Status::Failed),
        "STOP" => Ok(Status::Cancelled),
        other => Err(vec![FieldError::new("detail.state", format!("{other:?} is no state that CodeDeploy documents"))]),
    }
}
