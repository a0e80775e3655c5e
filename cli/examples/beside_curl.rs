//! How long the command line takes from start to finish, beside a bare `curl` of the same address:
//! both by turns, so that what else the machine does weighs on both.
//!
//! ```text
//! cargo build --release -p cli && cargo run -p local &
//! cargo run --release -p cli --example beside_curl -- target/release/deployment-status http://127.0.0.1:9000 200
//! ```

use std::process::{Command, Stdio};
use std::time::Instant;

/// What is compared: the words of a call, and the address that it asks.
const CALLS: [(&str, &str); 2] =
    [("live", "/v1/live?limit=100"), ("status checkout-production-2.8.0", "/v1/deployments/checkout-production-2.8.0")];

fn main() {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [binary, url, pairs] = given.as_slice() else {
        panic!("call it with the binary, the API's address, and how many pairs to run");
    };
    let pairs: usize = pairs.parse().expect("how many pairs to run");
    for (words, path) in CALLS {
        let mut ours = Command::new(binary);
        ours.args(words.split(' ')).env("DEPLOYMENT_STATUS_URL", url);
        let mut curl = Command::new("curl");
        curl.args(["-s", &format!("{url}{path}")]);
        let mut took: Vec<(f64, f64)> = Vec::new();
        for pair in 0..pairs {
            // Whoever comes second finds caches warm.
            took.push(if pair % 2 == 0 {
                let first = millis(&mut ours);
                (first, millis(&mut curl))
            } else {
                let first = millis(&mut curl);
                (millis(&mut ours), first)
            });
        }
        let ours = median(took.iter().map(|(ours, _)| *ours));
        let curl = median(took.iter().map(|(_, curl)| *curl));
        let ratio = median(took.iter().map(|(ours, curl)| ours / curl));
        println!("{words}: {ours:.1} ms, curl {curl:.1} ms, median of the ratios {ratio:.2}");
    }
}

/// How long a call takes, in milliseconds.
fn millis(call: &mut Command) -> f64 {
    let start = Instant::now();
    let status = call.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("it starts");
    assert!(status.success(), "{call:?}");
    start.elapsed().as_secs_f64() * 1000.0
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
