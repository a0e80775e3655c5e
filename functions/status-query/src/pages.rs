//! Pages: what the API answers, as HTML.

use std::sync::Arc;

use api::routes::{Function, find};
use api::target::decode;
use api::{LiveCell, Problem, Request, Response, entity_tag};
use domain::{Environment, Timestamp};
use pages::{Asked, Format, Page, Route, SignedIn, headers, problem};
use serde::de::DeserializeOwned;
use store::ReadItems;

use crate::answer::{Answer, Unanswered, respond};
use crate::handlers::at::When;
use crate::handlers::live::LiveQuestion;
use crate::{Failed, SettingsInUse, StatusQuery};

mod bad;
mod compare;
mod deployment;
mod deployments;
mod drift;
mod environment;
mod forms;
mod incidents;
mod known;
mod live;
mod metrics;
mod overview;
mod place;
mod rejected;
mod release;
mod releases;
mod search;
mod service;
mod settings;
mod suspects;

/// How many cells are read at once.
const CELLS: usize = 4000;

/// What a request for a page leads to.
enum Shown {
    /// A page.
    Page(Box<Page>),
    /// The page at another path.
    Elsewhere(String),
}

impl Shown {
    fn page(page: Page) -> Self {
        Self::Page(Box::new(page))
    }
}

impl<S: ReadItems> StatusQuery<S> {
    /// The page at a path, for whoever has logged in, where people do.
    pub(crate) async fn page(
        &self,
        request: &Request,
        route: Route,
        signed_in: Option<SignedIn>,
        now: Timestamp,
    ) -> Result<Response, Failed> {
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
        let format = Format::of(&request.query, request.header("accept"));
        let mut asked = Asked { signed_in, ..Asked::new(&request.path, &Format::question(&request.query), now) };
        let shown = match &format {
            Ok(_) => self.shown(&mut asked, route, &request.caller, now).await?,
            Err(wrong) => Err(Problem::wrong_fields(vec![wrong.clone()])),
        };
        let page = match shown {
            Ok(Shown::Elsewhere(path)) => {
                let there = Response { status: 303, headers: Vec::new(), body: String::new() };
                return Ok(guarded(there.with("location", path).with("cache-control", "no-cache")));
            }
            Ok(Shown::Page(page)) => Ok(*page),
            Err(wrong) => Err(wrong),
        };
        let response = if format == Ok(Format::Json) {
            self.as_json(request, page, now).await?
        } else {
            as_html(request, page, &asked)
        };
        // What is kept of one form is not the other.
        Ok(guarded(response.with("vary", "accept")))
    }

    /// The page, or the problem that is shown in its place.
    async fn shown(
        &self,
        asked: &mut Asked,
        route: Route,
        caller: &str,
        now: Timestamp,
    ) -> Result<Result<Shown, Problem>, Failed> {
        match self.page_of(asked, route, caller, now).await {
            Ok(shown) => Ok(Ok(shown)),
            Err(unanswered) => Ok(Err(problem_of(unanswered)?)),
        }
    }

    /// What the API answers to the question of a page that is shown, or the problem that is.
    async fn as_json(
        &self,
        request: &Request,
        shown: Result<Page, Problem>,
        now: Timestamp,
    ) -> Result<Response, Failed> {
        let answered = match shown {
            Ok(page) if page.json.is_empty() => {
                Err(Problem::new(406, "this page has no answer of the API; ask for text/html").into())
            }
            Ok(page) => {
                let (path, query) = page.json.split_once('?').unwrap_or((&page.json, ""));
                match decode(path, query) {
                    Ok((path, query)) => self.answered(&path, query, now).await,
                    Err(problem) => Err(problem.into()),
                }
            }
            Err(problem) => Err(problem.into()),
        };
        match answered {
            Ok(body) => respond(request, Ok(body)),
            Err(unanswered) => Ok(Response::problem(&problem_of(unanswered)?, &request.id)),
        }
    }

    async fn page_of(
        &self,
        asked: &mut Asked,
        route: Route,
        caller: &str,
        now: Timestamp,
    ) -> Result<Shown, Unanswered> {
        let request = Request { query: asked.query.clone(), ..Request::default() };
        let given = request.parameters(route.parameters())?;
        let time = |name: &str| -> Result<Option<Timestamp>, Unanswered> {
            let parsed = given.get(name).map(|text| Timestamp::parse_up_to(text)).transpose();
            parsed.map_err(|invalid| Problem::wrong_field(name, invalid.to_string()).into())
        };
        let when = When { as_of: time("asOf")?, known_at: time("knownAt")? };
        let page = match route {
            // In boxes: their futures are large, and few of them are needed.
            Route::Overview => Box::pin(self.overview_page(asked, when.as_of, now)).await,
            Route::Live => Box::pin(self.live_page(asked, when, now)).await,
            Route::Compare => self.compare_page(asked, now).await,
            Route::Deployments => self.deployments_page(asked, now).await,
            Route::Deployment => Box::pin(self.deployment_page(asked, when, caller, now)).await,
            Route::Service => Box::pin(self.service_page(asked, when, now)).await,
            Route::Environment => Box::pin(self.environment_page(asked, when, now)).await,
            Route::Search => return Box::pin(self.search(asked, now)).await,
            Route::Releases => self.releases_page(asked, now).await,
            Route::Release => self.release_page(asked, now).await,
            Route::Drift => self.drift_page(asked, now).await,
            Route::Bad => self.bad_page(asked, now).await,
            Route::Settings => self.settings_page(asked, now).await,
            Route::Metrics => self.metrics_page(asked, now).await,
            Route::Incidents => self.incidents_page(asked, now).await,
            Route::Suspects => self.suspects_page(asked, now).await,
            Route::Rejected => self.rejected_page(asked, now).await,
            Route::Record => self.record_page(asked, caller, now).await,
            Route::MarkBad => self.mark_bad_page(asked, caller, now).await,
            Route::Asset(_) => Err(Problem::new(404, "no such page").into()),
        };
        page.map(Shown::page)
    }

