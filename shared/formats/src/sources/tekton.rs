//! Tekton's own CloudEvents (`dev.tekton.event.pipelinerun.….v1`, `…taskrun.…`): `{"pipelineRun": …}` and
//! `{"taskRun": …}`. Documented in Tekton's "Events in Tekton", and in its
//! pages about both kinds of runs. CDEvents that
//! Tekton sends are read as such.
//!
//! * Most pipelines build and test: a run is a deployment only where a user's rule says so. What its
//!   parameters and labels call the service and the environment, they are called then.
//! * A task run is a stage of its run, which owns it.
//! * How it stands is what its condition `Succeeded` says. The type of the CloudEvent says no more.
//! * A name can be used again when its run was deleted, so an id has a part of the run's uid.

mod run;

use domain::event::{Failure, Kind};
use domain::identifiers::{Commit, Identifier as _, Label, Source, Version};
use domain::{Event, FieldError, Status, Timestamp};
use serde_json::Value;

use self::run::Run;
use crate::fields::{bounded, identifier, not_in_future, typed};
use crate::ids::{made_id, stage_name};
use crate::origin::Origin;
use crate::reading::{Read, Reading, Report, under};

/// Whether a document is the data of one of Tekton's events.
pub(super) fn is_tekton(document: &Value) -> bool {
    ["pipelineRun", "taskRun", "customRun", "run"]
        .iter()
        .any(|name| document.get(name).is_some_and(|run| run.get("metadata").is_some()))
}

/// Reads how a run stands.
pub(super) fn read(data: &Value, now: Timestamp) -> Read {
    match (data.get("pipelineRun"), data.get("taskRun")) {
        (Some(run), _) => under("pipelineRun", pipeline_run(run, now)),
        (None, Some(run)) => under("taskRun", task_run(run, now)),
        (None, None) => {
            Ok(Reading::no_deployment("a custom run is no deployment, and its result is that of its pipeline run"))
        }
    }
}

fn pipeline_run(run: &Value, now: Timestamp) -> Read {
    let run: Run = typed(run, "")?;
    let metadata = &run.metadata;
    let id = run_id(metadata.namespace.as_deref(), &metadata.name, metadata.uid.as_deref())?;
    let mut event = event(&run, id, Kind::Deployment, now)?;
    let parameter = |names: &[&str]| run.parameter(names);
    event.named.version = parameter(&["version", "image-tag", "tag"]).and_then(|text| Version::parse(text).ok());
    event.named.commit =
        parameter(&["commit", "commit-sha", "git-revision", "gitrevision", "revision"]).and_then(commit);
    event.named.artifact = parameter(&["image", "image-url"]).and_then(|text| Label::parse(text).ok());
    Ok(Report::only_by_rule(event, origin(&run)))
}

fn task_run(run: &Value, now: Timestamp) -> Read {
    let run: Run = typed(run, "")?;
    let Some((name, uid)) = run.owner() else {
        return Ok(Reading::no_deployment("a task run without a pipeline run is not a stage of a deployment"));
    };
    let id = run_id(run.metadata.namespace.as_deref(), name, uid)?;
    let mut event = event(&run, id, Kind::Stage, now)?;
    let task = run.label("tekton.dev/pipelineTask").unwrap_or(&run.metadata.name);
    event.stage = Some(stage_name("metadata.labels", task)?);
    Ok(Report::only_by_rule(event, origin(&run).with("task", Some(task))))
}

fn run_id(namespace: Option<&str>, name: &str, uid: Option<&str>) -> Result<domain::DeploymentId, Vec<FieldError>> {
    let namespace = namespace.filter(|name| !name.is_empty()).map(|name| format!("{name}/")).unwrap_or_default();
    let uid = uid.and_then(|uid| uid.split('-').next()).filter(|part| !part.is_empty());
    let uid = uid.map(|part| format!(":{part}")).unwrap_or_default();
    made_id("metadata.name", &format!("tekton:{namespace}{name}{uid}"))
}

fn event(run: &Run, id: domain::DeploymentId, kind: Kind, now: Timestamp) -> Result<Event, Vec<FieldError>> {
    let status = run.status()?;
    let mut event = Event::new(identifier::<Source>("source", "tekton")?, id, kind, status);
    if let Some((field, time)) = run.came_to_stand_so(status) {
        not_in_future(field, time, now)?;
        event.occurred_at = Some(time);
    }
    event.metrics.duration_seconds = run.duration().filter(|_| status.is_terminal());
    let (reason, message) = run.explained();
    let message = message.map(bounded);
    if status == Status::Failed {
        let code = reason.filter(|code| code.len() <= 256).map(str::to_owned);
        event.error = (message.is_some() || code.is_some()).then_some(Failure { message, code });
    } else {
        event.notes = message;
    }
    Ok(event)
}

fn origin(run: &Run) -> Origin {
    let service = run.called(&["service", "app", "application"]);
    let environment = run.called(&["environment", "env"]);
    let pipeline = run.pipeline();
    let is_task = run.owner().is_some();
    Origin::of("tekton")
        .service("spec.params", service.or(pipeline).filter(|_| !is_task || service.is_some()))
        .environment("spec.params", environment)
        .with("pipeline", pipeline)
        .with("namespace", run.metadata.namespace.as_deref())
        .with("service", service)
        .with("environment", environment)
}

/// A parameter such as `revision` can be a branch: only a SHA is a commit.
fn commit(text: &str) -> Option<Commit> {
    let is_sha = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    Commit::parse(text).ok().filter(|_| is_sha)
}
