//! AWS CodeBuild's builds, as EventBridge delivers them and as notification rules do.
//! Documented in the AWS CodeBuild user guide, "Build notifications input format reference".
//!
//! * A build is a deployment only where a user's rule says so: most of them only build.
//! * It is `<project>:<id>`, out of the ARN in `build-id`; the project is its service.
//! * A phase is a stage of it, with the duration that is reported for it.
//! * `source-version` can be a commit, a branch, a tag, or a branch with its commit in
//!   `^{…}`: only a commit is read. No version and no environment are in the payload;
//!   `environment` is the image that the build runs in.
//! * Times inside are texts without a zone: the time is the envelope's.

use domain::event::{Failure, Kind, Trigger, is_https};
use domain::identifiers::{Commit, Identifier as _, Label, Service};
use domain::{Event, FieldError, Status};
use serde::Deserialize;

use crate::envelope::Envelope;
use crate::fields::{bounded, identifier, typed};
use crate::reading::{Read, Reading, Report};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Detail {
    project_name: String,
    build_id: String,
    build_status: Option<String>,
    completed_phase: Option<String>,
    completed_phase_status: Option<String>,
    completed_phase_context: Option<String>,
    completed_phase_duration_seconds: Option<f64>,
    #[serde(default)]
    additional_information: Additional,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Additional {
    /// A whole number, which events write as `55.0`.
    build_number: Option<f64>,
    initiator: Option<String>,
    source_version: Option<String>,
    artifact: Option<Artifact>,
    logs: Option<Logs>,
    phases: Option<Vec<Phase>>,
}

#[derive(Deserialize)]
struct Artifact {
    location: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Logs {
    deep_link: Option<String>,
}

#[derive(Deserialize)]
struct Phase {
    #[serde(rename = "phase-type")]
    name: String,
    #[serde(rename = "phase-status")]
    status: Option<String>,
    #[serde(rename = "phase-context")]
    context: Option<Vec<String>>,
}

/// Reads a change of a build's status, or the end of a phase.
pub(super) fn read(envelope: &Envelope) -> Read {
    let about_phase = match envelope.detail_type.as_str() {
        "CodeBuild Build State Change" => false,
        "CodeBuild Build Phase Change" => true,
        other => return Ok(Reading::not_read(format!("{other:?}"))),
    };
    let time = envelope.required_time()?;
    let detail: Detail = typed(&envelope.detail, "detail")?;
    let id = detail.build_id.split_once(":build/").map_or(detail.build_id.as_str(), |(_, id)| id);
    let id = identifier("detail.build-id", id)?;
    let mut event = if about_phase {
        let status = status("detail.completed-phase-status", detail.completed_phase_status.as_deref())?;
        let mut event = envelope.event(id, Kind::Stage, status)?;
        add_phase(&mut event, &detail)?;
        event
    } else {
        let status = status("detail.build-status", detail.build_status.as_deref())?;
        let mut event = envelope.event(id, Kind::Deployment, status)?;
        if status == Status::Failed {
            event.error = failure(detail.additional_information.phases.as_deref().unwrap_or_default());
        }
        event
    };
    event.occurred_at = Some(time);
    event.named.service = Some(identifier::<Service>("detail.project-name", &detail.project_name)?);
    describe(&mut event, &detail.additional_information);
    let origin = envelope.origin("aws.codebuild").with("project", Some(&detail.project_name));
    Ok(Report::only_by_rule(event, origin))
}

/// The status of a build or of a phase.
fn status(field: &str, text: Option<&str>) -> Result<Status, Vec<FieldError>> {
    match text.unwrap_or_default() {
        "QUEUED" => Ok(Status::Pending),
        "IN_PROGRESS" => Ok(Status::InProgress),
        "SUCCEEDED" => Ok(Status::Completed),
        "FAILED" | "FAULT" | "TIMED_OUT" | "CLIENT_ERROR" => Ok(Status::Failed),
        "STOPPED" => Ok(Status::Cancelled),
        other => Err(vec![FieldError::new(field, format!("{other:?} is no status that CodeBuild documents"))]),
    }
}

/// Adds the phase that an event is about.
fn add_phase(event: &mut Event, detail: &Detail) -> Result<(), Vec<FieldError>> {
    event.stage = Some(identifier("detail.completed-phase", detail.completed_phase.as_deref().unwrap_or_default())?);
    if let Some(seconds) = detail.completed_phase_duration_seconds {
        if !(0.0..=domain::event::Limits::FIGURE).contains(&seconds) {
            let detail = "must be a number of seconds from 0";
            return Err(vec![FieldError::new("detail.completed-phase-duration-seconds", detail)]);
        }
        event.metrics.duration_seconds = Some(seconds);
    }
    if event.status == Status::Failed {
        // `[: ]` says nothing.
        let context = detail.completed_phase_context.as_deref().unwrap_or_default();
        let context = context.trim_matches(['[', ']', ':', ' ']);
        event.error = (!context.is_empty()).then(|| Failure { message: Some(bounded(context)), code: None });
    }
    Ok(())
}

/// The failure, as the phases that did not succeed describe it.
fn failure(phases: &[Phase]) -> Option<Failure> {
    let failed = phases.iter().filter(|phase| matches!(status("", phase.status.as_deref()), Ok(Status::Failed)));
    let messages = failed.map(|phase| {
        let context = phase.context.iter().flatten().map(|text| text.trim_matches([':', ' ']));
        let why = context.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ");
        format!("{}: {}", phase.name, if why.is_empty() { "failed" } else { &why })
    });
    let message = bounded(&messages.collect::<Vec<_>>().join("; "));
    (!message.is_empty()).then_some(Failure { message: Some(message), code: None })
}

/// What describes a build. None of it is essential: what can't be kept is left out.
fn describe(event: &mut Event, additional: &Additional) {
    let label = |text: &str| Label::parse(text).ok();
    event.named.commit = additional.source_version.as_deref().and_then(commit);
    event.named.artifact = additional.artifact.as_ref().and_then(|artifact| label(artifact.location.as_deref()?));
    event.named.build_number = additional.build_number.and_then(|number| label(&number.to_string()));
    let initiator = additional.initiator.as_deref().filter(|actor| (1..=256).contains(&actor.len()));
    event.named.triggered_by =
        initiator.map(|actor| Trigger { kind: None, actor: Some(actor.to_owned()), reason: None });
    let log = additional.logs.as_ref().and_then(|logs| logs.deep_link.as_deref()).filter(|link| is_https(link));
    event.links = log.map(|link| ("log".to_owned(), link.to_owned())).into_iter().collect();
}

/// The commit in `8cf40f2…`, or in `refs/heads/main^{8cf40f2…}`.
fn commit(source_version: &str) -> Option<Commit> {
    let inner = source_version.split_once("^{").and_then(|(_, inner)| inner.strip_suffix('}'));
    let text = inner.unwrap_or(source_version);
    let is_sha = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    Commit::parse(text).ok().filter(|_| is_sha)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_status_means_one_thing() {
        for (text, expected) in [
            ("QUEUED", Status::Pending),
            ("IN_PROGRESS", Status::InProgress),
            ("SUCCEEDED", Status::Completed),
            ("FAILED", Status::Failed),
            ("FAULT", Status::Failed),
            ("TIMED_OUT", Status::Failed),
            ("CLIENT_ERROR", Status::Failed),
            ("STOPPED", Status::Cancelled),
        ] {
            assert_eq!(status("field", Some(text)).unwrap(), expected, "{text}");
        }
        for wrong in [None, Some(""), Some("succeeded")] {
            assert_eq!(status("field", wrong).unwrap_err()[0].field, "field", "{wrong:?}");
        }
    }

    #[test]
    fn only_a_commit_is_taken_for_one() {
        let sha = "75614758eace7c1d9d032b8980854ab486068f3b";
        for text in [sha.to_owned(), format!("refs/heads/main^{{{sha}}}")] {
            assert_eq!(commit(&text).unwrap().as_str(), sha, "{text}");
        }
        for text in ["", "main", "v1.2.3", "7561475", "refs/heads/main^{}", "arn:aws:s3:::bucket/source.zip"] {
            assert_eq!(commit(text), None, "{text}");
        }
    }
}
