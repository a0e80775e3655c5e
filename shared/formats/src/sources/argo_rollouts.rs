//! Argo Rollouts' notifications: `{"rollout": <Rollout>}`, or the `Rollout` itself. Documented in Argo
//! Rollouts' "Notifications" and "Rollout Specification"; `docs/sources/argo-rollouts.md` has the
//! template that sends it.
//!
//! * A revision of a rollout is a deployment. A pod template that comes back gets a revision of its own,
//!   and the hash of its pods again: the hash stands in only where no revision is given.
//! * It is completed when it is healthy, and failed when it was aborted or degrades. It is rolled back once
//!   its status shows that only the stable version gets traffic.
//! * The step of a canary that it is in is its stage.
//! * A version that was promoted before stays deployed, however its pods do: that is health, and nothing
//!   new of the deployment.
//! * The environment is the namespace, as for Argo CD; a rule can name it otherwise.

mod rollout;

use domain::event::{Failure, Kind};
use domain::identifiers::{Identifier as _, Label, Source, StageName, Version};
use domain::{Event, FieldError, Status, Timestamp};
use serde_json::Value;

use self::rollout::{Phase, Rollout};
use crate::fields::{bounded, identifier, not_in_future, typed};
use crate::ids::{made_id, stage_name};
use crate::origin::Origin;
use crate::reading::{Read, Reading, Report, under};

/// Whether a document is a rollout, or a notification about one.
pub(super) fn is_rollout(document: &Value) -> bool {
    let text = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or_default();
    document.pointer("/rollout/metadata").is_some()
        || text("kind") == "Rollout" && text("apiVersion").starts_with("argoproj.io/")
}

/// Reads the body of a notification.
pub(super) fn read(body: &Value, now: Timestamp) -> Read {
    match body.get("rollout") {
        Some(rollout) => under("rollout", of_rollout(rollout, now)),
        None => of_rollout(body, now),
    }
}

fn of_rollout(rollout: &Value, now: Timestamp) -> Read {
    let rollout: Rollout = typed(rollout, "")?;
    if let Some(kind) = rollout.kind.as_deref().filter(|kind| *kind != "Rollout") {
        return Err(vec![FieldError::new("kind", format!("must be Rollout, not {kind:?}"))]);
    }
    let event = match (rollout.metadata.deletion_timestamp, rollout.status.phase) {
        (Some(time), _) => removal(&rollout, time, now)?,
        (None, None) => return Ok(Reading::nothing_new("the rollout has no phase: nothing was deployed yet")),
        (None, Some(phase)) => match status(phase, &rollout) {
            Some(status) => deployment(&rollout, status, now)?,
            None => return Ok(Reading::nothing_new("the version was promoted before: its pods are no deployment")),
        },
    };
    let (name, namespace) = (&rollout.metadata.name, rollout.metadata.namespace.as_deref());
    let origin = Origin::of("argo-rollouts")
        .service("metadata.name", Some(name))
        .environment("metadata.namespace", namespace.filter(|name| !name.is_empty()))
        .with("rollout", Some(name))
        .with("namespace", namespace)
        .with("strategy", rollout.strategy())
        .with("image", rollout.image());
    Ok(Report::foreign(event, origin))
}

/// How the revision stands; nothing where only the pods of a promoted version do.
fn status(phase: Phase, rollout: &Rollout) -> Option<Status> {
    match phase {
        _ if rollout.status.abort == Some(true) && rollout.is_back_at_stable() => Some(Status::RolledBack),
        _ if rollout.status.abort == Some(true) => Some(Status::Failed),
        Phase::Healthy => Some(Status::Completed),
        _ if rollout.was_promoted() => None,
        Phase::Progressing | Phase::Paused => Some(Status::InProgress),
        Phase::Degraded => Some(Status::Failed),
    }
}

fn deployment(rollout: &Rollout, status: Status, now: Timestamp) -> Result<Event, Vec<FieldError>> {
    let revision = rollout.revision().ok_or_else(|| {
        let detail = "is required: which of its deployments this is, here or in status.currentPodHash";
        vec![FieldError::new("metadata.annotations[rollout.argoproj.io/revision]", detail)]
    })?;
    let mut event = event(rollout, revision, Kind::Deployment, status)?;
    if let Some((field, time)) = rollout.came_to_stand_so() {
        not_in_future(field, time, now)?;
        event.occurred_at = Some(time);
    }
    event.stage = step(rollout)?;
    event.named.version = rollout.image().and_then(tag).and_then(|tag| Version::parse(tag).ok());
    event.named.artifact = rollout.image().and_then(|image| Label::parse(image).ok());
    let message = rollout.status.message.as_deref().filter(|text| !text.is_empty()).map(bounded);
    if matches!(status, Status::Failed | Status::RolledBack) {
        let code = rollout.status.phase.map(|phase| format!("{phase:?}"));
        event.error = Some(Failure { message, code });
    } else {
        event.notes = message;
    }
    Ok(event)
}

/// Under way while it is deleted. Its end is never reported: Argo Rollouts no longer knows the rollout then.
fn removal(rollout: &Rollout, time: Timestamp, now: Timestamp) -> Result<Event, Vec<FieldError>> {
    not_in_future("metadata.deletionTimestamp", time, now)?;
    let mut event = event(rollout, &format!("deletion:{time}"), Kind::Removal, Status::InProgress)?;
    event.occurred_at = Some(time);
    Ok(event)
}

