//! `release`: what belongs together, and whether it is in place.

use api::{ListedRelease, Page, Release, ReleaseService, ReleaseState};
use clap::{Args, Subcommand};
use domain::identifiers::Identifier as _;
use domain::{Label, Timestamp, label};

use super::Context;
use crate::api::next_page;
use crate::failure::{Exit, Failure};
use crate::moment;
use crate::names::must_exist;
use crate::output::{Column, Field, Output, Table, Tone, note, shown};

mod declare;

use declare::Declare;

/// Declare what belongs together, and see whether it is in place
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
        deployment-status release declare 2026-11 cart@2.8.0 search@0.32.1\n  \
        deployment-status release status 2026-11 -e production      is all of it there?\n  \
        deployment-status release status 2026-11 -e production --as-of yesterday\n  \
        deployment-status release list -e production                the latest, and which are complete",
    after_help = "A release that nobody declared is what deployments name in their field `release`."
)]
pub(crate) struct ReleaseCommand {
    #[command(subcommand)]
    action: Action,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Action {
    /// Declare which versions of which services a release has
    Declare(Declare),
    /// Show how each service of a release stands in an environment (exit code 5 if it is not complete)
    Status(Status),
    /// List releases, those of the newest day first
    List(List),
}

#[derive(Debug, Args)]
#[command(
    after_help = "The states, of which the first that fits counts: SKIPPED: it landed with the release in an environment \
                  before this one, and nothing of the release did here; IN_PLACE; DEPLOYING; FAILED: the last attempt \
                  here; NEWER: what runs first landed here after what is expected did; NEVER_DEPLOYED; OLDER: something \
                  else runs, or nothing any more.\n\
                  A release is complete when each service is IN_PLACE or NEWER.\n\
                  The fields of --output text are: service, state, expected version, live version, since. json prints \
                  the answer of the API as it came, jsonl each service."
)]
struct Status {
    /// The release
    #[arg(value_name = "RELEASE", value_parser = read_release)]
    release: Label,
    /// As it was at this time, by the declaration of then: 2026-03-01T12:00:00Z, 2026-03-01, 2h, yesterday
    #[arg(long, value_name = "TIME", value_parser = moment::read_up_to)]
    as_of: Option<Timestamp>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "With --environment: those that are declared for it or were deployed to it, and whether each is \
                  complete there. The fields of --output text are: release, day, complete (true, false or empty), \
                  declared by. json prints each page of the API as it came, jsonl each release."
)]
struct List {
    /// As they were at this time
    #[arg(long, value_name = "TIME", value_parser = moment::read_up_to)]
    as_of: Option<Timestamp>,
    /// The maximum number of releases
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    limit: u64,
}

const PATH: &str = "/v1/releases";

/// The path of a release.
fn path(release: &Label) -> String {
    format!("{PATH}/{release}")
}

/// Parses the name of a release.
fn read_release(text: &str) -> Result<Label, String> {
    Label::parse(text).map_err(|invalid| invalid.to_string())
}

impl ReleaseCommand {
    /// # Errors
    /// When a release is not complete, or a declaration is wrong or not the one expected (exit code 5), no environment
    /// is named (2), there is no such release (3), or the API does not answer.
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        match &self.action {
            Action::Declare(declare) => declare.run(context),
            Action::Status(status) => status.run(context),
            Action::List(list) => list.run(context),
        }
    }
}

impl Status {
    fn run(&self, context: &Context) -> Result<(), Failure> {
        let environment = context.settings.environment().filter(|name| !name.is_empty());
        let environment = environment.ok_or_else(|| {
            Failure::new(Exit::Usage, "no environment is named").advise("Name it with --environment.")
        })?;
        let (api, printer) = (context.api()?, &context.printer);
        let as_of = self.as_of.map(String::from);
        let query = [("environment", Some(environment)), ("asOf", as_of.as_deref())];
        let answer = api.get::<Release>(&path(&self.release), &query)?;
        let release = &answer.value;
        match printer.output {
            Output::Json => printer.json(&answer.body)?,
            Output::Jsonl => release.items.iter().try_for_each(|item| printer.line(&as_json(item)))?,
            Output::Table | Output::Text => printer.table(&services(&release.items, printer.look.now))?,
        }
        let name = shown(self.release.as_str());
        let place = shown(environment);
        if release.complete {
            if printer.output == Output::Table {
                let mark = if printer.look.symbols { "✓ " } else { "" };
                printer.text(&format!("\n{mark}{name} is complete in {place}"))?;
            }
            return Ok(());
        }
        if release.items.iter().all(|item| item.state != ReleaseState::InPlace) {
            // An environment in which nothing of it runs may be misspelt.
            must_exist(&api, Some(environment), None)?;
        }
        let waiting = release.items.iter().filter(|item| !item.state.is_done());
        let failure = Failure::new(Exit::ConditionNotMet, format!("{name} is not complete in {place}"));
        let failure = waiting.fold(failure, |failure, item| failure.advise(lacking(item)));
        Err(if release.more { failure.advise("It has more deployments than are read.".to_owned()) } else { failure })
    }
}

