use std::borrow::Cow;

use domain::FieldError;
use domain::event::Named;
use domain::identifiers::{Commit, Identifier, Version, normalised};

/// Where a payload comes from: its source, what it has of that source's facts, and what it calls the service
/// and the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// What rules know the source by: a name in the table of [`SOURCES`](crate::SOURCES), or `custom:` and the
    /// name of a custom source.
    pub source: Cow<'static, str>,
    facts: Vec<(&'static str, String)>,
    /// The service, as the payload calls it.
    pub(crate) service: Option<Called>,
    /// The environment, as the payload calls it.
    pub(crate) environment: Option<Called>,
}

/// What a payload calls something, and in which field. A tool may call it what we can't: that is judged
/// after the rules, which may have another name for it, or ignore the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Called {
    field: String,
    text: String,
    /// The path that a mapping took it from.
    taken_from: Option<String>,
}

impl Called {
    /// What it is called, in the form that names have.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        normalised(&self.text)
    }

    /// The name, if it can be one.
    pub(crate) fn name<T: Identifier>(&self) -> Result<T, FieldError> {
        T::parse(&self.text).map_err(|invalid| {
            let detail = match &self.taken_from {
                Some(path) => format!("{invalid}; taken from {path}"),
                None => invalid.to_string(),
            };
            FieldError::new(self.field.as_str(), detail)
        })
    }

    fn of(field: &str, text: Option<&str>) -> Option<Self> {
        Self::mapped(field, text, None)
    }

    /// What a mapping calls it, with the path that it took it from.
    pub(crate) fn mapped(field: &str, text: Option<&str>, path: Option<&str>) -> Option<Self> {
        Some(Self { field: field.to_owned(), text: text?.to_owned(), taken_from: path.map(str::to_owned) })
    }
}

impl Origin {
    /// A payload of this source, of which nothing is known yet.
    #[must_use]
    pub fn of(source: impl Into<Cow<'static, str>>) -> Self {
        Self { source: source.into(), facts: Vec::new(), service: None, environment: None }
    }

    /// The same with one more fact, where the payload has it: an empty text is none.
    #[must_use]
    pub fn with(mut self, name: &'static str, text: Option<&str>) -> Self {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            // Patterns are in the same form.
            self.facts.push((name, normalised(text).into_owned()));
        }
        self
    }

    /// The same with what every source may know of what is deployed, as its reader understood it.
    pub(crate) fn naming(self, named: &Named) -> Self {
        let actor = named.triggered_by.as_ref().and_then(|trigger| trigger.actor.as_deref());
        self.with("version", named.version.as_ref().map(Version::as_str))
            .with("commit", named.commit.as_ref().map(Commit::as_str))
            .with("triggeredBy", actor)
    }

    /// The same with what the payload calls the service, in this field.
    pub(crate) fn service(mut self, field: &str, text: Option<&str>) -> Self {
        self.service = Called::of(field, text);
        self
    }

    /// The same with what the payload calls the environment, in this field.
    pub(crate) fn environment(mut self, field: &str, text: Option<&str>) -> Self {
        self.environment = Called::of(field, text);
        self
    }

    /// Says that the fields stand under `path` of what was sent.
    pub(crate) fn move_under(&mut self, path: &str) {
        for called in self.service.iter_mut().chain(&mut self.environment) {
            called.field = format!("{path}.{}", called.field);
        }
    }

    /// What the payload has under this name.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_str())
    }

    /// All that the payload has.
    pub fn facts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.facts.iter().map(|(name, text)| (*name, text.as_str()))
    }
}
