//! `bad`: which versions are bad; to call one bad, and to clear it.

use api::{BadEvidence, BadState, BadVersion, BadVersions, Receipt, Why};
use clap::{Args, Subcommand};
use domain::event::{Reason, Verdict};
use domain::identifiers::Identifier as _;
use domain::{Commit, Service, Timestamp, Version, label};

use super::Context;
use super::named::read_named_version;
use crate::api::{next_page, now};
use crate::failure::{Exit, Failure};
use crate::moment;
use crate::names::must_exist;
use crate::output::{Column, Field, Output, Table, Tone, note, shown};
use crate::settings::Setting;

/// List bad versions, call a version bad, or clear it
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
        deployment-status bad list --service checkout\n  \
        deployment-status bad mark checkout@2.8.1 --reason \"loses orders\"\n  \
        deployment-status bad mark checkout@2.8.1 -e staging --reason \"slow\"\n  \
        deployment-status bad clear checkout@2.8.1 --reason \"it was the database\"",
    after_help = "A bad version stays bad until someone clears it. What is cleared is what happened before: a later \
                  rollback, or who calls it bad again, counts anew. To clear one build (--commit) clears no other, \
                  and not its version.\n\
                  With -e, a version is called bad in that environment, and cleared of what was said and undone in \
                  that one; without, everywhere. A default environment of the settings is not taken: with one, -e \
                  is needed, and -e '' means everywhere.\n\
                  Where its settings have notBad, the gate of an environment denies what is bad anywhere on the \
                  promotion path."
)]
pub(crate) struct Bad {
    #[command(subcommand)]
    action: Action,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Action {
    /// List the versions that are bad, with why
    List(List),
    /// Call a version bad
    Mark(Judge),
    /// Clear a version of all that spoke against it until now
    Clear(Judge),
}

#[derive(Debug, Args)]
#[command(
    after_help = "A version is listed for what was rolled back, failed after completing, was measured to go badly, \
                        or was called bad. The fields of --output text are: service, version, commit, state, why, environment, time, \
                        deployment, who, reason."
)]
struct List {
    /// Only this service
    #[arg(long, short, value_name = "NAME")]
    service: Option<String>,
    /// What was bad at this time: 2026-03-01T12:00:00Z, 2026-03-01, 2h, yesterday, 2.weeks.ago
    #[arg(long, value_name = "TIME", value_parser = moment::read_up_to)]
    as_of: Option<Timestamp>,
    /// Also what was cleared
    #[arg(long)]
    cleared: bool,
}

#[derive(Debug, Args)]
struct Judge {
    /// Which version; a service alone, with --commit
    #[arg(value_name = "SERVICE@VERSION", value_parser = Judged::read)]
    what: Judged,
    /// The commit that it was built from
    #[arg(long, value_name = "COMMIT", value_parser = read_commit)]
    commit: Option<Commit>,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = Reason::parse)]
    reason: Reason,
    /// Who says so; otherwise whoever the API knows the caller as
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
}

/// What is judged: a service, and a version of it if it is named.
#[derive(Debug, Clone)]
struct Judged {
    service: Service,
    version: Option<Version>,
}

impl Judged {
    fn read(text: &str) -> Result<Self, String> {
        if text.chars().skip(1).any(|c| c == '@') {
            let named = read_named_version(text)?;
            return Ok(Self { service: named.service, version: Some(named.version) });
        }
        let service = Service::parse(text).map_err(|invalid| format!("the service {invalid}"))?;
        Ok(Self { service, version: None })
    }
}

/// Parses a commit.
fn read_commit(text: &str) -> Result<Commit, String> {
    Commit::parse(text).map_err(|invalid| invalid.to_string())
}

impl Bad {
    /// # Errors
    /// When there is no such environment or service (exit code 3), neither a version nor a commit is named (2), or the
    /// API does not answer, or does not record it (1).
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        match &self.action {
            Action::List(list) => list.run(context),
            Action::Mark(judge) => judge.run(context, Verdict::Bad),
            Action::Clear(judge) => judge.run(context, Verdict::Cleared),
        }
    }
}

