//! One fresh process: its start, its first invocation, later ones.

use serde_json::Value;
use tests::runtime_api::Function;

use crate::backend::{Backend, Variables};
use crate::meter::{Meter, peak_kilobytes};
use crate::statistics::Figure;
use crate::subject::Subject;
use crate::workload::{Workload, expect_done};

/// Invocations after the first that are not counted: an interpreter compiles what it runs often.
const WARMING: usize = 100;

/// CPU time in microseconds.
pub(crate) struct Sample {
    /// All until it asks for its first invocation.
    pub(crate) start: f64,
    pub(crate) first: f64,
    /// The median of the later ones.
    pub(crate) warm: f64,
}

/// A process of `subject` that does `workload`, invoked `warm` times after it has warmed up.
pub(crate) async fn sample(
    subject: &Subject,
    workload: Workload,
    backend: &Backend,
    variables: Variables,
    warm: usize,
) -> Sample {
    let mut function = backend.run(subject.command(workload.function()), variables).await;
    let mut meter = Meter::of(function.process_id());
    let start = meter.lap().await;
    let mut laps = Vec::new();
    for number in 1..=1 + WARMING + warm {
        invoke(&mut function, &workload.payload(number, &backend.stream)).await;
        laps.push(meter.lap().await);
    }
    Sample { start, first: laps[0], warm: Figure::of(laps.split_off(1 + WARMING)).median }
}

/// The most memory in kilobytes of a process of `subject` that took so many reports.
pub(crate) async fn memory(subject: &Subject, backend: &Backend, variables: Variables, reports: usize) -> f64 {
    let mut function = backend.run(subject.command("event-processor"), variables).await;
    for number in 1..=reports {
        invoke(&mut function, &Workload::Report.payload(number, &Value::Null)).await;
    }
    peak_kilobytes(function.process_id())
}

/// Invokes it, and waits until it asks for more.
async fn invoke(function: &mut Function, payload: &Value) {
    expect_done(&function.invoke(payload).await);
    function.started().await;
}
