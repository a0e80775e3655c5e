//! `assert`: that what runs is what is expected to run.

use api::{LiveCell, Page};
use clap::Args;
use domain::{Timestamp, label};
use serde::Serialize;

use super::Context;
use super::live;
use super::named::{NamedVersion, read_named_version};
use crate::api::{Api, next_page};
use crate::failure::{Exit, Failure};
use crate::moment;
use crate::output::{Column, Field, Output, Table, shown};

/// Check that these versions run in an environment
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
        deployment-status assert checkout@2.7.0 --environment production\n  \
        deployment-status assert checkout@2.7.0 search@0.31.0 -e production --as-of yesterday\n  \
        deployment-status assert checkout@2.7.0 -e production && ./deploy.sh",
    after_help = "Versions are compared as they are; a branch can be named with the beginning of its commit, as `live` \
                  shows it: web@main@1a2b3c4. A version is split from its service at the first @ that has a service \
                  before it. Where regions run different versions, that is a difference.\n\
                  The fields of --output text are: service, expected version, live version (with a comma between \
                  those of regions). json and jsonl print a line for each difference.\n\
                  Exit code 5: something else runs."
)]
pub(crate) struct Assert {
    /// What must run
    #[arg(value_name = "SERVICE@VERSION", value_parser = read_named_version, required = true)]
    what: Vec<NamedVersion>,
    /// What ran at this time: 2026-03-01T12:00:00Z, 2026-03-01, 2h, yesterday, 2.weeks.ago
    #[arg(long, value_name = "TIME", value_parser = moment::read_up_to)]
    as_of: Option<Timestamp>,
}

/// Where something else runs than is expected.
#[derive(Debug, Serialize)]
struct Difference<'a> {
    service: &'a str,
    environment: &'a str,
    expected: &'a str,
    /// The live version, or those of the regions; none where nothing runs.
    live: Vec<String>,
    #[serde(skip)]
    shown: Option<String>,
}

impl Assert {
    /// # Errors
    /// When something else runs (exit code 5), no environment is named (2), or the API does not answer.
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        let (api, printer) = (context.api()?, &context.printer);
        let Some(environment) = context.settings.environment() else {
            return Err(Failure::new(Exit::Usage, "no environment is named").advise("Name it with --environment."));
        };
        let mut differences = Vec::new();
        for what in &self.what {
            let cell = self.cell(&api, environment, what)?;
            differences.extend(difference(what, environment, cell.as_ref()));
        }
        match printer.output {
            Output::Json | Output::Jsonl => {
                let line = |difference| serde_json::to_string(difference).unwrap_or_default();
                differences.iter().try_for_each(|difference| printer.line(&line(difference)))?;
            }
            Output::Table | Output::Text if differences.is_empty() => {}
            Output::Table | Output::Text => printer.table(&table(&differences))?,
        }
        if differences.is_empty() {
            if printer.output == Output::Table {
                printer.text(&format!("What runs in {} is what is expected.", shown(environment)))?;
            }
            return Ok(());
        }
        let count = differences.len();
        let (services, run) = if count == 1 { ("service", "runs") } else { ("services", "run") };
        let message = format!("{count} {services} in {} {run} something else than is expected", shown(environment));
        Err(Failure::new(Exit::ConditionNotMet, message))
    }

    /// What is live of a service, if anything is known of it there. What was recorded under an alias comes second.
    fn cell(&self, api: &Api, environment: &str, what: &NamedVersion) -> Result<Option<LiveCell>, Failure> {
        let as_of = self.as_of.map(String::from);
        let mut cursor: Option<String> = None;
        loop {
            let query = [
                ("environment", Some(environment)),
                ("service", Some(what.service.as_str())),
                ("asOf", as_of.as_deref()),
                ("limit", Some("100")),
                ("cursor", cursor.as_deref()),
            ];
            let page = api.get::<Page<LiveCell>>("/v1/live", &query)?.value;
            if let Some(cell) = page.items.into_iter().next() {
                return Ok(Some(cell));
            }
            if !next_page(&mut cursor, page.next_cursor)? {
                return Ok(None);
            }
        }
    }
}

/// The difference between what is expected and what runs, if there is one.
fn difference<'a>(what: &'a NamedVersion, environment: &'a str, cell: Option<&LiveCell>) -> Option<Difference<'a>> {
    let expected = what.version.as_str();
    let is_expected = |version: Option<&str>, commit: Option<&str>| {
        version == Some(expected) || label(version, commit).as_deref() == Some(expected)
    };
    if cell.is_some_and(|cell| !cell.mixed && is_expected(cell.version.as_deref(), cell.commit.as_deref())) {
        return None;
    }
    let called = |version: &Option<String>, commit: &Option<String>| label(version.as_deref(), commit.as_deref());
    let running = match cell {
        Some(cell) if cell.mixed => {
            let mut versions: Vec<String> =
                cell.regions.iter().filter_map(|region| called(&region.version, &region.commit)).collect();
            versions.sort_unstable();
            versions.dedup();
            versions
        }
        Some(cell) => called(&cell.version, &cell.commit).into_iter().collect(),
        None => Vec::new(),
    };
    let shown = cell.and_then(live::version);
    Some(Difference { service: what.service.as_str(), environment, expected, live: running, shown })
}

fn table(differences: &[Difference<'_>]) -> Table {
    let mut table = Table::new(&[Column::of("SERVICE"), Column::of("EXPECTED"), Column::of("LIVE")]);
    for difference in differences {
        let live = Field::maybe(difference.shown.as_deref()).with_text(shown(&difference.live.join(",")));
        table.add(vec![Field::of(difference.service), Field::of(difference.expected), live]);
    }
    table
}
