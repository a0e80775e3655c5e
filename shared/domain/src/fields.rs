//! Reading an object field by field, collecting all that is wrong with it rather than the first.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Timestamp;
use crate::identifiers::Identifier;

/// A wrong field, and what is expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FieldError {
    /// The field's path in the document, such as `metrics.healthScore`; empty for the whole document.
    pub field: String,
    /// The error, and what is expected.
    pub detail: String,
}

impl FieldError {
    /// An error at `field`. Both texts can quote what a sender wrote, so both are cut: an answer, and
    /// an item in quarantine, must not grow with them.
    pub fn new(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: cut(field.into(), 200), detail: cut(detail.into(), 500) }
    }
}

/// As one line: the field and what is wrong with it.
impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field.as_str() {
            "" => f.write_str(&self.detail),
            field => write!(f, "{field}: {}", self.detail),
        }
    }
}

/// Several errors as one line.
#[must_use]
pub fn one_line(errors: &[FieldError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// A text of at most `most` characters.
fn cut(text: String, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// How many unknown fields of an object are named.
const UNKNOWN_NAMED: usize = 20;

/// Takes known fields out of an object. What is left when it is [finished](Fields::finish) is
/// unknown, and an error too: a misspelt field must not become a silent default.
pub struct Fields<'a> {
    object: Map<String, Value>,
    prefix: String,
    errors: &'a mut Vec<FieldError>,
    unknown: Unknown,
}

/// What becomes of fields that nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// Each is an error.
    Refused,
    /// They are passed over: in what was taken once, and may have been written by a newer version.
    Ignored,
}

impl<'a> Fields<'a> {
    /// Reads `object`, whose fields are named `<prefix><name>` in errors.
    pub fn new(object: Map<String, Value>, prefix: &str, errors: &'a mut Vec<FieldError>) -> Self {
        Self { object, prefix: prefix.to_owned(), errors, unknown: Unknown::Refused }
    }

    /// The same, with this done to unknown fields, those of nested objects included.
    #[must_use]
    pub fn with_unknown(self, unknown: Unknown) -> Self {
        Self { unknown, ..self }
    }

    /// Notes that `name` is wrong.
    pub fn wrong(&mut self, name: &str, detail: impl Into<String>) {
        self.errors.push(FieldError::new(format!("{}{name}", self.prefix), detail));
    }

    /// What is given under this name, which stays there.
    #[must_use]
    pub fn peek(&self, name: &str) -> Option<&Value> {
        self.object.get(name)
    }

    /// Takes the first of `names` that is given and not null; the others are aliases, and giving
    /// two of them is an error.
    pub fn take(&mut self, names: &[&'static str]) -> Option<(&'static str, Value)> {
        let mut found: Option<(&'static str, Value)> = None;
        for name in names {
            match (self.object.remove(*name), &found) {
                (None | Some(Value::Null), _) => {}
                (Some(value), None) => found = Some((name, value)),
                (Some(_), Some((first, _))) => {
                    let first = *first;
                    self.wrong(name, format!("means the same as `{first}`, which is given too; leave one out"));
                }
            }
        }
        found
    }

    /// Takes a text that is an identifier.
    pub fn identifier<T: Identifier>(&mut self, names: &[&'static str]) -> Option<T> {
        let (name, text) = self.text(names)?;
        T::parse(&text).map_err(|error| self.wrong(name, error.to_string())).ok()
    }

    /// Takes a time in RFC 3339, with the name under which it was given.
    pub fn time(&mut self, names: &[&'static str]) -> Option<(&'static str, Timestamp)> {
        let (name, text) = self.text(names)?;
        let time = Timestamp::parse(&text).map_err(|error| self.wrong(name, error.to_string())).ok()?;
        Some((name, time))
    }

    /// Takes a text, with the name under which it was given.
    pub fn text(&mut self, names: &[&'static str]) -> Option<(&'static str, String)> {
        let (name, value) = self.take(names)?;
        match value {
            Value::String(text) => Some((name, text)),
            other => {
                self.wrong(name, format!("must be a text, not {}", kind(&other)));
                None
            }
        }
    }

    /// Takes free text of at most `most` bytes.
    pub fn free_text(&mut self, names: &[&'static str], most: usize) -> Option<String> {
        let (name, text) = self.text(names)?;
        if text.len() > most {
            self.wrong(name, format!("must have at most {most} bytes"));
            return None;
        }
        Some(text)
    }

    /// Takes a number within `low..=high`.
    pub fn number(&mut self, names: &[&'static str], low: f64, high: f64) -> Option<f64> {
        self.named_number(names, low, high).map(|(_, number)| number)
    }

    fn named_number(&mut self, names: &[&'static str], low: f64, high: f64) -> Option<(&'static str, f64)> {
        let (name, value) = self.take(names)?;
        let within = value.as_f64().filter(|number| (low..=high).contains(number));
        if within.is_none() {
            self.wrong(name, format!("must be a number from {low} to {high}"));
        }
        within.map(|number| (name, number))
    }

    /// Takes a whole number within `low..=high`.
    pub fn whole_number(&mut self, names: &[&'static str], low: f64, high: f64) -> Option<f64> {
        let (name, number) = self.named_number(names, low, high)?;
        let whole = number.fract() == 0.0;
        if !whole {
            self.wrong(name, "must be a whole number");
        }
        whole.then_some(number)
    }

    /// Takes an object, with the name under which it was given.
    pub fn object(&mut self, names: &[&'static str]) -> Option<(&'static str, Map<String, Value>)> {
        let (name, value) = self.take(names)?;
        match value {
            Value::Object(object) => Some((name, object)),
            other => {
                self.wrong(name, format!("must be an object, not {}", kind(&other)));
                None
            }
        }
    }

    /// Takes a whole number within these bounds, which are those of the type or narrower.
    pub fn count(&mut self, names: &[&'static str], low: f64, high: f64) -> Option<u32> {
        let number = self.whole_number(names, low, high)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number within the bounds")]
        Some(number as u32)
    }

    /// Takes true or false.
    pub fn flag(&mut self, names: &[&'static str]) -> Option<bool> {
        let (name, value) = self.take(names)?;
        let given = value.as_bool();
        if given.is_none() {
            self.wrong(name, format!("must be true or false, not {}", kind(&value)));
        }
        given
    }

    /// Takes an array; the elements of one that is absent are none.
    pub fn array(&mut self, name: &'static str) -> Vec<Value> {
        match self.take(&[name]) {
            None => Vec::new(),
            Some((_, Value::Array(elements))) => elements,
            Some((_, other)) => {
                self.wrong(name, format!("must be an array, not {}", kind(&other)));
                Vec::new()
            }
        }
    }

    /// Takes an array of objects, each with the path under which [`nested`](Self::nested) reads it.
    pub fn objects(&mut self, name: &'static str) -> Vec<(String, Map<String, Value>)> {
        let mut objects = Vec::new();
        for (index, element) in self.array(name).into_iter().enumerate() {
            let path = format!("{name}[{index}]");
            match element {
                Value::Object(object) => objects.push((path, object)),
                other => self.wrong(&path, format!("must be an object, not {}", kind(&other))),
            }
        }
        objects
    }

    /// Takes an array of identifiers, each of which may stand there once.
    pub fn identifiers<T: Identifier + Ord + Clone>(&mut self, name: &'static str) -> Vec<T> {
        let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
        for (index, element) in self.array(name).into_iter().enumerate() {
            let path = format!("{name}[{index}]");
            let parsed = match element.as_str() {
                Some(text) => T::parse(text).map_err(|invalid| invalid.to_string()),
                None => Err(format!("must be a text, not {}", kind(&element))),
            };
            match parsed {
                Ok(identifier) if !seen.insert(identifier.clone()) => self.wrong(&path, "stands here twice"),
                Ok(identifier) => found.push(identifier),
                Err(detail) => self.wrong(&path, detail),
            }
        }
        found
    }

    /// A reader for `object`, which stood in `name`.
    pub fn nested(&mut self, name: &str, object: Map<String, Value>) -> Fields<'_> {
        let prefix = format!("{}{name}.", self.prefix);
        Fields { object, prefix, errors: self.errors, unknown: self.unknown }
    }

    /// Whether something was wrong with `name`.
    #[must_use]
    pub fn has_error(&self, name: &str) -> bool {
        let field = format!("{}{name}", self.prefix);
        self.errors.iter().any(|error| error.field == field)
    }

    /// How many errors there are so far.
    #[must_use]
    pub fn error_count(&self) -> usize {
        self.errors.len()
    }

    /// Ends reading: each field that is left is unknown.
    pub fn finish(self, advice: &str) {
        if self.unknown == Unknown::Ignored {
            return;
        }
        for name in self.object.keys().take(UNKNOWN_NAMED) {
            self.errors.push(FieldError::new(
                format!("{}{}", self.prefix, shortened(name)),
                format!("unknown field; {advice}"),
            ));
        }
        if let Some(more) = self.object.len().checked_sub(UNKNOWN_NAMED).filter(|more| *more > 0) {
            self.errors
                .push(FieldError::new(self.prefix.trim_end_matches('.'), format!("and {more} more unknown fields")));
        }
    }
}

/// What kind of JSON value this is, for a message.
#[must_use]
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A sender's name for a field in one of our messages: no control characters, and not endless.
fn shortened(name: &str) -> String {
    name.chars().take(64).flat_map(char::escape_debug).collect()
}
