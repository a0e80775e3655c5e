//! `verify`: recomputes a deployment's hash chain on this side, so that nobody has to take the server's
//! word for it.
//!
//! What the API tells is read ([`reading`]), judged by rules that need nothing else ([`chain`]), and told
//! ([`verdict`]).

use std::thread::sleep;
use std::time::Duration;

use clap::Args;
use domain::DeploymentId;

use super::Context;
use super::status::read_id;
use crate::api::Api;
use crate::failure::{Exit, Failure};
use crate::names::advise_deployments;

mod chain;
mod reading;
mod verdict;

use chain::judge;
use reading::Reading;
use verdict::Verdict;

/// How often a deployment is read that changes while it is read.
const READS: u32 = 5;

/// Recompute a deployment's hash chain on this side.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
        deployment-status verify checkout-production-2.8.0\n  \
        deployment-status verify checkout-production-2.8.0 --head 3f2a91bc04d7   noted at the release\n  \
        deployment-status verify checkout-production-2.8.0 -o json | jq .headHash",
    after_help = "Each event's hash covers what it says, when it was recorded, and the hash of the event before; all \
                  are computed anew, the events are folded again and compared with the deployment's status. What is \
                  intact but was written anew from the beginning shows only with --head: note the head hash where \
                  nobody who can write the history can write.\n\
                  With --output text the fields are: intact or broken, deployment, number of events, head hash.\n\
                  Exit code 5: it is broken."
)]
pub(crate) struct Verify {
    /// The deployment
    #[arg(value_name = "ID", value_parser = read_id)]
    id: DeploymentId,
    /// A head hash that was noted earlier, or its first 8 digits or more: it must be in the chain
    #[arg(long, value_name = "HASH", value_parser = read_hash)]
    head: Option<String>,
}

/// Reads a hash or the beginning of one.
fn read_hash(text: &str) -> Result<String, String> {
    let is_hash = (8..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash { Ok(text.to_lowercase()) } else { Err("must be 8 to 64 hexadecimal digits".to_owned()) }
}

impl Verify {
    /// # Errors
    /// When it is broken (exit code 5), there is no such deployment (3), or the API does not answer.
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        let api = context.api()?;
        let verdict = self.verdict(&api);
        let verdict = verdict.map_err(|failure| advise_deployments(&api, self.id.as_str(), failure))?;
        verdict.print(context)?;
        verdict.told()
    }

    /// The verdict on a deployment that stood still while it was read: an event that is recorded in
    /// between is no problem.
    fn verdict(&self, api: &Api) -> Result<Verdict, Failure> {
        let mut reading = Reading::of(api, &self.id)?;
        for reads in 1..=READS {
            let verdict = judge(&self.id, &reading, self.head.as_deref())?;
            if verdict.is_intact() {
                return Ok(verdict);
            }
            sleep(Duration::from_millis(100 * u64::from(reads - 1)));
            let again = Reading::of(api, &self.id)?;
            if again == reading {
                return Ok(verdict);
            }
            reading = again;
        }
        let message = format!("{} changes all the time, so it can't be compared with itself", self.id);
        Err(Failure::new(Exit::Failed, message).advise("Verify it when it has ended."))
    }
}
