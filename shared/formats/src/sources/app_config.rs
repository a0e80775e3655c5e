//! AWS AppConfig's deployments of configuration, as EventBridge delivers them: by AppConfig itself, and by
//! its extension "AWS AppConfig deployment events to Amazon EventBridge". Documented in the AWS AppConfig
//! user guide, on the page of that extension, and in the EventBridge events reference, "AWS AppConfig
//! events".
//!
//! * Deployments are numbered for each environment of an application, from 1. The ids of both are unique
//!   in an account and a region, so the deployment's id has all of these.
//! * The application is the service. Its profiles are deployed each by itself: a user's rule gives them
//!   services of their own by the fact `profile`.
//! * While it bakes it is validated: all targets have the configuration, and alarms can still roll it back.

use domain::event::Kind;
use domain::identifiers::{Label, Version};
use domain::{FieldError, Status};
use serde::Deserialize;

use crate::envelope::Envelope;
use crate::fields::{identifier, typed};
use crate::ids::made_id;
use crate::reading::{Read, Reading, Report};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Detail {
    application: Named,
    environment: Named,
    configuration_profile: Option<Named>,
    deployment_number: u64,
    configuration_version: Option<ConfigurationVersion>,
    description: Option<String>,
}

/// What is named for people, and by an id.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    id: String,
    name: Option<String>,
}

/// A text, which for hosted configuration is a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum ConfigurationVersion {
    Text(String),
    Number(u64),
}

impl Named {
    /// Its name, else its id.
    fn called(&self) -> &str {
        self.name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&self.id)
    }
}

/// Reads what happened to a deployment.
pub(super) fn read(envelope: &Envelope) -> Read {
    let Some(status) = status(&envelope.detail_type) else {
        return Ok(Reading::no_deployment(format!("{:?} is not about a deployment's state", envelope.detail_type)));
    };
    let time = envelope.required_time()?;
    let detail: Detail = typed(&envelope.detail, "detail")?;
    for (field, named) in
        [("detail.Application.Id", &detail.application), ("detail.Environment.Id", &detail.environment)]
    {
        if named.id.is_empty() {
            return Err(vec![FieldError::new(field, "must not be empty")]);
        }
    }
    let place = [envelope.account.as_deref(), envelope.region.as_deref()].map(|part| part.unwrap_or("unknown"));
    let [application, environment] = [&detail.application.id, &detail.environment.id];
    let id = format!("appconfig:{}:{application}:{environment}:{}", place.join(":"), detail.deployment_number);
    let mut event = envelope.event(made_id("detail.Application.Id", &id)?, Kind::Deployment, status)?;
    event.occurred_at = Some(time);
    event.named.region = envelope.region();
    event.named.version = match &detail.configuration_version {
        Some(ConfigurationVersion::Text(text)) if text.is_empty() => None,
        Some(ConfigurationVersion::Text(text)) => Some(identifier::<Version>("detail.ConfigurationVersion", text)?),
        Some(ConfigurationVersion::Number(number)) => {
            Some(identifier::<Version>("detail.ConfigurationVersion", &number.to_string())?)
        }
        None => None,
    };
    let profile = detail.configuration_profile.as_ref().map(Named::called);
    event.named.artifact = profile.and_then(|profile| identifier::<Label>("", profile).ok());
    event.notes = detail.description.as_deref().filter(|text| !text.is_empty()).map(crate::fields::bounded);
    let origin = envelope
        .origin("aws.appconfig")
        .service("detail.Application.Name", Some(detail.application.called()))
        .environment("detail.Environment.Name", Some(detail.environment.called()))
        .with("application", Some(detail.application.called()))
        .with("environment", Some(detail.environment.called()))
        .with("profile", profile);
    Ok(Report::foreign(event, origin))
}

/// What a detail type says. The extension and AppConfig itself name a rollback differently.
fn status(detail_type: &str) -> Option<Status> {
    match detail_type {
        "On Deployment Start" | "On Deployment Step" => Some(Status::InProgress),
        "On Deployment Baking" => Some(Status::Validating),
        "On Deployment Complete" => Some(Status::Completed),
        "On Deployment Rollback" | "On Deployment Rolled Back" => Some(Status::RolledBack),
        _ => None,
    }
}
