//! A version that is called bad, or cleared.

use domain::{FieldError, Timestamp};
use formats::Settings;
use pages::forms::bad::{page, read, unsaid};
use pages::forms::{Sender, Sheet, Typed};
use pages::{address, route};
use publisher::Publisher;
use store::WriteItems;

use super::{NotRecorded, Sent, first_of_each, fresh_id, named};
use crate::processor::{EventProcessor, Failed};

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    pub(super) async fn send_bad(
        &self,
        typed: &Typed,
        sender: Sender<'_>,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Sent, Failed> {
        let service = named(typed.given("service"), &settings.names.services);
        let known = self.known_names(&service, settings).await?;
        // The page says what is known of a version where it is asked for, not while something is being said of it.
        let again = |status: u16, id: &str, errors: &[FieldError]| {
            let mut shown = page(&Sheet { id, sender, typed, errors, before: None }, &known, &[]);
            "Call a version bad, or clear it".clone_into(&mut shown.title);
            Sent::Again(status, shown)
        };
        let id = match typed.id() {
            Ok(id) => id,
            Err(wrong) => return Ok(again(422, &fresh_id(), &[wrong])),
        };
        let has_service = service.name().is_none() || self.recorder.reader().has_service(&service).await?;
        let has_version = if has_service { self.has_version(&service, typed).await? } else { Some(true) };
        let new = unsaid(typed, has_service, has_version);
        let event = match read(typed, sender) {
            Ok(event) => event,
            Err(errors) => return Ok(again(422, id, &first_of_each([errors, new].concat()))),
        };
        let errors = [Self::wrong_with(&event, settings, sender, now), new].concat();
        if !errors.is_empty() {
            return Ok(again(422, id, &first_of_each(errors)));
        }
        Ok(match self.record_typed(&event, settings, sender, now).await? {
            Ok(_) => {
                let named = ["service", "version", "commit"].map(|field| (field, typed.given(field)));
                let named: Vec<(&str, &str)> =
                    named.into_iter().filter_map(|(field, value)| Some((field, value?))).collect();
                Sent::Recorded(address::with_query(route::MARK_BAD, &named))
            }
            Err(NotRecorded::Refused(status, errors)) => again(status, id, &errors),
            Err(NotRecorded::Otherwise) => {
                let says = "this form was sent before, and something else was recorded of it. What is typed below is \
                            not recorded; to say it besides, send it now";
                again(422, &fresh_id(), &[FieldError::new("", says)])
            }
        })
    }
}