impl List {
    fn run(&self, context: &Context) -> Result<(), Failure> {
        let (api, printer) = (context.api()?, &context.printer);
        let (environment, as_of) = (context.settings.environment(), self.as_of.map(String::from));
        let (mut versions, mut cursor) = (Vec::<BadVersion>::new(), None::<String>);
        loop {
            let query = [
                ("service", self.service.as_deref()),
                ("environment", environment),
                ("asOf", as_of.as_deref()),
                ("cleared", self.cleared.then_some("true")),
                ("limit", Some("100")),
                ("cursor", cursor.as_deref()),
            ];
            let page = api.get::<BadVersions>("/v1/bad", &query)?;
            match printer.output {
                Output::Json => printer.json(&page.body)?,
                Output::Jsonl => printer.lines_of(&page.body)?,
                Output::Table | Output::Text => {}
            }
            versions.extend(page.value.items);
            if let Some(left_out) = &page.value.left_out {
                note(&format!("Not all was judged: {}.", shown(left_out)));
            }
            if !next_page(&mut cursor, page.value.next_cursor)? {
                break;
            }
        }
        if versions.is_empty() {
            must_exist(&api, environment, self.service.as_deref())?;
            note("No version is known to be bad.");
        }
        match printer.output {
            Output::Json | Output::Jsonl => Ok(()),
            Output::Text => printer.table(&for_scripts(&versions)),
            Output::Table => printer.table(&for_people(&versions, printer.look.now)),
        }
    }
}

impl Judge {
    fn run(&self, context: &Context, outcome: Verdict) -> Result<(), Failure> {
        let Judged { service, version } = &self.what;
        if version.is_none() && self.commit.is_none() {
            let advice = format!("Say which: {0}@VERSION, or {0} --commit COMMIT.", shown(service.as_str()));
            return Err(Failure::new(Exit::Usage, "neither a version nor a commit is named").advise(advice));
        }
        let environment = said_where(context)?;
        let judged = ::api::JudgedVersion {
            id: None,
            outcome,
            service,
            version: version.as_ref(),
            commit: self.commit.as_ref(),
            environment,
            reason: &self.reason,
            at: Some(now()),
            actor: self.actor.as_deref(),
        };
        let answer = match context.api()?.post::<Receipt>("/v1/events", &judged.event().to_string())? {
            Ok(answer) => answer,
            Err(problem) => {
                let failure = Failure::new(Exit::Failed, format!("it is not recorded: {}", shown(&problem.detail)));
                return Err(problem.errors.iter().fold(failure, |failure, error| {
                    failure.advise(format!("{}: {}", shown(&error.field), shown(&error.detail)))
                }));
            }
        };
        let (version, commit) = (version.as_ref().map(Version::as_str), self.commit.as_ref().map(Commit::as_str));
        let called = label(version, commit).unwrap_or_default();
        match context.printer.output {
            Output::Json => context.printer.json(&answer.body),
            Output::Jsonl => context.printer.line(&answer.body),
            Output::Text => {
                let fields = [service.as_str(), version.unwrap_or_default(), commit.unwrap_or_default()];
                let fields = fields.into_iter().chain([outcome.as_str(), environment.unwrap_or_default()]);
                context.printer.text(&(fields.map(shown).collect::<Vec<_>>().join("\t") + "\n"))
            }
            Output::Table => {
                let place = environment.map_or_else(|| "everywhere".to_owned(), |name| format!("in {}", shown(name)));
                let is = match outcome {
                    Verdict::Bad => "is called bad",
                    Verdict::Cleared => "is cleared",
                };
                context.printer.text(&format!("{} {} {is} {place}.\n", shown(service.as_str()), shown(&called)))
            }
        }
    }
}

/// The environment that a verdict is said of, as it stands in the command; none for all. A default one is meant for
/// questions: what is said lasts, so whoever says it says where.
///
/// # Errors
/// When only the settings name one (exit code 2).
fn said_where(context: &Context) -> Result<Option<&str>, Failure> {
    let settings = &context.settings;
    let is_typed = settings.environment.as_ref().is_none_or(Setting::is_flag);
    match settings.environment() {
        Some(name) if !is_typed => {
            let origin = settings.environment.as_ref().map(|setting| setting.origin.to_string()).unwrap_or_default();
            let wrong =
                format!("it is not said where: the default environment {} ({origin}) is not taken", shown(name));
            let advice = format!("Say where: -e {}, or -e '' for everywhere.", shown(name));
            Err(Failure::new(Exit::Usage, wrong).advise(advice))
        }
        environment => Ok(environment),
    }
}

