//! AWS Elastic Beanstalk's operations on environments, as EventBridge delivers them. Documented in the AWS
//! Elastic Beanstalk developer guide, "Using Elastic Beanstalk with Amazon EventBridge".
//!
//! * The end of an operation is a deployment; that of a termination is a removal. No field names the
//!   operation, and an environment's name can be used again: so it is known by its end, and its start
//!   belongs to nothing that is known.
//! * The application is the service, and the environment is one.
//! * No version is in the payload. Whether an update deploys one, or changes the configuration, is in none
//!   either.
//! * What happens to instances, to an environment's health, and to its platform is another detail type, and
//!   no deployment: an update of the platform is an update of the environment too.

use domain::event::{Failure, Kind};
use domain::{FieldError, Status, Timestamp};
use serde::Deserialize;

use crate::envelope::Envelope;
use crate::fields::{bounded, not_in_future, typed};
use crate::ids::made_id;
use crate::reading::{Read, Reading, Report};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Detail {
    status: String,
    /// In milliseconds since 1970.
    event_date: Option<i64>,
    application_name: String,
    environment_name: String,
    message: Option<String>,
}

/// Reads a change of an environment's status.
pub(super) fn read(envelope: &Envelope, now: Timestamp) -> Read {
    if envelope.detail_type != "Elastic Beanstalk resource status change" {
        return Ok(Reading::no_deployment(format!(
            "{:?} is about what an environment is made of, not about a deployment",
            envelope.detail_type
        )));
    }
    let detail: Detail = typed(&envelope.detail, "detail")?;
    let (kind, status) = meaning(&detail.status)?;
    let time = match detail.event_date.map(Timestamp::from_millis) {
        Some(time) => not_in_future("detail.EventDate", time, now).map(|()| time)?,
        None => envelope.required_time()?,
    };
    if !status.is_terminal() {
        return Ok(Reading::nothing_new("which operation it begins is not known; its end is recorded"));
    }
    let place = [envelope.account.as_deref(), envelope.region.as_deref()].map(|part| part.unwrap_or("unknown"));
    let [application, environment] = [&detail.application_name, &detail.environment_name];
    let id = format!("elasticbeanstalk:{}:{application}/{environment}@{time}", place.join(":"));
    // A name may have spaces, which no id has.
    let id = made_id("detail.EnvironmentName", &id.replace(' ', "_"))?;
    let mut event = envelope.event(id, kind, status)?;
    event.occurred_at = Some(time);
    event.named.region = envelope.region();
    let message = detail.message.as_deref().filter(|text| !text.is_empty()).map(bounded);
    if status == Status::Failed {
        event.error = Some(Failure { message, code: None });
    } else {
        event.notes = message;
    }
    let origin = envelope
        .origin("aws.elasticbeanstalk")
        .service("detail.ApplicationName", Some(application))
        .environment("detail.EnvironmentName", Some(environment))
        .with("application", Some(application))
        .with("environment", Some(environment));
    Ok(Report::foreign(event, origin))
}

/// What a status means: which operation it is of, and how that stands.
fn meaning(text: &str) -> Result<(Kind, Status), Vec<FieldError>> {
    let lower = text.trim_end_matches('.').to_ascii_lowercase();
    let words: Vec<&str> = lower.split(' ').collect();
    let unknown = || {
        let detail = format!("{text:?} is no status of an environment that Elastic Beanstalk documents");
        Err(vec![FieldError::new("detail.Status", detail)])
    };
    let kind = match words.as_slice() {
        ["environment", "creation" | "update", ..] => Kind::Deployment,
        ["environment", "termination", ..] => Kind::Removal,
        _ => return unknown(),
    };
    // Some events have what their message says: `Environment update completed successfully.`
    match &words[2..] {
        ["started"] | ["is", "starting"] => Ok((kind, Status::InProgress)),
        ["successful"] | ["completed", "successfully"] => Ok((kind, Status::Completed)),
        ["failed"] => Ok((kind, Status::Failed)),
        _ => unknown(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_status_means_one_thing() {
        use Kind::{Deployment, Removal};
        for (text, expected) in [
            ("Environment creation started", Some((Deployment, Status::InProgress))),
            ("Environment creation successful", Some((Deployment, Status::Completed))),
            ("Environment creation failed", Some((Deployment, Status::Failed))),
            ("Environment update started", Some((Deployment, Status::InProgress))),
            ("Environment update successful", Some((Deployment, Status::Completed))),
            ("Environment update completed successfully.", Some((Deployment, Status::Completed))),
            ("Environment update failed", Some((Deployment, Status::Failed))),
            ("Environment termination started", Some((Removal, Status::InProgress))),
            ("Environment termination successful", Some((Removal, Status::Completed))),
            ("Environment termination failed", Some((Removal, Status::Failed))),
            ("Environment update", None),
            ("Environment health changed", None),
            ("", None),
        ] {
            assert_eq!(meaning(text).ok(), expected, "{text}");
        }
    }
}
