//! Amazon ECS's deployments of services, as EventBridge delivers them.
//! Documented in the Amazon ECS developer guide, "Amazon ECS service deployment state change events".
//!
//! * A deployment is named by `deploymentId`; its service is in the ARN in `resources`, the cluster
//!   too, except in the old form of that ARN.
//! * `reason` is the only field that mentions a rollback. A failed deployment that is `rolling back`
//!   is `ROLLED_BACK`; the version is not given, so none is named. A deployment that starts with
//!   `rolling back` is the one that rolls back: ECS gives it an id of its own, and it completes or
//!   fails as any other.
//! * Published examples share one envelope id and one time between different transitions. An event is
//!   known by its content, and of two at one time an ending counts.
//! * The version and the environment are not in the payload.
//! * Other events of ECS (tasks, instances, a service's steady state) come without a deployment.

use domain::event::{Failure, Kind, Trigger, TriggerKind};
use domain::identifiers::Service;
use domain::{FieldError, Status, Timestamp};
use serde::Deserialize;

use crate::envelope::Envelope;
use crate::fields::{any, bounded, identifier, not_in_future, typed};
use crate::reading::{Read, Reading, Report};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    event_name: String,
    deployment_id: String,
    cluster_arn: Option<String>,
    updated_at: Option<Timestamp>,
    reason: Option<String>,
}

/// Reads a state change of a deployment.
pub(super) fn read(envelope: &Envelope, now: Timestamp) -> Read {
    if envelope.detail_type != "ECS Deployment State Change" {
        return Ok(Reading::not_read(format!("{:?}", envelope.detail_type)));
    }
    let detail: Detail = typed(&envelope.detail, "detail")?;
    let time = match detail.updated_at {
        Some(time) => not_in_future("detail.updatedAt", time, now).map(|()| time)?,
        None => envelope.required_time()?,
    };
    let (cluster, service) = service(envelope)?;
    let cluster =
        cluster.or_else(|| detail.cluster_arn.as_deref()?.split_once(":cluster/").map(|(_, name)| name.to_owned()));
    let reason = detail.reason.filter(|reason| !reason.is_empty());
    let rolls_back = reason.as_deref().is_some_and(rolls_back);
    let status = match detail.event_name.as_str() {
        "SERVICE_DEPLOYMENT_IN_PROGRESS" => Status::InProgress,
        "SERVICE_DEPLOYMENT_COMPLETED" => Status::Completed,
        "SERVICE_DEPLOYMENT_FAILED" if rolls_back => Status::RolledBack,
        "SERVICE_DEPLOYMENT_FAILED" => Status::Failed,
        other => {
            let detail = format!("{other:?} is no event of a deployment that ECS documents");
            return Err(vec![FieldError::new("detail.eventName", detail)]);
        }
    };
    let id = identifier("detail.deploymentId", &detail.deployment_id)?;
    let mut event = envelope.event(id, Kind::Deployment, status)?;
    event.occurred_at = Some(time);
    event.named.service = Some(identifier::<Service>("resources", &service)?);
    event.named.region = envelope.region();
    match status {
        Status::Failed | Status::RolledBack => {
            event.error = reason.map(|reason| Failure { message: Some(bounded(&reason)), code: None });
        }
        Status::InProgress if rolls_back => {
            let what = Some("rollback".to_owned());
            event.named.triggered_by = Some(Trigger { kind: Some(TriggerKind::Automatic), actor: None, reason: what });
            event.notes = reason.as_deref().map(bounded);
        }
        // Elsewhere it repeats the status in words.
        _ => {}
    }
    let origin = envelope.origin("aws.ecs").with("cluster", cluster.as_deref()).with("service", Some(service.as_str()));
    Ok(Report::foreign(event, origin))
}

/// The cluster and the service out of `arn:aws:ecs:eu-west-1:123456789012:service/cluster/name`, or
/// out of the old form without the cluster.
fn service(envelope: &Envelope) -> Result<(Option<String>, String), Vec<FieldError>> {
    let resources: Option<Vec<String>> = any(&envelope.resources, "resources")?;
    let path = resources.iter().flatten().find_map(|arn| arn.split_once(":service/")).map(|(_, path)| path);
    let Some(path) = path else {
        return Err(vec![FieldError::new("resources", "must have the ARN of a service: …:service/<cluster>/<name>")]);
    };
    Ok(match path.split_once('/') {
        Some((cluster, name)) => (Some(cluster.to_owned()), name.to_owned()),
        None => (None, path.to_owned()),
    })
}

/// Whether a reason says that an earlier deployment comes back, such as `ECS deployment circuit
/// breaker: rolling back to deploymentId ecs-svc/1.` That no rollback was possible is no rollback.
fn rolls_back(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    reason.contains("rolling back to ") || reason.contains("rolled back to ")
}
