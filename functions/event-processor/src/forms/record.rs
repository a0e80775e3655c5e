//! A deployment that is recorded by hand.

use api::ByHand;
use domain::questions::asked::Asked as AskedName;
use domain::{FieldError, Service, Timestamp};
use formats::Settings;
use pages::address;
use pages::forms::record::{Entered, Standing, at_fields, environment, page, read, unsaid};
use pages::forms::{Sender, Sheet, Typed};
use publisher::Publisher;
use store::{StoreError, WriteItems};

use super::{NotRecorded, Sent, first_of_each, fresh_id, named};
use crate::processor::{EventProcessor, Failed};

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    pub(super) async fn send_record(
        &self,
        typed: &Typed,
        sender: Sender<'_>,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Sent, Failed> {
        let service = named(typed.given("service"), &settings.names.services);
        let known = self.known_names(&service, settings).await?;
        let again = |status: u16, id: &str, errors: &[FieldError], before: Option<&str>| {
            Sent::Again(status, page(&Sheet { id, sender, typed, errors, before }, &known))
        };
        let id = match typed.id() {
            Ok(id) => id,
            Err(wrong) => return Ok(again(422, &fresh_id(), &[wrong], None)),
        };
        let Entered { event, mut errors } = read(typed, sender);
        errors.extend(at_fields(typed, Self::wrong_with(&event, settings, sender, now)));
        let standing = self.standing(typed, &service, settings).await?;
        errors.extend(unsaid(typed, standing, &known));
        if !errors.is_empty() {
            return Ok(again(422, id, &first_of_each(errors), None));
        }
        let deployment = address::deployment(&ByHand::deployment_id(id));
        Ok(match self.record_typed(&event, settings, sender, now).await? {
            Ok(_) => Sent::Recorded(deployment),
            Err(NotRecorded::Refused(status, errors)) => {
                again(status, id, &first_of_each(at_fields(typed, errors)), None)
            }
            // With an id of its own it can be sent as another deployment, by whoever wants that.
            Err(NotRecorded::Otherwise) => {
                let says = "this form was sent before, and something else was recorded of it. What is typed below is \
                            not recorded; to record it as another deployment, send it now";
                again(422, &fresh_id(), &[FieldError::new("", says)], Some(&deployment))
            }
        })
    }

    /// What is known of the names that were typed. What is wrong with one is said by whoever reads it.
    async fn standing(
        &self,
        typed: &Typed,
        service: &AskedName<Service>,
        settings: &Settings,
    ) -> Result<Standing, StoreError> {
        let reader = self.recorder.reader();
        let environment = named(environment(typed), &settings.names.environments);
        let mut is_environment = environment.name().is_none_or(|name| settings.general.environment(name).is_some());
        for name in environment.names() {
            is_environment = is_environment || reader.has_environment(name).await?;
        }
        Ok(Standing {
            service: service.name().is_none() || reader.has_service(service).await?,
            environment: is_environment,
            version: self.has_version(service, typed).await?,
        })
    }
}
