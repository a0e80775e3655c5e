//! Tests that need a process of their own, because they set something for the whole process.

use std::process::Command;

const ALONE: &str = "TEST_ALONE";

/// Whether the test `name` (with its modules) is alone in this process. If it is not, this runs the
/// test in a new process, where it must pass.
#[expect(clippy::missing_panics_doc, reason = "panicking is how a test fails")]
#[must_use]
pub fn alone(name: &str) -> bool {
    if std::env::var_os(ALONE).is_some_and(|alone| alone == *name) {
        return true;
    }
    let binary = std::env::current_exe().expect("the path of the test itself");
    let run = Command::new(binary).args([name, "--exact", "--nocapture"]).env(ALONE, name).output();
    let output = run.expect("a process of its own");
    let printed = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && printed.contains("1 passed"), "{name} in a process of its own: {printed}");
    false
}
