//! `release declare`: which versions of which services a release has.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ::api::{AppliedRelease, DeclaredRelease, SettingsOutcome};
use clap::Args;
use domain::Label;
use serde_json::{Value, json};

use super::{path, read_release};
use crate::commands::Context;
use crate::commands::named::{NamedVersion, read_named_version};
use crate::commands::settings;
use crate::failure::{Exit, Failure};
use crate::output::{Output, shown};

#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
        deployment-status release declare 2026-11 cart@2.8.0 search@0.32.1 --notes \"the new basket\"\n  \
        deployment-status release declare 2026-11 cart@2.8.1 search@0.32.1 --if-version 1\n  \
        deployment-status release declare 2026-11 --file release.json",
    after_help = "A release can be declared again: that is its next version, and all versions are kept. The same \
                  declaration again changes nothing.\n\
                  A file is a JSON object: {\"services\": {\"cart\": \"2.8.0\"}, \"environments\": [\"production\"], \
                  \"notes\": \"…\"}.\n\
                  The fields of --output text are: outcome (recorded or unchanged), release, version."
)]
pub(super) struct Declare {
    /// The release
    #[arg(value_name = "RELEASE", value_parser = read_release)]
    release: Label,
    /// The version of each service
    #[arg(value_name = "SERVICE@VERSION", value_parser = read_named_version, required_unless_present = "file")]
    what: Vec<NamedVersion>,
    /// An environment that it is to go to, once for each; without any, it is to go everywhere
    #[arg(long, value_name = "ENVIRONMENT")]
    to: Vec<String>,
    /// What else is to be said
    #[arg(long, value_name = "TEXT")]
    notes: Option<String>,
    /// A file with all of it, a JSON object (`-` for stdin)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["what", "to", "notes"])]
    file: Option<PathBuf>,
    /// Declare it only if this is its newest version (exit code 5 otherwise)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    if_version: Option<u64>,
}

impl Declare {
    /// # Errors
    /// When it is wrong or the newest version is not the one expected (exit code 5), the file can't be read or a service
    /// is named twice (2), or the API does not answer.
    pub(super) fn run(&self, context: &Context) -> Result<(), Failure> {
        let document = match &self.file {
            Some(file) => settings::read(file)?,
            None => self.document()?.to_string(),
        };
        let (api, printer) = (context.api()?, &context.printer);
        let expected = self.if_version.map(DeclaredRelease::tag);
        let answer = match api.put::<AppliedRelease>(&path(&self.release), &document, expected.as_deref())? {
            Ok(answer) => answer,
            Err(problem) => {
                let failure = Failure::new(Exit::ConditionNotMet, shown(&problem.detail));
                return Err(settings::wrong(failure, &problem.errors));
            }
        };
        let AppliedRelease { outcome, release, version, .. } = &answer.value;
        let (release, was) = (shown(release), settings::word(*outcome));
        match printer.output {
            Output::Json => printer.json(&answer.body),
            Output::Jsonl => printer.line(&answer.body),
            Output::Text => printer.text(&format!("{was}\t{release}\t{version}")),
            Output::Table => printer.text(&match outcome {
                SettingsOutcome::Recorded => format!("Declared {release}, version {version}."),
                SettingsOutcome::Unchanged => format!("Unchanged: version {version} of {release} is the same."),
            }),
        }
    }

    /// What the flags declare.
    fn document(&self) -> Result<Value, Failure> {
        let mut services: BTreeMap<&str, &str> = BTreeMap::new();
        for NamedVersion { service, version } in &self.what {
            if services.insert(service.as_str(), version.as_str()).is_some() {
                return Err(Failure::new(Exit::Usage, format!("{} is given twice", shown(service.as_str()))));
            }
        }
        let mut document = json!({"services": services, "environments": self.to});
        if let Some(notes) = &self.notes {
            document["notes"] = json!(notes);
        }
        Ok(document)
    }
}
