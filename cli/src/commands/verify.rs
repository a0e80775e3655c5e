//! `verify`: recomputes a deployment's hash chain on this machine, so that the result does not depend on
//! trust in the server.
//!
//! The answers of the API are read ([`reading`]), checked ([`chain`]), and the result is printed
//! ([`verdict`]). An [`export`] needs no API: it is proven by anchors.

use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use clap::Args;
use domain::{DeploymentId, Timestamp};

use super::Context;
use super::status::read_id;
use crate::api::Api;
use crate::failure::{Exit, Failure};
use crate::moment;
use crate::names::advise_deployments;

mod chain;
mod days;
mod export;
mod key;
mod reading;
mod verdict;

use chain::check;
use reading::Reading;
use verdict::Verdict;

/// How often a deployment is read again when it changes in between.
const READS: u32 = 5;

/// Verify a deployment's hash chain, or an export by its anchors, on this machine; or all on the server.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
        deployment-status verify checkout-production-2.8.0\n  \
        deployment-status verify checkout-production-2.8.0 --head 3f2a91bc04d7   a hash noted earlier\n  \
        deployment-status verify checkout-production-2.8.0 -o json | jq .headHash\n  \
        deployment-status verify --all --since 2026-07-01                      everything since then\n  \
        deployment-status verify --export quarter.jsonl --anchors anchors/     an export, without the API\n  \
        deployment-status verify --export quarter.jsonl --anchors anchors/ --key anchors.pem",
    after_help = "The hash of an event covers its content, the time of recording, and the hash of the event before \
                  it. This command computes all hashes, recomputes the deployment's status from the events, and \
                  compares both with the server's answers.\n\
                  A history that was completely rewritten has a valid chain too. --head finds that: store the head \
                  hash in a place that nobody with write access to the history can change, and check it later.\n\
                  An export is proven by anchors without the API: docs/anchors.md.\n\
                  The fields of --output text are: intact or broken, deployment, number of events, head hash.\n\
                  Exit code 5: the history is not intact."
)]
pub(crate) struct Verify {
    /// The id of the deployment
    #[arg(value_name = "ID", value_parser = read_id, required_unless_present_any = ["export", "all"])]
    id: Option<DeploymentId>,
    /// Verify all that was recorded in the last week, or since --since, as the server sees it from both sides
    #[arg(long, conflicts_with_all = ["id", "head", "export"])]
    all: bool,
    /// Verify all since the day of this time
    #[arg(long, value_name = "TIME", value_parser = moment::read, requires = "all")]
    since: Option<Timestamp>,
    /// Verify an export instead, without the API: needs --anchors
    #[arg(long, value_name = "FILE", requires = "anchors", conflicts_with_all = ["id", "head"])]
    export: Option<PathBuf>,
    /// The folder of the anchors that an export is proven by
    #[arg(long, value_name = "FOLDER", requires = "export")]
    anchors: Option<PathBuf>,
    /// The public key that each of these anchors must be signed by: a file with PEM, or what KMS gives
    #[arg(long, value_name = "FILE", requires = "anchors")]
    key: Option<PathBuf>,
    /// A head hash from an earlier call, or at least its first 8 digits: it must be in the chain
    #[arg(long, value_name = "HASH", value_parser = read_hash)]
    head: Option<String>,
}

/// Parses a hash, or the beginning of one.
fn read_hash(text: &str) -> Result<String, String> {
    let is_hash = (8..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash { Ok(text.to_lowercase()) } else { Err("must be 8 to 64 hexadecimal digits".to_owned()) }
}

impl Verify {
    /// # Errors
    /// When the history is not intact (exit code 5), there is no such deployment (3), or the API does not answer.
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        if let (Some(file), Some(anchors)) = (&self.export, &self.anchors) {
            return export::verify(context, file, anchors, self.key.as_deref());
        }
        if self.all {
            return days::verify(context, self.since);
        }
        let Some(id) = &self.id else { return Err(Failure::new(Exit::Usage, "which deployment is missing")) };
        let api = context.api()?;
        let verdict = self.verdict(&api, id);
        let verdict = verdict.map_err(|failure| advise_deployments(&api, id.as_str(), failure))?;
        verdict.print(context)?;
        verdict.into_failure()
    }

    /// The verdict. A problem counts only if the deployment did not change while it was read: an event that
    /// is recorded in between is not a problem.
    fn verdict(&self, api: &Api, id: &DeploymentId) -> Result<Verdict, Failure> {
        let mut reading = Reading::of(api, id)?;
        for reads in 1..=READS {
            let verdict = check(id, &reading, self.head.as_deref())?;
            if verdict.is_intact() {
                return Ok(verdict);
            }
            sleep(Duration::from_millis(100 * u64::from(reads - 1)));
            let again = Reading::of(api, id)?;
            if again == reading {
                return Ok(verdict);
            }
            reading = again;
        }
        let message = format!("{id} changes while it is read, so it can't be verified");
        Err(Failure::new(Exit::Failed, message).advise("Verify it when it has finished."))
    }
}
