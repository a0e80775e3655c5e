//! Pages: what the API answers, as HTML.

use std::sync::Arc;

use api::routes::{Function, find};
use api::{LiveCell, Problem, Request, Response, entity_tag};
use domain::Timestamp;
use pages::{Asked, Page, Route, headers, problem};
use serde::de::DeserializeOwned;
use store::ReadItems;

use crate::answer::Unanswered;
use crate::handlers::at::When;
use crate::handlers::live::LiveQuestion;
use crate::{Failed, SettingsInUse, StatusQuery};

mod compare;
mod deployment;
mod deployments;
mod forms;
mod live;
mod overview;

/// How many cells are read at once.
const CELLS: usize = 4000;

impl<S: ReadItems> StatusQuery<S> {
    /// The page at a path.
    pub(crate) async fn page(&self, request: &Request, route: Route, now: Timestamp) -> Result<Response, Failed> {
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            let detail = format!("{} is not allowed for this page; use GET", request.method);
            let allowed = if pages::forms::Form::sent("POST", &request.path).is_some() { "GET, POST" } else { "GET" };
            return Ok(Response::problem(&Problem::new(405, detail), &request.id).with("allow", allowed));
        }
        if let Route::Asset(asset) = route {
            let response = Response { status: 200, headers: Vec::new(), body: asset.content.to_owned() };
            let kept = "public, max-age=31536000, immutable";
            return Ok(response
                .with("content-type", asset.media_type)
                .with("cache-control", kept)
                .with("x-content-type-options", "nosniff"));
        }
        let asked = Asked::new(&request.path, &request.query, now);
        let shown = match self.page_of(&asked, route, &request.caller, now).await {
            Ok(page) => Ok(page),
            Err(Unanswered::Problem(wrong)) => Err(wrong),
            Err(Unanswered::Store(error)) => {
                tracing::warn!(%error, "a page is not answered");
                Err(Problem::new(503, "this can't be read at the moment; try again"))
            }
            Err(Unanswered::Unwritable(error)) => return Err(error.into()),
        };
        let (status, page) = match shown {
            Ok(page) => (200, page),
            Err(wrong) => (wrong.status, problem::page(&wrong)),
        };
        let tag = entity_tag(&page.facts());
        let known = status == 200 && request.has(&tag);
        let (status, body) = if known { (304, String::new()) } else { (status, page.document(&asked)) };
        let response = Response { status, headers: Vec::new(), body };
        let response = response
            .with("content-type", "text/html; charset=utf-8")
            .with("etag", tag)
            .with("cache-control", "no-cache");
        Ok(headers::HEADERS.into_iter().fold(response, |response, (name, value)| response.with(name, value)))
    }

    async fn page_of(&self, asked: &Asked, route: Route, caller: &str, now: Timestamp) -> Result<Page, Unanswered> {
        let request = Request { query: asked.query.clone(), ..Request::default() };
        let given = request.parameters(route.parameters())?;
        let time = |name: &str| -> Result<Option<Timestamp>, Unanswered> {
            let parsed = given.get(name).map(|text| Timestamp::parse_up_to(text)).transpose();
            parsed.map_err(|invalid| Problem::wrong_field(name, invalid.to_string()).into())
        };
        let when = When { as_of: time("asOf")?, known_at: time("knownAt")? };
        match route {
            Route::Overview => self.overview_page(asked, now).await,
            Route::Live => self.live_page(asked, when, now).await,
            Route::Compare => self.compare_page(asked, now).await,
            Route::Deployments => self.deployments_page(asked, now).await,
            Route::Deployment => self.deployment_page(asked, caller, now).await,
            Route::Record => self.record_page(asked, caller, now).await,
            Route::MarkBad => self.mark_bad_page(asked, caller, now).await,
            Route::Asset(_) => Err(Problem::new(404, "no such page").into()),
        }
    }

    /// The cells of all environments, each with how it stands to the environment before it.
    async fn all_live(
        &self,
        question: LiveQuestion,
        settings: &SettingsInUse,
        now: Timestamp,
    ) -> Result<Vec<LiveCell>, Unanswered> {
        let question = LiveQuestion { with_difference: true, limit: CELLS, ..question };
        let (mut cells, mut position) = (Vec::new(), None);
        loop {
            let (some, next) = self.live(&question, position.as_deref(), &settings.path, now).await?;
            cells.extend(some);
            if next.is_none() {
                return Ok(cells);
            }
            position = next;
        }
    }

    /// What the API answers.
    async fn ask<T: DeserializeOwned>(
        &self,
        path: &str,
        query: Vec<(String, String)>,
        now: Timestamp,
    ) -> Result<T, Unanswered> {
        let request = Request { method: "GET".to_owned(), path: path.to_owned(), query, ..Request::default() };
        let found = find(Function::StatusQuery, &request.method, &request.path);
        let found = found.map_err(|_| Problem::new(404, "no such page"))?;
        let answer = Box::pin(self.answer(&request, found, now)).await?;
        serde_json::from_str(&answer).map_err(Unanswered::Unwritable)
    }

    async fn settings_in_use(&self, now: Timestamp) -> Result<Arc<SettingsInUse>, Unanswered> {
        let held = self.in_force.get(&self.reader, now).await.map_err(|error| {
            tracing::error!(%error, "the settings can't be read");
            Problem::new(503, "the settings can't be read at the moment; try again")
        })?;
        Ok(held.0)
    }
}
