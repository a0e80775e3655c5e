//! `gate`: whether a version may go to an environment.

use api::{Check, CheckOutcome, Decision, Gate, Gated, Overridden};
use clap::Args;
use domain::event::Reason;
use domain::identifiers::Identifier as _;
use domain::{Commit, DeploymentId, Timestamp};

use super::Context;
use super::named::{NamedVersion, read_named_version};
use super::status::read_id;
use crate::failure::{Exit, Failure};
use crate::moment;
use crate::output::{Column, Field, Output, Table, Tone, note, shown};

mod record;

/// Ask whether a version may go to an environment
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
        deployment-status gate checkout@2.8.1 production\n  \
        deployment-status gate checkout@2.8.1 production --commit \"$GITHUB_SHA\" --record checkout-42\n  \
        deployment-status gate checkout@2.8.1 production --record checkout-42 --override \"fixes the outage\"\n  \
        deployment-status gate checkout@2.8.1 production --as-of 2.hours.ago\n  \
        deployment-status gate checkout@2.8.1 production && ./deploy.sh",
    after_help = "The settings say what is asked: `deployment-status settings show`. All checks are answered; each that \
                  failed says what would make it pass.\n\
                  A version is split from its service at the first @ that has a service before it.\n\
                  The fields of --output text are: check, outcome, detail. json prints the answer of the API as it \
                  came, jsonl each check.\n\
                  Exit code 5: it may not, and nobody overrode that. Exit code 1: it could not be decided, or the decision could not be recorded."
)]
pub(crate) struct GateCommand {
    /// What is to go there
    #[arg(value_name = "SERVICE@VERSION", value_parser = read_named_version)]
    what: NamedVersion,
    /// Where; it comes before --environment
    #[arg(value_name = "ENVIRONMENT")]
    to: Option<String>,
    /// The commit that the version was built from
    #[arg(long, value_name = "COMMIT", value_parser = read_commit)]
    commit: Option<Commit>,
    /// Judge for this time, by the settings of then: 2026-03-01T12:00:00Z, 2026-03-01, 2h, yesterday, 2.weeks.ago
    #[arg(long, value_name = "TIME", value_parser = moment::read_up_to)]
    as_of: Option<Timestamp>,
    /// As it was known at this time, without events that were recorded later
    #[arg(long, value_name = "TIME", value_parser = moment::read_up_to)]
    known_at: Option<Timestamp>,
    /// Record the decision as the stage `gate` of this deployment
    #[arg(long, value_name = "ID", value_parser = read_id, conflicts_with_all = ["as_of", "known_at"])]
    record: Option<DeploymentId>,
    /// Go on although it is denied, for this reason; it is recorded, and people are notified
    #[arg(long = "override", value_name = "REASON", requires = "record", value_parser = Reason::parse)]
    override_reason: Option<Reason>,
    /// Who overrides it; otherwise whoever the API knows the caller as
    #[arg(long, value_name = "NAME", requires = "override_reason")]
    actor: Option<String>,
}

/// Parses a commit.
fn read_commit(text: &str) -> Result<Commit, String> {
    Commit::parse(text).map_err(|invalid| invalid.to_string())
}

impl GateCommand {
    /// # Errors
    /// When it may not go there (exit code 5), no environment is named (2), the API does not decide, or the decision is
    /// not recorded (1).
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        let (api, printer) = (context.api()?, &context.printer);
        let environment = self.environment(context)?;
        let (as_of, known_at) = (self.as_of.map(String::from), self.known_at.map(String::from));
        let query = [
            ("service", Some(self.what.service.as_str())),
            ("environment", Some(environment)),
            ("version", Some(self.what.version.as_str())),
            ("commit", self.commit.as_ref().map(Commit::as_str)),
            ("deploymentId", self.record.as_ref().map(DeploymentId::as_str)),
            ("asOf", as_of.as_deref()),
            ("knownAt", known_at.as_deref()),
        ];
        let answer = api.get::<Gate>("/v1/gate", &query)?;
        let gate = &answer.value;
        let reason = self.override_reason.as_ref().filter(|_| gate.decision == Decision::Deny);
        if let Some(deployment_id) = &self.record {
            let (service, version) = (self.what.service.as_str(), self.what.version.as_str());
            let gated = Gated { deployment_id, service, environment, version, commit: self.commit.as_ref() };
            let overridden = reason.map(|reason| Overridden { reason, actor: self.actor.as_deref() });
            record::record(&api, &gated, gate, overridden.as_ref())?;
        }
        match printer.output {
            Output::Json => printer.json(&answer.body)?,
            Output::Jsonl => gate.checks.iter().try_for_each(|check| printer.line(&as_json(check)))?,
            Output::Table | Output::Text => printer.table(&table(&gate.checks))?,
        }
        let NamedVersion { service, version } = &self.what;
        let place = format!("{} of {} to {}", shown(version.as_str()), shown(service.as_str()), shown(environment));
        match (gate.decision, reason) {
            (Decision::Allow, _) => {
                if printer.output == Output::Table {
                    printer.text(&format!("\n{}allowed: {place}", mark(context, "✓ ")))?;
                }
                Ok(())
            }
            (Decision::Deny, Some(reason)) => {
                let failed = failed(&gate.checks).map(|check| check.check.as_str());
                note(&format!("OVERRIDDEN: {place} was denied by {}.", failed.collect::<Vec<_>>().join(", ")));
                note(&format!("It goes on all the same, and that is recorded: {}", shown(reason.as_str())));
                Ok(())
            }
            // In full: a table is cut where the terminal ends, and a log of a pipeline has nothing else.
            (Decision::Deny, None) => {
                let denied = Failure::new(Exit::ConditionNotMet, format!("denied: {place}"));
                Err(failed(&gate.checks).fold(denied, |denied, check| {
                    denied.advise(format!("{}: {}", check.check.as_str(), shown(&check.detail)))
                }))
            }
        }
    }

    /// The environment that is named.
    fn environment<'a>(&'a self, context: &'a Context) -> Result<&'a str, Failure> {
        let named = self.to.as_deref().or(context.settings.environment()).filter(|name| !name.is_empty());
        named.ok_or_else(|| {
            Failure::new(Exit::Usage, "no environment is named")
                .advise("Name it behind the version, or with --environment.")
        })
    }
}

fn mark<'a>(context: &Context, symbol: &'a str) -> &'a str {
    if context.printer.look.symbols { symbol } else { "" }
}

/// The checks that failed.
fn failed(checks: &[Check]) -> impl Iterator<Item = &Check> {
    checks.iter().filter(|check| check.outcome == CheckOutcome::Failed)
}

fn as_json(check: &Check) -> String {
    serde_json::to_string(check).unwrap_or_default()
}

fn table(checks: &[Check]) -> Table {
    let mut table = Table::new(&[Column::of("CHECK"), Column::of("OUTCOME"), Column::of("DETAIL")]);
    for Check { check, outcome, detail, .. } in checks {
        let (symbol, word, text, tone) = match outcome {
            CheckOutcome::Passed => ("✓", "passed", "PASSED", Tone::Good),
            CheckOutcome::Failed => ("✗", "failed", "FAILED", Tone::Bad),
            CheckOutcome::NotAsked => ("-", "not asked", "NOT_ASKED", Tone::Faint),
        };
        let outcome = Field::plain(word).with_symbol(symbol).with_text(text).toned(tone);
        table.add(vec![Field::of(check.as_str()), outcome, Field::of(detail)]);
    }
    table
}
