//! Tokens: who comes in with which, and that none is seen anywhere.

use std::cell::RefCell;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use local::listener::{Admission, Limits};
use local::tokens::Tokens;
use tempfile::TempDir;

use crate::listener::program::Program;
use crate::listener::{HANGS, Opened, header, status};

const PROGRAM: &str = env!("CARGO_BIN_EXE_deployment-status-local");

const EVENT: &str = "{\"deploymentId\": \"d-1\", \"service\": \"cart\", \"environment\": \"production\", \
                     \"status\": \"IN_PROGRESS\", \"version\": \"1\"}";

pub(crate) fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens.json");
    (folder, file)
}

pub(crate) fn run(file: &Path, arguments: &[&str]) -> Output {
    Command::new(PROGRAM).arg("--tokens").arg(file).arg("token").args(arguments).output().unwrap()
}

/// Adds a token, and answers it.
pub(crate) fn add(file: &Path, name: &str, may: &str) -> String {
    let output = run(file, &["add", name, "--may", may]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

async fn opened(file: &Path) -> Opened {
    let tokens = Some(Arc::new(Tokens::open(file.to_owned()).unwrap()));
    Opened::with(Limits::default(), Admission { tokens, ..Admission::default() }, None).await
}

impl Opened {
    async fn send(&self, method: &str, path: &str, token: &str, body: &str) -> String {
        let token = if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
        let length = body.len();
        self.answer(&format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\n{token}Content-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        ))
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_route_needs_its_right_and_what_is_recorded_names_the_token() {
    let (_folder, file) = folder();
    let [read, report, record] = ["read", "report", "record"].map(|right| add(&file, right, right));
    let listener = opened(&file).await;
    for (method, path, body, right) in [
        ("GET", "/", "", "read"),
        ("GET", "/openapi.json", "", "read"),
        ("GET", "/v1/live", "", "read"),
        ("HEAD", "/v1/live", "", "read"),
        ("GET", "/v1/settings", "", "read"),
        ("GET", "/local/metrics", "", "read"),
        ("GET", "/local/notifications", "", "read"),
        ("POST", "/local/explain", EVENT, "read"),
        ("POST", "/v1/events", EVENT, "report"),
        ("POST", "/local/eventbridge", "{}", "report"),
        ("PUT", "/v1/settings", "{}", "record"),
    ] {
        let none = listener.send(method, path, "", body).await;
        assert_eq!(status(&none), 401, "{method} {path} {none}");
        assert_eq!(header(&none, "www-authenticate"), Some("Bearer"));
        assert_eq!(header(&none, "content-type"), Some("application/problem+json"));
        let wrong = listener.send(method, path, "dst_wrong", body).await;
        assert_eq!(status(&wrong), 401, "{method} {path}");
        assert!(header(&wrong, "www-authenticate").unwrap().starts_with("Bearer"));
        for (name, token) in [("read", &read), ("report", &report), ("record", &record)] {
            let answer = listener.send(method, path, token, body).await;
            if name == right {
                assert!(status(&answer) < 300, "{method} {path} {answer}");
            } else {
                assert_eq!(status(&answer), 403, "{method} {path} {answer}");
                assert!(method == "HEAD" || answer.contains(&format!("the right `{right}`")), "{answer}");
            }
        }
    }
    let trail = listener.send("GET", "/v1/deployments/d-1/events", &read, "").await;
    assert!(trail.contains("\"producer\":\"token:report\""), "{trail}");
    assert_eq!(status(&listener.send("GET", "/v1/nowhere", "", "").await), 401);
    assert_eq!(status(&listener.send("POST", "/v1/nowhere", &report, "").await), 404);
    assert_eq!(status(&listener.send("GET", "/healthz", "", "").await), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_revoked_is_refused_at_once_and_a_broken_file_lets_nobody_in() {
    let (_folder, file) = folder();
    let (one, other) = (add(&file, "one", "read"), add(&file, "other", "read"));
    let listener = opened(&file).await;
    let of = async |token: &str| status(&listener.send("GET", "/v1/live", token, "").await);
    assert_eq!((of(&one).await, of(&other).await), (200, 200));
    assert!(run(&file, &["revoke", "one"]).status.success());
    assert_eq!((of(&one).await, of(&other).await), (401, 200));
    let again = add(&file, "one", "read");
    assert_eq!((of(&one).await, of(&again).await), (401, 200));

    let written = std::fs::read(&file).unwrap();
    std::fs::write(&file, "{").unwrap();
    let answer = listener.send("GET", "/v1/live", &other, "").await;
    assert_eq!(status(&answer), 503);
    assert!(answer.contains("\"instance\":") && !answer.contains("tokens.json"), "{answer}");
    std::fs::remove_file(&file).unwrap();
    assert_eq!(of(&other).await, 503);
    std::fs::write(&file, written).unwrap();
    assert_eq!(of(&other).await, 200);
}

#[test]
fn the_file_is_its_owners_and_has_no_token() {
    let (_folder, file) = folder();
    let token = add(&file, "ci", "report,read,read");
    assert!(token.starts_with("dst_") && token.len() == 47, "{token}");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!std::fs::read_to_string(&file).unwrap().contains(&token[4..]));
    let listed = String::from_utf8(run(&file, &["list"]).stdout).unwrap();
    assert!(listed.starts_with("ci\tread, report\t"), "{listed}");

    let failed = |arguments: &[&str]| {
        let output = run(&file, arguments);
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(failed(&["add", "ci"]).contains("there is a token with the name `ci`"));
    assert!(failed(&["revoke", "cd"]).contains("there is no token with the name `cd`"));
    assert!(failed(&["add", "two words"]).contains("1 to 64 letters"));
    std::fs::write(&file, "[]").unwrap();
    assert!(failed(&["add", "cd"]).contains("not a file of tokens"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "[]");
}

#[test]
fn two_who_add_at_once_both_add() {
    let (_folder, file) = folder();
    std::thread::scope(|scope| {
        for name in ["a", "b", "c", "d", "e", "f"] {
            let file = &file;
            scope.spawn(move || add(file, name, "read"));
        }
    });
    let listed = String::from_utf8(run(&file, &["list"]).stdout).unwrap();
    assert_eq!(listed.lines().count(), 6, "{listed}");
}

#[test]
fn other_machines_come_in_with_tokens_only() {
    let (_folder, file) = folder();
    let start = |arguments: &[&str]| {
        let output = Command::new(PROGRAM).args(["--listen", "0.0.0.0:0"]).args(arguments).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(start(&[]).contains("use --allow-remote"));
    let said = start(&["--allow-remote"]);
    assert!(said.contains("--allow-remote needs --tokens FILE") && said.contains("token add NAME"), "{said}");
    let said = start(&["--allow-remote", "--tokens", file.to_str().unwrap()]);
    assert!(said.contains("tokens.json") && said.contains("token add NAME"), "{said}");
}

#[test]
fn with_tokens_a_webhook_needs_its_proof_and_no_token_is_in_the_log() {
    let (_folder, file) = folder();
    let token = add(&file, "ci", "read");
    let arguments = ["--listen", "0.0.0.0:0", "--allow-remote", "--log-level", "debug", "--tokens"];
    let program = Program::start("true", &[&arguments[..], &[file.to_str().unwrap()]].concat());
    let instances = RefCell::new(Vec::new());
    let ask = |method: &str, path: &str, token: &str, body: &str| {
        let length = body.len();
        let mut stream = program.sent(&format!(
            "{method} {path} HTTP/1.1\r\nHost: deployments.example.com\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nX-GitHub-Event: deployment\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{body}"
        ));
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let instance = answer.split_once("\"instance\":\"").map(|(_, rest)| rest.split('"').next().unwrap().to_owned());
        instances.borrow_mut().push(instance);
        status(&answer)
    };
    assert_eq!(ask("GET", "/v1/live", &token, ""), 200);
    assert_eq!(ask("PUT", "/v1/settings", &token, "{}"), 403);
    assert_eq!(ask("GET", "/v1/live", "dst_guessed", ""), 401);
    let github = concat!(env!("CARGO_MANIFEST_DIR"), "/../events/github/deployment.created.json");
    assert_eq!(ask("POST", "/v1/webhooks/github", "", &std::fs::read_to_string(github).unwrap()), 401);
    std::fs::write(&file, format!("{{\"tokens\": \"{token}\"}}")).unwrap();
    assert_eq!(ask("GET", "/v1/live", &token, ""), 503);
    program.signal("TERM");
    let (_, said) = program.end(HANGS);
    assert!(said.contains("token `ci` does not have the right `record`"), "{said}");
    // Why it is a 503 is said under the id that was answered.
    let instance = instances.take().pop().unwrap().unwrap();
    let line = said.lines().find(|line| line.contains(&instance)).unwrap();
    assert!(line.contains("tokens.json") && line.contains("\"level\":\"ERROR\""), "{line}");
    assert!(!said.contains(&token[4..]) && !said.contains("guessed"), "{said}");
}