/// A row for each piece of evidence.
fn for_people(versions: &[BadVersion], now: Timestamp) -> Table {
    let mut table = Table::new(&[
        Column::of("SERVICE"),
        Column::of("VERSION"),
        Column::of("WHY"),
        Column::of("ENVIRONMENT"),
        Column::optional("AT", 1),
        Column::optional("DETAIL", 2),
    ]);
    for version in versions {
        for evidence in &version.evidence {
            let why = in_words(evidence.why);
            let (word, tone) = match &evidence.cleared {
                None => (why.to_owned(), Tone::Bad),
                Some(_) => (format!("{why}, cleared"), Tone::Faint),
            };
            table.add(vec![
                Field::of(&version.service),
                Field::maybe(label(version.version.as_deref(), version.commit.as_deref()).as_deref()),
                Field::plain(word).toned(tone),
                evidence.environment.as_deref().map_or_else(|| Field::plain("all"), Field::of),
                Field::time(Some(&String::from(evidence.at)), now),
                Field::of(&detail(evidence)),
            ]);
        }
    }
    table
}

fn in_words(why: Why) -> &'static str {
    match why {
        Why::RolledBack => "rolled back",
        Why::FailedAfterCompleting => "failed after completing",
        Why::Marked => "called bad",
        Why::Measured => "went badly",
    }
}

/// What whoever deploys a bad version should know, in a sentence: `checkout 2.8.1 is known to be bad: rolled back in
/// production at 2026-03-01T12:00:00.000Z (checkout-41), and 2 more; see deployment-status bad list --service checkout`.
pub(crate) fn warning(version: &BadVersion) -> String {
    let named = label(version.version.as_deref(), version.commit.as_deref()).unwrap_or_default();
    let latest = version.evidence.first().map(|latest| {
        let place = latest.environment.as_deref().map(|environment| format!(" in {}", shown(environment)));
        let detail = Some(detail(latest)).filter(|detail| !detail.is_empty());
        let detail = detail.map(|detail| format!(" ({})", shown(&detail)));
        let (place, detail) = (place.unwrap_or_default(), detail.unwrap_or_default());
        format!(": {}{place} at {}{detail}", in_words(latest.why), latest.at)
    });
    let pieces = version.evidence.len();
    let more = (pieces > 1).then(|| format!(", and {} more", pieces - 1));
    let (service, latest, more) = (shown(&version.service), latest.unwrap_or_default(), more.unwrap_or_default());
    format!("{service} {} is known to be bad{latest}{more}; see deployment-status bad list", shown(&named))
}

/// The deployment that was undone or measured, or who said so and why; and who cleared it.
fn detail(evidence: &BadEvidence) -> String {
    let said = evidence.by.as_ref().zip(evidence.reason.as_ref()).map(|(by, reason)| format!("{by}: {reason}"));
    let measured = evidence.deployment_id.as_ref().zip(evidence.reason.as_ref());
    let measured = measured.map(|(id, reason)| format!("{id}: {reason}"));
    let detail = measured.or_else(|| evidence.deployment_id.clone()).or(said).unwrap_or_default();
    match &evidence.cleared {
        Some(cleared) => format!("{detail}; cleared by {}: {}", cleared.by, cleared.reason),
        None => detail,
    }
}

/// The fields as the help lists them, for each piece of evidence.
fn for_scripts(versions: &[BadVersion]) -> Table {
    let names = ["SERVICE", "VERSION", "COMMIT", "STATE", "WHY", "ENVIRONMENT", "AT", "DEPLOYMENT", "BY", "REASON"];
    let mut table = Table::new(&names.map(Column::of));
    for version in versions {
        for evidence in &version.evidence {
            let state = if evidence.cleared.is_some() { BadState::Cleared } else { BadState::Bad };
            table.add(vec![
                Field::of(&version.service),
                Field::maybe(version.version.as_deref()),
                Field::maybe(version.commit.as_deref()),
                Field::plain(if state == BadState::Bad { "BAD" } else { "CLEARED" }),
                Field::plain(match evidence.why {
                    Why::RolledBack => "ROLLED_BACK",
                    Why::FailedAfterCompleting => "FAILED_AFTER_COMPLETING",
                    Why::Marked => "MARKED",
                    Why::Measured => "MEASURED",
                }),
                Field::maybe(evidence.environment.as_deref()),
                Field::plain(evidence.at),
                Field::maybe(evidence.deployment_id.as_deref()),
                Field::maybe(evidence.by.as_deref()),
                Field::maybe(evidence.reason.as_deref()),
            ]);
        }
    }
    table
}
