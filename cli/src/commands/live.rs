//! `live`: which version runs where, now or at a point in time.

use std::collections::BTreeMap;

use api::{LiveCell, Page};
use clap::Args;
use domain::live::Change;
use domain::{Status, Timestamp, label};

use super::Context;
use crate::api::next_page;
use crate::failure::Failure;
use crate::moment;
use crate::names::must_exist;
use crate::output::{Column, Field, Output, Table, Tone, note, shown, symbol, word};

mod regions;

/// Show which version of which service runs in which environment, now or at a point in time.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
    deployment-status live                                        all services in all environments\n  \
    deployment-status live --environment production               with times and deployments\n  \
    deployment-status live --environment production --as-of 2.weeks.ago\n  \
    deployment-status live -e production -o text | cut -f 1,3",
    after_help = "Without --environment and --service, a wide terminal shows a row for each service and a column for \
                  each environment. In parentheses is the last attempt, if it did not complete.\n\
                  Where regions disagree, the version of most regions comes first, then each other region with its \
                  version.\n\
                  The fields of --output text are: service, environment, version, live since, deployment, status of \
                  the last attempt, when that finished, change (forward, rollback or redeploy), and the regions as \
                  region=version, with commas between them."
)]
pub(crate) struct Live {
    /// Only this service
    #[arg(long, short, value_name = "NAME")]
    service: Option<String>,
    /// What is live in this region, where deployments name it
    #[arg(long, value_name = "NAME")]
    in_region: Option<String>,
    /// Show the places of retired environments too
    #[arg(long)]
    retired: bool,
    /// What was live at this time: 2026-03-01T12:00:00Z, 2026-03-01, 2h, yesterday, 2.weeks.ago
    #[arg(long, value_name = "TIME", value_parser = moment::read_up_to)]
    as_of: Option<Timestamp>,
    /// As it was known at this time, without events that were recorded later
    #[arg(long, value_name = "TIME", value_parser = moment::read_up_to)]
    known_at: Option<Timestamp>,
}

impl Live {
    /// # Errors
    /// When there is no such environment or service (exit code 3), or the API does not answer.
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        let (api, printer) = (context.api()?, &context.printer);
        let (environment, service) = (context.settings.environment(), self.service.as_deref());
        let (as_of, known_at) = (self.as_of.map(String::from), self.known_at.map(String::from));
        let mut cells: Vec<LiveCell> = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let query = [
                ("environment", environment),
                ("service", service),
                ("region", self.in_region.as_deref()),
                ("retired", self.retired.then_some("true")),
                ("asOf", as_of.as_deref()),
                ("knownAt", known_at.as_deref()),
                ("limit", Some("100")),
                ("cursor", cursor.as_deref()),
            ];
            let page = api.get::<Page<LiveCell>>("/v1/live", &query)?;
            match printer.output {
                Output::Json => printer.json(&page.body)?,
                Output::Jsonl => printer.lines_of(&page.body)?,
                Output::Table | Output::Text => {}
            }
            cells.extend(page.value.items);
            if !next_page(&mut cursor, page.value.next_cursor)? {
                break;
            }
        }
        if cells.is_empty() {
            must_exist(&api, environment, service)?;
            note("Nothing is live there.");
        }
        match printer.output {
            Output::Json | Output::Jsonl => Ok(()),
            Output::Text => printer.table(&list(&cells, context)),
            Output::Table => {
                let filtered = environment.is_some() || service.is_some();
                let matrix = Some(matrix(&cells, context)).filter(|_| !filtered);
                let matrix = matrix.filter(|matrix| matrix.fits(&printer.look));
                printer.table(&matrix.unwrap_or_else(|| list(&cells, context)))
            }
        }
    }
}

/// A row for each service, a column for each environment.
fn matrix(cells: &[LiveCell], context: &Context) -> Table {
    // In the order in which they come, which is that of the promotion path.
    let mut environments: Vec<&str> = cells.iter().map(|cell| cell.environment.as_str()).collect();
    environments.dedup();
    let mut services: BTreeMap<&str, BTreeMap<&str, &LiveCell>> = BTreeMap::new();
    for cell in cells {
        services.entry(&cell.service).or_default().insert(&cell.environment, cell);
    }
    let mut table = Table::new(&[Column::of("SERVICE")]);
    for environment in &environments {
        table.add_column(shown(environment));
    }
    for (service, places) in services {
        let mut row = vec![Field::of(service)];
        row.extend(
            environments.iter().map(|at| places.get(at).map_or_else(Field::absent, |cell| square(cell, context))),
        );
        table.add(row);
    }
    table
}

/// The live version, and the last attempt if that did not complete.
fn square(cell: &LiveCell, context: &Context) -> Field {
    let version = version(cell).unwrap_or_else(|| "-".to_owned());
    let unfinished = regions::unfinished(cell);
    let Some((_, newest)) = unfinished.first() else { return Field::of(&version) };
    let told = unfinished.iter().map(|(region, last)| {
        let symbol = if context.printer.look.symbols { format!("{} ", symbol(last.status)) } else { String::new() };
        let region = region.map(|region| format!("{region} ")).unwrap_or_default();
        let tried = last.version.as_ref().map_or(String::new(), |version| format!("{version} "));
        format!("{symbol}{region}{tried}{}", word(last.status))
    });
    let told: Vec<String> = told.collect();
    let tone = if newest.status == Status::Cancelled { Tone::Faint } else { Tone::Notable };
    Field::of(&format!("{version} ({})", told.join(", "))).toned(tone)
}

/// What runs, for people: where regions disagree, what runs in most of them, and what in each other one.
pub(super) fn version(cell: &LiveCell) -> Option<String> {
    if cell.mixed { Some(regions::versions(cell)) } else { label(cell.version.as_deref(), cell.commit.as_deref()) }
}

/// A row for each service in each environment. Scripts get the version itself, people a label.
fn list(cells: &[LiveCell], context: &Context) -> Table {
    let now = context.printer.look.now;
    let for_scripts = matches!(context.printer.output, Output::Text);
    let mut table = Table::new(&[
        Column::of("SERVICE"),
        Column::of("ENVIRONMENT"),
        Column::of("VERSION"),
        Column::optional("SINCE", 1),
        Column::optional("DEPLOYMENT", 4),
        Column::optional("LAST ATTEMPT", 2),
        Column::optional("AT", 3),
        Column::optional("CHANGE", 5),
    ]);
    if for_scripts {
        table.add_column("REGIONS".to_owned());
    }
    for cell in cells {
        let last = cell.last_attempt.as_ref();
        let finished = last.map(|last| last.at.to_string());
        let mut row = vec![
            Field::of(&cell.service),
            Field::of(&cell.environment),
            Field::maybe(if for_scripts { cell.version.clone() } else { version(cell) }.as_deref()),
            Field::time(cell.since.as_deref(), now),
            Field::maybe(cell.deployment_id.as_deref()),
            last.map_or_else(Field::absent, |last| Field::status(last.status)),
            Field::time(finished.as_deref(), now),
            Field::maybe(cell.change.map(Change::as_str)),
        ];
        if for_scripts {
            row.push(Field::of(&regions::for_scripts(cell)));
        }
        table.add(row);
    }
    table
}
