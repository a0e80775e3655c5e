//! Both functions over one embedded DynamoDB, invoked with what Lambda would invoke them with.

use std::time::Duration;

use api::TokenSubjects;
use aws_config::SdkConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::TimeToLiveSpecification;
use axum::http::HeaderMap;
use domain::fields::Unknown;
use domain::follows::notifications::NotifyRules;
use domain::{Retention, Timestamp};
use dynamodb::{ReadOnly, ReadWrite};
use event_processor::settings::Processing;
use event_processor::{EventProcessor, Failed};
use formats::{CustomSources, Settings, SourceRules, WebhookSecrets};
use login::{Client, Issuer, Login, LoginSecret, Sessions};
use publisher::AwsPublisher;
use recorder::{Rebuilder, Recorder};
use secrets::{SecretStore, SecretsManager};
use serde_json::Value;
use status_query::{SettingsInUse, StatusQuery};
use store::{Reader, Table};
use tokio::sync::Mutex;

use crate::Wire;
use crate::embedded::Embedded;
use crate::invocations::{gateway_event, queue_event};
use crate::stream::Stream;

/// The secret of every webhook in tests.
pub const SECRET: &str = "a secret of tests";

/// The noon at which tests take place.
pub const NOON: &str = "2026-03-01T12:00:00Z";

/// The system, as AWS would run it: real adapters, with a [`Wire`] that counts and fails.
pub struct World {
    /// The database.
    pub embedded: Embedded,
    /// Between the functions and AWS.
    pub wire: Wire,
    /// The function that records and publishes.
    pub processor: EventProcessor<ReadWrite, AwsPublisher>,
    /// The function that answers.
    pub query: StatusQuery<ReadOnly>,
    retention: Retention,
    processing: Processing,
    /// What both functions start with, so that most tests count no reads of settings; none for what is recorded.
    start_with: Option<Settings>,
    secrets_manager: bool,
    stream: Mutex<Stream>,
}

/// What a function answered over HTTP.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The status code.
    pub status: u64,
    /// Headers by lower-case name.
    pub headers: serde_json::Map<String, Value>,
    /// The body as JSON; null when it is empty.
    pub body: Value,
}

/// Seconds after [`NOON`].
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "noon is a time")]
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::parse(NOON).expect("noon").plus_millis(seconds * 1000)
}

/// Whose tokens are taken in tests.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "the pattern can be read")]
pub fn subjects() -> TokenSubjects {
    TokenSubjects::parse("repo:shop/*").expect("a pattern")
}

/// What webhooks are proven with in tests.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "the secrets can be read")]
pub fn secrets() -> WebhookSecrets {
    let secrets = serde_json::json!({
        "github": SECRET, "gitlab": SECRET, "argocd": SECRET, "flux": SECRET, "custom:azure": SECRET,
    });
    WebhookSecrets::parse(&secrets.to_string()).expect("secrets")
}

