//! A note on a deployment.

use domain::identifiers::Identifier as _;
use domain::{DeploymentId, FieldError, Subject, Timestamp};
use formats::Settings;
use pages::address;
use pages::forms::note::{id as id_at, page};
use pages::forms::{Sender, Sheet, Typed};
use publisher::Publisher;
use store::WriteItems;

use super::{NotRecorded, Sent};
use crate::processor::{EventProcessor, Failed};

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    pub(super) async fn send_note(
        &self,
        deployment: &str,
        typed: &Typed,
        sender: Sender<'_>,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Sent, Failed> {
        let named = DeploymentId::parse(deployment).ok().filter(|id| id.subject() == Subject::Deployment);
        let state = match &named {
            Some(id) => self.recorder.reader().state(id).await?,
            None => None,
        };
        let Some(state) = state else {
            let nobody = api::Problem::new(404, format!("there is no deployment {deployment}"));
            return Ok(Sent::Again(404, pages::problem::page(&nobody)));
        };
        let again = |status: u16, id: &str, errors: &[FieldError]| {
            Sent::Again(status, page(&Sheet { id, sender, typed, errors, before: None }, deployment))
        };
        let fresh = id_at(state.sequence);
        let id = match typed.id() {
            Ok(id) => id,
            Err(wrong) => return Ok(again(422, &fresh, &[wrong])),
        };
        let Some(text) = typed.given("notes") else {
            return Ok(again(422, id, &[FieldError::new("notes", "write what is to be kept")]));
        };
        let event = api::note(deployment, state.summary.attempt(), id, text);
        let errors = Self::wrong_with(&event, settings, sender, now);
        if !errors.is_empty() {
            return Ok(again(422, id, &errors));
        }
        Ok(match self.record_typed(&event, settings, sender, now).await? {
            Ok(_) => Sent::Recorded(address::deployment(deployment)),
            Err(NotRecorded::Refused(status, errors)) => again(status, id, &errors),
            Err(NotRecorded::Otherwise) => {
                let says = "another note was recorded from this page before. What is typed below is not recorded; to \
                            add it too, send it now";
                again(422, &fresh, &[FieldError::new("", says)])
            }
        })
    }
}
