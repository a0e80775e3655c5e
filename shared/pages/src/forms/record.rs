//! The form of a deployment that is recorded by hand: what was typed into it as an event, and what is wrong with it.

use api::{ByHand, Happened};
use domain::FieldError;
use domain::catalog::KnownNames;
use serde_json::Value;

use super::sheet::{CSRF, ID, Sender};
use super::typed::Typed;

mod sheet;

pub use sheet::page;

/// The names of its fields.
pub const FIELDS: [&str; 13] = [
    ID,
    CSRF,
    "what",
    "service",
    "newService",
    "version",
    "newVersion",
    "environment",
    "newEnvironment",
    "at",
    "region",
    "commit",
    "notes",
];

/// What was typed, read.
#[derive(Debug)]
pub struct Entered {
    /// The event, as far as it could be made.
    pub event: Value,
    /// What is missing for one, or contradicts itself.
    pub errors: Vec<FieldError>,
}

/// What is known of the names that were entered.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// Whether the service is.
    pub service: bool,
    /// Whether the environment is.
    pub environment: bool,
    /// Whether the version is; none where nobody can say.
    pub version: Option<bool>,
}

/// The environment that was chosen, or named because it is not among those to choose from.
#[must_use]
pub fn environment(typed: &Typed) -> Option<&str> {
    typed.given("environment").or_else(|| typed.given("newEnvironment"))
}

/// The event of what was typed, by whoever sends it.
#[must_use]
pub fn read(typed: &Typed, sender: Sender<'_>) -> Entered {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, detail: &str| errors.push(FieldError::new(field, detail));
    let happened = typed.given("what").and_then(Happened::parse);
    if happened.is_none() {
        let all = Happened::ALL.map(Happened::as_str).join(", ");
        wrong("what", &format!("say what happened: {all}"));
    }
    let (service, environment) = (typed.given("service"), environment(typed));
    if service.is_none() {
        wrong("service", "name the service");
    }
    if environment.is_none() {
        wrong("environment", "choose the environment, or name a new one");
    }
    if typed.given("environment").is_some() && typed.given("newEnvironment").is_some() {
        wrong("newEnvironment", "an environment is chosen above too; leave one of them out");
    }
    let (version, commit) = (typed.given("version"), typed.given("commit"));
    match happened {
        Some(Happened::Removed) => {}
        Some(Happened::RolledBack) => {
            if version.is_none() {
                wrong("version", "name the version that runs again");
            }
            if commit.is_some() {
                wrong("commit", "must be left out of a rollback: it would be the commit of what was undone");
            }
        }
        _ if version.is_none() && commit.is_none() => wrong("version", "name the version, or its commit"),
        _ => {}
    }
    let occurred_at = typed.given("at").map(moment);
    let by_hand = ByHand {
        id: typed.text(ID),
        happened: happened.unwrap_or(Happened::Completed),
        service: service.unwrap_or_default(),
        environment: environment.unwrap_or_default(),
        version,
        commit,
        region: typed.given("region"),
        occurred_at: occurred_at.as_deref(),
        notes: typed.given("notes"),
        actor: sender.actor(),
    };
    Entered { event: by_hand.event(), errors }
}

/// What is new, and was not said to be.
#[must_use]
pub fn unsaid(typed: &Typed, standing: Standing, known: &KnownNames) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let (service, version) = (typed.given("service"), typed.given("version"));
    if let Some(name) = service.filter(|_| !standing.service && !typed.is_ticked("newService")) {
        let closest = closest(name, known.services.iter().map(domain::Service::as_str));
        errors.push(FieldError::new("service", format!("{name} is not known; {closest}tick the box if it is new")));
    }
    // Every version of a new service is new.
    let is_new = standing.service && standing.version != Some(true);
    if let Some(name) = version.filter(|_| is_new && !typed.is_ticked("newVersion")) {
        let of = service.unwrap_or("this service");
        let closest = closest(name, known.versions.iter().map(String::as_str));
        let found = match standing.version {
            None => format!("{name} is not among the latest deployments of {of}"),
            Some(_) => format!("{name} is not known for {of}"),
        };
        errors.push(FieldError::new("version", format!("{found}; {closest}tick the box if it is new")));
    }
    // Who names an environment that is not in the list says that it is new.
    if let Some(name) = typed.given("environment").filter(|_| !standing.environment) {
        let closest = closest(name, known.environments.iter().map(domain::Environment::as_str));
        let advice = "choose one of the list, or name it as a new one";
        errors.push(FieldError::new("environment", format!("{name} is not known; {closest}{advice}")));
    }
    errors
}

/// What is wrong with the event, at the fields of the form.
#[must_use]
pub fn at_fields(typed: &Typed, errors: Vec<FieldError>) -> Vec<FieldError> {
    let at = |error: FieldError| {
        let field = match error.field.as_str() {
            "rollbackTo" => "version",
            "occurredAt" => "at",
            "environment" if typed.given("environment").is_none() && typed.given("newEnvironment").is_some() => {
                "newEnvironment"
            }
            "service" | "version" | "environment" | "commit" | "region" | "notes" => return error,
            _ => return FieldError::new("", error.to_string()),
        };
        FieldError { field: field.to_owned(), ..error }
    };
    errors.into_iter().map(at).collect()
}

