//! Reads rules out of JSON.

use domain::fields::{FieldError, Fields, Unknown, kind};
use domain::json;
use serde_json::{Map, Value};

use super::REMOVES;
use super::once_per::OncePer;
use super::pattern::{Name, Pattern};
use super::rule::Rule;
use crate::custom::{self, CustomSource};
use crate::source::{FACTS_OF_ALL, STAGE, Source};
use crate::sources::{SOURCES, cloud_watch};

/// Reads at most `most` rules.
pub(super) fn rules(text: &str, most: usize) -> Result<Vec<Rule>, Vec<FieldError>> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let wrong = |detail: String| vec![FieldError::new("", detail)];
    let value = json::parse(text.as_bytes()).map_err(|error| wrong(format!("not JSON: {error}")))?;
    let Value::Array(array) = value else {
        return Err(wrong(format!("must be an array of rules, not {}", kind(&value))));
    };
    self::array(array, most, Unknown::Refused)
}

/// Reads at most `most` rules that stand in an array.
pub(super) fn array(array: Vec<Value>, most: usize, unknown: Unknown) -> Result<Vec<Rule>, Vec<FieldError>> {
    if array.len() > most {
        let wrong = |detail: String| vec![FieldError::new("", detail)];
        return Err(wrong(format!("must have at most {most} rules; these are {}", array.len())));
    }
    let mut errors = Vec::new();
    let rules = array.into_iter().enumerate().map(|(index, value)| rule(index + 1, value, unknown, &mut errors));
    let rules: Vec<Rule> = rules.collect::<Vec<_>>().into_iter().flatten().collect();
    if errors.is_empty() { Ok(rules) } else { Err(errors) }
}

fn rule(number: usize, value: Value, unknown: Unknown, errors: &mut Vec<FieldError>) -> Option<Rule> {
    let mut label = format!("rule {number}");
    let object = match value {
        Value::Object(object) => object,
        other => {
            errors.push(FieldError::new(label, format!("must be an object, not {}", kind(&other))));
            return None;
        }
    };
    if let Some(name) = object.get("name").and_then(Value::as_str) {
        label = format!("{label} ({})", name.chars().take(64).flat_map(char::escape_debug).collect::<String>());
    }
    // A field that is null is as good as absent elsewhere; here it says that there is no region.
    let clears_region = object.get("region").is_some_and(Value::is_null);
    let before = errors.len();
    let mut from = Fields::new(object, &format!("{label}, "), errors).with_unknown(unknown);
    from.text(&["name"]);
    let source = source(&mut from);
    let when = from.object(&["when"]).map(|(_, when)| when).unwrap_or_default();
    let when = source.as_ref().map(|source| facts(&mut from, source, when)).unwrap_or_default();
    let environment = from.identifier(&["environment"]);
    let service = from.identifier(&["service"]);
    let region = from.identifier(&["region"]);
    let deployment = truth(&mut from, "deployment").map(|(_, value)| value);
    let once_per = once_per(&mut from, source.as_ref());
    let removes = removes(&mut from, source.as_ref());
    let decisive = decisive(&mut from, source.as_ref());
    let mut states_something = deployment.is_some() || once_per.is_some() || removes || decisive.is_some();
    for name in Name::ALL {
        let is_set = match name {
            Name::Environment => environment.is_some(),
            Name::Service => service.is_some(),
            Name::Region => region.is_some() || clears_region,
        };
        let is_taken = when.iter().any(|(_, pattern)| pattern.takes(name));
        if is_set && is_taken {
            from.wrong(name.field(), "is also set by a pattern; use only one of them");
        }
        states_something |= is_set || is_taken;
    }
    let of_events = when.iter().find(|(name, _)| FACTS_OF_ALL.contains(name)).map(|(name, _)| *name);
    let names_environment = environment.is_some() || when.iter().any(|(_, pattern)| pattern.takes(Name::Environment));
    if let Some(name) = of_events.filter(|_| names_environment && when.iter().any(|(name, _)| *name == STAGE)) {
        let detail = "can't be looked at by a rule that names the environment of a stage: not all events have it";
        from.wrong(&format!("when.{name}"), detail);
    }
    if !states_something && from.error_count() == before {
        let detail =
            "a rule must set `environment`, `service`, `region`, `deployment`, `oncePer`, `inactive` or `decisive`";
        from.wrong("environment", detail);
    }
    from.finish(
        "known are name, source, when, environment, service, region, deployment, oncePer, inactive and decisive",
    );
    let source = source?;
    Some(Rule {
        label,
        source,
        when,
        environment,
        service,
        region,
        clears_region,
        deployment,
        once_per,
        removes,
        decisive,
    })
}

