//! `bisect`: what changed before something went wrong.

use api::{Suspect, Suspects};
use clap::Args;
use domain::Timestamp;
use domain::questions::suspects::Window;

use super::Context;
use crate::api::next_page;
use crate::failure::Failure;
use crate::moment;
use crate::names::must_exist;
use crate::output::{Column, Field, Output, Table, Tone, note};

/// Above this a change is one of the service itself, or of what it depends on.
const NEAR: u32 = 200;

/// Find what changed before something went wrong, the likeliest cause first.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
        deployment-status bisect -s checkout --at 10:42                 10:42 UTC, the last time that was\n  \
        deployment-status bisect -s checkout --at 2h -e production      where it went wrong two hours ago\n  \
        deployment-status bisect -s checkout --at 2026-03-01T10:42Z --window 2d\n  \
        deployment-status bisect -s checkout --at now -o text | head -1 the likeliest",
    after_help = "Listed is what landed within the window, or was under way at its end. What landed after it is not. \
                  First comes the service itself, then what it depends on as the settings say (dependsOn, up to three \
                  steps), then the rest of the environment. Among these the nearer in time comes first, and what is \
                  unusual: what went back, is known to be bad, came by hand, or had not landed in the environment \
                  before.\n\
                  Without --environment, it is looked for in all environments that the settings call production, and \
                  in all where they call none so.\n\
                  The fields of --output text are: score, id, service, environment, version, landed at, why."
)]
pub(crate) struct Bisect {
    /// The service that went wrong
    #[arg(long, short, value_name = "NAME", required = true)]
    service: String,
    /// When it did: 10:42 (UTC, of the last day on which it has passed), 2026-03-01T10:42 (UTC), 2h, yesterday
    #[arg(long, value_name = "TIME", value_parser = moment::read_happened)]
    at: Timestamp,
    /// For how long before that to look: 90m, 6h, 2d; at most 7d
    #[arg(long, value_name = "LENGTH", default_value_t = Window::DEFAULT, value_parser = Window::parse)]
    window: Window,
}

impl Bisect {
    /// # Errors
    /// When there is no such service or environment (3), or when the API does not answer.
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        let (api, printer) = (context.api()?, &context.printer);
        let environment = context.settings.environment();
        let (at, window) = (String::from(self.at), self.window.to_string());
        let mut found: Vec<Suspect> = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let query = [
                ("service", Some(self.service.as_str())),
                ("at", Some(at.as_str())),
                ("environment", environment),
                ("window", Some(window.as_str())),
                ("limit", Some("100")),
                ("cursor", cursor.as_deref()),
            ];
            let page = api.get::<Suspects>("/v1/suspects", &query)?;
            match printer.output {
                Output::Json => printer.json(&page.body)?,
                Output::Jsonl => printer.lines_of(&page.body)?,
                Output::Table | Output::Text => {}
            }
            found.extend(page.value.items);
            if !next_page(&mut cursor, page.value.next_cursor)? {
                break;
            }
        }
        if found.iter().all(|suspect| suspect.score < NEAR) {
            // Nothing of a service that is misspelt changed.
            must_exist(&api, environment, Some(&self.service))?;
        }
        if found.is_empty() {
            note("Nothing changed in that time.");
        }
        let now = printer.look.now;
        match printer.output {
            Output::Json | Output::Jsonl => {}
            Output::Text | Output::Table => printer.table(&listed(&found, now))?,
        }
        Ok(())
    }
}

fn listed(found: &[Suspect], now: Timestamp) -> Table {
    let names = ["SCORE", "DEPLOYMENT", "SERVICE", "ENVIRONMENT", "VERSION", "LANDED", "WHY"];
    let mut table = Table::new(&names.map(Column::of));
    for suspect in found {
        let version = suspect.version.as_deref().or(suspect.commit.as_deref());
        let tone = if suspect.score < NEAR { Tone::Faint } else { Tone::Notable };
        table.add(vec![
            Field::plain(suspect.score.to_string()).toned(tone),
            Field::of(&suspect.deployment_id),
            Field::plain(suspect.service.as_str()),
            Field::plain(suspect.environment.as_str()),
            Field::maybe(version),
            Field::time(suspect.landed_at.map(String::from).as_deref(), now),
            Field::of(&suspect.reasons.join("; ")),
        ]);
    }
    table
}
