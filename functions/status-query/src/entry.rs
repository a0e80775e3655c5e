//! How people get in and out, where they log in at an issuer of identities; and for whom a page is.

use api::{Problem, Request, Response};
use domain::Timestamp;
use domain::settings::Right;
use login::{Login, NoSession, NotAdmitted, NotLoggedIn, NotUnderWay, Rights, cookie, destination};
use pages::entry::{self, Entry};
use pages::{Asked, Page, Route, SignedIn, address, headers, problem};
use store::ReadItems;

use crate::{Failed, StatusQuery};

impl<S: ReadItems> StatusQuery<S> {
    /// The page at a path, for whom it is.
    pub(crate) async fn page_for(&self, request: &Request, route: Route, now: Timestamp) -> Result<Response, Failed> {
        let Some(login) = self.login.as_ref().filter(|_| !matches!(route, Route::Asset(_))) else {
            return self.page(request, route, None, now).await;
        };
        if self.is_of_wall(request, route, now).await {
            return self.page(request, route, None, now).await;
        }
        match login.sessions().of(request, now).await {
            Ok(who) if who.session.rights.read => {
                let signed_in = SignedIn {
                    name: who.session.name.clone(),
                    may_record: who.session.rights.record,
                    csrf: who.csrf(),
                };
                let request = Request { caller: who.session.caller(), ..request.clone() };
                self.page(&request, route, Some(signed_in), now).await
            }
            Ok(who) => Ok(refuse(request, &may_not_read(&who.session.caller()), entry::forbidden_page, now)),
            Err(NotAdmitted::Session(why)) => Ok(not_signed_in(request, why, now)),
            Err(NotAdmitted::Secret(error)) => {
                tracing::error!(%error, "sessions can't be judged");
                let detail = "who you are can't be judged at the moment; try again";
                Ok(refuse(request, &Problem::new(503, detail), problem::page, now))
            }
        }
    }

    /// Whether a request for the matrix has the token of a screen on a wall.
    async fn is_of_wall(&self, request: &Request, route: Route, now: Timestamp) -> bool {
        let token = request.query.iter().find(|(name, value)| name == "wall" && !value.is_empty());
        let Some((_, token)) = token.filter(|_| matches!(route, Route::Live)) else { return false };
        // Without settings nobody is known; a session may get in all the same.
        self.settings_in_use(now).await.is_ok_and(|in_use| in_use.settings.walls.iter().any(|wall| wall.is_of(token)))
    }

    /// What is at a path at which people get in or out.
    pub(crate) async fn entry(&self, login: &Login, request: &Request, entry: Entry, now: Timestamp) -> Response {
        match (entry, request.method.as_str()) {
            (Entry::Login, "GET" | "HEAD") => begin(login, request, now).await,
            (Entry::Callback, "GET") => match self.finish(login, request, now).await {
                Ok(response) => response,
                Err(why) => not_logged_in(request, &why, now),
            },
            (Entry::Logout, "GET" | "HEAD") => document(request, 200, &entry::logout_page(), now),
            (Entry::Logout, "POST") => log_out(login, request, now).await,
            (entry, method) => {
                let allowed = if entry == Entry::Logout { "GET, POST" } else { "GET" };
                let detail = format!("{method} is not allowed for this page; use {allowed}");
                Response::problem(&Problem::new(405, detail), &request.id).with("allow", allowed)
            }
        }
    }

    async fn finish(&self, login: &Login, request: &Request, now: Timestamp) -> Result<Response, NotLoggedIn> {
        let finished = login.finish(request, now).await?;
        let Ok(settings) = self.settings_in_use(now).await else {
            let problem = Problem::new(503, "the settings can't be read at the moment; sign in again");
            return Ok(refuse(request, &problem, |problem| entry::refused_page(problem, &finished.to), now));
        };
        let (permissions, names) = (&settings.settings.permissions, finished.identity.names());
        let rights =
            Rights { read: permissions.may(Right::Read, &names), record: permissions.may(Right::Record, &names) };
        let caller = names.first().map(String::as_str).unwrap_or_default();
        if !rights.read {
            tracing::info!(caller, "logged in, and may not read");
            let response = refuse(request, &may_not_read(caller), entry::forbidden_page, now);
            return Ok(response.with("set-cookie", cookie::clear(cookie::ATTEMPT)));
        }
        // Those that it may need when it records: a cookie has no room for all.
        let groups = permissions.named(Right::Record, &names[1..]);
        let session = login.start_session(&finished.identity, rights, groups, now).await?;
        tracing::info!(caller, record = rights.record, "logged in");
        let response = led_to(&finished.to).with("set-cookie", session);
        Ok(response.with("set-cookie", cookie::clear(cookie::ATTEMPT)))
    }
}

