//! `history`: deployments, newest first, over as many pages as needed.

use api::{ListedDeployment, Page};
use clap::Args;
use domain::event::Trigger;
use domain::live::Change;
use domain::{Status, Timestamp, label};

use super::Context;
use crate::api::{Answer, next_page};
use crate::failure::{Exit, Failure};
use crate::moment;
use crate::names::must_exist;
use crate::output::{Column, Field, Output, Progress, Table, grouped, note, shown};

mod status;

pub(crate) use status::StatusFlag;

/// The largest page of the API.
const PAGE: u64 = 100;

/// List deployments, newest first.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
        deployment-status history                                     the latest 20\n  \
        deployment-status history -e production --since 2.weeks.ago   of the last two weeks\n  \
        deployment-status history --service checkout --status failed,rolled-back\n  \
        deployment-status history --all -o jsonl | jq -r .version     all, page by page",
    after_help = "The fields of --output text are: deployment, status, service, environment, version, creation, end, \
                  duration in seconds, who or what triggered it, change (forward, rollback or redeploy; empty if it \
                  did not land). json prints each page of the API as it came, one \
                  per line; jsonl prints one deployment per line.\n\
                  --since and --until select by the creation of a deployment: since ≤ creation < until."
)]
pub(crate) struct History {
    /// Only deployments of this service
    #[arg(long, short, value_name = "NAME")]
    service: Option<String>,
    /// Only deployments with one of these statuses, with commas between them
    #[arg(long, value_name = "STATUS", value_parser = StatusFlag, value_delimiter = ',')]
    status: Vec<Status>,
    /// Only deployments of this version
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// Only deployments of this release
    #[arg(long, value_name = "RELEASE")]
    release: Option<String>,
    /// Only deployments of this artifact
    #[arg(long, value_name = "ARTIFACT")]
    artifact: Option<String>,
    /// Only deployments created at this time or later: 2026-03-01T12:00:00Z, 2026-03-01, 2h, yesterday, 2.weeks.ago
    #[arg(long, value_name = "TIME", value_parser = moment::read)]
    since: Option<Timestamp>,
    /// Only deployments created before this time
    #[arg(long, value_name = "TIME", value_parser = moment::read)]
    until: Option<Timestamp>,
    /// The maximum number of deployments
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    limit: u64,
    /// List all deployments; a terminal shows the progress
    #[arg(long, conflicts_with = "limit")]
    all: bool,
}

impl History {
    /// # Errors
    /// When there is no such environment or service (exit code 3), or the API does not answer.
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        if let (Some(since), Some(until)) = (self.since, self.until)
            && since > until
        {
            let message = format!("--since ({since}) must not be later than --until ({until})");
            return Err(Failure::new(Exit::Usage, message));
        }
        let printer = &context.printer;
        let mut progress = Progress::new();
        let api = context.api()?.notifying(progress.notices());
        let (environment, service) = (context.settings.environment(), self.service.as_deref());
        let statuses: Vec<&str> = self.status.iter().map(|status| status.as_str()).collect();
        let statuses = Some(statuses.join(",")).filter(|statuses| !statuses.is_empty());
        let (from, to) = (self.since.map(String::from), self.until.map(String::from));
        let mut table = table();
        let (mut found, mut cursor) = (0, None::<String>);
        loop {
            // Never more than needed, so that a page can be printed as it came.
            let size = if self.all { PAGE } else { PAGE.min(self.limit - found) };
            let query = [
                ("environment", environment),
                ("service", service),
                ("status", statuses.as_deref()),
                ("version", self.version.as_deref()),
                ("release", self.release.as_deref()),
                ("artifact", self.artifact.as_deref()),
                ("from", from.as_deref()),
                ("to", to.as_deref()),
                ("limit", Some(&*size.to_string())),
                ("cursor", cursor.as_deref()),
            ];
            let page = api.get::<Page<ListedDeployment>>("/v1/deployments", &query)?;
            found += page.value.items.len() as u64;
            progress.erase();
            print(&page, &mut table, context)?;
            if !next_page(&mut cursor, page.value.next_cursor)? || (!self.all && found >= self.limit) {
                break;
            }
            progress.draw(&format!("{} deployments…", grouped(usize::try_from(found).unwrap_or(usize::MAX))));
        }
        if found == 0 {
            must_exist(&api, environment, service)?;
            note("No deployments found.");
        }
        if printer.output == Output::Table {
            printer.table(&table)?;
        }
        if cursor.is_some() {
            note("There may be more deployments: use a higher --limit, or --all.");
        }
        Ok(())
    }
}

/// Prints a page at once. The table is printed at the end: its widths depend on all rows.
fn print(page: &Answer<Page<ListedDeployment>>, table: &mut Table, context: &Context) -> Result<(), Failure> {
    let printer = &context.printer;
    match printer.output {
        Output::Json => printer.json(&page.body),
        Output::Jsonl => printer.lines_of(&page.body),
        Output::Text => printer.text(&page.value.items.iter().map(as_text).collect::<String>()),
        Output::Table => {
            let now = printer.look.now;
            page.value.items.iter().for_each(|deployment| table.add(row(deployment, now)));
            Ok(())
        }
    }
}

fn table() -> Table {
    Table::new(&[
        Column::of("DEPLOYMENT"),
        Column::of("STATUS"),
        Column::optional("SERVICE", 1),
        Column::optional("ENVIRONMENT", 2),
        Column::optional("VERSION", 3),
        Column::optional("CREATED", 4),
        Column::optional("DURATION", 5).right(),
        Column::optional("TRIGGERED BY", 6),
        Column::optional("CHANGE", 7),
    ])
}

fn row(deployment: &ListedDeployment, now: Timestamp) -> Vec<Field> {
    let d = deployment;
    vec![
        Field::of(&d.deployment_id),
        Field::status(d.status),
        Field::of(&d.service),
        Field::of(&d.environment),
        Field::maybe(label(d.version.as_deref(), d.commit.as_deref()).as_deref()),
        Field::time(Some(&d.created_at), now),
        Field::seconds(d.duration_seconds),
        Field::maybe(d.triggered_by.as_ref().and_then(who).as_deref()),
        Field::maybe(d.change.map(Change::as_str)),
    ]
}

/// The fields as the help lists them; the first eight are the same as in `status`.
fn as_text(deployment: &ListedDeployment) -> String {
    let d = deployment;
    let seconds = d.duration_seconds.map(|seconds| seconds.to_string()).unwrap_or_default();
    let fields = [
        d.deployment_id.as_str(),
        d.status.as_str(),
        &d.service,
        &d.environment,
        d.version.as_deref().unwrap_or_default(),
        &d.created_at,
        d.finished_at.as_deref().unwrap_or_default(),
        &seconds,
        &d.triggered_by.as_ref().and_then(who).unwrap_or_default(),
        d.change.map_or("", Change::as_str),
    ];
    fields.map(shown).join("\t") + "\n"
}

/// Who triggered it, else what did. The reason can be long; only `status` shows it.
pub(crate) fn who(trigger: &Trigger) -> Option<String> {
    trigger.actor.clone().or_else(|| trigger.kind.map(|kind| format!("{kind:?}").to_lowercase()))
}
