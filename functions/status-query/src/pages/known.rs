//! Whether what a question names exists: a list of what does not exist is empty, and would look as if all were well.

use api::Problem;
use domain::identifiers::Identifier as _;
use domain::{Environment, FieldError, Service, Timestamp};
use pages::Asked;
use store::ReadItems;

use crate::StatusQuery;
use crate::answer::Unanswered;

impl<S: ReadItems> StatusQuery<S> {
    /// Refuses an environment or a service that nothing names. It is asked where nothing is found.
    pub(super) async fn must_exist(&self, asked: &Asked, now: Timestamp) -> Result<(), Unanswered> {
        let settings = self.settings_in_use(now).await?;
        let mut wrong = Vec::new();
        if let Some(name) = asked.parameter("environment").and_then(|name| Environment::parse(name).ok()) {
            let resolved = settings.names.environments.resolve(&name);
            let listed = settings.settings.environment(resolved).is_some();
            if !listed && !self.has_environment(resolved).await? && !self.has_environment(&name).await? {
                wrong.push(FieldError::new(
                    "environment",
                    "is no environment: the settings do not list it, and nothing that is recorded names it",
                ));
            }
        }
        if let Some(name) = asked.parameter("service").and_then(|name| Service::parse(name).ok()) {
            let resolved = settings.names.services.resolve(&name);
            let listed = settings.settings.services.iter().any(|service| service.name == *resolved);
            if !listed && !self.has_service(resolved).await? && !self.has_service(&name).await? {
                wrong.push(FieldError::new(
                    "service",
                    "is no service: the settings do not list it, and no deployment names it",
                ));
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(Problem::wrong_fields(wrong).into()) }
    }

    async fn has_environment(&self, name: &Environment) -> Result<bool, Unanswered> {
        if self.reader.has_environment(name).await? {
            return Ok(true);
        }
        // To what is retired nothing is deployed any more; where there were only incidents, nothing ever was.
        let retired = self.reader.retirements_of(std::slice::from_ref(name)).await?;
        let asked = name.clone().into();
        Ok(retired.get(name).is_some_and(|moments| !moments.is_empty()) || self.reader.has_incidents(&asked).await?)
    }

    async fn has_service(&self, name: &Service) -> Result<bool, Unanswered> {
        Ok(!self.reader.environments_of(name).await?.is_empty())
    }
}