/// The settings that most tests start with: the default, with metrics of each service.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "the settings can be read")]
pub fn of_all_services() -> Settings {
    Settings::parse(br#"{"metricsByService": ["*"]}"#, Unknown::Refused).expect("settings").0
}

/// How events are processed in tests.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "the default rules can be read")]
pub fn processing() -> Processing {
    Processing {
        notify: NotifyRules::parse(NotifyRules::DEFAULT).expect("the default"),
        stuck_after: Duration::from_hours(1),
        subjects: subjects(),
        settings_admins: domain::settings::SettingsAdmins::default(),
        own_alarms: Some("deployment-status".to_owned()),
        allow_unsigned: false,
    }
}

#[expect(clippy::missing_panics_doc, reason = "panicking is how a test fails")]
impl World {
    /// A new world with an empty database in memory, where history is kept for ever.
    pub async fn new() -> Self {
        Self::keeping(Retention::FOREVER).await
    }

    /// The same, with history kept for so long.
    pub async fn keeping(retention: Retention) -> Self {
        let embedded = Embedded::start(None).await.expect("the embedded database");
        let wire = Wire::default();
        let stream = Stream::start(&embedded.database, &embedded.tables.history).expect("the stream");
        let processing = processing();
        let (processor, query) = functions(&embedded, &wire, retention, processing.clone(), false);
        let start_with = Some(of_all_services());
        let stream = Mutex::new(stream);
        let world = Self {
            embedded,
            wire,
            processor,
            query,
            retention,
            processing,
            start_with,
            secrets_manager: false,
            stream,
        };
        world.start();
        world
    }

    /// New instances of both functions, as after a crash or a cold start: they remember nothing.
    pub fn restart(&mut self) {
        let processing = self.processing.clone();
        let secrets_manager = self.secrets_manager;
        (self.processor, self.query) =
            functions(&self.embedded, &self.wire, self.retention, processing, secrets_manager);
        self.start();
    }

    /// The same, of functions that read the settings that are recorded.
    pub fn restart_cold(&mut self) {
        self.start_with = None;
        self.restart();
    }

    fn start(&self) {
        if let Some(settings) = &self.start_with {
            self.processor.in_force().start_with(settings.clone(), at(0));
            self.query.in_force().start_with(SettingsInUse::from(settings.general.clone()), at(0));
        }
    }

    /// New instances of both functions, as after a change of their settings.
    pub fn change_retention(&mut self, retention: Retention) {
        self.retention = retention;
        self.restart();
    }

    /// New instances of both functions, with these rules for events of other tools.
    pub fn change_rules(&mut self, rules: &Value) {
        self.start_with = Some(Settings::of_rules(SourceRules::parse(&rules.to_string()).expect("rules")));
        self.restart();
    }

    /// Applies settings through the API, at [`NOON`]: they are in force at once in both functions.
    pub async fn apply(&mut self, settings: &Value) -> Answer {
        self.start_with = None;
        let body = settings.to_string();
        let json = [("content-type", "application/json")];
        let answer = self.request("PUT", "/v1/settings", &json, body.as_bytes(), at(0)).await.expect("an answer");
        self.query.in_force().look_again();
        answer
    }

    /// New instances of both functions, where these may always apply settings.
    pub fn let_admins_apply(&mut self, admins: domain::settings::SettingsAdmins) {
        self.processing.settings_admins = admins;
        self.restart();
    }

    /// A new instance of the function that records, whose notifications lead to pages at this address.
    pub fn lead_to_pages(&mut self, url: &str) {
        let pages = domain::pages_url::PagesUrl::parse_secure(url).expect("an address");
        let recorder = Recorder::new(self.embedded.store(), self.retention);
        let publisher = publisher(&self.wire).with_pages(Some(pages));
        self.processor =
            EventProcessor::new(recorder, publisher, SecretStore::given(secrets()), self.processing.clone());
    }

    /// New instances of both functions, with these custom sources.
    pub fn change_sources(&mut self, sources: &Value) {
        let sources = CustomSources::parse(sources.clone()).expect("sources");
        self.start_with = Some(Settings { sources, ..Settings::default() });
        self.restart();
    }

    /// New instances of both functions, that take the secrets of webhooks from Secrets Manager: see
    /// [`Wire::keep_secret`].
    pub fn take_secrets_from_secrets_manager(&mut self) {
        self.secrets_manager = true;
        self.restart();
    }

    /// New instances of both functions, of which only people who have logged in see pages. Nobody reaches the issuer.
    pub fn let_people_log_in(&mut self, secret: &str) {
        let sessions = || Sessions::new(SecretStore::given(LoginSecret::parse(secret).expect("a login secret")));
        let issuer = Issuer::parse("https://issuer.example").expect("an issuer");
        let settings = login::Settings { issuer, client_id: "deployment-status".to_owned() };
        let login = Login::new(settings, sessions(), Client::Nobody);
        let (processor, query) =
            functions(&self.embedded, &self.wire, self.retention, self.processing.clone(), self.secrets_manager);
        (self.processor, self.query) = (processor.with_sessions(Some(sessions())), query.with_login(Some(login)));
        self.start();
    }

    /// Removes what has expired, as DynamoDB does within days: by the clock of this machine. Answers
    /// how many items that were.
    pub async fn remove_expired(&self) -> usize {
        let expires = Table::History.definition().expires.expect("an attribute");
        let by = TimeToLiveSpecification::builder().enabled(true).attribute_name(expires);
        let enable = self.embedded.client().update_time_to_live().table_name(&self.embedded.tables.history);
        let enabled = enable.time_to_live_specification(by.build().expect("all of it")).send().await;
        // A table that has it enabled says so.
        assert!(enabled.is_ok() || format!("{enabled:?}").contains("already enabled"), "{enabled:?}");
        self.embedded.database.sweep_ttl().expect("the embedded database")
    }

    /// A further instance of the function that records, as when Lambda scales out.
    #[must_use]
    pub fn another_processor(&self) -> EventProcessor<ReadWrite, AwsPublisher> {
        functions(&self.embedded, &self.wire, self.retention, self.processing.clone(), self.secrets_manager).0
    }

    /// What reads the same tables, not over the wire.
    #[must_use]
    pub fn reader(&self) -> Reader<ReadWrite> {
        Reader::new(self.embedded.store())
    }

    /// What rebuilds the state of the same tables, not over the wire.
    #[must_use]
    pub fn rebuilder(&self) -> Rebuilder<ReadWrite> {
        Rebuilder::new(self.embedded.store(), self.retention)
    }

    /// `GET path` of status-query, at [`NOON`].
    pub async fn get(&self, path: &str) -> Answer {
        self.get_at(path, at(0)).await
    }

    /// The same at a given time.
    pub async fn get_at(&self, path: &str, now: Timestamp) -> Answer {
        self.request("GET", path, &[], b"", now).await.expect("an answer")
    }

    /// Posts one event or an array to `/v1/events`, at [`NOON`].
    pub async fn post(&self, events: &Value) -> Answer {
        self.post_at(events, at(0)).await
    }

    /// Posts at a given time.
    pub async fn post_at(&self, events: &Value, now: Timestamp) -> Answer {
        let body = events.to_string();
        let answer = self.request("POST", "/v1/events", &[("content-type", "application/json")], body.as_bytes(), now);
        answer.await.expect("an answer")
    }

    /// Posts one event or an array at [`NOON`] as a caller whom the gateway knows: an ARN, or `oidc:` and a subject.
    pub async fn post_as(&self, caller: &str, events: &Value) -> Answer {
        let json = [("content-type", "application/json")];
        self.request_as(caller, "POST", "/v1/events", &json, events.to_string().as_bytes()).await
    }

    /// A request at [`NOON`] of a caller whom the gateway knows.
    pub async fn request_as(
        &self,
        caller: &str,
        method: &str,
        path: &str,
        headers: &[(&'static str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().expect("a header"));
        }
        let mut event = gateway_event(method, path, None, &map, body);
        event["requestContext"]["authorizer"] = match caller.strip_prefix("oidc:") {
            Some(subject) => serde_json::json!({"jwt": {"claims": {"sub": subject}, "scopes": null}}),
            None => serde_json::json!({"iam": {"userArn": caller}}),
        };
        self.invoke_http(&event, at(0)).await.expect("an answer")
    }

    /// A request to whichever function serves the path.
    ///
    /// # Errors
    /// The invocation's error, as text.
    pub async fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&'static str, &str)],
        body: &[u8],
        now: Timestamp,
    ) -> Result<Answer, String> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().expect("a header"));
        }
        let (route, query) = path.split_once('?').map_or((path, None), |(route, query)| (route, Some(query)));
        let event = gateway_event(method, route, query, &map, body);
        self.invoke_http(&event, now).await
    }

    /// Invokes the function that an HTTP request goes to.
    ///
    /// # Errors
    /// The invocation's error, as text.
    pub async fn invoke_http(&self, event: &Value, now: Timestamp) -> Result<Answer, String> {
        let answer = self.invoked(event, now).await?;
        let text = answer["body"].as_str().unwrap_or_default();
        Ok(Answer {
            status: answer["statusCode"].as_u64().expect("a status code"),
            headers: answer["headers"].as_object().cloned().unwrap_or_default(),
            body: if text.is_empty() { Value::Null } else { serde_json::from_str(text).expect("JSON") },
        })
    }

    /// A page at [`NOON`]: the status, the headers by lower-case name, and the document.
    pub async fn page(&self, path: &str) -> (u64, serde_json::Map<String, Value>, String) {
        let (route, query) = path.split_once('?').map_or((path, None), |(route, query)| (route, Some(query)));
        let headers = HeaderMap::from_iter([(axum::http::header::ACCEPT, "text/html".parse().expect("a header"))]);
        self.page_of(&gateway_event("GET", route, query, &headers, b"")).await
    }

    /// The page that answers a form, which is sent at [`NOON`] as a browser sends it from a page of ours.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> (u64, serde_json::Map<String, Value>, String) {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers = [
            ("host", "status.test"),
            ("origin", "http://status.test"),
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept", "text/html"),
        ];
        let headers = headers.map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a header")));
        let headers: HeaderMap = HeaderMap::from_iter(headers);
        self.page_of(&gateway_event("POST", path, None, &headers, body.as_bytes())).await
    }

    /// The page that answers an invocation at [`NOON`].
    pub async fn page_of(&self, event: &Value) -> (u64, serde_json::Map<String, Value>, String) {
        let answer = Box::pin(self.invoked(event, at(0))).await.expect("an answer");
        let status = answer["statusCode"].as_u64().expect("a status code");
        let headers = answer["headers"].as_object().cloned().unwrap_or_default();
        (status, headers, answer["body"].as_str().unwrap_or_default().to_owned())
    }

    /// Invokes status-query with an event of the gateway. Answers as the gateway gets it.
    ///
    /// # Panics
    /// When the invocation fails.
    pub async fn invoke_query(&self, event: &Value, now: Timestamp) -> Value {
        self.query.handle(&event.to_string(), now).await.expect("an answer")
    }

    async fn invoked(&self, event: &Value, now: Timestamp) -> Result<Value, String> {
        let path = event["rawPath"].as_str().unwrap_or_default();
        let replaced = path == "/v1/settings" || path.starts_with("/v1/releases/");
        let records = replaced && event["requestContext"]["http"]["method"] == "PUT";
        let method = event["requestContext"]["http"]["method"].as_str().unwrap_or_default();
        let sends = pages::forms::Form::sent(method, path).is_some();
        let reports = records || sends || path == "/v1/events" || path.starts_with("/v1/webhooks");
        if reports {
            self.processor.handle(&event.to_string(), now).await.map_err(|error| error.to_string())
        } else {
            self.query.handle(&event.to_string(), now).await.map_err(|error| error.to_string())
        }
    }

    /// Invokes event-processor with a batch of queue messages with these bodies, at `now`. Answers
    /// the places of the messages that must come again.
    ///
    /// # Errors
    /// When the invocation fails.
    pub async fn queue(&self, bodies: &[String], now: Timestamp) -> Result<Vec<usize>, Failed> {
        self.queue_to(&self.processor, bodies, now).await
    }

    /// The same of another instance of the function.
    ///
    /// # Errors
    /// When the invocation fails.
    pub async fn queue_to(
        &self,
        processor: &EventProcessor<ReadWrite, AwsPublisher>,
        bodies: &[String],
        now: Timestamp,
    ) -> Result<Vec<usize>, Failed> {
        let batch = queue_event(bodies, now);
        let answer = processor.handle(&batch.to_string(), now).await?;
        let ids: Vec<&Value> = batch["Records"].as_array().expect("records").iter().map(|r| &r["messageId"]).collect();
        let failures = answer["batchItemFailures"].as_array().expect("failures");
        let place = |failure: &Value| ids.iter().position(|id| **id == failure["itemIdentifier"]).expect("a known id");
        Ok(failures.iter().map(place).collect())
    }

    /// Publishes the stream until nothing is left; a failed batch comes again.
    ///
    /// # Errors
    /// When the function fails; calling this again goes on with the same batch.
    pub async fn publish(&self) -> Result<(), Failed> {
        let mut stream = self.stream.lock().await;
        while let Some(batch) = stream.peek().expect("the stream") {
            let answer = self.processor.handle(&batch.event.to_string(), at(0)).await?;
            assert_eq!(answer["batchItemFailures"], serde_json::json!([]), "every stream record is readable");
            stream.pass(batch);
        }
        Ok(())
    }

    /// Recomputes all state from the history recorded around [`NOON`] and expects no difference.
    pub async fn expect_state_is_history(&self) {
        let days = 24 * 3600;
        let found = self.rebuilder().rebuild(at(-days), at(days)).await.expect("rebuild");
        assert!(found.differences.is_empty(), "{}", found.differences.join("\n"));
    }
}

