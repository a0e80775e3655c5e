//! The results of sent events: a line for each on stdout, and at the end the rejected ones on stderr.

use api::{ElementReceipt, Outcome, Problem, Receipt};
use domain::ledger::flag::Flag;

use super::events::Events;
use crate::commands::bad::warning;
use crate::failure::{Exit, Failure};
use crate::output::{self, Output, Printer, Tone, grouped, shown, word};

/// The rejected events, and the errors of each.
#[derive(Debug)]
pub(super) struct Rejected {
    of: usize,
    alone: bool,
    count: usize,
    lines: Vec<String>,
}

impl Rejected {
    /// Of these events, none yet.
    pub(super) fn among(events: &Events) -> Self {
        Self { of: events.elements.len(), alone: events.alone, count: 0, lines: Vec::new() }
    }

    /// Adds an event that was rejected.
    pub(super) fn add(&mut self, index: usize, problem: &Problem) {
        let number = if self.alone { String::new() } else { format!("event {}: ", index + 1) };
        self.count += 1;
        self.lines.extend(problem.errors.iter().map(|error| format!("{number}{error}")));
        if problem.errors.is_empty() {
            self.lines.push(format!("{number}{}", problem.detail));
        }
    }

    /// A failure when any event was rejected.
    ///
    /// # Errors
    /// Each wrong field of each event: exit code 1.
    pub(super) fn into_failure(self, done: &str) -> Result<(), Failure> {
        let message = match (self.count, self.alone) {
            (0, _) => return Ok(()),
            (_, true) => format!("the event {done}"),
            (count, false) => format!("{} of {} events {done}", grouped(count), grouped(self.of)),
        };
        Err(self.lines.into_iter().fold(Failure::new(Exit::Failed, message), Failure::advise))
    }
}

/// The results of sent events.
pub(super) struct Report<'a> {
    printer: &'a Printer,
    rejected: Rejected,
    recorded: usize,
    duplicates: usize,
    ignored: usize,
    printed: Result<(), Failure>,
}

impl<'a> Report<'a> {
    /// No results yet.
    pub(super) fn on(events: &Events, printer: &'a Printer) -> Self {
        Self { printer, rejected: Rejected::among(events), recorded: 0, duplicates: 0, ignored: 0, printed: Ok(()) }
    }

    /// The API sent this answer.
    pub(super) fn answered(&mut self, body: &str) {
        if self.printer.output == Output::Json {
            self.print(|printer| printer.json(body));
        }
    }

    /// The API sent this problem. For a single event it is printed to stderr only.
    pub(super) fn answered_problem(&mut self, body: &str) {
        if !self.rejected.alone {
            self.answered(body);
        }
    }

    /// Adds the result of an event; `raw` is its JSON as it came.
    pub(super) fn add(&mut self, index: usize, raw: &str, receipt: &ElementReceipt) {
        match receipt {
            ElementReceipt::Accepted(receipt) => {
                *match receipt.outcome {
                    Outcome::Recorded => &mut self.recorded,
                    Outcome::Duplicate => &mut self.duplicates,
                    Outcome::Ignored => &mut self.ignored,
                } += 1;
                self.print(|printer| match printer.output {
                    Output::Json => Ok(()),
                    Output::Jsonl => printer.line(raw),
                    Output::Text => {
                        receipt.bad.iter().for_each(|version| output::note(&warning(version)));
                        printer.text(&as_text(receipt))
                    }
                    Output::Table => printer.text(&sentence(receipt, printer)),
                });
            }
            ElementReceipt::Refused(problem) => {
                self.rejected.add(index, problem);
                if !self.rejected.alone {
                    self.print(|printer| match printer.output {
                        Output::Json | Output::Table => Ok(()),
                        Output::Jsonl => printer.line(raw),
                        Output::Text => printer.text("rejected\t\t\t"),
                    });
                }
            }
        }
    }

    /// An error while printing does not stop the recording.
    fn print(&mut self, print: impl FnOnce(&Printer) -> Result<(), Failure>) {
        if self.printed.is_ok() {
            self.printed = print(self.printer);
        }
    }

    /// All events were sent.
    ///
    /// # Errors
    /// When one was rejected (exit code 1), or stdout could not be written.
    pub(super) fn end(mut self) -> Result<(), Failure> {
        let count = self.rejected.of;
        if !self.rejected.alone && self.printer.output == Output::Table {
            let line = format!("{} {}: {}", grouped(count), if count == 1 { "event" } else { "events" }, self.counts());
            self.print(|printer| printer.text(&line));
        }
        let done = if self.rejected.count == 1 { "was rejected" } else { "were rejected" };
        self.rejected.into_failure(done)?;
        self.printed
    }

