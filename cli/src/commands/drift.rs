//! `drift`: where what runs is not what it should be.

use api::Drift as Page;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use domain::Timestamp;
use domain::questions::drift::{Finding, Kind, Severity};

use super::Context;
use crate::api::next_page;
use crate::failure::{Exit, Failure};
use crate::moment;
use crate::names::must_exist;
use crate::output::{Column, Field, Output, Table, Tone, note};

/// Find where what runs is not what it should be, the worst first.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
        deployment-status drift                                   everywhere\n  \
        deployment-status drift -e production --exit-code         5 when anything is found\n  \
        deployment-status drift --kind unseen                     what never ran in the environment before\n  \
        deployment-status drift --severity high -s checkout       the worst of one service\n  \
        deployment-status drift --as-of 2.weeks.ago               as it was then, by the settings of then",
    after_help = "UNSEEN: what runs never landed in the environment before. MIXED: regions have disagreed for longer \
                  than a day. INCOMPLETE: a release lacks something. LAGGING: far behind the environment before. \
                  BY_HAND: a person brought it, and what ran before came otherwise. ORPHANED: it landed long ago, and \
                  neither went on nor was replaced. STALE: it has run for too long. BUILD_GAP: builds were jumped \
                  over. SILENT: nothing lands any more. LOOKALIKE: two names may mean the same.\n\
                  The fields of --output text are: severity, kind, environment, service, since, what was found, what \
                  can be done."
)]
pub(crate) struct Drift {
    /// Only this kind
    #[arg(long, value_name = "KIND", ignore_case = true, value_parser = kinds())]
    kind: Option<Kind>,
    /// Only what is so bad
    #[arg(long, value_name = "SEVERITY", ignore_case = true, value_parser = severities())]
    severity: Option<Severity>,
    /// Only what is about this service
    #[arg(long, short, value_name = "NAME")]
    service: Option<String>,
    /// As it was at this time: 2026-03-01T12:00:00Z, 2026-03-01, 2h, yesterday, 2.weeks.ago
    #[arg(long, value_name = "TIME", value_parser = moment::read_up_to)]
    as_of: Option<Timestamp>,
    /// End with 5 when anything is found
    #[arg(long)]
    exit_code: bool,
}

/// The kinds, in any case.
fn kinds() -> impl clap::builder::TypedValueParser<Value = Kind> {
    let parse = |text: String| Kind::parse(&text.to_uppercase()).ok_or("this is no kind of drift");
    PossibleValuesParser::new(Kind::ALL.map(Kind::as_str)).try_map(parse)
}

/// The severities, in any case.
fn severities() -> impl clap::builder::TypedValueParser<Value = Severity> {
    let parse = |text: String| Severity::parse(&text.to_lowercase()).ok_or("this is no severity");
    PossibleValuesParser::new(Severity::ALL.map(Severity::as_str)).try_map(parse)
}

impl Drift {
    /// # Errors
    /// When anything is found and `--exit-code` is given (exit code 5), when there is no such environment or service (3), or when
    /// the API does not answer.
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        let (api, printer) = (context.api()?, &context.printer);
        let environment = context.settings.environment();
        let as_of = self.as_of.map(String::from);
        let mut findings: Vec<Finding> = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let query = [
                ("environment", environment),
                ("service", self.service.as_deref()),
                ("kind", self.kind.map(Kind::as_str)),
                ("severity", self.severity.map(Severity::as_str)),
                ("asOf", as_of.as_deref()),
                ("limit", Some("100")),
                ("cursor", cursor.as_deref()),
            ];
            let page = api.get::<Page>("/v1/drift", &query)?;
            match printer.output {
                Output::Json => printer.json(&page.body)?,
                Output::Jsonl => printer.lines_of(&page.body)?,
                Output::Table | Output::Text => {}
            }
            findings.extend(page.value.items);
            if !next_page(&mut cursor, page.value.next_cursor)? {
                break;
            }
        }
        if findings.is_empty() {
            // An environment or a service of which nothing is found may be misspelt.
            must_exist(&api, environment, self.service.as_deref())?;
            note("Nothing has drifted.");
        }
        let now = printer.look.now;
        match printer.output {
            Output::Json | Output::Jsonl => {}
            Output::Text => printer.table(&for_scripts(&findings, now))?,
            Output::Table => printer.table(&for_people(&findings, now))?,
        }
        if !self.exit_code || findings.is_empty() {
            return Ok(());
        }
        let count = findings.len();
        let found = if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") };
        Err(Failure::new(Exit::ConditionNotMet, found))
    }
}

fn for_people(findings: &[Finding], now: Timestamp) -> Table {
    let mut table = Table::new(&[
        Column::of("SEVERITY"),
        Column::of("KIND"),
        Column::of("ENVIRONMENT"),
        Column::of("SERVICE"),
        Column::optional("SINCE", 1),
        Column::of("FOUND"),
    ]);
    for finding in findings {
        table.add(common(finding, now));
    }
    table
}

/// The fields as the help lists them.
fn for_scripts(findings: &[Finding], now: Timestamp) -> Table {
    let names = ["SEVERITY", "KIND", "ENVIRONMENT", "SERVICE", "SINCE", "FOUND", "SUGGESTION"];
    let mut table = Table::new(&names.map(Column::of));
    for finding in findings {
        let mut row = common(finding, now);
        row.push(Field::of(&finding.suggestion));
        table.add(row);
    }
    table
}

fn common(finding: &Finding, now: Timestamp) -> Vec<Field> {
    let tone = match finding.severity {
        Severity::High => Tone::Bad,
        Severity::Medium => Tone::Notable,
        Severity::Low => Tone::Faint,
    };
    vec![
        Field::plain(finding.severity.as_str()).toned(tone),
        Field::plain(finding.kind.as_str()),
        Field::maybe(finding.environment.as_ref().map(domain::Environment::as_str)),
        Field::maybe(finding.service.as_ref().map(domain::Service::as_str)),
        Field::time(finding.since.map(String::from).as_deref(), now),
        Field::of(&finding.what),
    ]
}
