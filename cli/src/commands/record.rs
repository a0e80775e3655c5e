//! `record`: reports a deployment, or a stage of it, from flags or from a file.

use std::path::PathBuf;

use ::api::Problem;
use clap::Args;
use formats::Decision;

use super::Context;
use crate::api;
use crate::failure::{Exit, Failure};
use crate::output::{Output, Printer, note, shown};
use crate::settings::Origin;

mod check;
mod file;
mod flags;
mod report;
mod send;

use flags::EventFlags;
use report::Refused;

/// Report a deployment, or a stage of it.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
        deployment-status record --id checkout-42 --status in-progress \\\n      \
            --service checkout --environment production --version 2.8.0 --commit \"$GITHUB_SHA\"\n  \
        deployment-status record --id checkout-42 --stage HEALTH_CHECK --status completed\n  \
        deployment-status record --id checkout-42 --status failed --error-message \"5xx at 9 %\"\n  \
        deployment-status record --id checkout-42 --status rolled-back --rollback-to 2.7.0\n  \
        deployment-status record --file event.json --dry-run\n  \
        jq -c '.[]' events.json | deployment-status record --file -",
    after_help = "What is not given is not sent. An event that names no time happened when it was received; the \
                  same line sent again is the same event, and recorded once.\n\
                  The environment is that of --environment or the variable DEPLOYMENT_STATUS_ENVIRONMENT; the \
                  one in the config file is for asking only.\n\
                  With --output text the fields are: outcome (recorded, duplicate, refused), deployment, number of \
                  the event, status of the deployment. With json each answer as it came, with jsonl each receipt.\n\
                  Exit code 1: an event was refused, or the server failed; sending all of it again is always safe."
)]
pub(crate) struct Record {
    #[command(flatten)]
    event: EventFlags,
    /// Events from a file, or from stdin for `-`: one in JSON, an array, or one per line
    #[arg(long, short, value_name = "PATH", help_heading = "Where it comes from")]
    file: Option<PathBuf>,
    /// Print what would be sent, say what is wrong with it, and send nothing
    #[arg(long)]
    dry_run: bool,
}

/// Events in JSON, as they are sent.
#[derive(Debug)]
struct Events {
    elements: Vec<String>,
    /// Whether it is one event by itself, and no array.
    alone: bool,
}

impl Record {
    /// # Errors
    /// When an event is refused (exit code 1), the file can't be read (2), or the API does not answer.
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        let events = self.events(context)?;
        if self.dry_run {
            return try_out(&events, &context.printer);
        }
        send::send(context.api()?, &events, &context.printer)
    }

    fn events(&self, context: &Context) -> Result<Events, Failure> {
        // What is convenient for asking must not become part of a report by accident.
        let setting = context.settings.environment.as_ref();
        let said = setting.filter(|setting| !matches!(setting.origin, Origin::File(_)));
        let environment = said.map(|setting| setting.value.as_str()).filter(|name| !name.is_empty());
        let Some(path) = &self.file else {
            return Ok(Events { elements: vec![self.event.event(environment)?], alone: true });
        };
        // A setting for all calls says nothing about what stands in a file; a flag of this one would.
        if context.settings.environment.as_ref().is_some_and(|setting| matches!(setting.origin, Origin::Flag(_))) {
            let message = "--environment and --file can't be used together: each event names its own environment";
            return Err(Failure::new(Exit::Usage, message));
        }
        file::read(path)
    }
}

/// Prints what would be sent, and says what the server would find wrong with it.
fn try_out(events: &Events, printer: &Printer) -> Result<(), Failure> {
    let mut refused = Refused::among(events);
    for (index, event) in events.elements.iter().enumerate() {
        match printer.output {
            Output::Table => printer.text(&check::indented(event))?,
            _ => printer.line(event)?,
        }
        for decision in check::check(event, events.alone, api::now()) {
            match decision {
                Decision::Record(_) => {}
                Decision::Ignore(reason) => {
                    let which = if events.alone { "The event".to_owned() } else { format!("Event {}", index + 1) };
                    note(&format!("{which} would be ignored: {}.", shown(&reason.to_string())));
                }
                Decision::Reject(rejection) => refused.add(index, &Problem::wrong_fields(rejection.into_errors())),
            }
        }
    }
    refused.told("would be refused")?;
    if printer.output == Output::Table {
        note("Nothing is wrong with it, as far as can be seen from here; nothing was sent.");
    }
    Ok(())
}