    /// A request failed. For the last `unknown` events it is not known whether they were recorded.
    pub(super) fn broken_off(self, failure: Failure, unknown: usize) -> Failure {
        let known = self.recorded + self.duplicates;
        let mut failure = failure;
        if !self.rejected.alone {
            let so_far = if known + self.rejected.count == 0 { "none sent yet".to_owned() } else { self.counts() };
            failure = failure.advise(format!("Results for {} events: {so_far}.", grouped(self.rejected.of)));
        }
        failure = self.rejected.lines.into_iter().fold(failure, Failure::advise);
        if failure.is(Exit::Failed) || failure.is(Exit::TimedOut) {
            // A single event that failed without a timeout was most likely not recorded.
            let doubt = match (self.rejected.alone, unknown) {
                (true, _) if failure.is(Exit::TimedOut) => "The event may have been recorded. ".to_owned(),
                (true, _) => String::new(),
                (false, 1) => "The last event may have been recorded. ".to_owned(),
                (false, many) => format!("The last {} events may have been recorded. ", grouped(many)),
            };
            failure = failure.advise(format!("{doubt}Sending them again is safe: each event is recorded once."));
        }
        failure
    }

    fn counts(&self) -> String {
        let counts = [
            (self.recorded, "recorded"),
            (self.duplicates, if self.duplicates == 1 { "duplicate" } else { "duplicates" }),
            (self.ignored, "ignored"),
            (self.rejected.count, "rejected"),
        ];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        counts.map(|(count, what)| format!("{} {what}", grouped(count))).collect::<Vec<_>>().join(", ")
    }
}

/// The fields of `--output text`: outcome, deployment, number of the event, status of the deployment.
fn as_text(receipt: &Receipt) -> String {
    let outcome = match receipt.outcome {
        Outcome::Recorded => "recorded",
        Outcome::Duplicate => "duplicate",
        Outcome::Ignored => "ignored",
    };
    let sequence = receipt.sequence.map(|sequence| sequence.to_string()).unwrap_or_default();
    let status = receipt.status.map_or("", |status| status.as_str());
    [outcome, &shown(receipt.deployment_id.as_deref().unwrap_or_default()), &sequence, status].join("\t")
}

/// `✓ recorded checkout-42: in progress (event 1)`.
fn sentence(receipt: &Receipt, printer: &Printer) -> String {
    let done = match receipt.outcome {
        Outcome::Recorded => "recorded",
        Outcome::Duplicate => "duplicate",
        Outcome::Ignored => "ignored",
    };
    let done = if printer.look.symbols { format!("✓ {done}") } else { done.to_owned() };
    let tone = if receipt.outcome == Outcome::Recorded { Tone::Good } else { Tone::Faint };
    let parts = [
        Some(tone.paint(&done, &printer.look)),
        receipt.deployment_id.as_deref().map(|id| format!(" {}", shown(id))),
        receipt.status.map(|status| format!(": {}", word(status))),
        receipt.sequence.map(|sequence| format!(" (event {sequence})")),
        receipt.reason.as_deref().map(|reason| format!(": {}", shown(reason))),
    ];
    let notes = receipt.flags.iter().map(|flag| format!("\n  {}", note(*flag)));
    let alike = receipt.looks_like.iter().map(|other| {
        format!("\n  its environment looks like {}: if they are one, declare an alias in the settings", shown(other))
    });
    let bad = receipt.bad.iter().map(|version| format!("\n  {}", Tone::Bad.paint(&warning(version), &printer.look)));
    parts.into_iter().flatten().chain(notes).chain(alike).chain(bad).collect()
}

/// What to know of a deployment whose events leave something open.
fn note(flag: Flag) -> &'static str {
    match flag {
        Flag::PlaceUnknown => "its service or its environment is not known: add --service and --environment",
        Flag::VersionDisagrees => "its events name different versions; the earliest counts",
        Flag::ServiceDisagrees => "its events name different services; the earliest counts",
        Flag::EnvironmentDisagrees => "its events name different environments; the earliest counts",
        Flag::ClockSkew => "a clock is wrong: compare the times of its events",
        Flag::StagesTruncated => "it has more stages than are shown",
        Flag::MetadataTruncated => "it has more metadata than is shown; its events have all of it",
        Flag::LinksTruncated => "it has more links than are shown; its events have all of them",
        Flag::ProducerDisagrees => {
            "its events come from different kinds of producers, such as a tool and a caller of the API"
        }
    }
}
