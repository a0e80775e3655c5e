//! The real server's answers about the deployment `d`, for tests that change something in them.

use api::{Deployment, JudgedDeployment};
use domain::identifiers::{Identifier as _, Principal};
use domain::ledger::chain::Link;
use domain::ledger::received::{Received, SameNames};
use domain::ledger::recording::{State, record};
use domain::{DeploymentId, Event, EventKey, Timestamp, json as digest};
use serde_json::{Value, json};

use crate::called::{Called, Shell};
use crate::history::get;
use crate::server::{Answer, Double};

/// A server's answers about the deployment `d`.
#[derive(Debug, Clone)]
pub(super) struct ServerAnswers {
    pub(super) trail: Vec<Value>,
    pub(super) deployment: Value,
    pub(super) verification: Value,
}

impl ServerAnswers {
    /// The real server's answers.
    pub(super) fn of(url: &str) -> Self {
        let of =
            |path: &str| -> Value { serde_json::from_str(&get(url, &format!("/v1/deployments/d{path}"))).unwrap() };
        let Value::Array(trail) = of("/events")["items"].take() else { panic!("no trail") };
        Self { trail, deployment: of(""), verification: of("/verify") }
    }

    /// The answer to a question about it.
    pub(super) fn answer(&self, path: &str) -> Answer {
        let body = match path.rsplit('/').next() {
            Some("events") => json!({"items": self.trail, "nextCursor": null}),
            Some("verify") => self.verification.clone(),
            _ => self.deployment.clone(),
        };
        (200, &[], body.to_string())
    }

    /// Makes all hashes from the number `from` on right again, as someone does who writes the chain anew;
    /// and what hangs on them.
    pub(super) fn chained_anew(mut self, from: usize) -> Self {
        let id = DeploymentId::parse("d").unwrap();
        let mut state: Option<State> = None;
        for at in 0..self.trail.len() {
            let (before, event) = self.trail.split_at_mut(at);
            let event = &mut event[0];
            let said: Event = serde_json::from_value(event["event"].clone()).unwrap();
            if at >= from {
                let payload_hash = digest::sha256_hex(&digest::canonical(&event["event"]).unwrap());
                event["sequence"] = json!(at + 1);
                event["eventKey"] = json!(said.key(&Principal::of(text(event, "producer")), &payload_hash));
                event["payloadHash"] = json!(payload_hash);
                event["previousHash"] = before.last().map_or(json!(""), |before| before["hash"].clone());
                event["previousRecordedAt"] = before.last().map_or(Value::Null, |before| before["recordedAt"].clone());
                event["hash"] = json!(hash(&id, event));
            }
            let received = Received {
                payload: digest::canonical(&event["event"]).unwrap(),
                payload_hash: text(event, "payloadHash").to_owned(),
                key: EventKey::stored(text(event, "eventKey")),
                occurred_at: time(event, "occurredAt").unwrap(),
                producer: text(event, "producer").to_owned(),
                event: said,
                must_agree: false,
                same: SameNames::new(),
                earlier: Vec::new(),
                once: false,
                owner: None,
                grant: None,
            };
            state = Some(record(state.as_ref(), received, time(event, "recordedAt").unwrap()).unwrap().1);
        }
        // How it went, and what is expected of it, follow from more than its own events.
        let JudgedDeployment { deployment: told, verdict } = serde_json::from_value(self.deployment).unwrap();
        let deployment = Deployment { outlook: told.outlook, ..Deployment::from(&state.unwrap()) };
        self.deployment = json!(JudgedDeployment { deployment, verdict });
        self.verification["events"] = json!(self.trail.len());
        self.verification["headHash"] = self.trail.last().unwrap()["hash"].clone();
        self
    }
}

pub(super) fn text<'a>(event: &'a Value, field: &str) -> &'a str {
    event[field].as_str().unwrap()
}

fn time(event: &Value, field: &str) -> Option<Timestamp> {
    event[field].as_str().map(|text| Timestamp::parse(text).unwrap())
}

/// The hash that an event has by what it says of itself.
pub(super) fn hash(id: &DeploymentId, event: &Value) -> String {
    Link {
        previous_hash: text(event, "previousHash"),
        previous_recorded_at: time(event, "previousRecordedAt"),
        payload_hash: text(event, "payloadHash"),
        sequence: event["sequence"].as_u64().unwrap(),
        deployment_id: id,
        event_key: &EventKey::stored(text(event, "eventKey")),
        occurred_at: time(event, "occurredAt").unwrap(),
        recorded_at: time(event, "recordedAt").unwrap(),
        producer: text(event, "producer"),
    }
    .hash()
}

/// What `verify` finds in this.
pub(super) fn verify(printed: &ServerAnswers, words: &[&str]) -> Called {
    let printed = printed.clone();
    let double = Double::answering(move |_, request| printed.answer(request.uri.path()));
    let form: &[&str] = if words.contains(&"-o") { &[] } else { &["-o", "text"] };
    Shell::at(&double.url).call(&[&["verify", "d"], form, words].concat())
}

/// The problems of what must be broken.
pub(super) fn problems(printed: &ServerAnswers) -> Vec<String> {
    let called = verify(printed, &[]);
    assert_eq!(called.code, 5, "{called:?}");
    assert!(called.stdout.starts_with("broken\td\t"), "{called:?}");
    let mut lines = called.stderr.lines().skip_while(|line| line.starts_with("The server reports "));
    assert_eq!(lines.next(), Some("deployment-status: the history of d is not intact"));
    lines.map(|line| line.trim().to_owned()).collect()
}
