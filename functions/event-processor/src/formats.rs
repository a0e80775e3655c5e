//! The formats in which tools report, one file each. A format turns a payload into our own event,
//! or says that it is known and not about a deployment, or what is wrong with it. Nothing else in
//! the system knows any of them. A new one is a file here and a line in the table of its door.

pub(crate) mod argo_cd;
mod cd_events;
pub(crate) mod cloud_event;
pub(crate) mod cloud_formation;
pub(crate) mod code_build;
pub(crate) mod code_deploy;
mod code_deploy_trigger;
pub(crate) mod code_pipeline;
pub(crate) mod ecs;
pub(crate) mod envelope;
pub(crate) mod github;
pub(crate) mod gitlab;
pub(crate) mod native;
mod pipeline_log;
mod unrelated;

use domain::identifiers::Identifier;
use domain::source_rules::Origin;
use domain::{DeploymentId, Event, FieldError, StageName, Timestamp, json};
use serde::de::DeserializeOwned;
use serde_json::Value;

use envelope::Envelope;

/// What a payload says, as its format reads it.
#[derive(Debug)]
pub(crate) enum Reading {
    /// Something about a deployment, on which a user's rules have the last word.
    Report(Box<Report>),
    /// It is known, and says nothing about a deployment; with the reason.
    Ignore(String),
}

/// Something about a deployment.
#[derive(Debug)]
pub(crate) struct Report {
    /// What is to be recorded, without what only rules know.
    pub(crate) event: Event,
    /// What rules see of the payload; absent for our own events, which no rule touches.
    pub(crate) origin: Option<Origin>,
    /// Whether it is a deployment where no rule speaks of that; a build, say, is none.
    pub(crate) deploys: bool,
}

impl Report {
    /// The reading of our own event.
    pub(crate) fn own(event: Event) -> Reading {
        Reading::Report(Box::new(Self { event, origin: None, deploys: true }))
    }

    /// The reading of an event of another tool.
    pub(crate) fn foreign(event: Event, origin: Origin) -> Reading {
        Reading::Report(Box::new(Self { event, origin: Some(origin), deploys: true }))
    }

    /// The same, of what is a deployment only if a rule says so.
    pub(crate) fn only_by_rule(event: Event, origin: Origin) -> Reading {
        Reading::Report(Box::new(Self { event, origin: Some(origin), deploys: false }))
    }
}

pub(crate) type Read = Result<Reading, Vec<FieldError>>;

/// Reads an EventBridge event by its source and detail type.
pub(crate) fn from_event_bridge(envelope: Envelope, now: Timestamp) -> Read {
    match (envelope.source.as_str(), envelope.detail_type.as_str()) {
        ("aws.cloudformation", _) => cloud_formation::read(&envelope),
        ("aws.codebuild", _) => code_build::read(&envelope),
        ("aws.codedeploy", _) => code_deploy::read(&envelope, now),
        ("aws.codepipeline", _) => code_pipeline::read(&envelope, now),
        ("aws.ecs", _) => ecs::read(&envelope, now),
        (_, native::DETAIL_TYPE) => native::read(envelope.detail, now),
        _ if native::is_native(&envelope.detail) => native::read(envelope.detail, now),
        (source, detail_type) if source.starts_with("aws.") => {
            Ok(Reading::Ignore(format!("{source} {detail_type:?} is not about a deployment")))
        }
        _ if cd_events::is_cd_event(&envelope.detail) => in_detail(cd_events::read(&envelope.detail, now)),
        _ if cloud_event::is_cloud_event(&envelope.detail) => in_detail(cloud_event::read(&envelope.detail, now)),
        (_, detail_type) => Err(vec![FieldError::new(
            "detail-type",
            format!("{detail_type:?} is not known; report deployments as {:?}", native::DETAIL_TYPE),
        )]),
    }
}

fn in_detail(read: Read) -> Read {
    read.map_err(|errors| within("detail", errors))
}

/// Reads what was posted to `/v1/events`: one element of it.
pub(crate) fn from_post(value: Value, now: Timestamp) -> Read {
    if cloud_event::is_cloud_event(&value) { cloud_event::read(&value, now) } else { from_data(value, None, now) }
}

/// Reads what was posted, or stands in the envelope of a CloudEvent, whose `time` is when it happened
/// if the event itself does not say.
fn from_data(value: Value, time: Option<Timestamp>, now: Timestamp) -> Read {
    match value {
        value if cd_events::is_cd_event(&value) => cd_events::read(&value, now),
        value if pipeline_log::is_pipeline_log(&value) => pipeline_log::read(&value, time, now),
        value => native::read(value, now),
    }
}

