//! Records a decision as the stage `gate` of a deployment.

use api::{Gate, Gated, Overridden, Receipt};

use crate::api::Api;
use crate::failure::{Exit, Failure};
use crate::output::shown;

/// Records a decision.
///
/// # Errors
/// When it is not recorded (exit code 1).
pub(super) fn record(
    api: &Api,
    of: &Gated<'_>,
    gate: &Gate,
    overridden: Option<&Overridden<'_>>,
) -> Result<(), Failure> {
    let not_recorded = |failure: Failure| {
        let exit = Failure::new(Exit::Failed, format!("the decision is not recorded: {}", failure.message()));
        exit.advise(format!("It was {}.", gate.decision.as_str()))
    };
    match api.post::<Receipt>("/v1/events", &gate.recorded(of, overridden).to_string()) {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(problem)) => {
            let failure = not_recorded(Failure::new(Exit::Failed, shown(&problem.detail)));
            let errors = problem.errors.iter();
            Err(errors.fold(failure, |failure, error| {
                failure.advise(format!("{}: {}", shown(&error.field), shown(&error.detail)))
            }))
        }
        Err(failure) => Err(not_recorded(failure)),
    }
}
