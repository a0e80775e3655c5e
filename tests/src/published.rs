//! A double of `CloudWatch` and SNS for the binaries: it takes one PutMetricData or PublishBatch
//! after another, and counts them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Where metrics and notifications go. It ends when this value does.
pub struct Published {
    /// Where it listens: `http://127.0.0.1:<port>`.
    pub endpoint: String,
    counts: Arc<Counts>,
    _server: JoinSet<()>,
}

#[derive(Default)]
struct Counts {
    metric_calls: AtomicUsize,
    message_calls: AtomicUsize,
    messages: AtomicUsize,
}

#[expect(clippy::missing_panics_doc, reason = "panicking is how a test fails")]
impl Published {
    /// Starts it on a loopback port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
        let endpoint = format!("http://{}", listener.local_addr().expect("its own address"));
        let counts = Arc::<Counts>::default();
        let router = Router::new().fallback(take).with_state(Arc::clone(&counts));
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.expect("the server goes on") });
        Self { endpoint, counts, _server: server }
    }

    /// How many PutMetricData calls there were.
    #[must_use]
    pub fn metric_calls(&self) -> usize {
        self.counts.metric_calls.load(Ordering::SeqCst)
    }

    /// How many PublishBatch calls there were.
    #[must_use]
    pub fn message_calls(&self) -> usize {
        self.counts.message_calls.load(Ordering::SeqCst)
    }

    /// How many messages these calls held.
    #[must_use]
    pub fn messages(&self) -> usize {
        self.counts.messages.load(Ordering::SeqCst)
    }
}

async fn take(State(counts): State<Arc<Counts>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let target =
        request.headers().get("x-amz-target").map(|target| String::from_utf8_lossy(target.as_bytes()).into_owned());
    let Ok(body) = to_bytes(request.into_body(), usize::MAX).await else {
        return answer(Response::builder().status(400), String::new().into());
    };
    if path.ends_with("/operation/PutMetricData") {
        counts.metric_calls.fetch_add(1, Ordering::SeqCst);
        // An empty map in CBOR, which is what this protocol answers.
        let head =
            Response::builder().header("content-type", "application/cbor").header("smithy-protocol", "rpc-v2-cbor");
        return answer(head, vec![0xa0].into());
    }
    // The SDK for JavaScript speaks JSON to it.
    if target.is_some_and(|target| target.ends_with(".PutMetricData")) {
        counts.metric_calls.fetch_add(1, Ordering::SeqCst);
        return answer(Response::builder().header("content-type", "application/x-amz-json-1.0"), "{}".into());
    }
    let fields: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    if fields.iter().any(|(name, value)| name == "Action" && value == "PublishBatch") {
        let ids = fields.iter().filter(|(name, _)| name.ends_with(".Id")).map(|(_, id)| id);
        let members: Vec<String> =
            ids.map(|id| format!("<member><Id>{id}</Id><MessageId>m-{id}</MessageId></member>")).collect();
        counts.message_calls.fetch_add(1, Ordering::SeqCst);
        counts.messages.fetch_add(members.len(), Ordering::SeqCst);
        let members = members.concat();
        let xml = format!(
            "<PublishBatchResponse><PublishBatchResult><Successful>{members}</Successful><Failed/>\
             </PublishBatchResult></PublishBatchResponse>"
        );
        return answer(Response::builder().header("content-type", "text/xml"), xml.into());
    }
    answer(Response::builder().status(404), format!("neither PutMetricData nor PublishBatch: {path}").into())
}

fn answer(head: axum::http::response::Builder, body: Body) -> Response {
    head.body(body).expect("fixed headers")
}
