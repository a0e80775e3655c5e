//! The wire: an HTTP client for the SDK that counts, that can fail, and that answers for CloudWatch,
//! SNS, EventBridge and Secrets Manager. Calls to DynamoDB go on to the embedded one.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use axum::body::{Body, to_bytes};
use tokio::sync::Notify;

/// How gzip begins (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: it goes through.
    None,
    /// The connection breaks before the call arrives.
    Before,
    /// It takes effect, and the connection breaks before the answer arrives.
    After,
    /// It takes effect, and the answer comes too late.
    Timeout,
    /// AWS throttles the call.
    Throttled,
    /// Another transaction is at the same items.
    Conflict,
    /// AWS has an error of its own.
    Internal,
    /// The process dies before the call arrives: it never comes back, and [`Wire::died`] is notified.
    DiesBefore,
    /// The process dies after the call has taken effect.
    DiesAfter,
    /// The code that calls panics.
    Panics,
}

impl Fault {
    /// Everything that can go wrong with a call.
    pub const ALL: [Self; 8] = [
        Self::Before,
        Self::After,
        Self::Timeout,
        Self::Throttled,
        Self::Conflict,
        Self::Internal,
        Self::DiesBefore,
        Self::DiesAfter,
    ];
}

/// A call that was made.
#[derive(Debug, Clone)]
pub struct Call {
    /// `TransactWriteItems`, `PutMetricData`, `PublishBatch`, …
    pub operation: String,
    /// What was sent: JSON to DynamoDB, a form to SNS; empty for CloudWatch.
    pub request: String,
    /// How many bytes were sent in its body.
    pub sent: usize,
    /// What was answered, in JSON; empty for the others.
    pub response: String,
    /// Capacity units that DynamoDB counted.
    pub units: f64,
    /// Calls that were under way together are of one round.
    pub round: usize,
}

type Decide = Box<dyn FnMut(usize, &str, &str) -> Fault + Send>;

#[derive(Default)]
struct Seen {
    calls: Vec<Call>,
    started: usize,
    in_flight: usize,
    round: usize,
    decide: Option<Decide>,
    metrics: Vec<serde_json::Value>,
    secret: Option<serde_json::Value>,
    refused_events: usize,
}

/// The wire. Clones are one wire.
#[derive(Clone)]
pub struct Wire {
    inner: SharedHttpClient,
    seen: Arc<Mutex<Seen>>,
    died: Arc<Notify>,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wire")
    }
}

impl Default for Wire {
    fn default() -> Self {
        Self { inner: aws::clients::plain_http(), seen: Arc::default(), died: Arc::default() }
    }
}

#[expect(clippy::missing_panics_doc, reason = "a poisoned lock means that a test failed already")]
impl Wire {
    /// Decides for each call, by its number from 0 since now, its operation and its request.
    pub fn decide(&self, decide: impl FnMut(usize, &str, &str) -> Fault + Send + 'static) {
        let mut seen = self.seen.lock().unwrap();
        seen.started = 0;
        seen.decide = Some(Box::new(decide));
    }

    /// Lets everything through again.
    pub fn heal(&self) {
        self.seen.lock().unwrap().decide = None;
    }

    /// Forgets the calls so far.
    pub fn reset(&self) {
        let mut seen = self.seen.lock().unwrap();
        seen.calls.clear();
        seen.metrics.clear();
        seen.started = 0;
        seen.round = 0;
    }

