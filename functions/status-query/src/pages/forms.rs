//! Empty forms. What they send goes to `event-processor`.

use api::{BadVersion, Problem};
use domain::catalog::KnownNames;
use domain::identifiers::Identifier as _;
use domain::questions::asked::Asked as AskedName;
use domain::{Environment, Service, Timestamp};
use pages::forms::{Sender, Sheet, Typed, bad, record};
use pages::{Asked, Page, Route};
use store::ReadItems;

use crate::StatusQuery;
use crate::answer::Unanswered;

impl<S: ReadItems> StatusQuery<S> {
    pub(super) async fn record_page(&self, asked: &Asked, caller: &str, now: Timestamp) -> Result<Page, Unanswered> {
        let known = self.known_names(asked, now).await?;
        let is_listed = |name: &str| known.environments.iter().any(|known| known.as_str() == name);
        let fields = prefilled(asked, Route::Record);
        // What can't be chosen is named.
        let fields = fields.map(|(field, text)| match field {
            "environment" if !is_listed(text) => ("newEnvironment", text),
            field => (field, text),
        });
        let (id, typed) = (new_id()?, Typed::prefilled(fields));
        Ok(record::page(&sheet(&id, Sender { caller, groups: &[], csrf: asked.csrf() }, &typed), &known))
    }

    pub(super) async fn mark_bad_page(&self, asked: &Asked, caller: &str, now: Timestamp) -> Result<Page, Unanswered> {
        let known = self.known_names(asked, now).await?;
        let mut of_service: Vec<BadVersion> = Vec::new();
        let mut cursor: Option<String> = None;
        while let Some(service) = asked.parameter("service") {
            let query = [
                ("service", Some(service)),
                ("cleared", Some("true")),
                ("limit", Some("100")),
                ("cursor", cursor.as_deref()),
            ];
            let query = query.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
            let page: api::Page<BadVersion> = self.ask("/v1/bad", query.collect(), now).await?;
            of_service.extend(page.items);
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let fields = prefilled(asked, Route::MarkBad);
        let (id, typed) = (new_id()?, Typed::prefilled(fields));
        Ok(bad::page(&sheet(&id, Sender { caller, groups: &[], csrf: asked.csrf() }, &typed), &known, &of_service))
    }

    /// What is known by name, in the order of the promotion path, with the versions of the service that the address
    /// names.
    async fn known_names(&self, asked: &Asked, now: Timestamp) -> Result<KnownNames, Unanswered> {
        let settings = self.settings_in_use(now).await?;
        let service = asked.parameter("service").map(Service::parse).transpose();
        let service = service.map_err(|invalid| Problem::wrong_field("service", invalid.to_string()))?;
        let service = service.map(|name| AskedName::of(name, &settings.names.services)).unwrap_or_default();
        let mut known = self.reader.known_names(&service).await?;
        settings.path.sort(&mut known.environments, |name: &Environment| name);
        Ok(known)
    }
}

/// What the address fills in.
fn prefilled(asked: &Asked, route: Route) -> impl Iterator<Item = (&str, &str)> {
    route.parameters().iter().filter_map(|field| Some((*field, asked.parameter(field)?)))
}

fn sheet<'s>(id: &'s str, sender: Sender<'s>, typed: &'s Typed) -> Sheet<'s> {
    Sheet { id, sender, typed, errors: &[], before: None }
}

/// What makes one thing of what a form sends.
fn new_id() -> Result<String, Problem> {
    lambda::random_id().map_err(|error| {
        tracing::error!(%error, "there is no randomness");
        Problem::new(503, "a form can't be made at the moment; try again")
    })
}
