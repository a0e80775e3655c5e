//! A double of the Lambda Runtime API, and a function's binary that runs under it.
//!
//! The binary asks for its next invocation (`GET …/invocation/next`) and posts the answer or the
//! error, as it does in Lambda; see "Using the Lambda runtime API" in the AWS Lambda developer guide.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How long an invocation may take, or the start: generous, since machines of tests are busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a function posts: its answer, or its error as `{errorType, errorMessage}`.
pub type Outcome = Result<Value, Value>;

/// A function's process, waiting for invocations. It is killed when this value is dropped.
pub struct Function {
    process: Child,
    invocations: UnboundedSender<String>,
    outcomes: UnboundedReceiver<Outcome>,
    asked: watch::Receiver<usize>,
    invoked: usize,
    log: Arc<Mutex<String>>,
    _tasks: JoinSet<()>,
}

#[expect(clippy::missing_panics_doc, reason = "panicking is how a test fails")]
impl Function {
    /// Runs a command that becomes the function (its binary, or an interpreter with a script) with these
    /// environment variables and no others, besides those that Lambda sets itself. It has not
    /// [started](Self::started) by then.
    pub async fn run(mut command: Command, variables: &[(&str, String)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
        let address = listener.local_addr().expect("its own address").to_string();
        let (invocations, waiting) = unbounded_channel();
        let (posted, outcomes) = unbounded_channel();
        let (ask, asked) = watch::channel(0);
        let runtime = Arc::new(Runtime { waiting: tokio::sync::Mutex::new(waiting), posted, ask });
        let router = Router::new().fallback(serve).with_state(runtime);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, router).await.expect("the server goes on") });

        let program = PathBuf::from(command.as_std().get_program());
        let mut process = command
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", program.file_stem().unwrap_or_default())
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
            .env("AWS_REGION", "local")
            .env("AWS_ACCESS_KEY_ID", "local")
            .env("AWS_SECRET_ACCESS_KEY", "local")
            .env("AWS_SESSION_TOKEN", "local")
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{}: {error}; build the binaries first: cargo build --workspace", program.display())
            });
        let log = Arc::<Mutex<String>>::default();
        tasks.spawn(collect(process.stdout.take().expect("it is piped"), Arc::clone(&log)));
        tasks.spawn(collect(process.stderr.take().expect("it is piped"), Arc::clone(&log)));
        Self { process, invocations, outcomes, asked, invoked: 0, log, _tasks: tasks }
    }

    /// Waits until it asks for the first invocation, or the one after the last: it is idle then.
    pub async fn started(&mut self) {
        let invoked = self.invoked;
        let asked = async { self.asked.wait_for(|asked| *asked > invoked).await.is_ok() };
        tokio::select! {
            asked = timeout(PATIENCE, asked) => assert!(asked.is_ok(), "the function does not ask for work"),
            status = self.process.wait() => panic!("the function ended, {status:?}: {}", self.log()),
        }
    }

    /// Invokes it and waits for what it posts.
    ///
    /// # Errors
    /// The error that it posts.
    pub async fn invoke(&mut self, payload: &Value) -> Outcome {
        self.invocations.send(payload.to_string()).expect("the server goes on");
        self.invoked += 1;
        let outcome = tokio::select! {
            outcome = timeout(PATIENCE, self.outcomes.recv()) => outcome,
            status = self.process.wait() => panic!("the function ended, {status:?}: {}", self.log()),
        };
        outcome.unwrap_or_else(|_| panic!("the function does not answer: {}", self.log())).expect("the server goes on")
    }

    /// The id of its process.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.process.id().expect("it runs")
    }

    /// What it logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.lock().expect("no one panics with it").clone()
    }
}

/// What the Runtime API's server shares with the function's owner.
struct Runtime {
    waiting: tokio::sync::Mutex<UnboundedReceiver<String>>,
    posted: UnboundedSender<Outcome>,
    ask: watch::Sender<usize>,
}

async fn serve(State(runtime): State<Arc<Runtime>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let Some(call) = path.strip_prefix("/2018-06-01/runtime/") else { return answer(404, Body::empty()) };
    if (request.method(), call) == (&Method::GET, "invocation/next") {
        runtime.ask.send_modify(|asked| *asked += 1);
        let Some(payload) = runtime.waiting.lock().await.recv().await else { return answer(410, Body::empty()) };
        return invocation(runtime.ask.borrow().to_owned(), payload);
    }
    let Ok(body) = to_bytes(request.into_body(), usize::MAX).await else { return answer(400, Body::empty()) };
    let body = serde_json::from_slice(&body).unwrap_or_default();
    let outcome = match call.rsplit('/').next() {
        Some("response") => Ok(body),
        Some("error") => Err(body),
        _ => return answer(404, Body::empty()),
    };
    // Nobody waits for it any more when the test has ended.
    let _ = runtime.posted.send(outcome);
    answer(202, Body::from(r#"{"status":"OK"}"#))
}

fn invocation(number: usize, payload: String) -> Response {
    let deadline = lambda::now().plus_millis(30_000).millis();
    let mut response = answer(200, Body::from(payload));
    for (name, value) in [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", format!("invocation-{number}")),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:local:000000000000:function:tested".to_owned()),
        ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0".to_owned()),
    ] {
        response.headers_mut().insert(name, value.parse().expect("a header"));
    }
    response
}

fn answer(status: u16, body: Body) -> Response {
    Response::builder().status(status).body(body).expect("a known status")
}

async fn collect(mut output: impl AsyncRead + Unpin, log: Arc<Mutex<String>>) {
    let mut buffer = vec![0; 4096];
    while let Ok(read @ 1..) = output.read(&mut buffer).await {
        log.lock().expect("no one panics with it").push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
}
