//! What the binaries cost: their size, and the CPU time of their start, of the first invocation and
//! of later ones, each over HTTPS and measured by the kernel. Prints a table in Markdown.
//!
//! ```text
//! cargo lambda build --release -p event-processor -p status-query
//! LAMBDA_BINARIES="$PWD/target/lambda" cargo run -p tests --example first_invocation
//! ```
//!
//! With `--check` it fails when a binary is above its limit, or the first invocation with one event,
//! one stream batch or one question is. A machine's other work adds to what is counted and never takes
//! from it, so the least of the first invocations is what is held to the limit.

use std::process::ExitCode;
use std::time::Duration;

use axum::http::HeaderMap;
use local::pump::Pump;
use local::server::{gateway_event, queue_event};
use serde_json::{Value, json};
use tests::deployed::Deployed;
use tests::runtime_api::Function;

/// The limits that `--check` holds the binaries to.
const MOST_BYTES: u64 = 10_000_000;
const MOST_MICROS: u64 = 5_000;
/// Fresh processes for each row; the median counts.
const STARTS: usize = 11;
/// Invocations after the second; their average counts.
const FURTHER: u64 = 100;
/// Where Linux distributions keep the authorities that they trust: the functions load them too.
const TRUSTED: [&str; 2] = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/// What is measured.
#[derive(Clone, Copy)]
enum Work {
    Post,
    /// A queue batch of so many events.
    Queue(usize),
    Stream,
    Get,
}

/// CPU time in microseconds.
#[derive(Default, Clone, Copy)]
struct Cost {
    start: u64,
    first: u64,
    second: u64,
    later: u64,
}

impl Work {
    const ALL: [Self; 5] = [Self::Post, Self::Queue(1), Self::Queue(10), Self::Stream, Self::Get];

    fn name(self) -> &'static str {
        match self {
            Self::Post => "one event posted (`POST /v1/events`)",
            Self::Queue(1) => "queue batch of one event",
            Self::Queue(_) => "queue batch of 10 events of 10 deployments",
            Self::Stream => "stream batch of 10 records",
            Self::Get => "status of a deployment (`GET /v1/deployments/{id}`)",
        }
    }

    fn function(self) -> &'static str {
        match self {
            Self::Post | Self::Queue(_) | Self::Stream => "event-processor",
            Self::Get => "status-query",
        }
    }

    /// The payload of invocation `number`: each reports deployments that no other does.
    fn payload(self, number: usize, seeded: &Value) -> Value {
        match self {
            Self::Post => request("POST", "/v1/events", &event(&format!("d-{number}")).to_string()),
            Self::Queue(events) => queue_event(&queue(number, events), lambda::now()),
            Self::Stream => seeded.clone(),
            Self::Get => request("GET", "/v1/deployments/seeded-0-0", ""),
        }
    }
}

fn event(deployment: &str) -> Value {
    json!({
        "deploymentId": deployment, "service": "cart", "environment": "production", "version": "1.2.3",
        "status": "IN_PROGRESS", "triggeredBy": "MANUAL", "occurredAt": lambda::now(),
    })
}

fn queue(number: usize, events: usize) -> Vec<String> {
    let body = |place| {
        let detail = event(&format!("seeded-{number}-{place}"));
        json!({"source": "pipeline", "detail-type": "Deployment Event", "detail": detail}).to_string()
    };
    (0..events).map(body).collect()
}

fn request(method: &str, path: &str, body: &str) -> Value {
    let headers =
        HeaderMap::from_iter([("content-type".parse().expect("a name"), "application/json".parse().expect("a value"))]);
    gateway_event(method, path, None, &headers, body.as_bytes())
}

#[tokio::main]
async fn main() -> ExitCode {
    let check = std::env::args().any(|argument| argument == "--check");
    let trusted = TRUSTED.iter().find_map(|file| std::fs::read_to_string(file).ok()).unwrap_or_default();
    let mut within = true;
    println!("| binary | bytes |\n|---|---|");
    for name in ["event-processor", "status-query"] {
        let bytes = std::fs::metadata(tests::deployed::binary(name)).map_or(u64::MAX, |file| file.len());
        println!("| `{name}` | {bytes} |");
        within &= bytes <= MOST_BYTES;
    }
    println!("\nTrusted authorities loaded at the start: {}\n", trusted.matches("BEGIN CERTIFICATE").count() + 1);
    println!("| µs of CPU | start | first | least first | second | later, on average |\n|---|---|---|---|---|---|");
    for work in Work::ALL {
        let mut costs = Vec::new();
        for _ in 0..STARTS {
            costs.push(measure(work, &trusted).await);
        }
        let median = |figure: fn(&Cost) -> u64| {
            let mut figures: Vec<u64> = costs.iter().map(figure).collect();
            figures.sort_unstable();
            figures[STARTS / 2]
        };
        let first = median(|cost| cost.first);
        let (start, second, later) = (median(|cost| cost.start), median(|cost| cost.second), median(|cost| cost.later));
        let least = costs.iter().map(|cost| cost.first).min().unwrap_or(u64::MAX);
        println!("| {} | {start} | {first} | {least} | {second} | {later} |", work.name());
        // Ten deployments at once open ten connections: shown, and not held to the limit of one.
        within &= least <= MOST_MICROS || matches!(work, Work::Queue(10));
    }
    if check && !within {
        eprintln!("above the limits of {MOST_BYTES} bytes and {MOST_MICROS} µs for a first invocation");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// The cost of a fresh process.
async fn measure(work: Work, trusted: &str) -> Cost {
    let deployed = Deployed::new(trusted).await;
    // What was recorded by another process, to be published or asked for.
    let pump = Pump::start(&deployed.embedded.database, &deployed.embedded.tables.history).expect("the stream");
    let seed = queue_event(&queue(0, 10), lambda::now());
    deployed.start("event-processor").await.invoke(&seed).await.expect("recorded");
    let seeded = pump.peek().expect("the stream").expect("a batch").event;

    let mut function = deployed.start(work.function()).await;
    let start = spent(&function).await;
    let first = invoke(&mut function, work, 1, &seeded).await - start;
    let second = invoke(&mut function, work, 2, &seeded).await - start - first;
    let before = start + first + second;
    let mut after = before;
    for number in 0..FURTHER {
        after = invoke(&mut function, work, 3 + usize::try_from(number).unwrap_or_default(), &seeded).await;
    }
    Cost { start, first, second, later: (after - before) / FURTHER }
}

/// Invokes it, waits until it is idle again, and answers the CPU time that it spent so far.
async fn invoke(function: &mut Function, work: Work, number: usize, seeded: &Value) -> u64 {
    let answer = function.invoke(&work.payload(number, seeded)).await.expect("an answer");
    assert!(answer["statusCode"].as_u64().is_none_or(|status| status < 300), "{answer}");
    assert!(answer.get("batchItemFailures").is_none_or(|failed| *failed == json!([])), "{answer}");
    function.started().await;
    spent(function).await
}

/// The CPU time of all its threads, in microseconds, as the scheduler counts it.
async fn spent(function: &Function) -> u64 {
    // It asked for more work, and is about to fall asleep.
    tokio::time::sleep(Duration::from_millis(2)).await;
    let threads = std::fs::read_dir(format!("/proc/{}/task", function.process_id())).expect("a process on Linux");
    let nanos = threads.flatten().filter_map(|thread| {
        let counted = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        counted.split(' ').next()?.parse::<u64>().ok()
    });
    nanos.sum::<u64>() / 1000
}
