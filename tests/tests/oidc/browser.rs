//! What a browser does in a login: it keeps the cookies of both sites, and goes where it is led.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderName};
use login::{Attempt, Identity, LoginSecret, Rights, Session};
use serde_json::Value;
use tests::invocations::gateway_event;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::site::{HOST, SECRET, Site};

#[derive(Default)]
pub(super) struct Browser {
    /// The cookies of the installation.
    pub(super) ours: BTreeMap<String, String>,
    /// The cookies of the issuer.
    pub(super) theirs: BTreeMap<String, String>,
    /// The state of a login that was made here.
    pub(super) state: String,
}

pub(super) struct Answer {
    pub(super) status: u64,
    headers: BTreeMap<String, String>,
    pub(super) cookies: Vec<String>,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(String::as_str).unwrap_or_default()
    }
}

fn keep(jar: &mut BTreeMap<String, String>, cookies: &[String]) {
    for cookie in cookies {
        let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
        if value.is_empty() {
            jar.remove(name)
        } else {
            jar.insert(name.to_owned(), value.to_owned())
        };
    }
}

fn sent(jar: &BTreeMap<String, String>) -> String {
    jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
}

impl Browser {
    pub(super) async fn get(&mut self, site: &mut Site, path: &str) -> Answer {
        self.ask(site, "GET", path, "").await
    }

    pub(super) async fn send(&mut self, site: &mut Site, path: &str, form: &str) -> Answer {
        self.ask(site, "POST", path, form).await
    }

    async fn ask(&mut self, site: &mut Site, method: &str, path: &str, body: &str) -> Answer {
        let mut headers = HeaderMap::new();
        let cookie = sent(&self.ours);
        for (name, value) in [
            ("accept", "text/html"),
            ("host", HOST),
            ("x-forwarded-proto", "https"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "same-origin"),
            ("cookie", &cookie),
        ] {
            headers.insert(HeaderName::from_static(name), value.parse().unwrap());
        }
        let (route, query) = path.split_once('?').map_or((path, None), |(route, query)| (route, Some(query)));
        let event = gateway_event(method, route, query, &headers, body.as_bytes());
        let function =
            if pages::forms::Form::sent(method, route).is_some() { &mut site.processor } else { &mut site.query };
        let answer = function.invoke(&event).await.expect("an answer");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let headers = answer["headers"].as_object().unwrap().iter();
        let cookies: Vec<String> = answer["cookies"].as_array().unwrap().iter().map(text).collect();
        keep(&mut self.ours, &cookies);
        Answer {
            status: answer["statusCode"].as_u64().unwrap(),
            headers: headers.map(|(name, value)| (name.clone(), text(value))).collect(),
            cookies,
            body: text(&answer["body"]),
        }
    }

    /// Logs in at the issuer, and answers the path that it leads back to.
    pub(super) async fn log_in(&mut self, site: &mut Site, path: &str) -> String {
        let begun = self.get(site, path).await;
        assert_eq!(begun.status, 303, "{}: {}", begun.body, site.query.log());
        let mut address = begun.header("location").to_owned();
        assert!(address.starts_with(&format!("{}/auth?", site.issuer)), "{address}");
        let ours = format!("https://{HOST}");
        for _ in 0..10 {
            if let Some(path) = address.strip_prefix(&ours) {
                return path.to_owned();
            }
            let answer = self.at_issuer(site, &address).await;
            assert!(matches!(answer.status, 302 | 303), "{address}: {} {}", answer.status, answer.body);
            let location = answer.header("location");
            address =
                if location.starts_with('/') { format!("{}{location}", site.issuer) } else { location.to_owned() };
        }
        panic!("the issuer does not lead back: {address}");
    }

    /// What the issuer answers at one of its addresses. TLS is left out: the functions speak it.
    pub(super) async fn at_issuer(&mut self, site: &Site, address: &str) -> Answer {
        let path = address.strip_prefix(&site.issuer).unwrap_or_else(|| panic!("{address} is not the issuer's"));
        let host = site.issuer.strip_prefix("https://").unwrap();
        let mut stream = TcpStream::connect(site.provider.endpoint.strip_prefix("http://").unwrap()).await.unwrap();
        let cookie = sent(&self.theirs);
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let cookies: Vec<String> =
            headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| value.clone()).collect();
        keep(&mut self.theirs, &cookies);
        Answer { status, headers: headers.into_iter().collect(), cookies, body: body.to_owned() }
    }

    /// It has a session that began so many seconds ago.
    pub(super) fn begin_session_before(&mut self, secret: &LoginSecret, seconds: i64) {
        let alice = Identity { subject: "alice".to_owned(), name: "Alice".to_owned(), groups: Vec::new() };
        let rights = Rights { read: true, record: true };
        let session = Session::begin(&alice, rights, Vec::new(), lambda::now().plus_millis(-1000 * seconds)).unwrap();
        keep(&mut self.ours, &[session.cookie(secret.keys()).unwrap()]);
    }

    /// It has begun a login so many seconds ago.
    pub(super) fn begin_attempt_before(&mut self, seconds: i64) {
        let secret = LoginSecret::parse(SECRET).unwrap();
        let callback = format!("https://{HOST}/login/callback");
        let attempt = Attempt::begin("/", callback, lambda::now().plus_millis(-1000 * seconds)).unwrap();
        keep(&mut self.ours, &[attempt.cookie(secret.keys()).unwrap()]);
        self.state = attempt.state;
    }
}