/// An event of this rollout's deployment. Two clusters can have a rollout of one name; the first part of
/// its uid distinguishes them.
fn event(rollout: &Rollout, which: &str, kind: Kind, status: Status) -> Result<Event, Vec<FieldError>> {
    let metadata = &rollout.metadata;
    let uid = metadata.uid.as_deref().and_then(|uid| uid.split('-').next()).filter(|part| !part.is_empty());
    let uid = uid.map(|part| format!(":{part}")).unwrap_or_default();
    let namespace = metadata.namespace.as_deref().filter(|name| !name.is_empty());
    let namespace = namespace.map(|name| format!("{name}/")).unwrap_or_default();
    let id = format!("argo-rollouts:{namespace}{}{uid}:{which}", metadata.name);
    Ok(Event::new(identifier::<Source>("source", "argo-rollouts")?, made_id("metadata.name", &id)?, kind, status))
}

/// The step of a canary that is under way, as people count: `step 2 of 5: setWeight 40`. None after the
/// last, and none when it was aborted: the controller goes back to the first then.
fn step(rollout: &Rollout) -> Result<Option<StageName>, Vec<FieldError>> {
    let index = rollout.status.current_step_index.filter(|_| rollout.status.abort != Some(true));
    let Some(index) = index else { return Ok(None) };
    let steps = rollout.steps();
    let number = index.saturating_add(1);
    let name = match steps.get(usize::try_from(index).unwrap_or(usize::MAX)) {
        Some(step) => format!("step {number} of {}: {}", steps.len(), described(step)),
        None if steps.is_empty() && rollout.status.phase != Some(Phase::Healthy) => format!("step {number}"),
        None => return Ok(None),
    };
    stage_name("spec.strategy.canary.steps", &name).map(Some)
}

/// What a step does: its only field, with its value where that is short.
fn described(step: &Value) -> String {
    let Some((what, value)) = step.as_object().and_then(|step| step.iter().next()) else { return "step".to_owned() };
    match value {
        Value::Number(number) => format!("{what} {number}"),
        Value::Object(fields) => match fields.get("duration") {
            Some(Value::String(duration)) => format!("{what} {duration}"),
            Some(Value::Number(seconds)) => format!("{what} {seconds}s"),
            _ => what.clone(),
        },
        _ => what.clone(),
    }
}

/// The tag of an image, else its digest: `registry:5000/shop/cart:2.8.0@sha256:…`.
fn tag(image: &str) -> Option<&str> {
    let (named, digest) = image.split_once('@').map_or((image, None), |(named, digest)| (named, Some(digest)));
    let last = named.rsplit('/').next().unwrap_or_default();
    last.split_once(':').map(|(_, tag)| tag).or(digest).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_version_is_the_tag_of_the_image_else_its_digest() {
        for (image, expected) in [
            ("cart:2.8.0", Some("2.8.0")),
            ("registry.example:5000/shop/cart:2.8.0", Some("2.8.0")),
            ("registry.example:5000/shop/cart", None),
            ("shop/cart:2.8.0@sha256:0b31", Some("2.8.0")),
            ("shop/cart@sha256:0b31", Some("sha256:0b31")),
            ("cart:", None),
            ("", None),
        ] {
            assert_eq!(tag(image), expected, "{image}");
        }
    }

    #[test]
    fn only_an_aborted_rollout_whose_stable_version_has_all_traffic_is_rolled_back() {
        let of = |phase: &str, more: &Value| {
            let mut status = json!({"phase": phase, "currentPodHash": "7c", "stableRS": "6b"});
            status.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let rollout = json!({"metadata": {"name": "cart"}, "status": status});
            let rollout: Rollout = serde_json::from_value(rollout).unwrap();
            super::status(rollout.status.phase.unwrap(), &rollout)
        };
        let weights = |canary: u32, stable: u32| json!({"abort": true, "canary": {"weights": {"canary": {"weight": canary}, "stable": {"weight": stable}}}});
        let active = |hash: &str| json!({"abort": true, "blueGreen": {"activeSelector": hash}});
        let promoted = json!({"stableRS": "7c"});
        for (phase, more, expected) in [
            ("Healthy", &json!({}), Some(Status::Completed)),
            ("Progressing", &json!({}), Some(Status::InProgress)),
            ("Paused", &json!({}), Some(Status::InProgress)),
            ("Degraded", &json!({}), Some(Status::Failed)),
            ("Degraded", &json!({"abort": true}), Some(Status::Failed)),
            ("Degraded", &weights(40, 60), Some(Status::Failed)),
            ("Degraded", &weights(0, 100), Some(Status::RolledBack)),
            ("Degraded", &json!({"abort": true, "replicas": 4}), Some(Status::Failed)),
            ("Degraded", &json!({"abort": true, "replicas": 4, "conditions": []}), Some(Status::RolledBack)),
            (
                "Degraded",
                &json!({"abort": true, "replicas": 4, "updatedReplicas": 1, "conditions": []}),
                Some(Status::Failed),
            ),
            ("Degraded", &active("7c"), Some(Status::Failed)),
            ("Degraded", &active("6b"), Some(Status::RolledBack)),
            ("Healthy", &promoted, Some(Status::Completed)),
            ("Progressing", &promoted, None),
            ("Degraded", &promoted, None),
        ] {
            assert_eq!(of(phase, more), expected, "{phase} {more}");
        }
    }
}
