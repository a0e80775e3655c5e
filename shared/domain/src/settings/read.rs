//! Reading a document: all that is wrong with it, each with its field.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::fmt::Display;

use serde_json::Value;

use super::bounds::DAYS;
use super::{
    EnvironmentSettings, Lagging, ServiceSettings, Settings, environment, freeze, health, permission, service, wall,
};
use crate::fields::{FieldError, Fields, Unknown, kind};

impl Settings {
    /// Reads a document. An absent field is as the [default](Settings::default) has it.
    ///
    /// # Errors
    /// All that is wrong with it. Rules and custom sources are not looked into.
    pub fn read(document: Value, unknown: Unknown) -> Result<Self, Vec<FieldError>> {
        let object = match document {
            Value::Object(object) => object,
            other => return Err(vec![FieldError::new("", format!("must be an object, not {}", kind(&other)))]),
        };
        let mut errors = Vec::new();
        let mut from = Fields::new(object, "", &mut errors).with_unknown(unknown);
        let mut settings = Self::default();
        let environments = environment::read(&mut from);
        let named = |(path, entry): &(String, EnvironmentSettings)| Entry::new(path, &entry.name, &entry.aliases);
        distinct(&mut from, &environments.iter().map(named).collect::<Vec<_>>());
        let services = service::read(&mut from);
        let named = |(path, entry): &(String, ServiceSettings)| Entry::new(path, &entry.name, &entry.aliases);
        distinct(&mut from, &services.iter().map(named).collect::<Vec<_>>());
        settings.environments = environments.into_iter().map(|(_, entry)| entry).collect();
        settings.services = services.into_iter().map(|(_, entry)| entry).collect();
        if from.peek("ephemeral").is_some() {
            settings.ephemeral = from.identifiers("ephemeral");
        }
        settings.freezes = freeze::read(&mut from);
        settings.lagging = lagging(&mut from);
        settings.health = health::read(&mut from);
        settings.permissions = permission::read(&mut from, unknown);
        settings.walls = wall::read(&mut from);
        settings.abandon_after_days =
            from.count(&["abandonAfterDays"], 1.0, DAYS).unwrap_or(settings.abandon_after_days);
        settings.metrics_per_day = from.count(&["metricsPerDay"], 0.0, 1_000_000.0).unwrap_or(settings.metrics_per_day);
        settings.metric_sets = from.count(&["metricSets"], 0.0, 1_000_000.0).unwrap_or(settings.metric_sets);
        settings.metrics_by_service = from.identifiers("metricsByService");
        from.array("rules");
        from.array("sources");
        from.finish(
            "known are environments, services, ephemeral, freezes, lagging, abandonAfterDays, metricsPerDay, \
             metricSets, metricsByService, health, rollbackCommand, permissions, walls, rules and sources",
        );
        if errors.is_empty() { Ok(settings) } else { Err(errors) }
    }
}

fn lagging(from: &mut Fields<'_>) -> Lagging {
    let default = Lagging::default();
    let Some((path, object)) = from.object(&["lagging"]) else { return default };
    let mut lagging = from.nested(path, object);
    let deployments = lagging.count(&["deployments"], 1.0, 1_000_000.0).unwrap_or(default.deployments);
    let days = lagging.count(&["days"], 1.0, DAYS).unwrap_or(default.days);
    lagging.finish("known are deployments and days");
    Lagging { deployments, days }
}

/// An environment or a service, by where it stands.
struct Entry {
    path: String,
    name: String,
    aliases: Vec<String>,
}

impl Entry {
    fn new<T: Display>(path: &str, name: &T, aliases: &[T]) -> Self {
        let aliases = aliases.iter().map(ToString::to_string).collect();
        Self { path: path.to_owned(), name: name.to_string(), aliases }
    }
}

/// That no name means two things: each is that of one entry, or the alias of one.
fn distinct(from: &mut Fields<'_>, entries: &[Entry]) {
    const UNKNOWN: &str = "must be a name; `unknown` stands for none";
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for Entry { path, name, .. } in entries {
        if name == "unknown" {
            from.wrong(&format!("{path}.name"), UNKNOWN);
        }
        match names.entry(name) {
            Slot::Vacant(slot) => {
                slot.insert(path);
            }
            Slot::Occupied(first) => from.wrong(&format!("{path}.name"), format!("{name:?} is also {}", first.get())),
        }
    }
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for Entry { path, aliases, .. } in entries {
        for (nth, alias) in aliases.iter().enumerate() {
            let field = format!("{path}.aliases[{nth}]");
            if alias == "unknown" {
                from.wrong(&field, UNKNOWN);
            } else if let Some(other) = names.get(alias.as_str()) {
                from.wrong(&field, format!("{alias:?} is the name of {other}"));
            } else if let Some(first) = taken.insert(alias, path) {
                from.wrong(&field, format!("{alias:?} is also an alias of {first}"));
            }
        }
    }
}
