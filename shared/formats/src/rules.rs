//! A user's rules for events of other tools: from what a payload has (a cluster, a stack's name, a
//! branch) to the environment, the service, the region, and whether it is a deployment at all.
//!
//! For each of these, the first rule that matches and has something for it counts. What no rule
//! has something for stays as the payload has it; a missing environment stays missing. Events of our own
//! format say everything themselves, and no rule touches them.
//!
//! `docs/sources/rules.md` describes the rules for those who write them.

mod once_per;
mod parse;
pub(crate) mod pattern;
mod rule;

use std::fmt;

use domain::FieldError;
use domain::fields::{Unknown, one_line};
use domain::identifiers::{Environment, Region, Service};
use serde_json::Value;

pub use self::once_per::OncePer;
use self::rule::Rule;
pub use self::rule::Stated;
use crate::origin::Origin;

/// A user's rules, in the order given. The default is none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SourceRules(Vec<Rule>);

/// What the rules make of a payload.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Verdict {
    /// The environment that it is about.
    pub environment: Option<Stated<Environment>>,
    /// The service that it is about.
    pub service: Option<Stated<Service>>,
    /// The region that it runs in; none where it is for the whole environment.
    pub region: Option<Stated<Option<Region>>>,
    /// Whether it is a deployment.
    pub deployment: Option<Stated<bool>>,
    /// Which stages are deployments of their own.
    pub stages: Stages,
    /// Of which field each value counts once.
    pub once_per: Option<Stated<OncePer>>,
    /// That a deployment that is inactive was taken away, and not replaced.
    pub removes: Option<Stated<&'static str>>,
    /// Whether an alarm that goes off makes what runs bad.
    pub decisive: Option<Stated<bool>>,
}

impl Verdict {
    /// Whether they give a service and an environment.
    pub(crate) fn names_a_place(&self) -> bool {
        let environment = self.environment.as_ref().is_some_and(|stated| stated.value != Environment::unknown());
        environment && self.service.as_ref().is_some_and(|stated| stated.value != Service::unknown())
    }
}

/// Which stages of what a payload is about are deployments of their own. That is decided from the rules and
/// from what all events of it have in common, so it is the same in whatever order they arrive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Stages {
    /// None; or a rule that looks at no stage names the environment, and has precedence.
    #[default]
    None,
    /// The one that the payload is about.
    This,
    /// Others alone: the first rule that says so.
    Others(String),
}

/// What a rule says of what is inactive.
pub(crate) const REMOVES: &str = "removes";

/// All that is wrong with rules; each error names its rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongRules(pub Vec<FieldError>);

impl fmt::Display for WrongRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&one_line(&self.0))
    }
}

impl std::error::Error for WrongRules {}

impl SourceRules {
    /// How many rules there may be.
    pub const MOST: usize = 200;

    /// Reads rules: a JSON array of objects with `source`, and `name`, `when`, `environment`, `service`,
    /// `region`, `deployment`, `oncePer`, `inactive` and `decisive` where wanted. An empty text is no rules.
    ///
    /// # Errors
    /// All that is wrong with them, each with the rule's number and name.
    pub fn parse(text: &str) -> Result<Self, WrongRules> {
        parse::rules(text, Self::MOST).map(Self).map_err(WrongRules)
    }

    /// Reads rules that stand in an array, as [`parse`](Self::parse) does.
    ///
    /// # Errors
    /// As of `parse`.
    pub fn read(rules: Vec<Value>, unknown: Unknown) -> Result<Self, WrongRules> {
        parse::array(rules, Self::MOST, unknown).map(Self).map_err(WrongRules)
    }

    /// What the rules say of a payload with this origin.
    ///
    /// # Errors
    /// When a rule takes a name out of the payload that an environment, a service or a region
    /// can't have.
    pub fn judge(&self, origin: &Origin) -> Result<Verdict, FieldError> {
        let mut verdict = Verdict::default();
        for rule in &self.0 {
            if verdict.stages == Stages::None && verdict.environment.is_none() && rule.takes_stages_of(origin) {
                verdict.stages = Stages::Others(rule.label.clone());
            }
            let Some(captured) = rule.matches(origin) else { continue };
            if verdict.environment.is_none() {
                verdict.environment = rule.give("environment", rule.environment.as_ref(), captured.environment)?;
                if verdict.environment.is_some() {
                    verdict.stages = if rule.looks_at_stage() { Stages::This } else { Stages::None };
                }
            }
            if verdict.service.is_none() {
                verdict.service = rule.give("service", rule.service.as_ref(), captured.service)?;
            }
            if verdict.region.is_none() {
                verdict.region = rule.region(captured.region)?;
            }
            if verdict.once_per.is_none() {
                verdict.once_per = rule.once_per.clone().map(|value| Stated { value, rule: rule.label.clone() });
            }
            if verdict.removes.is_none() && rule.removes {
                verdict.removes = Some(Stated { value: REMOVES, rule: rule.label.clone() });
            }
            if verdict.decisive.is_none() {
                verdict.decisive = rule.decisive.map(|value| Stated { value, rule: rule.label.clone() });
            }
            if verdict.deployment.is_none() {
                verdict.deployment = rule.deployment.map(|value| Stated { value, rule: rule.label.clone() });
            }
        }
        Ok(verdict)
    }
}
