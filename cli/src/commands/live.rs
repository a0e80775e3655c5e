//! `live`: which version runs where, now or at a point in time.

use api::{LiveCell, Page};
use clap::Args;
use domain::follows::judged::Noted;
use domain::live::Change;
use domain::{Timestamp, label};

use super::Context;
use crate::api::next_page;
use crate::failure::Failure;
use crate::moment;
use crate::names::must_exist;
use crate::output::{Column, Field, Output, Table, Tone, note};

mod beside;
mod matrix;
mod regions;

use matrix::Told;

/// Show which version of which service runs in which environment, now or at a point in time.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
    deployment-status live                                        all services in all environments\n  \
    deployment-status live --environment production               with times and deployments\n  \
    deployment-status live --environment production --as-of 2.weeks.ago\n  \
    deployment-status live -e production -o text | cut -f 1,3",
    after_help = "Without --environment and --service, a wide terminal shows a row for each service and a column for \
                  each environment: the version and for how long it has been live; in parentheses that it was rolled \
                  back to, how it stands to the environment before it (as compare says it), the last attempt if it did \
                  not complete, what is under way, and that it is bad or suspected. What has been live for 30 days is faint, and for 90 days \
                  yellow, where the terminal has colours.\n\
                  Where regions disagree, the version of most regions comes first, then each other region with its \
                  version.\n\
                  The fields of --output text are: service, environment, version, live since, deployment, status of \
                  the last attempt, when that finished, change (forward, rollback or redeploy), the regions as \
                  region=version, with commas between them, how it stands to the environment before it (behind, ahead, \
                  same, unseen, mixed), by how many versions, the deployments that are under way, with commas between \
                  them, and the verdict that people were told of what runs (BAD, SUSPECT)."
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
                ("difference", Some("true")),
                ("active", Some("true")),
                ("verdict", Some("true")),
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
                let matrix = if filtered { None } else { matrix::fitting(&cells, &printer.look) };
                printer.table(&matrix.unwrap_or_else(|| list(&cells, context)))
            }
        }
    }
}

/// What runs, for people: where regions disagree, what runs in most of them, and what in each other one.
pub(super) fn version(cell: &LiveCell) -> Option<String> {
    if cell.mixed { Some(regions::versions(cell)) } else { label(cell.version.as_deref(), cell.commit.as_deref()) }
}

/// A row for each service in each environment. Scripts get the version itself, people a label.
fn list(cells: &[LiveCell], context: &Context) -> Table {
    let look = &context.printer.look;
    let for_scripts = matches!(context.printer.output, Output::Text);
    let mut table = Table::new(&[
        Column::of("SERVICE"),
        Column::of("ENVIRONMENT"),
        Column::of("VERSION"),
        Column::optional("SINCE", 1),
        Column::optional("DEPLOYMENT", 6),
        Column::optional("LAST ATTEMPT", 2),
        Column::optional("AT", 5),
        Column::optional("CHANGE", 7),
    ]);
    if for_scripts {
        for name in ["REGIONS", "RELATION", "BY", "UNDER WAY", "VERDICT"] {
            table.add_own_column(Column::of(name));
        }
    } else {
        table.add_own_column(Column::optional("DIFFERENCE", 4));
        table.add_own_column(Column::optional("UNDER WAY", 3));
        if cells.iter().any(|cell| cell.verdict.is_some()) {
            table.add_own_column(Column::of("VERDICT"));
        }
    }
    for cell in cells {
        let last = cell.last_attempt.as_ref();
        let finished = last.map(|last| last.at.to_string());
        let mut row = vec![
            Field::of(&cell.service),
            Field::of(&cell.environment),
            Field::maybe(if for_scripts { cell.version.clone() } else { version(cell) }.as_deref()),
            Field::time(cell.since.as_deref(), look.now).toned_if(beside::age(cell, look.now)),
            Field::maybe(cell.deployment_id.as_deref()),
            last.map_or_else(Field::absent, |last| Field::status(last.status)),
            Field::time(finished.as_deref(), look.now),
            Field::maybe(cell.change.map(Change::as_str)),
        ];
        if for_scripts {
            row.push(Field::of(&regions::for_scripts(cell)));
            row.extend(beside::for_scripts(cell));
            row.push(Field::maybe(cell.verdict.map(Noted::as_str)));
        } else {
            row.push(Field::maybe(cell.difference.as_ref().map(beside::difference).as_deref()));
            let under_way = beside::under_way(cell, look, Told::Whole);
            let tone = (!under_way.is_empty()).then_some(Tone::Active);
            row.push(Field::maybe(Some(under_way.join(", ")).filter(|all| !all.is_empty()).as_deref()).toned_if(tone));
            if cells.iter().any(|cell| cell.verdict.is_some()) {
                row.push(Field::maybe(cell.verdict.map(Noted::word)).toned_if(cell.verdict.map(|_| Tone::Notable)));
            }
        }
        table.add(row);
    }
    table
}
