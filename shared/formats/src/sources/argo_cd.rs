//! Argo CD's notifications: `{"app": <Application>, "context": {"argocdUrl": …}}`, or the
//! `Application` itself. Documented in Argo CD's "Notifications" and "Application Specification
//! Reference"; `docs/sources/argo-cd.md` has the template that sends it.
//!
//! * An operation (a sync) is a deployment. Its phase says how the sync ended; it is completed only
//!   when the application is healthy too, and until then it is validated.
//! * What is deployed is the revision of the sync's result. `status.sync.revision` is what is
//!   desired, which may be ahead of it. Images are not the version: in the middle of a roll-out
//!   those of two versions are listed, and those of sidecars always.
//! * The environment is the namespace that the application is deployed to, which is all that it says
//!   of where; a rule can name it otherwise.
//! * Without an operation nothing was deployed, however healthy the application is. A sync of some
//!   of its resources (each self-heal is one) goes into no history of Argo CD, and into none of ours.
//! * The resources of a sync have phases but no times, so they make no stages.

mod application;

use domain::event::{Failure, Kind, Trigger, TriggerKind};
use domain::identifiers::{Identifier as _, Label, Source, Version};
use domain::{Event, FieldError, Status, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use self::application::{Application, HealthStatus, Operation, OperationState, Phase, Spec, is_commit};
use crate::fields::{bounded, identifier, not_in_future, typed};
use crate::ids::made_id;
use crate::origin::Origin;
use crate::reading::{Read, Reading, Repeated, Report, under};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    argocd_url: Option<String>,
}

/// Reads the body of a notification.
pub(super) fn read(body: &Value, now: Timestamp) -> Read {
    let Some(application) = body.get("app") else { return of_application(body, None, now) };
    let context: Option<Context> = typed(body.get("context").unwrap_or(&Value::Null), "context")?;
    let url = context.and_then(|context| context.argocd_url);
    under("app", of_application(application, url.as_deref(), now))
}

fn of_application(application: &Value, argocd_url: Option<&str>, now: Timestamp) -> Read {
    let document = application;
    let application: Application = typed(document, "")?;
    if let Some(kind) = application.kind.as_deref().filter(|kind| *kind != "Application") {
        return Err(vec![FieldError::new("kind", format!("must be Application, not {kind:?}"))]);
    }
    let mut event = match (application.metadata.deletion_timestamp, operation(&application)) {
        (Some(time), _) => removal(&application, time, now)?,
        (None, Some(state)) => match not_deployed(state.operation.as_ref()) {
            Some(reason) => return Ok(Reading::no_deployment(reason)),
            None => deployment(&application, state, now)?,
        },
        (None, None) => {
            return Ok(Reading::nothing_new(
                "the application has no operation, so it does not say that anything was deployed",
            ));
        }
    };
    let spec = application.spec.as_ref();
    let destination = spec.and_then(|spec| spec.destination.as_ref());
    let namespace = destination.and_then(|to| to.namespace.as_deref()).filter(|name| !name.is_empty());
    if let Some(url) = argocd_url.map(|base| link(base, &application)).filter(|url| domain::event::is_https(url)) {
        event.links.insert("argocd".to_owned(), url);
    }
    let cluster =
        destination.and_then(|to| to.name.as_deref().filter(|name| !name.is_empty()).or(to.server.as_deref()));
    let origin = Origin::of("argocd")
        .service("metadata.name", Some(&application.metadata.name))
        .environment("spec.destination.namespace", namespace)
        .with("application", Some(&application.metadata.name))
        .with("project", spec.and_then(|spec| spec.project.as_deref()))
        .with("namespace", namespace)
        .with("cluster", cluster)
        .with("repository", spec.and_then(Spec::source).and_then(|source| source.repository.as_deref()));
    if event.kind == Kind::Removal {
        return Ok(Report::foreign(event, origin));
    }
    let repeated = Repeated { id: id(&application), document: document.clone() };
    Ok(Report::repeated(event, repeated, origin))
}

fn operation(application: &Application) -> Option<&OperationState> {
    application.status.as_ref()?.operation_state.as_ref()
}

/// Why an operation deploys nothing.
fn not_deployed(operation: Option<&Operation>) -> Option<&'static str> {
    let sync = operation?.sync.as_ref()?;
    match sync {
        sync if sync.dry_run == Some(true) => Some("a dry run deploys nothing"),
        sync if sync.resources.as_ref().is_some_and(|some| !some.is_empty()) => {
            Some("a sync of some resources only, such as a self-heal, is not taken for a deployment of the application")
        }
        _ => None,
    }
}

/// Under way while it is deleted. Its end is never reported: Argo CD no longer knows the application then.
fn removal(application: &Application, time: Timestamp, now: Timestamp) -> Result<Event, Vec<FieldError>> {
    not_in_future("metadata.deletionTimestamp", time, now)?;
    let mut event = event(application, "deletion:", time, Kind::Removal, Status::InProgress)?;
    event.occurred_at = Some(time);
    Ok(event)
}

