//! Measures a whole call of the command line, compared with `curl` for the same address. The calls alternate, so
//! that other work on the machine affects both.
//!
//! ```text
//! cargo build --release -p cli && cargo run -p local &
//! cargo run --release -p cli --example beside_curl -- target/release/deployment-status http://127.0.0.1:9000 200
//! ```

use std::process::{Command, Stdio};
use std::time::Instant;

/// The compared calls: the arguments, and the path that they request.
const CALLS: [(&str, &str); 2] =
    [("live", "/v1/live?limit=100"), ("status checkout-production-2.8.0", "/v1/deployments/checkout-production-2.8.0")];

fn main() {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [binary, url, pairs] = given.as_slice() else {
        panic!("arguments: the binary, the API's address, the number of pairs");
    };
    let pairs: usize = pairs.parse().expect("the number of pairs");
    for (words, path) in CALLS {
        let mut ours = Command::new(binary);
        ours.args(words.split(' ')).env("DEPLOYMENT_STATUS_URL", url);
        let mut curl = Command::new("curl");
        curl.args(["-s", &format!("{url}{path}")]);
        let mut took: Vec<(f64, f64)> = Vec::new();
        for pair in 0..pairs {
            // The second call has warm caches.
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
    let status = call.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("the program starts");
    assert!(status.success(), "{call:?}");
    start.elapsed().as_secs_f64() * 1000.0
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
