//! The result of a verification, and its output.

use api::{RecordedEvent, Verification};
use domain::{Status, Timestamp};

use crate::commands::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Column, Field, Look, Output, Table, Tone, note, shown};

/// How many digits of a hash tables show: enough for `--head`.
const DIGITS: usize = 12;

/// The result of a verification on this machine.
#[derive(Debug)]
pub(super) struct Verdict {
    /// In the form of the API's own verification.
    pub(super) verification: Verification,
    /// The events as they came.
    pub(super) trail: Vec<RecordedEvent>,
}

impl Verdict {
    /// Whether there are no problems.
    pub(super) fn is_intact(&self) -> bool {
        self.verification.intact
    }

    /// Prints the verdict.
    ///
    /// # Errors
    /// When stdout can't be written.
    pub(super) fn print(&self, context: &Context) -> Result<(), Failure> {
        let printer = &context.printer;
        match printer.output {
            Output::Json | Output::Jsonl => {
                let json = serde_json::to_string(&self.verification);
                printer.line(&json.map_err(|error| Failure::new(Exit::Failed, error.to_string()))?)
            }
            Output::Text => {
                let of = &self.verification;
                let (id, head) = (shown(&of.deployment_id), shown(&of.head_hash));
                printer.text(&format!("{}\t{id}\t{}\t{head}", self.word(), of.events))?;
                if of.expired > 0 {
                    note(&self.expired());
                }
                Ok(())
            }
            Output::Table => {
                let table = table(&self.trail, printer.look.now);
                if !table.is_empty() {
                    printer.text(&(table.render(&printer.look) + "\n"))?;
                }
                printer.text(&self.sentence(&printer.look))
            }
        }
    }

    /// A failure when the history is not intact.
    ///
    /// # Errors
    /// Each problem: exit code 5.
    pub(super) fn into_failure(self) -> Result<(), Failure> {
        if self.is_intact() {
            return Ok(());
        }
        let message = format!("the history of {} is not intact", self.verification.deployment_id);
        Err(self.verification.problems.into_iter().fold(Failure::new(Exit::ConditionNotMet, message), Failure::advise))
    }

    fn word(&self) -> &'static str {
        if self.is_intact() { "intact" } else { "broken" }
    }

    /// `✓ intact: 10 events, head 3f2a91bc04d7`.
    fn sentence(&self, look: &Look) -> String {
        let of = &self.verification;
        let (symbol, tone) = if self.is_intact() { ("✓ ", Tone::Good) } else { ("✗ ", Tone::Bad) };
        let verdict = format!("{}{}", if look.symbols { symbol } else { "" }, self.word());
        let events = if of.events == 1 { "event" } else { "events" };
        let text = format!("{}: {} {events}, head {}", tone.paint(&verdict, look), of.events, short(&of.head_hash));
        if of.expired > 0 { text + "\n" + &self.expired() } else { text }
    }

    fn expired(&self) -> String {
        match self.verification.expired {
            1 => "The server reports 1 expired event.".to_owned(),
            many => format!("The server reports {many} expired events."),
        }
    }
}

fn table(trail: &[RecordedEvent], now: Timestamp) -> Table {
    let mut table = Table::new(&[
        Column::of("SEQ").right(),
        Column::optional("RECORDED", 2),
        Column::of("STATUS"),
        Column::optional("STAGE", 1),
        Column::optional("PRODUCER", 3),
        Column::of("HASH"),
    ]);
    for recorded in trail {
        let field = |name: &str| recorded.event.get(name).and_then(serde_json::Value::as_str);
        let status = field("status").map(|text| Status::parse(text).map_or_else(|| Field::of(text), Field::status));
        table.add(vec![
            Field::plain(recorded.sequence),
            Field::time(Some(&recorded.recorded_at), now),
            status.unwrap_or_else(Field::absent),
            Field::maybe(field("stage")),
            Field::of(&recorded.producer),
            Field::of(&short(&recorded.hash)),
        ]);
    }
    table
}

/// The beginning of a hash, or of another text in its place.
fn short(hash: &str) -> String {
    shown(&hash.chars().take(DIGITS).collect::<String>())
}
