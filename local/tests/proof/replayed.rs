//! The events of a file give the same state in whatever order they come.

use crate::damage::demo;
use crate::listener::program::run_on;

use super::histories::{cases, history};

#[test]
fn events_of_the_demo_in_random_orders_give_the_same_state() {
    // Some of them name their place later than others, and some places were left.
    let (_folder, file) = demo();
    let (code, printed) = run_on(&file, &["replay", "--shuffle", "20"]);
    assert!(code == Some(0), "{printed}");
}

#[tokio::test]
async fn events_in_random_orders_give_the_same_state() {
    for seed in 0..cases(3, 100) {
        let history = history(seed).await;
        let before = std::fs::read(&history.file).unwrap();
        let (code, printed) = run_on(&history.file, &["replay", "--shuffle", "6"]);
        assert!(code == Some(0), "{seed}: {printed}");
        assert!(printed.ends_with("in 6 random orders: all of them give the same state.\n"), "{seed}: {printed}");
        assert_eq!(std::fs::read(&history.file).unwrap(), before, "the file is only read");
    }
}
