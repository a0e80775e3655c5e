//! Runs the commands of the README against the real binary, and compares what they print with the README
//! (`…` stands for any text).

use std::process::Command;

use crate::server::start;

/// Runs a script in the project's folder.
fn shell(script: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let output = Command::new("sh").args(["-c", script]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Checks that `actual` is `expected`, in which `…` stands for any text.
fn expect(actual: &str, expected: &str, context: &str) {
    let mut rest = actual.trim();
    let parts: Vec<&str> = expected.trim().split('…').collect();
    for (index, part) in parts.iter().enumerate() {
        let found = rest.find(part).filter(|at| index > 0 || *at == 0);
        let at = found.unwrap_or_else(|| panic!("{context}\nexpected {part}\nin {actual}"));
        rest = &rest[at + part.len()..];
    }
    assert!(rest.is_empty() || parts.last() == Some(&""), "{context}\nprinted more than expected: {rest}");
}

/// The README's code blocks: language and content.
fn blocks(readme: &str) -> Vec<(&str, &str)> {
    readme.split("```").skip(1).step_by(2).filter_map(|block| block.split_once('\n')).collect()
}

#[test]
fn the_walkthrough_works_as_it_is_written() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    let (_running, address, printed) = start(&[]);
    let blocks = blocks(&readme);
    let local = |text: &str| text.replace("127.0.0.1:9000", &address);

    let started = blocks.iter().find(|(_, text)| text.starts_with("Recorded a demo history")).unwrap().1;
    assert_eq!(printed, local(started));

    let mut commands = 0;
    for pair in blocks.windows(2) {
        let [("sh", script), ("json", expected)] = pair else { continue };
        commands += 1;
        expect(&shell(&local(script)), expected, script);
    }
    assert!(commands >= 7, "the README has a walkthrough");
}

#[test]
fn it_does_not_listen_for_other_machines_by_default() {
    let refused =
        Command::new(env!("CARGO_BIN_EXE_deployment-status-local")).args(["--listen", "0.0.0.0:0"]).output().unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--allow-remote"));
}

#[test]
fn a_request_with_another_host_name_is_rejected() {
    let (_running, address, _) = start(&["--no-demo"]);
    let answer = shell(&format!("curl -s -H 'Host: evil.example' http://{address}/v1/live"));
    assert!(answer.contains("\"status\":403"), "{answer}");
}

#[test]
fn data_in_a_file_is_kept_and_can_be_rebuilt() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.db");
    let file = file.to_str().unwrap();
    {
        let (_running, _, _) = start(&["--data", file, "--demo"]);
    }
    let (running, address, _) = start(&["--data", file]);
    let live = shell(&format!("curl -s 'http://{address}/v1/live?environment=production&service=checkout'"));
    assert!(live.contains("\"version\":\"2.7.0\""), "{live}");
    drop(running);
    let rebuilt =
        Command::new(env!("CARGO_BIN_EXE_deployment-status-local")).args(["--data", file, "rebuild"]).output().unwrap();
    let printed = String::from_utf8(rebuilt.stdout).unwrap();
    assert!(rebuilt.status.success(), "{printed}");
    assert_eq!(printed, "Recomputed 38 deployments from 330 events.\nNo differences between history and state.\n");
}

#[test]
fn with_a_file_of_secrets_a_webhook_that_is_not_in_it_is_not_taken() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), r#"{"flux": "a secret of tests alone"}"#).unwrap();
    let status = |arguments: &[&str]| {
        let (_running, address, _) = start(arguments);
        shell(&format!(
            "curl -s -o /dev/null -w '%{{http_code}}' -H 'content-type: application/json' -H 'x-github-event: deployment' \
             -d @events/github/deployment.created.json http://{address}/v1/webhooks/github"
        ))
    };
    assert_eq!(status(&["--no-demo"]), "201");
    assert_eq!(status(&["--no-demo", "--webhook-secrets", file.path().to_str().unwrap()]), "401");
}
