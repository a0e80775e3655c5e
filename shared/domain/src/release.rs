//! A declared release: which versions of which services belong together.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::fields::{FieldError, Fields, Unknown, kind};
use crate::identifiers::{Environment, Identifier as _, Label, Service, Version};
use crate::json;
use crate::settings::{Grant, Names};

/// A declaration, as a version of it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Declaration {
    /// The release. It stands in the document, so that the hash of a version covers it.
    pub release: Label,
    /// The version of each service.
    pub services: BTreeMap<Service, Version>,
    /// Where it is to go; everywhere, where none is named.
    pub environments: Vec<Environment>,
    /// What else is to be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

impl Declaration {
    /// How many services a release may have.
    pub const SERVICES: usize = 500;
    /// How many environments it may name.
    pub const ENVIRONMENTS: usize = 100;
    /// How long its notes may be, in bytes.
    pub const NOTES: usize = 4096;
    /// How long a document may be, in bytes of its canonical text.
    pub const BYTES: usize = 128 * 1024;

    /// Reads the text of a document that declares `release`. Aliases become the names that they stand for.
    ///
    /// # Errors
    /// All that is wrong with it, each with its field.
    pub fn parse(release: Label, text: &[u8], names: &Names) -> Result<Self, Vec<FieldError>> {
        let document = json::parse(text).map_err(|error| vec![FieldError::new("", format!("not JSON: {error}"))])?;
        let declaration = Self::of(Some(release), document, names, Unknown::Refused)?;
        let bytes = declaration.document().len();
        if bytes > Self::BYTES {
            let most = Self::BYTES;
            let detail = format!("a declaration must have at most {most} bytes; this one has {bytes}");
            return Err(vec![FieldError::new("", detail)]);
        }
        Ok(declaration)
    }

    /// Reads what was recorded. What a name stands for may have changed since.
    ///
    /// # Errors
    /// When it is no declaration: someone altered it.
    pub fn recorded(document: &str, names: &Names) -> Result<Self, Vec<FieldError>> {
        let document =
            json::parse(document.as_bytes()).map_err(|error| vec![FieldError::new("", error.to_string())])?;
        Self::of(None, document, names, Unknown::Ignored)
    }

    /// The canonical text, in which it is recorded.
    #[must_use]
    pub fn document(&self) -> String {
        // A struct of texts always has a canonical text.
        json::canonical(self).unwrap_or_default()
    }

    /// The first place of it, if there is one, that is none of those which a grant is for.
    #[must_use]
    pub fn beyond(&self, grant: &Grant) -> Option<(Option<Environment>, Service)> {
        let named = self.environments.iter().map(Some);
        // Where none is named it is to go everywhere.
        let environments: Vec<Option<&Environment>> =
            if self.environments.is_empty() { vec![None] } else { named.collect() };
        let places = self.services.keys().flat_map(|service| environments.iter().map(move |one| (*one, service)));
        let mut beyond = places.filter(|(environment, service)| !grant.admits(*environment, Some(service)));
        beyond.next().map(|(environment, service)| (environment.cloned(), service.clone()))
    }

    /// Whether it is to go to an environment.
    #[must_use]
    pub fn concerns(&self, environment: &Environment) -> bool {
        self.environments.is_empty() || self.environments.contains(environment)
    }

    /// Whether this version of a service belongs to it.
    #[must_use]
    pub fn has(&self, service: &Service, version: &Version) -> bool {
        self.services.get(service) == Some(version)
    }

    fn of(release: Option<Label>, document: Value, names: &Names, unknown: Unknown) -> Result<Self, Vec<FieldError>> {
        let object = match document {
            Value::Object(object) => object,
            other => return Err(vec![FieldError::new("", format!("must be an object, not {}", kind(&other)))]),
        };
        let mut errors = Vec::new();
        let mut from = Fields::new(object, "", &mut errors).with_unknown(unknown);
        // Whoever declares one names it by the route.
        let release = release.or_else(|| from.identifier(&["release"]));
        let services = services(&mut from, names);
        let environments = environments(&mut from, names);
        let notes = from.free_text(&["notes"], Self::NOTES);
        if release.is_none() {
            from.wrong("release", "is required");
        }
        from.finish("known are services, environments and notes");
        match release {
            Some(release) if errors.is_empty() => Ok(Self { release, services, environments, notes }),
            _ => Err(errors),
        }
    }
}