    /// The calls since the last reset.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.seen.lock().unwrap().calls.clone()
    }

    /// How many calls of an operation there were.
    #[must_use]
    pub fn count(&self, operation: &str) -> usize {
        self.calls().iter().filter(|call| call.operation == operation).count()
    }

    /// How many rounds of calls there were: calls that were under way together are one.
    #[must_use]
    pub fn rounds(&self) -> usize {
        self.seen.lock().unwrap().round
    }

    /// Capacity units of all calls.
    #[must_use]
    pub fn units(&self) -> f64 {
        self.calls().iter().map(|call| call.units).sum()
    }

    /// Each PutMetricData that took effect, decoded.
    #[must_use]
    pub fn metrics(&self) -> Vec<serde_json::Value> {
        self.seen.lock().unwrap().metrics.clone()
    }

    /// What was published to SNS and took effect: each message with its body and attributes.
    #[must_use]
    pub fn messages(&self) -> Vec<std::collections::BTreeMap<String, String>> {
        let calls = self.calls();
        let published = calls.iter().filter(|call| call.operation == "PublishBatch");
        published.flat_map(|call| messages(&call.request)).collect()
    }

    /// What was put on a bus of EventBridge and was taken: each entry, with its detail as JSON.
    #[must_use]
    pub fn events(&self) -> Vec<serde_json::Value> {
        let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
        let calls = self.calls();
        let put = calls.iter().filter(|call| call.operation == "PutEvents");
        let taken = put.flat_map(|call| {
            let (request, answer) = (parsed(&call.request), parsed(&call.response));
            let entries = request["Entries"].as_array().cloned().expect("entries");
            let results = answer["Entries"].as_array().cloned().expect("results");
            let taken = entries.into_iter().zip(results).filter(|(_, result)| result["EventId"].is_string());
            taken.map(|(entry, _)| entry).collect::<Vec<_>>()
        });
        let with_detail = taken.map(|mut entry| {
            entry["Detail"] = parsed(entry["Detail"].as_str().expect("a detail"));
            entry
        });
        with_detail.collect()
    }

    /// Lets EventBridge refuse so many of the next events, in answers that are successes.
    pub fn refuse_events(&self, count: usize) {
        self.seen.lock().unwrap().refused_events = count;
    }

    /// Keeps `secret` in Secrets Manager from now on, in the fields of its answer: `SecretString`, say.
    pub fn keep_secret(&self, secret: serde_json::Value) {
        self.seen.lock().unwrap().secret = Some(secret);
    }

    /// Waits until a call has died.
    pub async fn died(&self) {
        self.died.notified().await;
    }

    fn start(&self, operation: &str, body: &str) -> (Fault, usize) {
        let mut seen = self.seen.lock().unwrap();
        if seen.in_flight == 0 {
            seen.round += 1;
        }
        seen.in_flight += 1;
        let number = seen.started;
        seen.started += 1;
        let fault = seen.decide.as_mut().map_or(Fault::None, |decide| decide(number, operation, body));
        (fault, seen.round)
    }

    async fn send(
        self,
        request: HttpRequest,
        settings: HttpConnectorSettings,
        components: RuntimeComponents,
    ) -> Result<HttpResponse, ConnectorError> {
        let operation = operation(&request);
        let raw = request.body().bytes().map(<[u8]>::to_vec).unwrap_or_default();
        let body = String::from_utf8_lossy(&raw).into_owned();
        let sent = raw.len();
        let (fault, round) = self.start(&operation, &body);
        let _in_flight = InFlight(&self);
        match fault {
            Fault::Before => return Err(broken()),
            Fault::Conflict if operation == "TransactWriteItems" => return Ok(conflict(&body)),
            Fault::Throttled | Fault::Conflict => return Ok(problem(400, &operation, "ThrottlingException")),
            Fault::Internal => return Ok(problem(500, &operation, "InternalServerError")),
            Fault::DiesBefore => return self.die().await,
            Fault::Panics => panic!("the wire panics, as the test demands"),
            Fault::None | Fault::After | Fault::Timeout | Fault::DiesAfter => {}
        }
        let (response, text) = match operation.as_str() {
            "PutMetricData" => {
                // What is over 10 KB is compressed.
                let decoded = if raw.starts_with(&GZIP) {
                    ciborium::from_reader(flate2::read::GzDecoder::new(raw.as_slice()))
                } else {
                    ciborium::from_reader(raw.as_slice())
                };
                let decoded = decoded.expect("CloudWatch speaks CBOR");
                self.seen.lock().unwrap().metrics.push(plain(decoded));
                (answer(200, "application/cbor", vec![0xa0]), String::new())
            }
            "PublishBatch" => {
                let members: String = (0..messages(&body).len())
                    .flat_map(|id| {
                        ["<member><Id>".to_owned(), id.to_string(), "</Id><MessageId>m</MessageId></member>".to_owned()]
                    })
                    .collect();
                let xml = format!(
                    "<PublishBatchResponse><PublishBatchResult><Successful>{members}</Successful><Failed/></PublishBatchResult></PublishBatchResponse>"
                );
                (answer(200, "text/xml", xml.into_bytes()), String::new())
            }
            "PutEvents" => {
                let request: serde_json::Value = serde_json::from_str(&body).expect("JSON");
                let text = self.put_events(request["Entries"].as_array().map_or(0, Vec::len)).to_string();
                (answer(200, "application/x-amz-json-1.1", text.clone().into_bytes()), text)
            }
            "GetSecretValue" => {
                let secret = self.seen.lock().unwrap().secret.clone();
                match secret {
                    Some(secret) => {
                        (answer(200, "application/x-amz-json-1.1", secret.to_string().into()), String::new())
                    }
                    None => (problem(400, &operation, "ResourceNotFoundException"), String::new()),
                }
            }
            _ => {
                let connector = self.inner.http_connector(&settings, &components);
                let mut response = connector.call(request).await?;
                let body = std::mem::replace(response.body_mut(), SdkBody::taken());
                let bytes = to_bytes(Body::new(body), usize::MAX).await.map_err(|e| ConnectorError::io(e.into()))?;
                *response.body_mut() = SdkBody::from(bytes.to_vec());
                (response, String::from_utf8_lossy(&bytes).into_owned())
            }
        };
        let units = units(&text);
        self.seen.lock().unwrap().calls.push(Call { operation, request: body, sent, response: text, units, round });
        match fault {
            Fault::After => Err(broken()),
            Fault::Timeout => Err(ConnectorError::timeout("too late".into())),
            Fault::DiesAfter => self.die().await,
            _ => Ok(response),
        }
    }

    /// What EventBridge answers to so many events.
    fn put_events(&self, count: usize) -> serde_json::Value {
        let mut seen = self.seen.lock().unwrap();
        let refused = seen.refused_events.min(count);
        seen.refused_events -= refused;
        let results = (0..count).map(|number| {
            if number < refused {
                serde_json::json!({"ErrorCode": "InternalFailure", "ErrorMessage": "as the test demands"})
            } else {
                serde_json::json!({"EventId": format!("e-{number}")})
            }
        });
        serde_json::json!({"FailedEntryCount": refused, "Entries": results.collect::<Vec<_>>()})
    }

    async fn die(&self) -> Result<HttpResponse, ConnectorError> {
        self.died.notify_one();
        std::future::pending().await
    }
}

