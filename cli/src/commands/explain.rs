//! `explain`: how a payload would be read, and what settings make of it, on this machine.

use std::path::PathBuf;

use clap::Args;
use formats::{Door, Explanation, Outcome, Payload};

use super::Context;
use super::settings::{check, read};
use crate::api;
use crate::failure::{Exit, Failure};
use crate::output::{Details, Field, Output, shown};

/// Show how a payload would be read, without sending it.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
        deployment-status explain payload.json                               with no settings\n  \
        deployment-status explain payload.json --settings settings.json\n  \
        deployment-status explain payload.json --door github --header 'X-GitHub-Event: deployment_status'",
    after_help = "Nothing is sent, nothing is recorded, and no signature is checked.\n\
                  Exit code 5: the payload would be rejected."
)]
pub(crate) struct Explain {
    /// The file with the payload (`-` for stdin)
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The settings to read it by, as for `settings apply`
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// The way in: `queue`, `events`, the name of a webhook, or `custom/` and that of a custom source; guessed from
    /// the payload otherwise
    #[arg(long, value_name = "DOOR")]
    door: Option<String>,
    /// A header that comes with it; can be repeated
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(String, String)>,
}

/// Reads a header as HTTP writes it.
fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("must be a name, a colon and a value")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

impl Explain {
    /// # Errors
    /// When the payload would be rejected or the settings are wrong (exit code 5), or a file can't be read (2).
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        let settings = match &self.settings {
            Some(file) => check(file, &read(file)?)?,
            None => formats::Settings::default(),
        };
        let door = match &self.door {
            Some(name) => Some(settings.sources.door(name).ok_or_else(|| {
                let custom = settings.sources.all().map(|source| source.door().to_owned());
                let known = Door::all().map(|door| door.name().to_owned()).chain(custom).collect::<Vec<_>>().join(", ");
                Failure::new(Exit::Usage, format!("--door must be one of {known}"))
            })?),
            None => None,
        };
        let body = read(&self.file)?;
        let json = ("content-type", "application/json");
        let given = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let payload = Payload::posted(given.chain([json]), body.as_bytes());
        let explained = formats::explain(door, &payload, &settings, api::now());
        let explained = explained.map_err(|rejection| {
            let failure = Failure::new(Exit::ConditionNotMet, "the payload would be rejected");
            rejection.into_errors().iter().fold(failure, |failure, error| failure.advise(shown(&error.to_string())))
        })?;
        let printer = &context.printer;
        for explanation in &explained {
            // What was parsed can be written.
            let json = |pretty: bool| {
                let write = if pretty { serde_json::to_string_pretty } else { serde_json::to_string };
                write(explanation).unwrap_or_default()
            };
            match printer.output {
                Output::Table => printer.text(&format!("{}\n", details(explanation).render(&printer.look)))?,
                Output::Text => printer.text(&format!("{}\t{}", explanation.door, word(explanation.outcome)))?,
                Output::Json => printer.json(&json(true))?,
                Output::Jsonl => printer.line(&json(false))?,
            }
        }
        match explained.iter().filter(|explanation| explanation.outcome == Outcome::Refused).count() {
            0 => Ok(()),
            refused => {
                let message = format!("{refused} of {} events would be rejected", explained.len());
                Err(Failure::new(Exit::ConditionNotMet, message))
            }
        }
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Recorded => "recorded",
        Outcome::Ignored => "ignored",
        Outcome::Refused => "rejected",
    }
}

fn details(explanation: &Explanation) -> Details {
    let mut details = Details::new(&format!("Would be {}", word(explanation.outcome)));
    details.add("Door", Field::of(&explanation.door.to_string()));
    if let Some(reason) = &explanation.reason {
        details.add("Reason", Field::of(reason));
    }
    for error in &explanation.errors {
        details.add("Wrong", Field::of(&error.to_string()));
    }
    if let Some(source) = &explanation.source {
        details.add("Source", Field::of(source));
    }
    for (name, text) in &explanation.facts {
        details.add("Fact", Field::of(&format!("{name} = {text}")));
    }
    for (what, rule) in &explanation.rules {
        details.add("Rule", Field::of(&format!("{what} = {rule}")));
    }
    let event = explanation.event.as_ref().and_then(|event| serde_json::to_value(event).ok());
    for (name, value) in event.as_ref().and_then(|event| event.as_object()).into_iter().flatten() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        details.add("Event", Field::of(&format!("{name} = {text}")));
    }
    details
}
