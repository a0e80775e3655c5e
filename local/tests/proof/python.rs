//! The verifier of the documentation, which is none of ours but for its text: it needs an export and anchors.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

/// How it ends, and the first day that it finds wrong.
pub(super) fn verify(export: &str, anchors: &Path) -> (Option<i32>, Option<String>) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/verify.py");
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(export.as_bytes()).unwrap();
    let output = Command::new("python3").arg(script).arg(file.path()).arg(anchors).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let failed = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(failed, "", "{printed}");
    let first = printed.lines().find_map(|line| line.strip_prefix("The first day that is wrong: "));
    (output.status.code(), first.map(|day| day.trim_end_matches('.').to_owned()))
}
