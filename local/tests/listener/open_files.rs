//! The limit of open files.

use std::time::Duration;

use super::program::Program;

#[test]
fn the_soft_limit_is_raised_and_the_hard_one_bounds_the_connections() {
    let said = |limits: &str| {
        let program = Program::start(limits, &[]);
        program.signal("TERM");
        program.end(Duration::from_secs(9)).1
    };
    let small = said("ulimit -n 200");
    assert!(small.contains("\"limit\":200,\"connections\":104"), "{small}");
    // The hard limit is larger, as it is nearly everywhere.
    let raised = said("ulimit -Sn 64");
    assert!(!raised.contains("\"limit\":64"), "{raised}");
}
