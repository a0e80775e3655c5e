//! A field of a mapping: where its value is taken from, and what becomes of it on the way.

use std::collections::BTreeMap;

use domain::FieldError;
use domain::fields::kind;
use serde_json::Value;

use super::path::Path;
use super::value::{Kind, is_nothing, text};
use crate::rules::pattern::Pattern;

/// A field of our event, as a mapping gives it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    /// The group that it stands in: `error` of `error.message`.
    pub(super) group: Option<&'static str>,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) from: From,
    /// What stands before the value.
    pub(super) prefix: String,
    /// What counts of the text at a path.
    pub(super) pattern: Option<Pattern<()>>,
    /// What stands for each of these texts; empty where they stay as they are.
    pub(super) map: BTreeMap<String, String>,
    /// Whether a text that neither pattern nor map knows makes the payload one to ignore.
    pub(super) ignores: bool,
}

/// Where a value is taken from.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum From {
    /// It is always this.
    Value(Value),
    /// It is the first that is at one of these paths.
    Paths(Vec<Path>),
}

/// A value for a field, and the path that it was taken from.
#[derive(Debug)]
pub(super) struct Taken<'a> {
    pub(super) value: Value,
    pub(super) path: Option<&'a Path>,
}

/// Why a payload has no value for a field, though something is there.
#[derive(Debug)]
pub(super) enum NoValue {
    /// The mapping says that it is to be ignored then: the reason.
    Ignore(String),
    /// It is wrong.
    Wrong(FieldError),
}

impl Field {
    /// As messages name it.
    pub(super) fn label(&self) -> String {
        self.group.map_or_else(|| self.name.clone(), |group| format!("{group}.{}", self.name))
    }

    /// The paths that it is taken from.
    pub(super) fn paths(&self) -> &[Path] {
        match &self.from {
            From::Value(_) => &[],
            From::Paths(paths) => paths,
        }
    }

    /// Its value in a payload, if there is one.
    pub(super) fn take<'a>(&'a self, payload: &Value) -> Result<Option<Taken<'a>>, NoValue> {
        if let From::Value(value) = &self.from {
            return Ok(Some(Taken { value: value.clone(), path: None }));
        }
        let mut unmatched = None;
        for path in self.paths() {
            for value in path.values(payload).filter(|value| !is_nothing(value)) {
                if self.kind == Kind::Any && self.is_plain() {
                    return Ok(Some(Taken { value: value.clone(), path: Some(path) }));
                }
                let Some(text) = text(value) else {
                    if self.pattern.is_some() {
                        continue;
                    }
                    let detail = format!("must be a text, a number or a boolean, not {}", kind(value));
                    return Err(self.wrong(&detail, path));
                };
                match self.matching(&text) {
                    Some(text) => return self.finished(&text, path),
                    None => unmatched = Some(path),
                }
            }
        }
        match unmatched {
            Some(path) => Err(self.unknown("is nothing that the mapping's `pattern` matches", path)),
            None => Ok(None),
        }
    }

    /// What its pattern takes out of a text: all where it has none.
    fn matching(&self, text: &str) -> Option<String> {
        match &self.pattern {
            Some(pattern) => pattern.take(text)?.pop().map(|((), taken)| taken),
            None => Some(text.to_owned()),
        }
    }

    /// The value that a text at a path becomes.
    fn finished<'a>(&'a self, text: &str, path: &'a Path) -> Result<Option<Taken<'a>>, NoValue> {
        let mapped = if self.map.is_empty() { Some(text) } else { self.map.get(text).map(String::as_str) };
        let Some(mapped) = mapped else {
            let known = self.map.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            return Err(
                self.unknown(&format!("is {text:?}, which is not in the mapping's `map`; known are {known}"), path)
            );
        };
        let value = self.converted(mapped).map_err(|detail| self.wrong(detail, path))?;
        Ok(value.map(|value| Taken { value, path: Some(path) }))
    }

    /// A text as the value of this field, with what stands before it.
    pub(super) fn converted(&self, text: &str) -> Result<Option<Value>, &'static str> {
        self.kind.of_text(format!("{}{text}", self.prefix))
    }

    /// Whether a value stays as it is.
    fn is_plain(&self) -> bool {
        self.prefix.is_empty() && self.pattern.is_none() && self.map.is_empty()
    }

    fn unknown(&self, detail: &str, path: &Path) -> NoValue {
        if self.ignores {
            return NoValue::Ignore(format!(
                "the mapping of `{}` does not know what is at {}",
                self.label(),
                path.text()
            ));
        }
        self.wrong(detail, path)
    }

    fn wrong(&self, detail: &str, path: &Path) -> NoValue {
        NoValue::Wrong(FieldError::new(self.label(), taken_from(detail, path)))
    }
}

/// What is wrong with a value, and where it was taken from.
pub(super) fn taken_from(detail: &str, path: &Path) -> String {
    format!("{detail}; taken from {}", path.text())
}
