//! The unit and the compose file: the program knows the options that they start it with.

use std::process::Command;

fn is_understood(arguments: &[String]) {
    assert!(arguments.len() > 5, "{arguments:?}");
    // It reads its options in order, and prints its help when there is none that it doesn't know.
    let program = Command::new(env!("CARGO_BIN_EXE_deployment-status-local")).args(arguments).arg("--help").output();
    let output = program.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_program_knows_the_options_of_the_unit() {
    let unit = include_str!("../service/deployment-status.service").replace("\\\n", " ");
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    is_understood(&start.split_whitespace().skip(1).map(str::to_owned).collect::<Vec<_>>());
}

#[test]
fn the_program_knows_the_options_of_the_compose_file() {
    let compose = include_str!("../service/compose.yaml");
    let options =
        compose.lines().filter_map(|line| line.trim().strip_prefix("- --").map(|option| format!("--{option}")));
    is_understood(&options.collect::<Vec<_>>());
}