async fn begin(login: &Login, request: &Request, now: Timestamp) -> Response {
    let to = request.query.iter().find(|(name, _)| name == "to").map(|(_, to)| to.as_str());
    // Cookies of a session are for HTTPS only.
    let Some(address) = request.address.as_deref().filter(|address| address.starts_with("https://")) else {
        let problem = Problem::new(400, "signing in needs HTTPS");
        return refuse(request, &problem, problem::page, now);
    };
    match login.begin(address, to, now).await {
        Ok(begun) => led_to(&begun.location).with("set-cookie", begun.cookie),
        Err(why) => not_logged_in(request, &why, now),
    }
}

async fn log_out(login: &Login, request: &Request, now: Timestamp) -> Response {
    if request.header("sec-fetch-site").is_some_and(|site| site != "same-origin") {
        let problem = Problem::new(403, "signing out is asked for on a page of this site only");
        return refuse(request, &problem, problem::page, now);
    }
    let issuer = login.end_session(now).await;
    let response = document(request, 200, &entry::out_page(issuer.as_deref()), now);
    response.with("set-cookie", cookie::clear(cookie::SESSION))
}

fn may_not_read(caller: &str) -> Problem {
    let detail =
        format!("the settings' permissions give {caller} no right `read`; whoever runs this system can add it");
    Problem::new(403, detail)
}

/// A browser is led to the login and back; a script of ours, and a program, are told.
fn not_signed_in(request: &Request, why: NoSession, now: Timestamp) -> Response {
    let path = address::of(&request.path);
    let query: Vec<_> = request.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let here = address::with_query(&path, &query);
    let here = destination::own(&here).unwrap_or("/");
    let is_walking = matches!(request.method.as_str(), "GET" | "HEAD");
    if is_walking && wants_page(request) && request.header("sec-fetch-dest") != Some("empty") {
        return led_to(&entry::login_to(here));
    }
    let problem = Problem::new(401, format!("{why}; sign in at {}", entry::LOGIN));
    refuse(request, &problem, |problem| entry::refused_page(problem, here), now)
}

fn not_logged_in(request: &Request, why: &NotLoggedIn, now: Timestamp) -> Response {
    let (status, detail) = match why {
        NotLoggedIn::NotUnderWay(why) => (400, format!("{why}; sign in again")),
        NotLoggedIn::Refused(code) if code == "invalid_grant" => (
            403,
            "who identifies you refused the code, which can be used once and not for long; sign in again".to_owned(),
        ),
        NotLoggedIn::Refused(code) => (403, format!("who identifies you refused: {code}")),
        NotLoggedIn::Token(why) => (403, format!("what says who you are is not taken: {why}")),
        NotLoggedIn::TooLarge(why) => (403, why.to_string()),
        NotLoggedIn::Issuer(_) => (503, "who identifies you can't be reached at the moment; try again".to_owned()),
        NotLoggedIn::Secret(_) | NotLoggedIn::NotSealed(_) => {
            (503, "nobody can be signed in at the moment; the log has the reason".to_owned())
        }
    };
    if status == 503 {
        tracing::error!(error = %why, "nobody can log in");
    } else {
        tracing::info!(%why, "not logged in");
    }
    let response = refuse(request, &Problem::new(status, detail), |problem| entry::refused_page(problem, "/"), now);
    // A login that goes on is not ended by whoever forges an answer.
    match why {
        NotLoggedIn::NotUnderWay(NotUnderWay::OtherState) => response,
        _ => response.with("set-cookie", cookie::clear(cookie::ATTEMPT)),
    }
}

fn wants_page(request: &Request) -> bool {
    request.header("accept").is_some_and(|accept| accept.contains("text/html"))
}

/// The page of a problem, or for programs the problem itself.
fn refuse(request: &Request, problem: &Problem, page: impl Fn(&Problem) -> Page, now: Timestamp) -> Response {
    if wants_page(request) {
        document(request, problem.status, &page(problem), now)
    } else {
        Response::problem(problem, &request.id).with("cache-control", "no-store")
    }
}

fn document(request: &Request, status: u16, page: &Page, now: Timestamp) -> Response {
    let body = page.document(&Asked::new(&request.path, &[], now));
    let response = Response { status, headers: Vec::new(), body };
    let response = response.with("content-type", "text/html; charset=utf-8").with("cache-control", "no-store");
    headers::HEADERS.into_iter().fold(response, |response, (name, value)| response.with(name, value))
}

fn led_to(location: &str) -> Response {
    let response = Response { status: 303, headers: Vec::new(), body: String::new() };
    response.with("location", location).with("cache-control", "no-store")
}
