//! A backup that is made while many report: copied back, it is whole, and has all that was acknowledged before.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::client::Client;
use crate::listener::program::{Program, run_on};
use crate::writers::{Writers, assert_kept};

#[test]
fn a_backup_of_a_busy_server_has_all_that_was_acknowledged_before_it() {
    let rounds = if std::env::var_os("EXHAUSTIVE").is_some() { 10 } else { 1 };
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

#[test]
fn a_backup_copied_over_the_file_of_a_killed_server_is_what_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (file, copy) = (folder.path().join("history.db"), folder.path().join("copy.db"));
    let start = || Program::start("true", &["--data", file.to_str().unwrap()]);
    let mut program = start();
    let report = |program: &Program, name: &str| {
        let writers = Writers::start(&program.address, name, 4);
        std::thread::sleep(Duration::from_millis(300));
        writers.stop().acknowledged()
    };
    let before = report(&program, "before");
    let (code, printed) = run_on(&file, &["backup", copy.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{printed}");
    let (code, printed) = run_on(&copy, &["verify"]);
    assert_eq!(code, Some(0), "{printed}");
    report(&program, "after");
    // Its log stays, and is not that of the copy.
    program.kill();
    assert!(folder.path().join("history.db-wal").exists());
    std::fs::copy(&copy, &file).unwrap();

    let restored = start();
    let mut client = Client::connect(&restored.address).unwrap();
    assert_kept(&mut client, &before);
    let deployments = client.items("/v1/deployments?limit=100").unwrap();
    let names: BTreeSet<_> = deployments.iter().map(|each| each["deploymentId"].as_str().unwrap()).collect();
    let expected: BTreeSet<_> = before.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(names, expected, "nothing of what was reported after it");
    let (code, printed) = run_on(&file, &["verify"]);
    assert_eq!(code, Some(0), "{printed}");
}

#[test]
fn a_new_file_where_a_killed_server_left_its_log_is_empty() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.db");
    let start = || Program::start("true", &["--data", file.to_str().unwrap()]);
    let mut program = start();
    let writers = Writers::start(&program.address, "d", 4);
    std::thread::sleep(Duration::from_millis(200));
    writers.stop();
    program.kill();
    std::fs::remove_file(&file).unwrap();
    let anew = start();
    let deployments = Client::connect(&anew.address).unwrap().items("/v1/deployments").unwrap();
    assert_eq!(deployments, [] as [serde_json::Value; 0]);
    let (code, printed) = run_on(&file, &["verify"]);
    assert_eq!(code, Some(0), "{printed}");
}
