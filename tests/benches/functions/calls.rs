//! The calls to AWS of an invocation: recorded from the functions, counted, and written down for the
//! functions in Node, which make the same ones.

use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::backend::Backend;
use crate::recorder::{Recorder, Round, line, to_json};
use crate::subject::Subject;
use crate::workload::{Workload, deployment, expect_done, later, recorded_as};

/// The calls of a workload: those of the first invocation of a process, and those of a later one.
pub(crate) struct Calls {
    /// The operations of the first, in a line.
    pub(crate) first: String,
    /// The operations of a later one.
    pub(crate) later: String,
    /// The same without which come together: a busy interpreter may take long to open connections.
    pub(crate) operations: [String; 2],
    script: NamedTempFile,
}

impl Calls {
    /// The calls of `subject`, recorded.
    pub(crate) async fn of(subject: &Subject, workload: Workload, backend: &Backend, script: Option<&Self>) -> Self {
        // What is remembered of the first is there in the second; the third is like all that follow.
        let payloads = [1, 2, 3].map(|number| workload.payload(number, &backend.stream));
        let recorded = record(subject, workload.function(), backend, &payloads, script).await;
        let [first, _, third] = recorded.as_slice() else { unreachable!("as many as payloads") };
        let general = |rounds: &[Round], number| recorded_as(&to_json(rounds).to_string(), number);
        let script = format!(r#"{{"first": {}, "later": {}}}"#, general(first, 1), general(third, 3));
        let file = NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), script).expect("a temporary file");
        let operations = [first, third].map(|rounds| line(&[rounds.concat()]));
        Self { first: line(first), later: line(third), operations, script: file }
    }

    /// The file that the functions in Node read.
    pub(crate) fn script(&self) -> (&'static str, String) {
        ("CALLS", self.script.path().to_string_lossy().into_owned())
    }
}

/// What the calls of a deployment's further events are, in a process that knows the deployment.
pub(crate) async fn of_later_events(subject: &Subject, backend: &Backend) -> [(&'static str, String); 2] {
    let id = deployment(1, 0);
    let stage = later(&id, &json!({"type": "stage", "stage": "DEPLOYMENT", "status": "IN_PROGRESS"}));
    let ending = later(&id, &json!({"status": "COMPLETED"}));
    let payloads = [Workload::Report.payload(1, &Value::Null), stage, ending];
    let recorded = record(subject, "event-processor", backend, &payloads, None).await;
    [("a later event that ends nothing", line(&recorded[1])), ("the event that ends a deployment", line(&recorded[2]))]
}

/// The calls of each of these invocations of a fresh process.
async fn record(
    subject: &Subject,
    function: &str,
    backend: &Backend,
    payloads: &[Value],
    script: Option<&Calls>,
) -> Vec<Vec<Round>> {
    let mut recorder = Recorder::default();
    let mut variables = backend.through(&mut recorder).await;
    variables.extend(script.map(Calls::script));
    let mut running = backend.run(subject.command(function), variables).await;
    let mut calls = Vec::new();
    for payload in payloads {
        expect_done(&running.invoke(payload).await);
        calls.push(recorder.take());
    }
    calls
}
