//! Which notifications a user wants: the setting `NOTIFY`.

use super::Transition;
use crate::Environment;
use crate::identifiers::Identifier as _;

/// Which transitions are notified, and where: `production:STARTED,*:FAILED`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotifyRules(Vec<(Option<Environment>, Transition)>);

impl NotifyRules {
    /// Started in production; completed, failed, rolled back, stuck, drift, bad and suspected everywhere.
    pub const DEFAULT: &'static str = "production:STARTED,COMPLETED,FAILED,ROLLED_BACK,STUCK,DRIFT,BAD,SUSPECT";

    /// Reads `<environment or *>:<transition>`, separated by commas; a transition alone is of all environments, and empty
    /// notifies nothing.
    ///
    /// # Errors
    /// A sentence that names the rule that is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let rules = text.split(',').map(str::trim).filter(|rule| !rule.is_empty());
        rules.map(Self::rule).collect::<Result<_, _>>().map(Self)
    }

    fn rule(rule: &str) -> Result<(Option<Environment>, Transition), String> {
        let wrong = || {
            let names = Transition::SELECTED.map(Transition::as_str).join(", ");
            format!("`{rule}` must be <environment or *>:<one of {names}>, or one of these alone")
        };
        let (place, transition) = rule.rsplit_once(':').unwrap_or(("*", rule));
        let transition = Transition::SELECTED.into_iter().find(|t| t.as_str() == transition).ok_or_else(wrong)?;
        let environment = match place {
            "*" => None,
            name => Some(Environment::parse(name).map_err(|_| wrong())?),
        };
        Ok((environment, transition))
    }

    /// Whether a rule names this environment: someone watches it.
    #[must_use]
    pub fn names(&self, environment: &Environment) -> bool {
        self.0.iter().any(|(place, _)| place.as_ref() == Some(environment))
    }

    /// Whether this transition is notified anywhere.
    #[must_use]
    pub fn notifies_anywhere(&self, transition: Transition) -> bool {
        self.0.iter().any(|(_, t)| *t == transition)
    }

    /// Whether this transition is notified in this environment.
    #[must_use]
    pub fn notifies(&self, environment: &Environment, transition: Transition) -> bool {
        let transition = match transition {
            Transition::Resumed => Transition::Stuck,
            Transition::GoodAgain => Transition::Bad,
            other => other,
        };
        let selects =
            |(place, t): &(_, _)| *t == transition && Option::as_ref(place).is_none_or(|place| place == environment);
        transition == Transition::GateOverridden || self.0.iter().any(selects)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_something_is_notified_where_that_is() {
        let production = Environment::parse("production").unwrap();
        for (rules, transition, expected) in [
            ("BAD", Transition::GoodAgain, true),
            ("SUSPECT", Transition::GoodAgain, false),
            ("staging:BAD", Transition::GoodAgain, false),
            ("STUCK", Transition::Resumed, true),
            ("BAD", Transition::Resumed, false),
            ("", Transition::GateOverridden, true),
        ] {
            let found = NotifyRules::parse(rules).unwrap().notifies(&production, transition);
            assert_eq!(found, expected, "{rules} {transition:?}");
        }
    }

    #[test]
    fn a_transition_alone_is_of_all_environments_and_what_no_rule_selects_is_refused() {
        assert_eq!(NotifyRules::parse("BAD , *:FAILED"), NotifyRules::parse("*:BAD,FAILED"));
        for wrong in ["GOOD_AGAIN", "production:RESUMED", "production:", ":BAD", "bad"] {
            assert!(NotifyRules::parse(wrong).is_err(), "{wrong}");
        }
    }
}
