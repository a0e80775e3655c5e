//! What became of events: a line for each on stdout, and in the end what was refused on stderr.

use api::{ElementReceipt, Outcome, Problem, Receipt};

use super::Events;
use crate::failure::{Exit, Failure};
use crate::output::{Output, Printer, Tone, grouped, shown, word};

/// Events that are wrong, and what is wrong with each.
#[derive(Debug)]
pub(super) struct Refused {
    of: usize,
    alone: bool,
    count: usize,
    lines: Vec<String>,
}

impl Refused {
    /// None yet among these.
    pub(super) fn among(events: &Events) -> Self {
        Self { of: events.elements.len(), alone: events.alone, count: 0, lines: Vec::new() }
    }

    /// This one is refused.
    pub(super) fn add(&mut self, index: usize, problem: &Problem) {
        let number = if self.alone { String::new() } else { format!("event {}: ", index + 1) };
        self.count += 1;
        let named = problem.errors.iter().map(|error| match error.field.as_str() {
            "" => format!("{number}{}", error.detail),
            field => format!("{number}{field}: {}", error.detail),
        });
        self.lines.extend(named);
        if problem.errors.is_empty() {
            self.lines.push(format!("{number}{}", problem.detail));
        }
    }

    /// Fails when there are any.
    ///
    /// # Errors
    /// Each wrong field of each event: exit code 1.
    pub(super) fn told(self, done: &str) -> Result<(), Failure> {
        let message = match (self.count, self.alone) {
            (0, _) => return Ok(()),
            (_, true) => format!("the event {done}"),
            (count, false) => format!("{} of {} events {done}", grouped(count), grouped(self.of)),
        };
        Err(self.lines.into_iter().fold(Failure::new(Exit::Failed, message), Failure::advise))
    }
}

/// What became of events that are sent.
pub(super) struct Report<'a> {
    printer: &'a Printer,
    refused: Refused,
    recorded: usize,
    duplicates: usize,
    ignored: usize,
    printed: Result<(), Failure>,
}

impl<'a> Report<'a> {
    /// Nothing is known of them yet.
    pub(super) fn on(events: &Events, printer: &'a Printer) -> Self {
        Self { printer, refused: Refused::among(events), recorded: 0, duplicates: 0, ignored: 0, printed: Ok(()) }
    }

    /// The API answered this.
    pub(super) fn answered(&mut self, body: &str) {
        if self.printer.output == Output::Json {
            self.print(|printer| printer.json(body));
        }
    }

    /// The API answered with this problem. Of a single event it is told on stderr alone.
    pub(super) fn refused(&mut self, body: &str) {
        if !self.refused.alone {
            self.answered(body);
        }
    }

    /// This became of an event; `raw` is how the API said it.
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
                    Output::Text => printer.text(&as_text(receipt)),
                    Output::Table => printer.text(&sentence(receipt, printer)),
                });
            }
            ElementReceipt::Refused(problem) => {
                self.refused.add(index, problem);
                if !self.refused.alone {
                    self.print(|printer| match printer.output {
                        Output::Json | Output::Table => Ok(()),
                        Output::Jsonl => printer.line(raw),
                        Output::Text => printer.text("refused\t\t\t"),
                    });
                }
            }
        }
    }

    /// That nobody reads what is printed is no reason to stop recording.
    fn print(&mut self, print: impl FnOnce(&Printer) -> Result<(), Failure>) {
        if self.printed.is_ok() {
            self.printed = print(self.printer);
        }
    }

    /// All were sent.
    ///
    /// # Errors
    /// When one was refused (exit code 1), or stdout could not be written.
    pub(super) fn end(mut self) -> Result<(), Failure> {
        let count = self.refused.of;
        if !self.refused.alone && self.printer.output == Output::Table {
            let line = format!("{} {}: {}", grouped(count), if count == 1 { "event" } else { "events" }, self.counts());
            self.print(|printer| printer.text(&line));
        }
        let done = if self.refused.count == 1 { "was refused" } else { "were refused" };
        self.refused.told(done)?;
        self.printed
    }

    /// A request failed; of so many events it is not known what became.
    pub(super) fn broken_off(self, failure: Failure, unknown: usize) -> Failure {
        let known = self.recorded + self.duplicates;
        let mut failure = failure;
        if !self.refused.alone {
            let so_far = if known + self.refused.count == 0 { "none yet".to_owned() } else { self.counts() };
            failure = failure.advise(format!("Of {} events: {so_far}.", grouped(self.refused.of)));
        }
        failure = self.refused.lines.into_iter().fold(failure, Failure::advise);
        if failure.is(Exit::Failed) || failure.is(Exit::TimedOut) {
            // That the server could not be reached is a failure too: then it is known well enough.
            let doubt = match (self.refused.alone, unknown) {
                (true, _) if failure.is(Exit::TimedOut) => "Whether it was recorded is not known. ".to_owned(),
                (true, _) => String::new(),
                (false, 1) => "Whether the one sent last was recorded is not known. ".to_owned(),
                (false, many) => format!("Whether the {} sent last were recorded is not known. ", grouped(many)),
            };
            failure = failure.advise(format!("{doubt}Sending the same again is safe: each event is recorded once."));
        }
        failure
    }

    fn counts(&self) -> String {
        let counts = [
            (self.recorded, "recorded"),
            (self.duplicates, "known already"),
            (self.ignored, "ignored"),
            (self.refused.count, "refused"),
        ];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        counts.map(|(count, what)| format!("{} {what}", grouped(count))).collect::<Vec<_>>().join(", ")
    }
}

/// Outcome, deployment, number of the event, status of the deployment.
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
        Outcome::Duplicate => "known already",
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
    parts.into_iter().flatten().collect()
}
