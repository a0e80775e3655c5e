//! The same stories told to both stores: what `SQLite` answers is what `DynamoDB` answers, byte for byte.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::HeaderMap;
use domain::{Retention, Timestamp};
use event_processor::EventProcessor;
use publisher::PublishedLog;
use recorder::{Rebuilder, Recorder};
use secrets::SecretStore;
use serde_json::{Value, json};
use sqlite::Sqlite;
use status_query::StatusQuery;
use tests::World;
use tests::invocations::gateway_event;
use tests::world::{self, at};

use super::heard;
use super::plots::{self, Plot};
use super::stories::{Story, story};

/// The functions on either store.
struct Both {
    dynamodb: World,
    sqlite: Sqlite,
    processor: EventProcessor<Sqlite, Arc<PublishedLog>>,
    query: StatusQuery<Sqlite>,
}

impl Both {
    async fn new() -> Self {
        let sqlite = Sqlite::in_memory().unwrap();
        let recorder = Recorder::new(sqlite.clone(), Retention::FOREVER);
        let secrets = SecretStore::given(world::secrets());
        let processor = EventProcessor::new(recorder, Arc::default(), secrets, world::processing());
        let query = StatusQuery::new(sqlite.clone(), Retention::FOREVER, world::subjects());
        Self { dynamodb: World::new().await, sqlite, processor, query }
    }

    /// Sends a request to both, and answers what both answer.
    async fn ask(&self, method: &str, path: &str, body: &str, now: Timestamp) -> Value {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "application/json".parse().unwrap());
        headers.insert("host", "deployments.test".parse().unwrap());
        let (route, query) = path.split_once('?').map_or((path, None), |(route, query)| (route, Some(query)));
        let event = gateway_event(method, route, query, &headers, body.as_bytes()).to_string();
        let (one, other) = if method == "POST" {
            (
                self.dynamodb.processor.handle(&event, now).await.unwrap(),
                self.processor.handle(&event, now).await.unwrap(),
            )
        } else {
            (self.dynamodb.query.handle(&event, now).await.unwrap(), self.query.handle(&event, now).await.unwrap())
        };
        assert_eq!(one, other, "{method} {path} {body}");
        one
    }

    async fn get(&self, path: &str, now: Timestamp) -> Value {
        serde_json::from_str(self.ask("GET", path, "", now).await["body"].as_str().unwrap()).unwrap()
    }

    /// Asks for all pages of a list, by each store's own cursors, which are the same.
    async fn pages(&self, path: &str, limit: usize, now: Timestamp) {
        let sign = if path.contains('?') { '&' } else { '?' };
        let mut cursor = String::new();
        loop {
            let page = self.get(&format!("{path}{sign}limit={limit}{cursor}"), now).await;
            match page["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return,
            }
        }
    }
}

/// Tells a story to both, and asks both all that can be asked.
async fn tell(story: &Story) {
    let both = Both::new().await;
    for together in story.0.chunk_by(|a, b| a.received == b.received) {
        let events: Vec<&Value> = together.iter().map(|step| &step.event).collect();
        let body = if let [alone] = events[..] { alone.to_string() } else { json!(events).to_string() };
        both.ask("POST", "/v1/events", &body, at(0).plus_millis(together[0].received)).await;
    }
    let now = at(0).plus_millis(story.0.last().map_or(0, |step| step.received) + 1);
    for id in story.0.iter().map(|step| heard::id(&step.event)).collect::<BTreeSet<_>>() {
        both.get(&format!("/v1/deployments/{id}"), now).await;
        both.get(&format!("/v1/deployments/{id}/verify"), now).await;
        both.pages(&format!("/v1/deployments/{id}/events"), 3, now).await;
    }
    for path in ["/v1/deployments", "/v1/deployments/active", "/v1/live", "/v1/incidents", "/v1/rejected"] {
        both.pages(path, 3, now).await;
        both.pages(path, 100, now).await;
    }
    for release in plots::RELEASES {
        both.pages(&format!("/v1/deployments?release={release}"), 2, now).await;
        both.get(&format!("/v1/releases/{release}?environment=production"), now).await;
    }
    both.pages("/v1/releases?environment=production", 1, now).await;
    let past = at(0).plus_millis(story.0[story.0.len() / 2].received);
    both.pages(&format!("/v1/live?asOf={past}"), 3, now).await;
    both.pages(&format!("/v1/live?knownAt={past}"), 3, now).await;
    let catalog = both.get("/v1/catalog", now).await;
    for environment in catalog["environments"].as_array().unwrap() {
        let environment = environment.as_str().unwrap();
        both.pages(&format!("/v1/deployments?environment={environment}"), 3, now).await;
        both.get(&format!("/v1/metrics?environment={environment}"), now).await;
    }
    let day = 24 * 3600;
    let rebuilt = Rebuilder::new(both.sqlite.clone(), Retention::FOREVER).rebuild(at(-day), at(day)).await.unwrap();
    assert_eq!(rebuilt.differences, [""; 0]);
}

async fn equal(plot: Plot, stories: u64) {
    for seed in (0..stories).step_by(tests::one_in_of_many(100)) {
        println!("the story of seed {seed}");
        tell(&story(plot, seed)).await;
    }
}

#[tokio::test]
async fn six_hundred_usual_stories_have_equal_answers_on_both() {
    equal(plots::usual, 600).await;
}

#[tokio::test]
async fn four_hundred_stories_without_any_plan_have_equal_answers_on_both() {
    equal(plots::wild, 400).await;
}
