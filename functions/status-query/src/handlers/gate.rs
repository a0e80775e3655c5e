//! Whether a version of a service may go to an environment.

use std::sync::Arc;

use api::Gate;
use domain::live::Place;
use domain::live::thing::Thing;
use domain::questions::gate::{Asked, Question, judge};
use domain::settings::path::Standing;
use domain::{Commit, DeploymentId, Environment, FieldError, Service, Timestamp};
use store::reader::gate::GateQuestion;
use store::{ReadItems, StoreError};

use super::at::When;
use crate::answer::{Answer, Unanswered, json};
use crate::parameters::Parameters;
use crate::{SettingsInUse, StatusQuery};

impl<S: ReadItems> StatusQuery<S> {
    /// Judges by the settings in force, which are those of version `version`; for a time in the past by those that
    /// were in force then.
    pub(crate) async fn gate(&self, mut parameters: Parameters, version: u64, now: Timestamp) -> Answer {
        let service: Option<Service> = parameters.required("service");
        let environment: Option<Environment> = parameters.required("environment");
        let thing =
            Thing { version: parameters.required("version"), commit: parameters.identifier::<Commit>("commit") };
        let deployment_id: Option<DeploymentId> = parameters.identifier("deploymentId");
        let (as_of, known_at) = (parameters.time_up_to("asOf"), parameters.time_up_to("knownAt"));
        parameters.finish()?;
        let (Some(service), Some(environment)) = (service, environment) else {
            // Both were found missing above.
            return Err(vec![FieldError::new("", "a service and an environment are required")].into());
        };
        let (settings, version) = match as_of {
            Some(time) => self.settings_then(time).await?,
            None => (Arc::clone(parameters.settings()), version),
        };
        // What is known at a time is asked for one time, and no longer for what is active now.
        let as_of = as_of.or_else(|| known_at.map(|_| now));
        let place = Place {
            environment: settings.names.environments.resolve(&environment).clone(),
            service: settings.names.services.resolve(&service).clone(),
        };
        self.must_be_known(&place.environment, &settings).await?;
        let asked = Asked::of(&place.environment, &settings.settings, &settings.path);
        let question =
            GateQuestion { place: &place, thing: &thing, deployment_id: deployment_id.as_ref(), as_of, known_at };
        let mut facts = self.reader.gate_facts(question, &asked, &settings.names, &settings.path).await?;
        let when = When { as_of, known_at };
        facts.measured =
            Box::pin(self.reader.measured_badly((&thing, &facts), when, (&settings, version), now)).await?;
        let Place { environment, service } = place;
        let question = Question { service, environment, thing, at: as_of.unwrap_or(now) };
        json(&Gate::new(judge(&question, &settings.settings, &settings.names, &facts), version, question.at))
    }

    /// Where settings list environments, a name that is none of them may be misspelt, and nothing would be asked of it.
    async fn must_be_known(&self, environment: &Environment, settings: &SettingsInUse) -> Result<(), Unanswered> {
        let listed = matches!(settings.path.standing(environment), Standing::Listed(_) | Standing::Ephemeral);
        if listed || settings.settings.environments.is_empty() || self.reader.has_environment(environment).await? {
            return Ok(());
        }
        let detail = "is no environment: the settings do not list it, and no deployment named it";
        Err(vec![FieldError::new("environment", detail)].into())
    }

    /// The settings that were in force at a time, with the number of their version; before the first version, those of
    /// the first.
    pub(crate) async fn settings_then(&self, time: Timestamp) -> Result<(Arc<SettingsInUse>, u64), StoreError> {
        let then = match self.reader.settings_as_of(time).await? {
            Some(version) => Some(version),
            None => self.reader.settings_version(1).await?,
        };
        let Some(version) = then else { return Ok(Default::default()) };
        let settings = SettingsInUse::read(&version.document).map_err(|errors| {
            let errors = domain::fields::one_line(&errors);
            StoreError::unreadable("settings", format!("version {}: {errors}", version.number))
        })?;
        Ok((Arc::new(settings), version.number))
    }
}
