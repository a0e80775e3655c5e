//! The matrix of 200 services in 8 environments: CPU time of its first answer by a new process and of later ones, and
//! its bytes.

use std::io::Read as _;
use std::path::Path;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use tests::deployed::{Deployed, binary_in};
use tests::invocations::gateway_event;
use tokio::process::Command;

use crate::meter::Meter;
use crate::statistics::Figure;
use crate::workload::expect_done;

const SERVICES: usize = 200;
const ENVIRONMENTS: [&str; 8] = ["dev", "test", "qa", "uat", "staging", "pre", "prod-eu", "prod-us"];
/// How often a process is asked again.
const LATER: usize = 20;

/// Measures it in so many processes, and prints what it found.
pub(crate) async fn measure(folder: &Path, trusted: &str, processes: usize) {
    let deployed = Deployed::new(trusted).await;
    let mut processor = deployed.run(Command::new(binary_in(folder, "event-processor")), &[]).await;
    for events in events().chunks(100) {
        let headers = HeaderMap::from_iter([(
            "content-type".parse().expect("a name"),
            "application/json".parse().expect("a value"),
        )]);
        let payload = gateway_event("POST", "/v1/events", None, &headers, json!(events).to_string().as_bytes());
        expect_done(&processor.invoke(&payload).await);
    }
    let headers =
        HeaderMap::from_iter([("accept-encoding".parse().expect("a name"), "gzip".parse().expect("a value"))]);
    let ask = gateway_event("GET", "/live", None, &headers, b"");
    let (mut first, mut later, mut zipped, mut page) = (Vec::new(), Vec::new(), 0, String::new());
    for _ in 0..processes {
        let mut function = deployed.run(Command::new(binary_in(folder, "status-query")), &[]).await;
        let mut meter = Meter::of(function.process_id());
        meter.lap().await;
        for number in 0..=LATER {
            let answer = function.invoke(&ask).await;
            expect_done(&answer);
            function.started().await;
            let lap = meter.lap().await;
            let laps = if number == 0 { &mut first } else { &mut later };
            laps.push(lap);
            let body = STANDARD.decode(answer.expect("an answer")["body"].as_str().expect("a body")).expect("base64");
            zipped = body.len();
            page.clear();
            GzDecoder::new(body.as_slice()).read_to_string(&mut page).expect("gzip");
        }
    }
    let cells = page.matches("<td class=").count();
    assert!(cells >= SERVICES * ENVIRONMENTS.len(), "{cells} cells");
    let [first, later] = [first, later].map(Figure::of);
    println!(
        "The matrix of {SERVICES} services in {} environments, {processes} processes: first answer {:.0} µs of CPU \
         (least {:.0}), later ones from memory {:.0} µs (least {:.0}); {} bytes, {zipped} by gzip.\n",
        ENVIRONMENTS.len(),
        first.median,
        first.least,
        later.median,
        later.least,
        page.len(),
    );
}

/// Twelve landings of each fifth service and three of the others in each environment; some are behind.
fn events() -> Vec<Value> {
    let now = lambda::now();
    let mut events = Vec::new();
    for version in 0..12 {
        for (nth, environment) in (0..).zip(ENVIRONMENTS) {
            for service in 0..SERVICES {
                let is_behind = service % 3 == 0 && nth > 4;
                if (service % 5 != 0 && version < 9) || (is_behind && version > 9) {
                    continue;
                }
                let millis = (version - 12) * 3_600_000 + nth * 60_000;
                events.push(json!({
                    "deploymentId": format!("{service}-{environment}-{version}"), "status": "COMPLETED",
                    "service": format!("service-{service:03}"), "environment": environment,
                    "version": format!("2.{version}.0"), "commit": format!("3f0c9a1be7d24c5a8e6f1b2d4c6a8091e3f5{version:04}"),
                    "occurredAt": now.plus_millis(millis),
                }));
            }
        }
    }
    events
}
