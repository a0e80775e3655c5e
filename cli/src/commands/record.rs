//! `record`: reports events, from flags or from a file.

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
mod events;
mod file;
mod flags;
mod own_id;
mod report;
mod send;

use events::Events;
use flags::EventFlags;
use report::Rejected;

/// Report an event of a deployment, or of one of its stages.
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
    after_help = "Only the given fields are sent. Without --occurred-at the event has the time at which it is \
                  received. The same command sent again is the same event, and recorded once.\n\
                  The environment comes from --environment or the variable DEPLOYMENT_STATUS_ENVIRONMENT. The \
                  one in the config file is for queries only.\n\
                  The fields of --output text are: outcome (recorded, duplicate, ignored, rejected), deployment, \
                  number of the event, status of the deployment. json prints each answer of the API as it came, \
                  jsonl each receipt.\n\
                  Exit code 1: an event was rejected, or the server failed. Sending all events again is always safe."
)]
pub(crate) struct Record {
    #[command(flatten)]
    event: EventFlags,
    /// Read events from a file (`-` for stdin): one JSON object, an array, or one object per line
    #[arg(long, short, value_name = "PATH", help_heading = "Source")]
    file: Option<PathBuf>,
    /// Print and check the events, but do not send them
    #[arg(long)]
    dry_run: bool,
}

impl Record {
    /// # Errors
    /// When an event is rejected (exit code 1), the file can't be read (2), or the API does not answer.
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        let events = self.events(context)?;
        if self.dry_run {
            return dry_run(&events, &context.printer);
        }
        send::send(context.api()?, &events, &context.printer)
    }

    fn events(&self, context: &Context) -> Result<Events, Failure> {
        // A setting for queries must not become part of an event by accident.
        let setting = context.settings.environment.as_ref();
        let given = setting.filter(|setting| !matches!(setting.origin, Origin::File(_)));
        let environment = given.map(|setting| setting.value.as_str()).filter(|name| !name.is_empty());
        let Some(path) = &self.file else {
            return Ok(Events { elements: vec![self.event.event(environment)?], alone: true });
        };
        // A variable is a setting for all calls and does not change the events of a file. A flag would.
        if context.settings.environment.as_ref().is_some_and(|setting| matches!(setting.origin, Origin::Flag(_))) {
            let message = "--environment and --file can't be used together: each event names its own environment";
            return Err(Failure::new(Exit::Usage, message));
        }
        file::read(path)
    }
}

/// Prints the events, and what the server would reject in them.
fn dry_run(events: &Events, printer: &Printer) -> Result<(), Failure> {
    let mut rejected = Rejected::among(events);
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
                Decision::Reject(rejection) => rejected.add(index, &Problem::wrong_fields(rejection.into_errors())),
            }
        }
    }
    rejected.into_failure("would be rejected")?;
    if printer.output == Output::Table {
        note("No errors found. Nothing was sent.");
    }
    Ok(())
}
