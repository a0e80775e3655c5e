//! AWS Amplify's jobs, as EventBridge delivers them. Documented in the AWS Amplify Hosting user guide,
//! "Custom EventBridge notifications for builds", and in its API reference, `JobSummary`.
//!
//! * A job builds a branch of an app and deploys it: a deployment. Jobs are numbered for each branch, and
//!   an app's id is unique in an account and a region.
//! * The app is the service, by its id, as its name is not in the payload. A rule names it, and the
//!   environment, which is often the branch.
//! * The version and the commit are not in the payload.

use domain::event::Kind;
use domain::identifiers::{Identifier as _, Label};
use domain::{FieldError, Status};
use serde::Deserialize;

use crate::envelope::Envelope;
use crate::fields::typed;
use crate::ids::id_within;
use crate::reading::{Read, Reading, Report};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    app_id: String,
    branch_name: String,
    job_id: String,
    job_status: String,
}

/// Reads a change of a job's status.
pub(super) fn read(envelope: &Envelope) -> Read {
    if envelope.detail_type != "Amplify Deployment Status Change" {
        return Ok(Reading::no_deployment(format!("{:?} is not a change of a job's status", envelope.detail_type)));
    }
    let time = envelope.required_time()?;
    let detail: Detail = typed(&envelope.detail, "detail")?;
    let required = [
        ("detail.appId", &detail.app_id),
        ("detail.branchName", &detail.branch_name),
        ("detail.jobId", &detail.job_id),
    ];
    let empty = required.iter().filter(|(_, text)| text.is_empty());
    let errors: Vec<_> = empty.map(|(field, _)| FieldError::new(*field, "must not be empty")).collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    let status = status(&detail.job_status)?;
    let place = [envelope.account.as_deref(), envelope.region.as_deref()].map(|part| part.unwrap_or("unknown"));
    let branch = format!("{}:{}:{}", place.join(":"), detail.app_id, detail.branch_name);
    let mut event =
        envelope.event(id_within("amplify", &branch, "detail.jobId", &detail.job_id)?, Kind::Deployment, status)?;
    event.occurred_at = Some(time);
    event.named.build_number = Label::parse(&detail.job_id).ok();
    let origin = envelope
        .origin("aws.amplify")
        .service("detail.appId", Some(&detail.app_id))
        .with("app", Some(&detail.app_id))
        .with("branch", Some(&detail.branch_name));
    Ok(Report::foreign(event, origin))
}

/// The status of a job: `STARTED` is what events say, the others are those of the API.
fn status(text: &str) -> Result<Status, Vec<FieldError>> {
    match text {
        "CREATED" | "PENDING" => Ok(Status::Pending),
        "STARTED" | "PROVISIONING" | "RUNNING" | "CANCELLING" => Ok(Status::InProgress),
        "SUCCEED" => Ok(Status::Completed),
        "FAILED" => Ok(Status::Failed),
        "CANCELLED" => Ok(Status::Cancelled),
        other => {
            let detail = format!("{other:?} is no status of a job that Amplify documents");
            Err(vec![FieldError::new("detail.jobStatus", detail)])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_status_means_one_thing() {
        for (text, expected) in [
            ("CREATED", Some(Status::Pending)),
            ("PENDING", Some(Status::Pending)),
            ("STARTED", Some(Status::InProgress)),
            ("PROVISIONING", Some(Status::InProgress)),
            ("RUNNING", Some(Status::InProgress)),
            ("CANCELLING", Some(Status::InProgress)),
            ("SUCCEED", Some(Status::Completed)),
            ("FAILED", Some(Status::Failed)),
            ("CANCELLED", Some(Status::Cancelled)),
            ("SUCCEEDED", None),
            ("", None),
        ] {
            assert_eq!(status(text).ok(), expected, "{text}");
        }
    }
}
