//! What one machine shows of its own work: the metrics and notifications that AWS would have got, in pages, and
//! what could not be published. All of it is published before the answer.

use std::collections::BTreeMap;

use api::{Page, Problem, Request};
use axum::extract::State;
use axum::response::Response;
use domain::follows::metrics::Datum;
use domain::pages_url::PagesUrl;
use publisher::{KeptPage, PublishedLog, Sent, messages};
use serde_json::{Value, json};

use crate::listener::answer::http;
use crate::server::{FunctionRequest, Served, json_response};

/// How many items a page has when nothing else is asked for.
const USUAL: usize = 100;

/// `GET /local/metrics`, newest first.
pub(crate) async fn metrics(State(served): State<Served>, FunctionRequest(request): FunctionRequest) -> Response {
    served.system.publish(lambda::now()).await;
    page(&request, |before, most| served.system.published.metrics(before, most), metric)
}

/// `GET /local/notifications`, newest first.
pub(crate) async fn notifications(State(served): State<Served>, FunctionRequest(request): FunctionRequest) -> Response {
    served.system.publish(lambda::now()).await;
    page(
        &request,
        |before, most| served.system.published.notifications(before, most),
        |sent| notification(sent, served.pages.as_ref()),
    )
}

/// `GET /local/unreadable`.
pub(crate) async fn unreadable(State(served): State<Served>) -> Response {
    served.system.publish(lambda::now()).await;
    json_response(&Page { items: served.system.unreadable(), next_cursor: None })
}

fn page<T>(request: &Request, read: impl FnOnce(u64, usize) -> KeptPage<T>, show: impl Fn(&T) -> Value) -> Response {
    let (before, most) = match parameters(request) {
        Ok(parameters) => parameters,
        Err(wrong) => return http(api::Response::problem(&wrong, &request.id)),
    };
    let KeptPage { items, next } = read(before, most);
    let next_cursor = next.map(|next| next.to_string());
    json_response(&Page { items: items.iter().map(show).collect(), next_cursor })
}

/// Before which number, and how many.
fn parameters(request: &Request) -> Result<(u64, usize), Problem> {
    let given = request.parameters(&["limit", "cursor"]).map_err(Problem::wrong_fields)?;
    let before = given.get("cursor").map_or(Ok(u64::MAX), |cursor| cursor.parse());
    let before = before.map_err(|_| Problem::wrong_field("cursor", "must be the `nextCursor` of a page"))?;
    let most = given.get("limit").map_or(Some(USUAL), |limit| limit.parse().ok());
    let most = most.filter(|most| (1..=PublishedLog::MOST).contains(most));
    let wrong = || Problem::wrong_field("limit", format!("must be a number from 1 to {}", PublishedLog::MOST));
    Ok((before, most.ok_or_else(wrong)?))
}

fn metric(datum: &Datum) -> Value {
    let dimensions: BTreeMap<_, _> = datum.dimensions.named().into_iter().collect();
    json!({
        "metric": datum.metric.name(),
        "dimensions": dimensions,
        "unit": format!("{:?}", datum.metric.unit()),
        "minute": datum.minute,
        "values": datum.values.iter().map(|(value, _)| value).collect::<Vec<_>>(),
        "counts": datum.values.iter().map(|(_, count)| count).collect::<Vec<_>>(),
    })
}

fn notification(sent: &Sent, pages: Option<&PagesUrl>) -> Value {
    match sent {
        Sent::Deployment(notification) => json!({
            "subject": notification.subject(),
            "text": notification.text(pages),
            "sms": notification.sms(),
            "chat": messages::chat(notification, pages),
            "full": messages::full(notification, pages),
        }),
        Sent::Digest(digest) => json!({
            "subject": digest.subject(),
            "text": digest.text(),
            "sms": digest.sms(),
            "chat": messages::digest_in_chat(digest),
            "full": messages::full_digest(digest),
        }),
        Sent::Drift(notice) => json!({
            "subject": notice.subject(),
            "text": notice.text(),
            "sms": notice.sms(),
            "chat": messages::drift_in_chat(notice),
            "full": messages::full_drift(notice),
        }),
        Sent::Witnessed(notice) => json!({
            "subject": notice.subject(),
            "text": notice.text(),
            "sms": notice.sms(),
            "chat": messages::witnessed_in_chat(notice),
            "full": messages::full_witnessed(notice),
        }),
    }
}