/// Reads a payload into what a format needs of it; the error names the path to what is wrong.
fn typed<T: DeserializeOwned>(value: &Value, path: &str) -> Result<T, Vec<FieldError>> {
    // An array would do for an object, its elements taken for fields in their order.
    if value.is_array() {
        return Err(vec![FieldError::new(path, "must be an object, not an array")]);
    }
    any(value, path)
}

/// Reads a part of a payload that need not be an object.
fn any<T: DeserializeOwned>(value: &Value, path: &str) -> Result<T, Vec<FieldError>> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let inner = error.path().to_string();
        let field = [path, inner.as_str()].into_iter().filter(|part| !part.is_empty() && *part != ".");
        vec![FieldError::new(field.collect::<Vec<_>>().join("."), error.inner().to_string())]
    })
}

/// The errors of what stands under `path` of a payload.
fn within(path: &str, errors: Vec<FieldError>) -> Vec<FieldError> {
    let below = |error: FieldError| match error.field.as_str() {
        "" => FieldError::new(path, error.detail),
        field => FieldError::new(format!("{path}.{field}"), error.detail),
    };
    errors.into_iter().map(below).collect()
}

/// An identifier out of a foreign field.
fn identifier<T: Identifier>(field: &str, text: &str) -> Result<T, Vec<FieldError>> {
    T::parse(text).map_err(|invalid| vec![FieldError::new(field, invalid.to_string())])
}

/// A deployment's id that is put together from fields of a payload: `<tool>:…`. One that is too long for
/// an id gives way to its SHA-256.
fn made_id(field: &str, id: &str) -> Result<DeploymentId, Vec<FieldError>> {
    if id.len() <= DeploymentId::BYTES {
        return identifier(field, id);
    }
    let tool = id.split(':').next().unwrap_or_default();
    identifier(field, &format!("{tool}:{}", json::sha256_hex(id)))
}

/// A stage's name out of a foreign field. One that is too long is cut, and told from others that begin
/// alike by a piece of its SHA-256.
fn stage_name(field: &str, text: &str) -> Result<StageName, Vec<FieldError>> {
    const MARK: usize = 10;
    let most = StageName::CHARACTERS;
    if text.chars().count() <= most {
        return identifier(field, text);
    }
    let kept: String = text.chars().take(most - MARK).collect();
    identifier(field, &format!("{}…{}", kept.trim_end(), &json::sha256_hex(text)[..MARK - 1]))
}

/// A part of an id in place of foreign texts that are none, or only together: the first 32
/// hexadecimal digits of the SHA-256 of their JSON array.
fn digest(texts: &[&str]) -> String {
    json::sha256_hex(&serde_json::json!(texts).to_string())[..32].to_owned()
}

/// Refuses a time in a foreign field that has not come yet.
fn not_in_future(field: &str, time: Timestamp, now: Timestamp) -> Result<(), Vec<FieldError>> {
    domain::event::not_in_future(time, now).map_err(|detail| vec![FieldError::new(field, detail)])
}

/// Free text of a foreign payload within our bound: cut, as its sender can't know of it.
fn bounded(text: &str) -> String {
    let most = domain::event::Limits::TEXT_BYTES;
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_too_long_still_names_one_thing() {
        let long = |end: &str| format!("gitlab:{}:{end}", "group/".repeat(30));
        let id = made_id("x", &long("1")).unwrap();
        assert_eq!(made_id("x", &long("1")), Ok(id.clone()));
        assert_ne!(made_id("x", &long("2")), Ok(id.clone()));
        assert!(id.as_str().starts_with("gitlab:") && id.as_str().len() == 71, "{id}");
        assert_eq!(made_id("x", "gitlab:shop/cart:1").unwrap().as_str(), "gitlab:shop/cart:1");
        assert!(made_id("x", "gitlab:shop cart:1").is_err());

        let stage = |end: &str| stage_name("x", &format!("{}{end}", "ü".repeat(128)));
        assert_ne!(stage("1").unwrap(), stage("2").unwrap());
        assert_eq!(stage("1").unwrap().as_str().chars().count(), 128);
        assert_eq!(stage_name("x", "build").unwrap().as_str(), "build");
    }

    #[test]
    fn an_array_is_no_object() {
        #[derive(Debug, serde::Deserialize)]
        struct Wanted {
            #[expect(dead_code, reason = "it is only read")]
            a: String,
        }
        let errors = typed::<Wanted>(&serde_json::json!(["b"]), "detail").unwrap_err();
        assert_eq!(errors, [FieldError::new("detail", "must be an object, not an array")]);
    }
}
