//! Where people log in: pages are for whose session has the right to read, forms for whose session has the right to
//! record and its own token, and the API stays as it is. Logins themselves are in `oidc`, at a real issuer.

use axum::http::{HeaderMap, HeaderName};
use domain::Timestamp;
use login::{Identity, LoginSecret, Rights, Session};
use serde_json::{Value, json};
use status_query::settings::Settings;
use tests::World;
use tests::invocations::gateway_event;
use tests::world::at;

mod forms;
mod sessions;

/// Its key is the bytes from 0 to 31.
const SECRET: &str =
    r#"{"clientSecret": "a secret of tests", "sealingKey": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#;
const READ: Rights = Rights { read: true, record: false };
const RECORD: Rights = Rights { read: true, record: true };

async fn world() -> World {
    let mut world = World::new().await;
    world.let_people_log_in(SECRET);
    world
}

/// The cookie of a session that begins now, and what its forms have in them.
fn session(subject: &str, rights: Rights, now: Timestamp) -> (String, String) {
    session_by(SECRET, subject, rights, now)
}

fn session_by(secret: &str, subject: &str, rights: Rights, now: Timestamp) -> (String, String) {
    let secret = LoginSecret::parse(secret).unwrap();
    let identity =
        Identity { subject: subject.to_owned(), name: "Alice <b>".to_owned(), groups: vec!["ops".to_owned()] };
    let session = Session::begin(&identity, rights, Vec::new(), now).unwrap();
    let cookie = session.cookie(secret.keys()).unwrap();
    (cookie.split(';').next().unwrap().to_owned(), session.csrf(secret.keys()))
}

/// What a function answers to a browser: the status, the headers, the cookies that are set, the body.
struct Answer {
    status: u64,
    headers: serde_json::Map<String, Value>,
    cookies: Vec<String>,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

/// A request of a browser to the function that serves it.
async fn browse(world: &World, request: (&str, &str), headers: &[(&str, &str)], body: &str, now: Timestamp) -> Answer {
    let (method, path) = request;
    let mut map = HeaderMap::new();
    for (name, value) in
        [("accept", "text/html"), ("host", "us.example"), ("x-forwarded-proto", "https")].iter().chain(headers)
    {
        map.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
    }
    let (route, query) = path.split_once('?').map_or((path, None), |(route, query)| (route, Some(query)));
    let event = gateway_event(method, route, query, &map, body.as_bytes()).to_string();
    let answer = if pages::forms::Form::sent(method, route).is_some() || route == "/v1/events" {
        world.processor.handle(&event, now).await.unwrap()
    } else {
        world.query.handle(&event, now).await.unwrap()
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Answer {
        status: answer["statusCode"].as_u64().unwrap(),
        headers: answer["headers"].as_object().cloned().unwrap_or_default(),
        cookies: answer["cookies"].as_array().into_iter().flatten().map(text).collect(),
        body: text(&answer["body"]),
    }
}

async fn get(world: &World, path: &str, headers: &[(&str, &str)]) -> Answer {
    browse(world, ("GET", path), headers, "", at(0)).await
}

#[test]
fn a_login_has_all_of_its_settings_or_none() {
    let read = |login: [&str; 3]| {
        Settings::read(|name| {
            let value = match name {
                "HISTORY_TABLE" | "STATE_TABLE" => "a",
                "LOGIN_ISSUER" => login[0],
                "LOGIN_CLIENT_ID" => login[1],
                "LOGIN_SECRET_ID" => login[2],
                _ => return None,
            };
            Some(value.to_owned())
        })
    };
    assert!(read(["", "", ""]).unwrap().login.is_none());
    let login = read(["https://issuer.example/x", "us", "login"]).unwrap().login.unwrap();
    assert_eq!((login.issuer.issuer.address(), login.secret_id.as_str()), ("https://issuer.example/x", "login"));
    for part in [["https://issuer.example", "", "login"], ["", "us", ""], ["https://issuer.example", "us", ""]] {
        assert!(read(part).unwrap_err().to_string().contains("are required together"), "{part:?}");
    }
    let plain = read(["http://issuer.example", "us", "login"]).unwrap_err().to_string();
    assert!(plain.contains("LOGIN_ISSUER must be"), "{plain}");
}

#[tokio::test]
async fn the_api_stays_as_it_is() {
    let world = world().await;
    let event = json!({"deploymentId": "d-1", "status": "COMPLETED", "occurredAt": at(0)});
    assert_eq!(world.post(&event).await.status, 201);
    for path in ["/v1/live", "/v1/deployments/d-1", "/healthz", "/openapi.json", "/"] {
        assert_eq!(world.get(path).await.status, 200, "{path}");
    }
    // A session is of no use to it, and of no harm: the gateway has judged who calls.
    let (cookie, _) = session("alice", READ, at(0));
    assert_eq!(get(&world, "/v1/live", &[("cookie", &cookie)]).await.status, 200);
}
