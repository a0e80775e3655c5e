//! The servers of the tests: the real server with its demo history, and a double with chosen answers.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use api::TokenSubjects;
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use domain::follows::notifications::NotifyRules;
use event_processor::settings::Processing;
use local::listener::Admission;
use local::server::{Served, router};
use local::{System, demo};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// The runtime of all servers: they end with the test.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

fn serve(router: Router) -> String {
    let listener = runtime().block_on(TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))).unwrap();
    let address = listener.local_addr().unwrap();
    runtime().spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// The real server, empty. Answers its address.
pub(crate) fn empty() -> String {
    serve(router(real()))
}

/// The real server with its demo history, one for all tests: they only read it.
pub(crate) fn demo() -> &'static str {
    static DEMO: OnceLock<String> = OnceLock::new();
    DEMO.get_or_init(with_demo)
}

/// The real server with its demo history, for one test alone.
pub(crate) fn with_demo() -> String {
    let served = real();
    runtime().block_on(demo::record(&served.system, lambda::now())).unwrap();
    serve(router(served))
}

fn real() -> Served {
    let processing = Processing {
        notify: NotifyRules::parse(NotifyRules::DEFAULT).unwrap(),
        stuck_after: Duration::from_hours(1),
        subjects: TokenSubjects::default(),
        settings_admins: domain::settings::SettingsAdmins::default(),
        own_alarms: None,
        allow_unsigned: true,
    };
    let system = runtime().block_on(System::start(None, formats::WebhookSecrets::default(), processing)).unwrap();
    Served { system: Arc::new(system), admission: Admission::default(), pages: None }
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct ReceivedRequest {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A server that answers what it is printed to.
pub(crate) struct Double {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<ReceivedRequest>>>,
}

/// An answer: status code, headers, body.
pub(crate) type Answer = (u16, &'static [(&'static str, &'static str)], String);

impl Double {
    /// One that answers each request as `answer` says, given how many came before.
    pub(crate) fn answering(
        answer: impl Fn(usize, &ReceivedRequest) -> Answer + Clone + Send + Sync + 'static,
    ) -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        let handler = move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let request = ReceivedRequest { method, uri, headers, body };
            let mut log = log.lock().unwrap();
            let (status, headers, body) = answer(log.len(), &request);
            log.push(request);
            let headers: HeaderMap =
                headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
            std::future::ready((StatusCode::from_u16(status).unwrap(), headers, body))
        };
        Self { url: serve(Router::new().fallback(handler)), requests }
    }

    /// One that always answers the same.
    pub(crate) fn always(status: u16, headers: &'static [(&'static str, &'static str)], body: &str) -> Self {
        let body = body.to_owned();
        Self::answering(move |_, _| (status, headers, body.clone()))
    }

    /// The requests that it received.
    pub(crate) fn requests(&self) -> Vec<ReceivedRequest> {
        self.requests.lock().unwrap().clone()
    }
}