struct InFlight<'a>(&'a Wire);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        if let Ok(mut seen) = self.0.seen.lock() {
            seen.in_flight -= 1;
        }
    }
}

impl HttpClient for Wire {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector(self.clone(), settings.clone(), components.clone()))
    }
}

#[derive(Debug)]
struct Connector(Wire, HttpConnectorSettings, RuntimeComponents);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.0.clone().send(request, self.1.clone(), self.2.clone()))
    }
}

fn operation(request: &HttpRequest) -> String {
    if let Some(target) = request.headers().get("x-amz-target") {
        return target.rsplit('.').next().unwrap_or_default().to_owned();
    }
    if request.uri().contains("/operation/") {
        return request.uri().rsplit('/').next().unwrap_or_default().to_owned();
    }
    let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default());
    body.split('&').find_map(|field| field.strip_prefix("Action=")).unwrap_or_default().to_owned()
}

fn messages(form: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    let fields: Vec<(String, String)> = url_fields(form);
    let mut messages: std::collections::BTreeMap<usize, std::collections::BTreeMap<String, String>> =
        std::collections::BTreeMap::new();
    for (name, value) in &fields {
        let Some(rest) = name.strip_prefix("PublishBatchRequestEntries.member.") else { continue };
        let Some((number, field)) = rest.split_once('.') else { continue };
        let message = messages.entry(number.parse().expect("a number")).or_default();
        message.insert(field.to_owned(), value.clone());
    }
    let mut found: Vec<_> = messages.into_values().collect();
    for message in &mut found {
        for number in 1.. {
            let Some(name) = message.get(&format!("MessageAttributes.entry.{number}.Name")).cloned() else { break };
            let value = message.get(&format!("MessageAttributes.entry.{number}.Value.StringValue")).cloned();
            message.insert(name, value.unwrap_or_default());
        }
    }
    found
}

