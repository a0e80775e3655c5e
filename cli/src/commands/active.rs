//! `active`: the deployments that have not finished, newest first.

use api::{Deployment, Page};
use clap::Args;
use domain::{Timestamp, label};

use super::Context;
use super::history::who;
use crate::api::next_page;
use crate::failure::Failure;
use crate::names::must_exist;
use crate::output::{Column, Field, Output, Table, note, shown};

/// List the deployments that have not finished, newest first.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
        deployment-status active                              in all environments\n  \
        deployment-status active --environment production\n  \
        deployment-status active -o text | cut -f 1           only the ids",
    after_help = "LAST EVENT is the time of the latest event. A deployment without an event for a long time may have \
                  stalled: `status` says so.\n\
                  The fields of --output text are: deployment, status, service, environment, version, creation, last \
                  event, stage, who or what triggered it."
)]
pub(crate) struct Active {}

impl Active {
    /// # Errors
    /// When there is no such environment (exit code 3), or the API does not answer.
    #[expect(clippy::unused_self, reason = "as with every command; its only flags are global ones")]
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        let (api, printer) = (context.api()?, &context.printer);
        let environment = context.settings.environment();
        let mut table = table();
        let (mut found, mut cursor) = (0, None::<String>);
        loop {
            let query = [("environment", environment), ("limit", Some("100")), ("cursor", cursor.as_deref())];
            let page = api.get::<Page<Deployment>>("/v1/deployments/active", &query)?;
            found += page.value.items.len();
            match printer.output {
                Output::Json => printer.json(&page.body)?,
                Output::Jsonl => printer.lines_of(&page.body)?,
                Output::Text => printer.text(&page.value.items.iter().map(as_text).collect::<String>())?,
                Output::Table => {
                    page.value.items.iter().for_each(|deployment| table.add(row(deployment, printer.look.now)));
                }
            }
            if !next_page(&mut cursor, page.value.next_cursor)? {
                break;
            }
        }
        if found == 0 {
            must_exist(&api, environment, None)?;
            note("No deployment is active.");
        }
        if printer.output == Output::Table { printer.table(&table) } else { Ok(()) }
    }
}

fn table() -> Table {
    Table::new(&[
        Column::of("DEPLOYMENT"),
        Column::of("STATUS"),
        Column::optional("STAGE", 1),
        Column::optional("SERVICE", 2),
        Column::optional("ENVIRONMENT", 3),
        Column::optional("VERSION", 5),
        Column::optional("CREATED", 6),
        Column::optional("LAST EVENT", 4),
        Column::optional("TRIGGERED BY", 7),
    ])
}

fn row(deployment: &Deployment, now: Timestamp) -> Vec<Field> {
    let d = deployment;
    vec![
        Field::of(&d.deployment_id),
        Field::status(d.status),
        Field::maybe(d.stage.as_deref()),
        Field::of(&d.service),
        Field::of(&d.environment),
        Field::maybe(label(d.version.as_deref(), d.commit.as_deref()).as_deref()),
        Field::time(Some(&d.created_at), now),
        Field::time(Some(&d.updated_at), now),
        Field::maybe(d.triggered_by.as_ref().and_then(who).as_deref()),
    ]
}

/// The fields as the help lists them; the first six are the same in all lists.
fn as_text(deployment: &Deployment) -> String {
    let d = deployment;
    let fields = [
        d.deployment_id.as_str(),
        d.status.as_str(),
        &d.service,
        &d.environment,
        d.version.as_deref().unwrap_or_default(),
        &d.created_at,
        &d.updated_at,
        d.stage.as_deref().unwrap_or_default(),
        &d.triggered_by.as_ref().and_then(who).unwrap_or_default(),
    ];
    fields.map(shown).join("\t") + "\n"
}
