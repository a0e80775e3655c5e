//! The figures of a year over 20,000 deployments: CPU time of their first answer by a new process and of later ones, the
//! time until they are there, and what is read for them.

use std::path::Path;
use std::time::Instant;

use axum::http::HeaderMap;
use tests::busy_year;
use tests::deployed::{Deployed, binary_in};
use tests::invocations::gateway_event;
use tokio::process::Command;

use crate::meter::Meter;
use crate::statistics::Figure;
use crate::workload::expect_done;

/// How often a process is asked again.
const LATER: usize = 10;

/// Measures it in so many processes, and prints what it found.
pub(crate) async fn measure(folder: &Path, trusted: &str, processes: usize) {
    let deployed = Deployed::new(trusted).await;
    busy_year::keep(deployed.embedded.store(), lambda::now()).await;
    let query = Some("hours=8760&environment=production&by=service");
    let ask = gateway_event("GET", "/v1/metrics", query, &HeaderMap::new(), b"");
    let (mut first, mut later, mut took, mut body) = (Vec::new(), Vec::new(), Vec::new(), String::new());
    for _ in 0..processes {
        let mut function = deployed.run(Command::new(binary_in(folder, "status-query")), &[]).await;
        let mut meter = Meter::of(function.process_id());
        meter.lap().await;
        for number in 0..=LATER {
            let began = Instant::now();
            let answer = function.invoke(&ask).await;
            let until = began.elapsed();
            expect_done(&answer);
            function.started().await;
            let lap = meter.lap().await;
            if number == 0 {
                first.push(lap);
            } else {
                later.push(lap);
                took.push(until.as_secs_f64() * 1e6);
            }
            answer.expect("an answer")["body"].as_str().expect("a body").clone_into(&mut body);
        }
    }
    assert!(body.contains("\"judgedBad\":36"), "a year is counted: {body}");
    let [first, later, took] = [first, later, took].map(Figure::of);
    println!(
        "The figures of a year over 20,000 deployments, by service, {processes} processes: first answer {:.0} µs of CPU \
         (least {:.0}), later ones {:.0} µs (least {:.0}), there after {:.0} µs.\n",
        first.median, first.least, later.median, later.least, took.median,
    );
}