/// A time as its field has it, which has no zone and may have no seconds: it is in UTC. Anything else stays as it is.
fn moment(text: &str) -> String {
    match text.len() {
        16 if !text.ends_with('Z') => format!("{text}:00Z"),
        19 if !text.ends_with('Z') => format!("{text}Z"),
        _ => text.to_owned(),
    }
}

/// What may have been meant instead: the closest, if it is close.
fn closest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> String {
    let far = |other: &str| strsim::osa_distance(&name.to_lowercase(), &other.to_lowercase());
    let closest = known.map(|other| (far(other), other)).min();
    let closest = closest.filter(|(far, _)| *far <= 2 && *far < name.chars().count());
    closest.map(|(_, other)| format!("did you mean {other}? Else ")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: Sender<'_> = Sender { caller: "token:ana", groups: &[], csrf: None };

    fn errors(fields: &[(&str, &str)]) -> Vec<String> {
        read(&Typed::prefilled(fields.iter().copied()), ANA).errors.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_thing_that_happened_is_its_own_event() {
        let typed = |what| {
            let fields =
                [("what", what), ("service", " cart "), ("version", "2"), ("environment", "prod"), ("form", "0f")];
            read(&Typed::prefilled(fields), ANA)
        };
        for (what, expected) in [
            ("completed", serde_json::json!({"status": "COMPLETED", "version": "2"})),
            ("failed", serde_json::json!({"status": "FAILED", "version": "2"})),
            ("rolled-back", serde_json::json!({"status": "ROLLED_BACK", "rollbackTo": "2"})),
            ("removed", serde_json::json!({"status": "COMPLETED", "type": "removal", "version": "2"})),
        ] {
            let Entered { mut event, errors } = typed(what);
            assert_eq!(errors, []);
            assert_eq!(
                (&event["deploymentId"], &event["eventId"], &event["service"]),
                (&"by-hand-0f".into(), &"0f".into(), &"cart".into())
            );
            assert_eq!(event["triggeredBy"], serde_json::json!({"kind": "MANUAL", "actor": "token:ana"}));
            for common in ["deploymentId", "eventId", "service", "environment", "triggeredBy"] {
                event.as_object_mut().unwrap().remove(common);
            }
            assert_eq!(event, expected);
        }
    }

    #[test]
    fn what_is_missing_is_said_at_its_field() {
        assert_eq!(
            errors(&[("notes", "x")]),
            [
                "what: say what happened: completed, failed, rolled-back, removed",
                "service: name the service",
                "environment: choose the environment, or name a new one",
                "version: name the version, or its commit",
            ]
        );
        let placed = [("service", "cart"), ("environment", "prod")];
        let with = |more: &[(&'static str, &'static str)]| errors(&[&placed[..], more].concat());
        assert_eq!(with(&[("what", "removed")]), [""; 0]);
        assert_eq!(with(&[("what", "failed"), ("commit", "abc")]), [""; 0]);
        assert_eq!(with(&[("what", "rolled-back")]), ["version: name the version that runs again"]);
        assert!(with(&[("what", "rolled-back"), ("version", "1"), ("commit", "abc")])[0].starts_with("commit: "));
        assert!(with(&[("what", "removed"), ("newEnvironment", "qa")])[0].starts_with("newEnvironment: "));
    }

    #[test]
    fn a_time_of_a_field_is_in_utc() {
        for (typed, read) in [
            ("2026-11-25T14:05", "2026-11-25T14:05:00Z"),
            ("2026-11-25T14:05:30", "2026-11-25T14:05:30Z"),
            ("2026-11-25T14:05:30+01:00", "2026-11-25T14:05:30+01:00"),
            ("noon", "noon"),
        ] {
            assert_eq!(moment(typed), read);
        }
    }

    #[test]
    fn what_is_new_must_be_said_to_be_and_what_is_close_is_named() {
        use domain::identifiers::Identifier as _;
        let known = KnownNames {
            services: vec![domain::Service::parse("checkout").unwrap()],
            environments: vec![],
            versions: vec!["2.8.1".to_owned(), "2.7.0".to_owned()],
        };
        let fields = [("service", "chekcout"), ("version", "2.8.l"), ("environment", "prod")];
        let new = Standing { service: false, environment: false, version: Some(false) };
        let said = |standing| -> Vec<String> {
            unsaid(&Typed::prefilled(fields), standing, &known).iter().map(ToString::to_string).collect()
        };
        let environment = "environment: prod is not known; choose one of the list, or name it as a new one";
        assert_eq!(
            said(new),
            ["service: chekcout is not known; did you mean checkout? Else tick the box if it is new", environment]
        );
        assert_eq!(
            said(Standing { service: true, ..new }),
            [
                "version: 2.8.l is not known for chekcout; did you mean 2.8.1? Else tick the box if it is new",
                environment
            ]
        );
        let ticked = [fields[0], fields[1], ("newService", "yes"), ("newEnvironment", "prod")];
        assert_eq!(unsaid(&Typed::prefilled(ticked), new, &known), []);
        let ticked = [fields[0], fields[1], ("newVersion", "yes"), ("newEnvironment", "prod")];
        assert_eq!(unsaid(&Typed::prefilled(ticked), Standing { service: true, ..new }, &known), []);
        let old = Standing { service: true, environment: true, version: Some(true) };
        assert_eq!(unsaid(&Typed::prefilled(fields), old, &known), []);
        let unsure = Standing { version: None, ..old };
        assert!(unsaid(&Typed::prefilled(fields), unsure, &known)[0].detail.contains("among the latest"));
    }
}
