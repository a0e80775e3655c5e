//! A backup that is made while many report: copied back, it is whole, and has all that was acknowledged before.

use std::time::Duration;

use crate::client::Client;
use crate::door::program::{Program, run_on};
use crate::writers::{Writers, assert_kept};

#[test]
fn a_backup_of_a_busy_server_has_all_that_was_acknowledged_before_it() {
    let rounds = if std::env::var_os("EXHAUSTIVE").is_some() { 20 } else { 1 };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.db");
    let program = Program::start("true", &["--data", file.to_str().unwrap()]);
    for round in 0..rounds {
        let writers = Writers::start(&program.address, &format!("d-{round}"), 16);
        std::thread::sleep(Duration::from_millis(500));
        let before = writers.acknowledged();
        let copy = folder.path().join(format!("copy-{round}.db"));
        let (code, printed) = run_on(&file, &["backup", copy.to_str().unwrap()]);
        assert_eq!(code, Some(0), "{printed}");
        let written = writers.stop();
        assert_eq!(written.refused(), []);
        assert!(!before.is_empty() && written.acknowledged().len() > before.len(), "they reported all the time");

        let restored = folder.path().join("restored").join(format!("{round}.db"));
        std::fs::create_dir_all(restored.parent().unwrap()).unwrap();
        std::fs::copy(&copy, &restored).unwrap();
        let (code, printed) = run_on(&restored, &["verify"]);
        assert_eq!(code, Some(0), "{printed}");
        let serving = Program::start("true", &["--data", restored.to_str().unwrap()]);
        assert_kept(&mut Client::connect(&serving.address).unwrap(), &before);
    }
}