fn source(from: &mut Fields<'_>) -> Option<Pattern> {
    let errors = from.error_count();
    let text = from.text(&["source"]);
    let known = || {
        let known = SOURCES.iter().map(|source| source.name).collect::<Vec<_>>().join(", ");
        format!("{known}, custom:<name>")
    };
    let Some((name, text)) = text else {
        if from.error_count() == errors {
            from.wrong("source", format!("is required: one of {}, or a pattern such as aws.*", known()));
        }
        return None;
    };
    let pattern = Pattern::parse(&text).ok().filter(|pattern| {
        let free = !Name::ALL.into_iter().any(|name| pattern.takes(name));
        free && (text.starts_with(custom::PREFIX)
            || SOURCES.iter().any(|source| pattern.matches(source.name).is_some()))
    });
    if pattern.is_none() {
        from.wrong(name, format!("must be one of {}, or a pattern such as aws.*", known()));
    }
    pattern
}

/// The patterns of facts that each source of the rule has.
fn facts(from: &mut Fields<'_>, source: &Pattern, when: Map<String, Value>) -> Vec<(&'static str, Pattern)> {
    let sources: Vec<&Source> = SOURCES.iter().filter(|known| source.matches(known.name).is_some()).collect();
    // What no known source matches is of custom sources, which all have the same.
    let all: Vec<&str> =
        sources.first().map_or_else(|| CustomSource::facts().collect(), |first| first.all_facts().collect());
    let shared = |name: &&'static str| sources.iter().all(|source| source.all_facts().any(|known| known == *name));
    let known: Vec<&'static str> = all.into_iter().filter(shared).collect();
    let mut facts: Vec<(&'static str, Pattern)> = Vec::new();
    for (name, value) in when {
        let field = format!("when.{}", name.chars().take(64).flat_map(char::escape_debug).collect::<String>());
        let Some(name) = known.iter().find(|known| **known == name) else {
            let known = known.join(", ");
            let mut sources: Vec<&str> = sources.iter().map(|source| source.name).collect();
            if sources.is_empty() {
                sources.push("custom sources");
            }
            let sources = sources.join(", ");
            from.wrong(&field, format!("is not a fact of {sources}; known are {known}"));
            continue;
        };
        let Some(text) = value.as_str() else {
            from.wrong(&field, format!("must be a text, not {}", kind(&value)));
            continue;
        };
        match Pattern::parse(text) {
            Ok(pattern) => {
                let twice = |name| pattern.takes(name) && facts.iter().any(|(_, other)| other.takes(name));
                if Name::ALL.into_iter().any(twice) {
                    from.wrong(&field, "sets a name that another pattern of this rule sets too");
                }
                facts.push((name, pattern));
            }
            Err(detail) => from.wrong(&field, detail),
        }
    }
    facts
}

/// Of which field each value counts once: only Argo CD sends the same again for each refresh.
fn once_per(from: &mut Fields<'_>, source: Option<&Pattern>) -> Option<OncePer> {
    let (name, text) = from.text(&["oncePer"])?;
    if source.is_some_and(|source| source.matches("argocd").is_none()) {
        from.wrong(name, "is only of source argocd");
    }
    OncePer::parse(&text).map_err(|detail| from.wrong(name, detail)).ok()
}

/// Whether a deployment that is inactive was removed: only GitHub says that one is.
fn removes(from: &mut Fields<'_>, source: Option<&Pattern>) -> bool {
    let Some((name, value)) = from.take(&["inactive"]) else { return false };
    if value != REMOVES {
        from.wrong(name, format!("must be {REMOVES:?}"));
    } else if source.is_some_and(|source| source.matches("github").is_none()) {
        from.wrong(name, "is only of source github");
    }
    true
}

/// Whether an alarm that goes off makes what runs bad: only CloudWatch has alarms.
fn decisive(from: &mut Fields<'_>, source: Option<&Pattern>) -> Option<bool> {
    let (name, value) = truth(from, "decisive")?;
    if source.is_some_and(|source| source.matches(cloud_watch::NAME).is_none()) {
        from.wrong(name, format!("is only of source {}", cloud_watch::NAME));
    }
    Some(value)
}

fn truth(from: &mut Fields<'_>, name: &'static str) -> Option<(&'static str, bool)> {
    let (name, value) = from.take(&[name])?;
    let given = value.as_bool();
    if given.is_none() {
        from.wrong(name, format!("must be true or false, not {}", kind(&value)));
    }
    Some((name, given?))
}
