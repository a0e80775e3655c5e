//! The way in with a token for a browser, and out: the token becomes a cookie, which counts for pages.

use std::sync::Arc;

use api::{Problem, Request};
use axum::extract::State;
use axum::http::HeaderValue;
use axum::response::Response;
use domain::FieldError;
use pages::forms::{Sender, Sheet, Typed, judge, token};
use pages::{Page, address};

use crate::listener::answer::{self, http};
use crate::server::{FunctionRequest, Served};
use crate::tokens::{NotAuthorized, Token, Tokens, cookie};

/// `GET /login`: the form. `to` is where it leads on to.
pub(crate) async fn form(State(served): State<Served>, FunctionRequest(request): FunctionRequest) -> Response {
    if served.admission.tokens.is_none() {
        return needless(&request);
    }
    let to = request.query.iter().find(|(name, _)| name == "to").map_or("/", |(_, to)| to);
    login(&request, 200, &[], address::own(to).unwrap_or("/"))
}

/// `POST /login`: a token that is known becomes the cookie.
pub(crate) async fn enter(State(served): State<Served>, FunctionRequest(request): FunctionRequest) -> Response {
    let Some(tokens) = &served.admission.tokens else { return needless(&request) };
    let typed =
        match Typed::read(&request, &token::FIELDS).and_then(|typed| judge(&request, None, None).map(|()| typed)) {
            Ok(typed) => typed,
            Err(wrong) => return refused(&request, &wrong),
        };
    let to = address::own(typed.text("to")).unwrap_or("/");
    let given = Token::given(typed.text("token").trim());
    match tokens.holder(&given) {
        Ok(holder) => {
            tracing::info!(instance = request.id, name = holder.name, "logged in");
            leading_on(&request, to, Some(&given))
        }
        Err(NotAuthorized::Unreadable(cause)) => {
            tracing::error!(instance = request.id, error = %cause, "nobody is logged in");
            refused(&request, &Problem::new(503, "tokens can't be read at the moment; try again"))
        }
        Err(why) => {
            tracing::info!(instance = request.id, "a token that is not known was given");
            let wrong = format!("{why}; check that all of it was copied");
            login(&request, 401, &[FieldError::new("token", wrong)], to)
        }
    }
}

/// `GET /logout`: the way out.
pub(crate) async fn way_out(State(served): State<Served>, FunctionRequest(request): FunctionRequest) -> Response {
    let Some(tokens) = &served.admission.tokens else { return needless(&request) };
    let name = name(&request, tokens);
    page(&request, 200, &token::way_out(name.as_deref()))
}

/// `POST /logout`: the browser forgets the token.
pub(crate) async fn leave(State(served): State<Served>, FunctionRequest(request): FunctionRequest) -> Response {
    if served.admission.tokens.is_none() {
        return needless(&request);
    }
    match judge(&request, None, None) {
        Ok(()) => leading_on(&request, "/login", None),
        Err(foreign) => refused(&request, &foreign),
    }
}

/// The name of the token in the cookie.
fn name(request: &Request, tokens: &Arc<Tokens>) -> Option<String> {
    let header = |name: &str| request.header(name).and_then(|value| HeaderValue::from_str(value).ok());
    let headers = ["host", "cookie"].into_iter().filter_map(|name| Some((name.parse().ok()?, header(name)?)));
    let token = cookie::token(&headers.collect())?;
    tokens.holder(&token).ok().map(|holder| holder.name)
}

fn login(request: &Request, status: u16, errors: &[FieldError], to: &str) -> Response {
    let (sender, typed) = (Sender { caller: &request.caller, groups: &[], csrf: None }, Typed::default());
    let sheet = Sheet { id: "", sender, typed: &typed, errors, before: None };
    page(request, status, &token::page(&sheet, to))
}

/// On to a path of ours, with the cookie that is kept from now on.
fn leading_on(request: &Request, to: &str, token: Option<&Token>) -> Response {
    let is_https = request.address.as_deref().is_some_and(|address| address.starts_with("https:"));
    let kept = cookie::kept(request.header("host").unwrap_or_default(), is_https, token);
    // Both go into the answer: a path of ours is in ASCII, and so is a token that is known.
    let answer = api::Response { status: 303, headers: Vec::new(), body: String::new() };
    http(answer.with("location", to).with("set-cookie", kept).with("cache-control", "no-store"))
}

/// Where there are no tokens there is nothing to log in with.
fn needless(request: &Request) -> Response {
    refused(request, &Problem::new(404, "nobody logs in here: this server needs no token"))
}

fn refused(request: &Request, wrong: &Problem) -> Response {
    page(request, wrong.status, &pages::problem::page(wrong))
}

fn page(request: &Request, status: u16, page: &Page) -> Response {
    answer::page(&request.path, status, page)
}
