//! `settings`: the settings of the installation, which apply to all senders.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use ::api::{AppliedSettings, Page, SettingsOutcome, SettingsVersion, StoredSettings};
use clap::{Args, Subcommand};
use domain::fields::Unknown;
use domain::{FieldError, Timestamp};

use super::Context;
use crate::api::next_page;
use crate::failure::{Exit, Failure};
use crate::moment;
use crate::output::{Column, Field, Output, Table, note, shown};

/// Show, check and apply the settings of the installation.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
        deployment-status settings show > settings.json       the settings in force\n  \
        deployment-status settings show --as-of 2026-03-15    what was in force then\n  \
        deployment-status settings check settings.json        without applying them\n  \
        deployment-status settings apply settings.json --if-version 7\n  \
        deployment-status settings show --version 6 | deployment-status settings apply -",
    after_help = "docs/settings.md describes each field. What is applied is in force within a minute, without a \
                  deployment of the stack. `deployment-status config` shows the settings of this program itself."
)]
pub(crate) struct SettingsCommand {
    #[command(subcommand)]
    action: Action,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Action {
    /// Show the settings in force, or those of an earlier time or version
    Show(Show),
    /// Check a file, on this machine: each wrong field is named (exit code 5)
    Check(File),
    /// Apply a file as the next version; a file that is in force already changes nothing
    Apply(Apply),
    /// List the versions, newest first
    History,
}

#[derive(Debug, Args)]
struct Show {
    /// What was in force at this time: 2026-03-15, yesterday, 2.weeks.ago
    #[arg(long, value_name = "TIME", value_parser = moment::read_up_to, conflicts_with = "version")]
    as_of: Option<Timestamp>,
    /// The version with this number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=::api::routes::MOST_VERSIONS))]
    version: Option<u64>,
}

#[derive(Debug, Args)]
struct File {
    /// The file with the settings, a JSON object (`-` for stdin)
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Debug, Args)]
struct Apply {
    #[command(flatten)]
    file: File,
    /// Apply them only if this version is in force, 0 for none (exit code 5 otherwise)
    #[arg(long, value_name = "N")]
    if_version: Option<u64>,
}

const PATH: &str = "/v1/settings";

impl SettingsCommand {
    /// # Errors
    /// When a document is wrong or what is in force is not expected (exit code 5), a file can't be read (2), there is
    /// no such version (3), or the API does not answer.
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        match &self.action {
            Action::Show(show) => show.run(context),
            Action::Check(File { file }) => {
                let settings = check(file, &read(file)?)?;
                note("No errors found. Nothing was applied.");
                if let Some(finding) = settings.general.permissions.finding() {
                    note(&format!("{finding}."));
                }
                Ok(())
            }
            Action::Apply(apply) => apply.run(context),
            Action::History => history(context),
        }
    }
}

impl Show {
    fn run(&self, context: &Context) -> Result<(), Failure> {
        let (as_of, version) = (self.as_of.map(|time| time.to_string()), self.version.map(|number| number.to_string()));
        let query = [("asOf", as_of.as_deref()), ("version", version.as_deref())];
        let answer = context.api()?.get::<StoredSettings>(PATH, &query)?;
        let printer = &context.printer;
        match printer.output {
            Output::Json => return printer.json(&answer.body),
            Output::Jsonl => return printer.line(&answer.body),
            Output::Table | Output::Text => {}
        }
        let stored = answer.value;
        note(&match (stored.version, stored.recorded_at, stored.recorded_by) {
            (version, Some(at), Some(by)) => format!("Version {version}, applied {} by {}.", shown(&at), shown(&by)),
            _ => "No settings were applied.".to_owned(),
        });
        if let Some(finding) = stored.finding {
            note(&format!("{}.", shown(&finding)));
        }
        // A value that was parsed can be written.
        printer.json(&serde_json::to_string_pretty(&stored.settings).unwrap_or_default())
    }
}