fn deployment(application: &Application, state: &OperationState, now: Timestamp) -> Result<Event, Vec<FieldError>> {
    let health = application.status.as_ref().and_then(|status| status.health.as_ref());
    let healthy = health.and_then(|health| health.status);
    let status = status(state.phase, healthy);
    let mut event = event(application, "", state.started_at, Kind::Deployment, status)?;
    let (field, time) = match (status, health.and_then(|health| health.last_transition_time)) {
        (Status::InProgress, _) => ("status.operationState.startedAt", state.started_at),
        (Status::Completed, Some(healthy)) if healthy > finished(state)? => {
            ("status.health.lastTransitionTime", healthy)
        }
        _ => ("status.operationState.finishedAt", finished(state)?),
    };
    not_in_future(field, time, now)?;
    event.occurred_at = Some(time);
    // Where only the end is reported, this is how long it took.
    let seconds = Some(time.seconds_since(state.started_at)).filter(|seconds| *seconds >= 0.0);
    event.metrics.duration_seconds = seconds.filter(|_| status.is_terminal());
    let revision = state.revision(application.spec.as_ref());
    event.named.version = revision.and_then(|revision| Version::parse(revision).ok());
    event.named.commit = revision.filter(|revision| is_commit(revision)).and_then(|sha| identifier("", sha).ok());
    event.named.artifact = image(application, event.occurred_at, status);
    event.named.triggered_by = state.operation.as_ref().and_then(trigger);
    if status == Status::Failed {
        let message = state.message.as_deref().filter(|text| !text.is_empty()).map(bounded);
        event.error = Some(Failure { message, code: Some(format!("{:?}", state.phase)) });
    } else if state.phase == Phase::Succeeded {
        event.notes = Some(described(healthy, health.and_then(|health| health.message.as_deref())));
    }
    Ok(event)
}

/// An event of this application's operation that began then.
fn event(
    application: &Application,
    operation: &str,
    began: Timestamp,
    kind: Kind,
    status: Status,
) -> Result<Event, Vec<FieldError>> {
    let id = format!("{}:{operation}{began}", id(application));
    Ok(Event::new(identifier::<Source>("source", "argocd")?, made_id("metadata.name", &id)?, kind, status))
}

/// What the ids of its deployments begin with.
fn id(application: &Application) -> String {
    // Two clusters can have an application of one name that one push syncs in the same second; the
    // first part of its uid distinguishes them.
    let uid = application.metadata.uid.as_deref().and_then(|uid| uid.split('-').next()).filter(|part| !part.is_empty());
    let uid = uid.map(|part| format!(":{part}")).unwrap_or_default();
    format!("argocd:{}{uid}", name(application))
}

/// `namespace/name`, as Argo CD names an application.
fn name(application: &Application) -> String {
    let metadata = &application.metadata;
    let namespace = metadata.namespace.as_deref().filter(|name| !name.is_empty());
    namespace.map_or_else(|| metadata.name.clone(), |namespace| format!("{namespace}/{}", metadata.name))
}

fn status(phase: Phase, health: Option<HealthStatus>) -> Status {
    match (phase, health) {
        (Phase::Running | Phase::Terminating, _) => Status::InProgress,
        (Phase::Failed | Phase::Error, _) => Status::Failed,
        (Phase::Succeeded, Some(HealthStatus::Healthy)) => Status::Completed,
        (Phase::Succeeded, _) => Status::Validating,
    }
}

fn finished(state: &OperationState) -> Result<Timestamp, Vec<FieldError>> {
    let detail = format!("is required of an operation that has {:?}", state.phase);
    state.finished_at.ok_or_else(|| vec![FieldError::new("status.operationState.finishedAt", detail)])
}

/// The image, when it is the only one and the list was made after the deployment had ended.
fn image(application: &Application, ended: Option<Timestamp>, status: Status) -> Option<Label> {
    let known =
        application.status.as_ref().filter(|known| status == Status::Completed && known.reconciled_at >= ended)?;
    match known.summary.as_ref()?.images.as_deref()? {
        [image] => Label::parse(image).ok(),
        _ => None,
    }
}

/// Who started it. A user can be a person or a robot's account, so the kind stays open. Only a
/// rollback brings sources of its own: those of the history's entry.
fn trigger(operation: &Operation) -> Option<Trigger> {
    let by = operation.initiated_by.as_ref();
    let kind = by.and_then(|by| by.automated).filter(|automated| *automated).map(|_| TriggerKind::Automatic);
    let actor = by.and_then(|by| by.username.clone()).filter(|name| !name.is_empty() && name.len() <= 256);
    let own_source =
        |sync: &application::Sync| sync.source.is_some() || sync.sources.as_ref().is_some_and(|all| !all.is_empty());
    let reason = operation.sync.as_ref().is_some_and(own_source).then(|| "rollback".to_owned());
    let trigger = Trigger { kind, actor, reason };
    (trigger != Trigger::default()).then_some(trigger)
}

/// The health that a sync led to: `Degraded: …`.
fn described(health: Option<HealthStatus>, message: Option<&str>) -> String {
    let health = health.map_or_else(|| "health is not known".to_owned(), |health| format!("{health:?}"));
    match message.filter(|text| !text.is_empty()) {
        Some(message) => bounded(&format!("{health}: {message}")),
        None => health,
    }
}

fn link(base: &str, application: &Application) -> String {
    format!("{}/applications/{}", base.trim_end_matches('/'), name(application))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_sync_that_succeeded_and_is_healthy_completes_a_deployment() {
        use {HealthStatus as H, Phase as P, Status as S};
        let all = [H::Healthy, H::Progressing, H::Suspended, H::Degraded, H::Missing, H::Unknown].map(Some);
        for health in all.into_iter().chain([None]) {
            let succeeded = if health == Some(H::Healthy) { S::Completed } else { S::Validating };
            let phases = [P::Running, P::Terminating, P::Succeeded, P::Failed, P::Error];
            let expected = [S::InProgress, S::InProgress, succeeded, S::Failed, S::Failed];
            assert_eq!(phases.map(|phase| status(phase, health)), expected, "{health:?}");
        }
    }
}
