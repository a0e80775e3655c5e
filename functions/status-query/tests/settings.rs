//! The binary does not start without its settings. (A test of the binary also makes `cargo test`
//! build it, which the end-to-end tests rely on.)

use std::process::Command;

#[test]
fn the_function_does_not_start_without_its_settings_and_names_each() {
    let output = Command::new(env!("CARGO_BIN_EXE_status-query")).env_clear().output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let log = String::from_utf8(output.stdout).unwrap();
    assert!(log.starts_with('{') && log.lines().count() == 1, "one JSON object: {log}");
    for variable in ["HISTORY_TABLE", "STATE_TABLE"] {
        assert!(log.contains(&format!("{variable} is required")), "{variable} is not in {log}");
    }
}
