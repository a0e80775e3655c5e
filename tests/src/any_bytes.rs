//! What must hold of any bytes that come through a door: they are read, ignored, or refused with an
//! error, and what is read of them can be recorded. Fuzz targets call this, and so do ordinary tests.

use domain::fields::Unknown;
use domain::ledger::received::Received;
use domain::{Event, Timestamp};
use formats::{CustomSources, Door, Explanation, Outcome, Payload, SOURCES, Settings, SourceRules, explain};

/// Names in GitHub's header that its formats know.
pub const GITHUB_EVENTS: [&str; 6] = [
    "deployment",
    "deployment_status",
    "workflow_run",
    "workflow_job",
    "deployment_review",
    "deployment_protection_rule",
];

/// Rules by which everything is a deployment, so that nothing stays unread for the want of a rule.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "the rules can be read")]
pub fn rules() -> SourceRules {
    let rules = SOURCES.iter().map(|source| serde_json::json!({"source": source.name, "deployment": true}));
    SourceRules::parse(&rules.collect::<serde_json::Value>().to_string()).expect("rules")
}

/// The mappings of the documentation: of custom sources with every kind of field and proof.
const MAPPINGS: [&str; 10] = [
    include_str!("../../events/custom/azure-devops/mapping.json"),
    include_str!("../../events/custom/bitbucket/mapping.json"),
    include_str!("../../events/custom/circleci/mapping.json"),
    include_str!("../../events/custom/harness/mapping.json"),
    include_str!("../../events/custom/hcp-terraform/mapping.json"),
    include_str!("../../events/custom/jenkins/mapping.json"),
    include_str!("../../events/custom/netlify/mapping.json"),
    include_str!("../../events/custom/octopus/mapping.json"),
    include_str!("../../events/custom/spinnaker/mapping.json"),
    include_str!("../../events/custom/vercel/mapping.json"),
];

/// The doors of custom sources.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "the mappings can be read")]
pub fn custom() -> Vec<Door> {
    let mappings: serde_json::Value =
        MAPPINGS.into_iter().map(|text| serde_json::from_str::<serde_json::Value>(text).expect("JSON")).collect();
    CustomSources::parse(mappings).expect("mappings").all().cloned().map(Door::Custom).collect()
}

/// Reads bytes as the mapping of a custom source, and `body` by it. Answers whether they are one.
///
/// # Panics
/// When what must hold of any bytes does not.
pub fn check_mapping(mapping: &[u8], body: &[u8]) -> bool {
    let Ok(mapping) = domain::json::parse(mapping) else { return false };
    match CustomSources::parse(serde_json::Value::Array(vec![mapping])) {
        Ok(sources) => {
            sources.all().cloned().map(Door::Custom).for_each(|door| check(&door, body));
            true
        }
        Err(errors) => {
            assert!(!errors.is_empty());
            assert!(errors.iter().all(|error| error.field.starts_with("sources[0]") && !error.detail.is_empty()));
            false
        }
    }
}

/// Reads bytes as settings. Answers whether they are some.
///
/// # Panics
/// When what must hold of any bytes does not.
#[must_use]
pub fn check_settings(settings: &[u8]) -> bool {
    match Settings::parse(settings, Unknown::Refused) {
        Ok((read, recorded)) => {
            for unknown in [Unknown::Refused, Unknown::Ignored] {
                let again = Settings::parse(recorded.as_bytes(), unknown).map(|(again, _)| again);
                assert_eq!(again.as_ref(), Ok(&read), "what was applied is read again as it was");
            }
            true
        }
        Err(errors) => {
            assert!(!errors.is_empty() && errors.iter().all(|error| !error.detail.is_empty()));
            false
        }
    }
}

/// Reads `body` at a door, and checks what was read. For GitHub, under each name that it can have.
pub fn check(door: &Door, body: &[u8]) {
    let names: &[&str] = if door.name() == "github" { &GITHUB_EVENTS } else { &[""] };
    for name in names {
        let headers = [("content-type", "application/json"), ("x-github-event", name)];
        drop(check_with(door, &headers, body));
    }
}

/// Reads `body` at a door with these headers, and checks what was read.
///
/// # Panics
/// When what must hold of any bytes does not.
#[must_use]
pub fn check_with(door: &Door, headers: &[(&str, &str)], body: &[u8]) -> Vec<Explanation> {
    let now = Timestamp::parse("2026-03-01T12:00:00Z").expect("a time");
    let payload = Payload::posted(headers.iter().copied(), body);
    let settings = Settings::of_rules(rules());
    let explanations = match explain(Some(door.clone()), &payload, &settings, now) {
        Ok(explanations) => explanations,
        Err(rejection) => {
            assert!(!rejection.to_string().is_empty(), "{rejection:?}");
            return Vec::new();
        }
    };
    for explanation in &explanations {
        match explanation.outcome {
            Outcome::Recorded => can_be_recorded(explanation.event.as_deref().expect("an event"), now),
            Outcome::Ignored => assert!(explanation.reason.is_some(), "{explanation:?}"),
            Outcome::Refused => {
                assert!(!explanation.errors.is_empty(), "{explanation:?}");
                assert!(explanation.errors.iter().all(|error| !error.detail.is_empty()), "{explanation:?}");
            }
        }
    }
    explanations
}

/// That an event is within all our bounds, and that what is kept of it reads back as itself.
fn can_be_recorded(event: &Event, now: Timestamp) {
    let received = Received::new(event, now, "fuzz").expect("canonical");
    assert!(received.payload.len() <= domain::event::Limits::EVENT_BYTES, "{} bytes", received.payload.len());
    // A removal's, a stage's and a deployment's events are all events of our own format.
    let mut kept: serde_json::Value = serde_json::from_str(&received.payload).expect("JSON");
    if event.kind.is_of_what_it_names() {
        // What follows from its names is kept with a retirement or a verdict, and whoever sends one leaves it out.
        let fields = kept.as_object_mut().expect("an object");
        fields.retain(|name, _| !["attempt", "deploymentId", "status"].contains(&name.as_str()));
    }
    let again = domain::event::read(kept, now).unwrap_or_else(|errors| panic!("{errors:?}: {}", received.payload));
    assert_eq!(again, received.event);
}
