//! Answers a request of the browser.

use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::Full;
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{ALLOW, CACHE_CONTROL, CONNECTION, HeaderValue, LOCATION, REFERRER_POLICY, SET_COOKIE};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};
use tokio::task::spawn_blocking;

use super::admission::{METHODS, Pass, judge};
use super::body;
use super::forwarding::{Asked, answer};
use super::host::OwnHost;
use super::keys::Keys;
use super::own::{Own, wants_page};
use super::refused::explained;
use super::upstream::{Answered, Upstream};
use super::usage::Usage;
use crate::output::{note, shown};

/// What answers the browser.
pub(super) struct Service {
    pub(super) host: OwnHost,
    pub(super) keys: Keys,
    /// The page to begin with.
    pub(super) path: String,
    pub(super) upstream: Upstream,
    pub(super) usage: Arc<Usage>,
    /// What was last said on stderr: a page that looks again says the same again.
    pub(super) said: Mutex<String>,
}

impl Service {
    /// The answer to a request.
    pub(super) async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let response = match judge(&head, &self.host, &self.keys) {
            Ok(Pass::Enters) => {
                drop(self.usage.used());
                self.enter()
            }
            Ok(Pass::Goes) => {
                let _under_way = self.usage.used();
                let passed = Arc::clone(&self).pass_on(&head, body).await;
                passed.unwrap_or_else(|own| own.response(&head.headers))
            }
            Err(own) => {
                let mut response = own.response(&head.headers);
                if own.status == StatusCode::METHOD_NOT_ALLOWED {
                    response.headers_mut().insert(ALLOW, HeaderValue::from_static(METHODS));
                }
                if !body.is_end_stream() {
                    // Nobody reads the rest of it.
                    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                response
            }
        };
        response.map(Full::new)
    }

    /// Leads to the page to begin with, and gives the cookie.
    fn enter(&self) -> Response<Bytes> {
        let cookie = format!("{}={}; Path=/; HttpOnly; SameSite=Strict", self.host.cookie_name(), self.keys.cookie());
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::SEE_OTHER;
        for (name, value) in [
            (LOCATION, self.path.as_str()),
            (SET_COOKIE, &cookie),
            (CACHE_CONTROL, "no-store"),
            (REFERRER_POLICY, "no-referrer"),
        ] {
            // Path and cookie are in ASCII, without control characters.
            if let Ok(value) = HeaderValue::from_str(value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }

    /// Asks the server.
    async fn pass_on(self: Arc<Self>, head: &Parts, body: Incoming) -> Result<Response<Bytes>, Own> {
        let asked = Asked::new(head, body::read(body).await?)?;
        let page = wants_page(&head.headers);
        // The client blocks, and several requests are under way at once.
        let passed = spawn_blocking(move || {
            let answered = self.upstream.exchange(&asked);
            let answered = answered.inspect_err(|own| self.say(&format!("{}: {}", asked.route(), own.detail)));
            let Answered { reply, connection } = answered?;
            if matches!(reply.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
                let said = format!("{}: the server answers {}", asked.route(), reply.status());
                self.say(&format!("{said}. {}", connection.access().description()));
            }
            match explained(&reply, &asked, &connection, page) {
                Some(own) => Err(own),
                None => Ok(answer(reply, &connection.endpoint)),
            }
        });
        let failed = |_| Own::new(StatusCode::INTERNAL_SERVER_ERROR, "this program failed; its terminal shows why");
        passed.await.map_err(failed)?
    }

    /// Says something on stderr that is not what was said last.
    pub(super) fn say(&self, text: &str) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if *said != text {
            note(&shown(text));
            text.clone_into(&mut said);
        }
    }
}