fn url_fields(form: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(form.as_bytes()).into_owned().collect()
}

fn units(answer: &str) -> f64 {
    let value: serde_json::Value = serde_json::from_str(answer).unwrap_or_default();
    let of = |capacity: &serde_json::Value| capacity["CapacityUnits"].as_f64().unwrap_or(0.0);
    match &value["ConsumedCapacity"] {
        serde_json::Value::Array(tables) => tables.iter().map(of).sum(),
        one => of(one),
    }
}

/// CBOR as JSON; a time is its seconds.
#[expect(clippy::missing_panics_doc, reason = "panicking is how a test fails")]
#[must_use]
pub fn plain(value: ciborium::Value) -> serde_json::Value {
    use ciborium::Value;
    match value {
        Value::Tag(_, inner) => plain(*inner),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Map(entries) => {
            let text = |key: Value| key.into_text().expect("a text as key");
            entries.into_iter().map(|(key, value)| (text(key), plain(value))).collect()
        }
        other => other.deserialized().expect("a plain value"),
    }
}

fn broken() -> ConnectorError {
    ConnectorError::io("the connection broke".into())
}

fn problem(status: u16, operation: &str, code: &str) -> HttpResponse {
    match operation {
        "PublishBatch" => {
            let xml = format!(
                "<ErrorResponse><Error><Code>{code}</Code><Message>as the test demands</Message></Error></ErrorResponse>"
            );
            answer(status, "text/xml", xml.into_bytes())
        }
        "PutMetricData" => {
            let mut body = Vec::new();
            let map = ciborium::Value::Map(vec![("__type".into(), code.into())]);
            ciborium::into_writer(&map, &mut body).expect("CBOR");
            answer(status, "application/cbor", body)
        }
        _ => {
            let body =
                format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"as the test demands"}}"#);
            answer(status, "application/x-amz-json-1.0", body.into_bytes())
        }
    }
}

/// A transaction cancelled for another one at its first item.
fn conflict(request: &str) -> HttpResponse {
    let value: serde_json::Value = serde_json::from_str(request).unwrap_or_default();
    let writes = value["TransactItems"].as_array().map_or(1, Vec::len);
    let reasons: Vec<_> =
        (0..writes).map(|n| serde_json::json!({"Code": if n == 0 { "TransactionConflict" } else { "None" }})).collect();
    let body = serde_json::json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "message": "as the test demands",
        "CancellationReasons": reasons,
    });
    answer(400, "application/x-amz-json-1.0", body.to_string().into_bytes())
}

fn answer(status: u16, content_type: &'static str, body: Vec<u8>) -> HttpResponse {
    let mut response = HttpResponse::new(StatusCode::try_from(status).expect("a status"), SdkBody::from(body));
    response.headers_mut().insert("content-type", content_type);
    if content_type == "application/cbor" {
        response.headers_mut().insert("smithy-protocol", "rpc-v2-cbor");
    }
    response
}