fn services(from: &mut Fields<'_>, names: &Names) -> BTreeMap<Service, Version> {
    let mut services = BTreeMap::new();
    let Some((field, object)) = from.object(&["services"]) else {
        if !from.has_error("services") {
            from.wrong("services", "is required: an object of services, each with its version");
        }
        return services;
    };
    if object.is_empty() || object.len() > Declaration::SERVICES {
        let detail = format!("must have from 1 to {} services; it has {}", Declaration::SERVICES, object.len());
        from.wrong(field, detail);
        return services;
    }
    let mut called: BTreeMap<Service, String> = BTreeMap::new();
    for (name, version) in object {
        let path = format!("{field}.{name}");
        let service = Service::parse(&name).map_err(|invalid| format!("is no name of a service: {invalid}"));
        let service = service.and_then(|service| match names.services.resolve(&service) {
            known if *known == Service::unknown() => Err("must be a name; `unknown` stands for none".to_owned()),
            resolved => Ok(resolved.clone()),
        });
        let version = match &version {
            Value::String(text) => Version::parse(text).map_err(|invalid| invalid.to_string()),
            other => Err(format!("must be a version, as a text, not {}", kind(other))),
        };
        match (service, version) {
            (Ok(service), Ok(version)) => {
                if let Some(other) = called.insert(service.clone(), name) {
                    from.wrong(&path, format!("means the same service as `{other}`, which is given too"));
                }
                services.insert(service, version);
            }
            (service, version) => {
                let wrong = [service.err(), version.err()].into_iter().flatten();
                wrong.for_each(|detail| from.wrong(&path, detail));
            }
        }
    }
    services
}

fn environments(from: &mut Fields<'_>, meant: &Names) -> Vec<Environment> {
    let given: Vec<Environment> = from.identifiers("environments");
    if given.len() > Declaration::ENVIRONMENTS {
        from.wrong("environments", format!("must have at most {} environments", Declaration::ENVIRONMENTS));
    }
    let mut environments: Vec<Environment> = Vec::new();
    for (nth, name) in given.iter().enumerate() {
        let resolved = meant.environments.resolve(name);
        if *resolved == Environment::unknown() {
            from.wrong(&format!("environments[{nth}]"), "must be a name; `unknown` stands for none");
        } else if environments.contains(resolved) {
            from.wrong(&format!("environments[{nth}]"), format!("means {resolved}, which is given too"));
        } else {
            environments.push(resolved.clone());
        }
    }
    environments.sort_unstable();
    environments
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Settings;

    fn names() -> Names {
        let settings = json!({
            "environments": [{"name": "production", "aliases": ["prod"]}],
            "services": [{"name": "cart", "aliases": ["shop-cart"]}],
        });
        Settings::read(settings, Unknown::Refused).unwrap().names()
    }

    fn parse(document: &Value) -> Result<Declaration, Vec<FieldError>> {
        Declaration::parse(Label::parse("release/7").unwrap(), document.to_string().as_bytes(), &names())
    }

    #[test]
    fn a_declaration_is_recorded_under_the_names_that_aliases_stand_for_and_read_back() {
        let declaration = parse(&json!({"services": {"shop-cart": "2.8.0"}, "environments": ["prod"]})).unwrap();
        let recorded = r#"{"environments":["production"],"release":"release/7","services":{"cart":"2.8.0"}}"#;
        assert_eq!(declaration.document(), recorded);
        assert_eq!(Declaration::recorded(recorded, &names()), Ok(declaration.clone()));
        let (production, staging) = ("production", "staging");
        assert!(declaration.concerns(&Environment::parse(production).unwrap()));
        assert!(!declaration.concerns(&Environment::parse(staging).unwrap()));
        let everywhere = parse(&json!({"services": {"cart": "1"}})).unwrap();
        assert!(everywhere.concerns(&Environment::parse(staging).unwrap()));
    }

    #[test]
    fn every_wrong_field_is_named() {
        let many: serde_json::Map<String, Value> = (0..=500).map(|n| (format!("s{n}"), json!("1"))).collect();
        for (document, fields) in [
            (json!([]), vec![""]),
            (json!({}), vec!["services"]),
            (json!({"services": {}}), vec!["services"]),
            (json!({"services": many}), vec!["services"]),
            (
                json!({"services": {"a": 1, "unknown": "1"}, "environments": ["x", 3], "notes": 1, "x": 1}),
                vec!["services.a", "services.unknown", "environments[1]", "notes", "x"],
            ),
            (json!({"services": {"cart": "1", "shop-cart": "2"}}), vec!["services.shop-cart"]),
            (json!({"services": {"cart": "1"}, "environments": ["prod", "production"]}), vec!["environments[1]"]),
            (json!({"services": {"cart": "1"}, "notes": "n".repeat(4097)}), vec!["notes"]),
            // The route names it.
            (json!({"services": {"cart": "1"}, "release": "other"}), vec!["release"]),
        ] {
            let errors = parse(&document).unwrap_err();
            let named: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
            assert_eq!(named, fields, "{errors:?}");
        }
        let long: serde_json::Map<String, Value> =
            (0..500).map(|n| (format!("{n:0>128}"), json!("1".repeat(256)))).collect();
        assert!(parse(&json!({"services": long})).unwrap_err()[0].detail.contains("131072 bytes"));
    }
}
