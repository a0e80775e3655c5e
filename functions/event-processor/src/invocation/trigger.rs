//! What invoked the function, recognised by what it is.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::event::dynamodb::Event as StreamEvent;
use aws_lambda_events::event::sqs::SqsEvent;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// What invoked the function.
#[derive(Debug)]
pub enum Trigger<'a> {
    /// A batch of messages, each an EventBridge event.
    Queue(SqsEvent),
    /// One EventBridge event, as text.
    EventBridge(&'a str),
    /// A request to the HTTP API.
    Http(Box<ApiGatewayV2httpRequest>),
    /// A batch of the history table's stream.
    Stream(StreamEvent),
    /// The clock.
    Schedule,
}

/// The function was invoked by something that it does not serve.
#[derive(Debug, thiserror::Error)]
#[error("not a trigger of this function: {0}")]
pub struct NotATrigger(String);

/// The fields that distinguish triggers. Types that describe a whole trigger don't: most of their
/// fields are optional, and one reads happily what is another.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    #[serde(rename = "Records")]
    records: Option<Vec<RecordShape>>,
    request_context: Option<RequestContextShape>,
    version: Option<String>,
    source: Option<String>,
    #[serde(rename = "detail-type", alias = "detailType")]
    detail_type: Option<String>,
}

#[derive(Deserialize)]
struct RecordShape {
    #[serde(rename = "eventSource")]
    event_source: Option<String>,
}

#[derive(Deserialize)]
struct RequestContextShape {
    http: Option<serde::de::IgnoredAny>,
}

impl<'a> Trigger<'a> {
    /// Recognises the trigger of an invocation with this payload.
    ///
    /// # Errors
    /// [`NotATrigger`] says what it is instead.
    pub fn recognise(payload: &'a str) -> Result<Self, NotATrigger> {
        let shape: Shape = serde_json::from_str(payload).map_err(|error| NotATrigger(error.to_string()))?;
        if let Some(records) = shape.records {
            let first = records.first().and_then(|record| record.event_source.as_deref());
            if records.iter().any(|record| record.event_source.as_deref() != first) {
                return Err(NotATrigger("records of several event sources".to_owned()));
            }
            return match first {
                Some("aws:sqs") => read(payload).map(Self::Queue),
                Some("aws:dynamodb") => read(payload).map(Self::Stream),
                other => Err(NotATrigger(format!(
                    "records of {}; known are aws:sqs and aws:dynamodb",
                    other.unwrap_or("no event source")
                ))),
            };
        }
        if shape.request_context.is_some_and(|context| context.http.is_some()) {
            return match shape.version.as_deref() {
                Some("2.0") => read(payload).map(|request| Self::Http(Box::new(request))),
                _ => Err(NotATrigger("an HTTP request whose payload format is not 2.0".to_owned())),
            };
        }
        match (shape.source.as_deref(), shape.detail_type.as_deref()) {
            (Some("aws.events"), Some("Scheduled Event")) => Ok(Self::Schedule),
            (Some(_), Some(_)) => Ok(Self::EventBridge(payload)),
            _ => Err(NotATrigger(
                "neither a queue or stream batch, nor an HTTP request, nor an EventBridge event".to_owned(),
            )),
        }
    }
}

fn read<T: DeserializeOwned>(payload: &str) -> Result<T, NotATrigger> {
    serde_json::from_str(payload).map_err(|error| NotATrigger(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_function_serves_is_recognised() {
        let name = |payload: &str| match Trigger::recognise(payload) {
            Ok(Trigger::Queue(_)) => "queue".to_owned(),
            Ok(Trigger::EventBridge(_)) => "event".to_owned(),
            Ok(Trigger::Http(_)) => "http".to_owned(),
            Ok(Trigger::Stream(_)) => "stream".to_owned(),
            Ok(Trigger::Schedule) => "schedule".to_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(name(r#"{"Records":[{"eventSource":"aws:sqs","body":"{}"}]}"#), "queue");
        assert_eq!(name(r#"{"source":"aws.events","detail-type":"Scheduled Event","detail":{}}"#), "schedule");
        assert_eq!(name(r#"{"source":"x","detail-type":"Deployment Event","detail":{}}"#), "event");
        for (payload, says) in [
            (r#"{"Records":[{"EventSource":"aws:sns","Sns":{}}]}"#, "no event source"),
            (r#"{"Records":[{"eventSource":"aws:s3"}]}"#, "aws:s3"),
            (r#"{"Records":[]}"#, "no event source"),
            (r#"{"Records":[{"eventSource":"aws:sqs"},{"eventSource":"aws:dynamodb"}]}"#, "several"),
            (r#"{"version":"1.0","requestContext":{"http":{}}}"#, "2.0"),
            ("{}", "neither"),
            ("[]", "not a trigger"),
        ] {
            assert!(name(payload).contains(says), "{payload}: {}", name(payload));
        }
    }
}
