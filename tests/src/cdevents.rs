//! The schemas of the CDEvents specification, as tests hold our documents to them. They stand in
//! `tests/schemas/cdevents/`, as published.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jsonschema::{Registry, Validator};
use serde_json::{Value, json};

/// The schema of each type of event, ready to validate.
pub struct Schemas(BTreeMap<String, Validator>);

#[expect(clippy::missing_panics_doc, reason = "panicking is how a test fails")]
impl Schemas {
    /// Reads them all.
    #[must_use]
    pub fn read() -> Self {
        let events: Vec<Value> = files("").map(|file| corrected(&published(&file))).collect();
        let links = files("links").map(|file| published(&file));
        let registry =
            links.fold(Registry::new(), |registry, schema| registry.add(id(&schema), schema).expect("an id"));
        let registry = registry.prepare().expect("what they refer to");
        // Formats count, too: a URI must be one.
        let options = jsonschema::options().with_registry(&registry).should_validate_formats(true);
        let validator = |schema: &Value| options.build(schema).expect("a schema");
        Self(events.iter().map(|schema| (kind(schema), validator(schema))).collect())
    }

    /// What is wrong with `document`; empty when nothing is.
    #[must_use]
    pub fn errors(&self, document: &Value) -> Vec<String> {
        let kind = document["context"]["type"].as_str().unwrap_or_default();
        match self.0.get(kind) {
            Some(schema) => {
                schema.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
            }
            None => vec![format!("there is no schema of {kind:?}")],
        }
    }

    /// Expects nothing to be wrong with `document`.
    pub fn expect_valid(&self, document: &Value) {
        let errors = self.errors(document);
        assert!(errors.is_empty(), "{errors:#?}\n{document:#}");
    }

    /// The types of which there is a schema.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// The schema in `file` below the folder of schemas, as published.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "panicking is how a test fails")]
pub fn published(file: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(file).expect("a file")).expect("JSON")
}

/// Where they stand.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/cdevents")
}

/// One schema of the release requires a field by its old name, which it does not allow: see the
/// README beside it.
fn corrected(schema: &Value) -> Value {
    let mut schema = schema.clone();
    let context = &mut schema["properties"]["context"];
    if context["properties"]["version"].is_null() && context["required"][0] == "version" {
        context["required"][0] = json!("specversion");
    }
    schema
}

fn files(below: &str) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = std::fs::read_dir(folder().join(below)).expect("the folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "json"))
}

fn id(schema: &Value) -> String {
    schema["$id"].as_str().expect("an id").to_owned()
}

fn kind(schema: &Value) -> String {
    schema["properties"]["context"]["properties"]["type"]["default"].as_str().expect("a type").to_owned()
}
