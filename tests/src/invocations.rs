//! What AWS invokes the functions with: requests of API Gateway, messages of the queue.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A request as API Gateway sends it (HTTP API, payload format 2.0).
#[must_use]
pub fn gateway_event(method: &str, path: &str, query: Option<&str>, headers: &HeaderMap, body: &[u8]) -> Value {
    let text = std::str::from_utf8(body);
    // A repeated header is sent as one, with commas between its values.
    let cookies: Vec<String> = headers
        .get_all("cookie")
        .iter()
        .flat_map(|value| String::from_utf8_lossy(value.as_bytes()).split("; ").map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let headers: serde_json::Map<String, Value> = headers
        .keys()
        // The gateway passes them on by themselves.
        .filter(|name| *name != "cookie")
        .map(|name| {
            let values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
            (name.as_str().to_owned(), values.collect::<Vec<_>>().join(",").into())
        })
        .collect();
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query.unwrap_or_default(),
        "headers": headers,
        "cookies": cookies,
        "requestContext": {
            "accountId": "local",
            "apiId": "local",
            "requestId": request_id(),
            "stage": "$default",
            "domainName": headers.get("host"),
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": ""},
        },
        "body": text.map_or_else(|_| STANDARD.encode(body), str::to_owned),
        "isBase64Encoded": text.is_err(),
    })
}

/// Messages in the form in which the queue delivers them.
#[must_use]
pub fn queue_event(bodies: &[String], now: domain::Timestamp) -> Value {
    let records: Vec<Value> = bodies
        .iter()
        .map(|body| {
            json!({
                "messageId": request_id(),
                "receiptHandle": "local",
                "body": body,
                "attributes": {"SentTimestamp": now.millis().to_string(), "ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:local:000000000000:events",
                "awsRegion": "local",
            })
        })
        .collect();
    json!({"Records": records})
}

fn request_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    format!("local-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}