impl Apply {
    fn run(&self, context: &Context) -> Result<(), Failure> {
        let text = read(&self.file.file)?;
        check(&self.file.file, &text)?;
        let (api, printer) = (context.api()?, &context.printer);
        let expected = match self.if_version {
            None => None,
            Some(expected) => {
                let stored = api.get::<StoredSettings>(PATH, &[])?;
                let found = stored.value.version;
                if found != expected {
                    let message = format!("version {found} is in force, not version {expected}");
                    return Err(Failure::new(Exit::ConditionNotMet, message).advise("Nothing was applied."));
                }
                let missing = || {
                    Failure::new(
                        Exit::Failed,
                        "the answer of the server has no entity tag, so --if-version can't be kept",
                    )
                };
                Some(stored.tag.ok_or_else(missing)?)
            }
        };
        let answer = match api.put::<AppliedSettings>(PATH, &text, expected.as_deref())? {
            Ok(answer) => answer,
            Err(problem) => {
                let exit = if problem.status == 412 { Exit::ConditionNotMet } else { Exit::Failed };
                return Err(wrong(Failure::new(exit, shown(&problem.detail)), &problem.errors));
            }
        };
        let applied = &answer.value;
        match printer.output {
            Output::Json => printer.json(&answer.body),
            Output::Jsonl => printer.line(&answer.body),
            Output::Text => printer.text(&format!("{}\t{}", word(applied.outcome), applied.version)),
            Output::Table => printer.text(&match applied.outcome {
                SettingsOutcome::Recorded => {
                    format!("Applied as version {}. It is in force within a minute.", applied.version)
                }
                SettingsOutcome::Unchanged => format!("Unchanged: version {} is the same.", applied.version),
            }),
        }
    }
}

pub(super) fn word(outcome: SettingsOutcome) -> &'static str {
    match outcome {
        SettingsOutcome::Recorded => "recorded",
        SettingsOutcome::Unchanged => "unchanged",
    }
}

/// The versions, page by page.
fn history(context: &Context) -> Result<(), Failure> {
    let (api, printer) = (context.api()?, &context.printer);
    let mut table = Table::new(&[Column::of("VERSION").right(), Column::of("APPLIED"), Column::of("BY")]);
    let (mut found, mut cursor) = (0, None::<String>);
    loop {
        let query = [("limit", Some("100")), ("cursor", cursor.as_deref())];
        let page = api.get::<Page<SettingsVersion>>("/v1/settings/versions", &query)?;
        found += page.value.items.len();
        match printer.output {
            Output::Json => printer.json(&page.body)?,
            Output::Jsonl => printer.lines_of(&page.body)?,
            Output::Table | Output::Text => {
                for version in &page.value.items {
                    let at = Field::time(Some(&version.recorded_at), printer.look.now);
                    table.add(vec![Field::of(&version.version.to_string()), at, Field::of(&version.recorded_by)]);
                }
            }
        }
        if !next_page(&mut cursor, page.value.next_cursor)? {
            break;
        }
    }
    if found == 0 {
        note("No settings were applied.");
    }
    if matches!(printer.output, Output::Table | Output::Text) { printer.table(&table) } else { Ok(()) }
}

/// The text of a file, or of stdin if the path is `-`.
pub(super) fn read(path: &Path) -> Result<String, Failure> {
    let is_stdin = path.as_os_str() == "-";
    let text = if is_stdin {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(path)
    };
    let name = name(path);
    let text = text.map_err(|error| Failure::new(Exit::Usage, format!("can't read {name}: {error}")))?;
    // Some editors and shells add a byte order mark; JSON has none (RFC 8259, section 8.1).
    Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
}

/// Checks a document.
pub(super) fn check(path: &Path, text: &str) -> Result<formats::Settings, Failure> {
    let read = formats::Settings::parse(text.as_bytes(), Unknown::Refused);
    let (settings, _) = read.map_err(|errors| {
        wrong(Failure::new(Exit::ConditionNotMet, format!("the settings in {} are wrong", name(path))), &errors)
    })?;
    Ok(settings)
}

/// The failure with each wrong field.
pub(super) fn wrong(failure: Failure, errors: &[FieldError]) -> Failure {
    errors.iter().fold(failure, |failure, error| failure.advise(shown(&error.to_string())))
}

fn name(path: &Path) -> String {
    if path.as_os_str() == "-" { "stdin".to_owned() } else { path.display().to_string() }
}
