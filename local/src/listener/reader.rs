//! Who looks at a page in a browser: without a token they are led to the form for one, where a program is told 401.

use api::Problem;
use api::routes::Operation;
use axum::extract::Request;
use axum::http::Method;
use axum::http::header::ACCEPT;
use axum::response::Response;
use pages::{address, forms};

use super::answer;
use crate::target::{Page, Target};

/// Someone who looks at a page.
pub(super) struct Reader {
    /// The path, as it was sent.
    path: String,
    /// Where to go on once they are logged in; none where something was sent that can't be sent again by itself.
    to: Option<String>,
}

impl Reader {
    /// Who sent this request, if they look at a page. What a page's script asks for is none that can be led on.
    pub(super) fn of(request: &Request, target: Target) -> Option<Self> {
        let is_page = match target {
            Target::Page(Page::Told | Page::Form | Page::Login) | Target::Nothing | Target::Api(Operation::GetRoot) => {
                true
            }
            Target::Page(Page::Asset) | Target::Api(_) | Target::Local(_) => false,
        };
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let wants_html = header(ACCEPT.as_str()).is_some_and(|accept| accept.contains("text/html"));
        let goes_there = header("sec-fetch-mode").is_none_or(|mode| mode == "navigate");
        let uri = request.uri();
        (is_page && wants_html && goes_there).then(|| Self {
            path: uri.path().to_owned(),
            to: (request.method() == Method::GET)
                .then(|| uri.path_and_query().map_or("/", |to| to.as_str()).to_owned()),
        })
    }

    /// The answer that says why they need a token, or another one.
    pub(super) fn told(&self, problem: &Problem) -> Response {
        match &self.to {
            Some(to) if problem.status == 401 => {
                let answer = api::Response { status: 303, headers: Vec::new(), body: String::new() };
                let login = address::with_query("/login", &[("to", to)]);
                answer::http(answer.with("location", login).with("cache-control", "no-store"))
            }
            _ => answer::page(&self.path, problem.status, &forms::token::refused(&problem.detail)),
        }
    }
}