/// What a service lacks, in a line.
fn lacking(ReleaseService { service, expected, live, state }: &ReleaseService) -> String {
    let expected = label(expected.version.as_deref(), expected.commit.as_deref()).unwrap_or_default();
    let runs = live.as_ref().and_then(|live| label(live.version.as_deref(), live.commit.as_deref()));
    let runs = runs.map(|runs| format!(", {runs} runs")).unwrap_or_default();
    shown(&format!("{service}: {}, {expected} is expected{runs}", word(*state).1))
}

/// A state as a symbol, a word and a tone.
fn word(state: ReleaseState) -> (&'static str, &'static str, Tone) {
    match state {
        ReleaseState::Skipped => ("✗", "skipped", Tone::Bad),
        ReleaseState::InPlace => ("✓", "in place", Tone::Good),
        ReleaseState::Deploying => ("…", "deploying", Tone::Notable),
        ReleaseState::Failed => ("✗", "failed", Tone::Bad),
        ReleaseState::Newer => ("✓", "newer", Tone::Good),
        ReleaseState::NeverDeployed => ("-", "never deployed", Tone::Notable),
        ReleaseState::Older => ("-", "older", Tone::Notable),
    }
}

fn services(items: &[ReleaseService], now: Timestamp) -> Table {
    let names = ["SERVICE", "STATE", "EXPECTED", "LIVE", "SINCE"];
    let mut table = Table::new(&names.map(Column::of));
    for ReleaseService { service, expected, live, state } in items {
        let (symbol, word, tone) = word(*state);
        let state = Field::plain(word).with_symbol(symbol).with_text(state.as_str()).toned(tone);
        let live = live.as_ref();
        let runs = live.and_then(|live| label(live.version.as_deref(), live.commit.as_deref()));
        let runs = live.filter(|live| live.mixed).map(|_| "mixed".to_owned()).or(runs);
        table.add(vec![
            Field::of(service),
            state,
            Field::maybe(label(expected.version.as_deref(), expected.commit.as_deref()).as_deref()),
            Field::maybe(runs.as_deref()),
            Field::time(live.and_then(|live| live.since.as_deref()), now),
        ]);
    }
    table
}

fn as_json(item: &ReleaseService) -> String {
    serde_json::to_string(item).unwrap_or_default()
}

impl List {
    fn run(&self, context: &Context) -> Result<(), Failure> {
        let (api, printer) = (context.api()?, &context.printer);
        let (environment, as_of) = (context.settings.environment(), self.as_of.map(String::from));
        let columns = [Column::of("RELEASE"), Column::of("DAY"), Column::of("COMPLETE"), Column::of("DECLARED BY")];
        let mut table = Table::new(&columns);
        let (mut found, mut cursor) = (0, None::<String>);
        while found < self.limit {
            let size = (self.limit - found).min(100).to_string();
            let query = [
                ("environment", environment),
                ("asOf", as_of.as_deref()),
                ("limit", Some(&*size)),
                ("cursor", cursor.as_deref()),
            ];
            let page = api.get::<Page<ListedRelease>>(PATH, &query)?;
            found += page.value.items.len() as u64;
            match printer.output {
                Output::Json => printer.json(&page.body)?,
                Output::Jsonl => printer.lines_of(&page.body)?,
                Output::Table | Output::Text => page.value.items.iter().for_each(|listed| table.add(row(listed))),
            }
            if !next_page(&mut cursor, page.value.next_cursor)? {
                break;
            }
        }
        if found == 0 {
            must_exist(&api, environment, None)?;
            note("No releases found.");
        }
        if matches!(printer.output, Output::Table | Output::Text) {
            printer.table(&table)?;
        }
        if cursor.is_some() {
            note("There may be more releases: use a higher --limit.");
        }
        Ok(())
    }
}

fn row(listed: &ListedRelease) -> Vec<Field> {
    let complete = listed.complete.map(|complete| {
        let (symbol, word, tone) = if complete { ("✓", "yes", Tone::Good) } else { ("✗", "no", Tone::Bad) };
        Field::plain(word).with_symbol(symbol).with_text(complete.to_string()).toned(tone)
    });
    vec![
        Field::of(&listed.release),
        Field::of(&listed.day),
        complete.unwrap_or_else(Field::absent),
        Field::maybe(listed.declared.as_ref().map(|declared| declared.recorded_by.as_str())),
    ]
}