fn functions(
    embedded: &Embedded,
    wire: &Wire,
    retention: Retention,
    processing: Processing,
    secrets_manager: bool,
) -> (EventProcessor<ReadWrite, AwsPublisher>, StatusQuery<ReadOnly>) {
    let configuration = embedded.client_configuration().http_client(wire.clone()).retry_config(RetryConfig::disabled());
    let client = aws_sdk_dynamodb::Client::from_conf(configuration.build());
    let recorder = Recorder::new(ReadWrite::new(client.clone(), embedded.tables.clone()), retention);
    let read_only = ReadOnly::new(client, embedded.tables.clone());
    let secrets = if secrets_manager {
        let client = aws_sdk_secretsmanager::Client::from_conf(
            aws_sdk_secretsmanager::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .endpoint_url("http://secretsmanager.test")
                .region(Region::from_static("local"))
                .credentials_provider(Credentials::new("local", "local", None, None, "local"))
                .http_client(wire.clone())
                .retry_config(RetryConfig::disabled())
                .build(),
        );
        SecretStore::SecretsManager(SecretsManager::new(client, "webhooks".to_owned(), |text| {
            WebhookSecrets::parse(text).map_err(|wrong| wrong.to_string())
        }))
    } else {
        SecretStore::given(secrets())
    };
    let publisher = publisher(wire);
    let query = StatusQuery::new(read_only, retention, subjects());
    (EventProcessor::new(recorder, publisher, secrets, processing), query)
}

/// What publishes over a wire.
#[must_use]
pub fn publisher(wire: &Wire) -> AwsPublisher {
    let configuration = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url("http://aws.test")
        .region(Region::from_static("local"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("local", "local", None, None, "local")))
        .http_client(wire.clone())
        .retry_config(RetryConfig::disabled())
        .build();
    AwsPublisher::new(configuration, "Test".to_owned(), "arn:aws:sns:local:1:topic".to_owned())
}
