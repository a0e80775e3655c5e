//! `export`: what was recorded in a time, day by day through the API, as lines of JSON with all that the hashes cover.

use std::collections::BTreeMap;

use api::{Deployment, Page};
use clap::Args;
use domain::export::{Header, Line};
use domain::identifiers::Identifier as _;
use domain::{DeploymentId, Environment, Retention, Timestamp};

use super::Context;
use crate::api::{Api, deployment_path, next_page, now};
use crate::failure::{Exit, Failure};
use crate::moment;
use crate::output::{Progress, note};

/// How many entries a page has. A page of large events that doesn't fit is asked for in smaller ones.
const LIMITS: [&str; 3] = ["100", "20", "1"];

/// Export what was recorded in a time, with all hashes.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
        deployment-status export --since 2026-07-01 --until 2026-10-01 > quarter.jsonl\n  \
        deployment-status export --since 2026-07-01 --environment production > production.jsonl\n  \
        deployment-status verify --export quarter.jsonl --anchors anchors/",
    after_help = "The output is lines of JSON, whatever --output says: a header, and a line for each event and each \
                  version of the settings and of declared releases. docs/anchors.md has the format, and how to verify \
                  it by anchors without this program."
)]
pub(crate) struct Export {
    /// What was recorded from this time on
    #[arg(long, value_name = "TIME", value_parser = moment::read)]
    since: Timestamp,
    /// What was recorded up to this time; now by default
    #[arg(long, value_name = "TIME", value_parser = moment::read_up_to)]
    until: Option<Timestamp>,
    /// The installation's retention of history in days; 0 means that it is kept for ever
    #[arg(long, value_name = "DAYS", default_value = "0", value_parser = retention)]
    retention_days: Retention,
}

fn retention(days: &str) -> Result<Retention, String> {
    let days = days.parse().ok().and_then(Retention::of_days);
    days.ok_or_else(|| format!("must be a number of days from 0 to {}", Retention::MOST_DAYS))
}

impl Export {
    /// # Errors
    /// When the API does not answer, or stdout can't be written.
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        let (made_at, printer) = (now(), &context.printer);
        let until = self.until.unwrap_or(made_at);
        if self.since > until {
            return Err(Failure::new(Exit::Usage, "--since must not be later than --until"));
        }
        let environment = context.settings.environment().map(Environment::parse).transpose();
        let environment = environment.map_err(|wrong| Failure::new(Exit::Usage, format!("--environment {wrong}")))?;
        if let Some(environment) = &environment {
            note(&format!("Only deployments to {environment}, without settings and releases."));
        }
        let api = context.api()?;
        let header = Header::new((self.since, until), environment, self.retention_days, made_at);
        printer.line(&Line::Header { export: header.clone() }.text())?;
        let (mut known, mut progress) = (BTreeMap::new(), Progress::new());
        for day in self.since.days_to(until.min(made_at)) {
            progress.draw(&day);
            for line in of_day(&api, &day)? {
                if header.has(line.position().0) && is_asked(&api, &line, header.environment.as_ref(), &mut known)? {
                    printer.line(&line.text())?;
                }
            }
        }
        progress.erase();
        Ok(())
    }
}

/// Whether a line is of the environment that is asked for.
fn is_asked(
    api: &Api,
    line: &Line,
    asked: Option<&Environment>,
    known: &mut BTreeMap<DeploymentId, bool>,
) -> Result<bool, Failure> {
    let Some(asked) = asked else { return Ok(true) };
    let Line::Event(line) = line else { return Ok(false) };
    let id = &line.deployment_id;
    if let Some(is_asked) = known.get(id) {
        return Ok(*is_asked);
    }
    let found = api.get::<Deployment>(&deployment_path(id, ""), &[]);
    let is_asked = match found {
        Ok(answer) => answer.value.environment == asked.as_str(),
        // An incident, or what else has no page of its own.
        Err(failure) if failure.is(Exit::NotFound) => false,
        Err(failure) => return Err(failure),
    };
    known.insert(id.clone(), is_asked);
    Ok(is_asked)
}

/// The lines of a day.
fn of_day(api: &Api, day: &str) -> Result<Vec<Line>, Failure> {
    let mut failure = None;
    for limit in LIMITS {
        match pages(api, day, limit) {
            Ok(lines) => return Ok(lines),
            Err(too_large) if too_large.is(Exit::Failed) && too_large.message().contains("limit") => {
                failure = Some(too_large);
            }
            Err(other) => return Err(other),
        }
    }
    Err(failure.unwrap_or_else(|| Failure::new(Exit::Failed, format!("{day} can't be read"))))
}

fn pages(api: &Api, day: &str, limit: &str) -> Result<Vec<Line>, Failure> {
    let (mut lines, mut cursor): (Vec<Line>, Option<String>) = (Vec::new(), None);
    loop {
        let query = [("day", Some(day)), ("limit", Some(limit)), ("cursor", cursor.as_deref())];
        let page: Page<Line> = api.get("/v1/export", &query)?.value;
        lines.extend(page.items);
        if !next_page(&mut cursor, page.next_cursor)? {
            return Ok(lines);
        }
    }
}