    /// The cells of all environments.
    async fn all_live(
        &self,
        question: LiveQuestion,
        settings: &SettingsInUse,
        now: Timestamp,
    ) -> Result<Vec<LiveCell>, Unanswered> {
        let question = LiveQuestion { limit: CELLS, ..question };
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
        serde_json::from_str(&self.answered(path, query, now).await?).map_err(Unanswered::Unwritable)
    }

    /// What the API answers, as it is sent.
    async fn answered(&self, path: &str, query: Vec<(String, String)>, now: Timestamp) -> Answer {
        let request = Request { method: "GET".to_owned(), path: path.to_owned(), query, ..Request::default() };
        let found = find(Function::StatusQuery, &request.method, &request.path);
        let found = found.map_err(|_| Problem::new(404, "no such page"))?;
        Box::pin(self.answer(&request, found, now)).await
    }

    /// The settings in force now, which are these, or at a time.
    async fn settings_of(
        &self,
        as_of: Option<Timestamp>,
        now: &Arc<SettingsInUse>,
    ) -> Result<Arc<SettingsInUse>, Unanswered> {
        match as_of {
            Some(time) => Ok(self.settings_then(time).await?.0),
            None => Ok(Arc::clone(now)),
        }
    }

    /// The environments that last, in the order of the path.
    async fn lasting_environments(&self, settings: &SettingsInUse) -> Result<Vec<Environment>, Unanswered> {
        let mut environments = self.reader.environments().await?;
        environments.retain(|name| *name != Environment::unknown() && !settings.path.is_ephemeral(name));
        settings.path.sort(&mut environments, |name| name);
        Ok(environments)
    }

    /// The times of a request as parameters of another.
    fn times(asked: &Asked) -> Vec<(String, String)> {
        let times = ["asOf", "knownAt"].into_iter();
        times.filter_map(|name| Some((name.to_owned(), asked.parameter(name)?.to_owned()))).collect()
    }

    pub(crate) async fn settings_in_use(&self, now: Timestamp) -> Result<Arc<SettingsInUse>, Unanswered> {
        Ok(self.settings_and_version(now).await?.0)
    }

    /// The same, with the number of their version.
    async fn settings_and_version(&self, now: Timestamp) -> Result<(Arc<SettingsInUse>, u64), Unanswered> {
        let held = self.in_force.get(&self.reader, now).await.map_err(|error| {
            tracing::error!(%error, "the settings can't be read");
            Problem::new(503, "the settings can't be read at the moment; try again")
        })?;
        Ok(held)
    }
}

/// The problem that is shown in place of what can't be answered.
fn problem_of(unanswered: Unanswered) -> Result<Problem, Failed> {
    match unanswered {
        Unanswered::Problem(problem) => Ok(problem),
        Unanswered::Store(error) => {
            tracing::warn!(%error, "a page is not answered");
            Ok(Problem::new(503, "this can't be read at the moment; try again"))
        }
        Unanswered::Unwritable(error) => Err(error.into()),
    }
}

/// With what every page says of what it may do.
fn guarded(response: Response) -> Response {
    headers::HEADERS.into_iter().fold(response, |response, (name, value)| response.with(name, value))
}

/// A page as a document, or 304 where the browser has it already.
fn as_html(request: &Request, shown: Result<Page, Problem>, asked: &Asked) -> Response {
    let (status, page) = match shown {
        Ok(page) => (200, page),
        Err(wrong) => (wrong.status, problem::page(&wrong)),
    };
    // What stands around a page is of one session: a browser must not keep it for the next.
    let (session, kept) = match &asked.signed_in {
        Some(who) => (format!("{}\n{}", who.name, who.csrf), "private, no-cache"),
        None => (String::new(), "no-cache"),
    };
    let tag = entity_tag(&format!("{session}{}", page.facts()));
    let known = status == 200 && request.has(&tag);
    let (status, body) = if known { (304, String::new()) } else { (status, page.document(asked)) };
    let response = Response { status, headers: Vec::new(), body };
    response.with("content-type", "text/html; charset=utf-8").with("etag", tag).with("cache-control", kept)
}

/// Parameters of a question.
fn parameters<const N: usize>(of: [(&str, &str); N]) -> [(String, String); N] {
    of.map(|(name, value)| parameter(name, value))
}

/// A parameter of a question.
fn parameter(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}
