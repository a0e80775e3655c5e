use domain::FieldError;
use domain::identifiers::{Environment, Identifier, Region, Service};

use super::once_per::OncePer;
use super::pattern::{Captured, Name, Pattern};
use crate::origin::Origin;
use crate::source::STAGE;

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rule {
    /// How messages name it: its number, and the name that it was given.
    pub(super) label: String,
    /// Which sources it is about.
    pub(super) source: Pattern,
    /// What must hold of the payload: each fact named here must be there, and match.
    pub(super) when: Vec<(&'static str, Pattern)>,
    pub(super) environment: Option<Environment>,
    pub(super) service: Option<Service>,
    pub(super) region: Option<Region>,
    /// Whether it says that there is no region, whatever the payload names.
    pub(super) clears_region: bool,
    pub(super) deployment: Option<bool>,
    /// Of which field each value counts once.
    pub(super) once_per: Option<OncePer>,
    /// Whether what is inactive was removed.
    pub(super) removes: bool,
    /// Whether an alarm that goes off makes what runs bad.
    pub(super) decisive: Option<bool>,
}

/// A value that a rule gives, or takes out of a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated<T> {
    /// The value.
    pub value: T,
    /// The rule, as messages name it: `rule 2 (clusters)`.
    pub rule: String,
}

impl Rule {
    /// What its patterns took out of the payload, if it matches.
    pub(super) fn matches(&self, origin: &Origin) -> Option<Captured> {
        self.source.matches(&origin.source)?;
        let mut captured = Captured::default();
        for (name, pattern) in &self.when {
            captured = captured.and(pattern.matches(origin.fact(name)?)?);
        }
        Some(captured)
    }

    /// Whether it is about stages.
    pub(super) fn looks_at_stage(&self) -> bool {
        self.when.iter().any(|(name, _)| *name == STAGE)
    }

    /// Whether it takes some stages of what a payload is about, this one or others, for deployments of their
    /// own: it names the environment of stages, and matches but for the stage.
    pub(super) fn takes_stages_of(&self, origin: &Origin) -> bool {
        let but_for_stage = |(name, pattern): &(&'static str, Pattern)| {
            *name == STAGE || origin.fact(name).is_some_and(|text| pattern.matches(text).is_some())
        };
        self.names_environment()
            && self.looks_at_stage()
            && self.source.matches(&origin.source).is_some()
            && self.when.iter().all(but_for_stage)
    }

    fn names_environment(&self) -> bool {
        self.environment.is_some() || self.when.iter().any(|(_, pattern)| pattern.takes(Name::Environment))
    }

    /// What it gives as `what`: the value it was given, else the one it took out of the payload.
    pub(super) fn give<T: Identifier + Clone>(
        &self,
        what: &str,
        given: Option<&T>,
        captured: Option<String>,
    ) -> Result<Option<Stated<T>>, FieldError> {
        let value = match (given, captured) {
            (Some(value), _) => Some(value.clone()),
            (None, Some(text)) => Some(T::parse(&text).map_err(|invalid| {
                FieldError::new(what, format!("{} reads {text:?} as the name, which {invalid}", self.label))
            })?),
            (None, None) => None,
        };
        Ok(value.map(|value| Stated { value, rule: self.label.clone() }))
    }

    /// What it says of the region: which, or that there is none.
    pub(super) fn region(&self, captured: Option<String>) -> Result<Option<Stated<Option<Region>>>, FieldError> {
        if self.clears_region {
            return Ok(Some(Stated { value: None, rule: self.label.clone() }));
        }
        let stated = self.give("region", self.region.as_ref(), captured)?;
        Ok(stated.map(|Stated { value, rule }| Stated { value: Some(value), rule }))
    }
}
