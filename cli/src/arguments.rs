//! The flags and commands, and their help: examples first.

use std::time::Duration;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, CommandFactory as _, Parser, Subcommand};

use crate::commands;
use crate::completion::completing;
use crate::settings::{Auth, Output, parse_duration};

/// Which version of which service runs where, how it got there, and whether something is going wrong.
#[derive(Debug, Parser)]
#[command(
    name = "deployment-status",
    version,
    arg_required_else_help = true,
    before_help = "Examples:\n  \
        deployment-status live                                  what runs where\n  \
        deployment-status live --as-of yesterday                what ran where\n  \
        deployment-status history --service checkout            the latest deployments of a service\n  \
        deployment-status watch checkout-production-2.8.1       until it ends; its exit code says how\n  \
        deployment-status record --id checkout-42 --status COMPLETED",
    after_help = "Exit codes: 0 success, 1 failure, 2 wrong usage, 3 not found, 4 not allowed, 5 the answer is no \
                  (a deployment failed, a history is broken), 6 timed out.\n\
                  Settings: flag, then environment variable, then config file; `deployment-status config` shows \
                  what applies."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Settings")]
pub(crate) struct Global {
    /// The API's address
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// The deployed stack, whose parameter has the address where no setting does
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) stack: Option<String>,
    /// The environment that is meant; an empty one means all
    #[arg(long, short, global = true, value_name = "NAME")]
    pub(crate) environment: Option<String>,
    /// The AWS region
    #[arg(long, global = true, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// The AWS profile
    #[arg(long, global = true, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    /// Who asks: auto is nobody on loopback, else a token where one is set, else AWS credentials
    #[arg(long, global = true, value_enum, hide_possible_values = true, value_name = "auto|iam|token|none")]
    pub(crate) auth: Option<Auth>,
    /// The form of answers; text is one line per item for cut and awk
    #[arg(long, short, global = true, value_enum, hide_possible_values = true, value_name = "table|json|jsonl|text")]
    pub(crate) output: Option<Output>,
    /// No colour; the variable `NO_COLOR` does the same
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
    /// How long to wait for an answer (30s); in watch, for the end of the deployment
    #[arg(long, global = true, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) timeout: Option<Duration>,
}

/// What can be done.
#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one of them in a call")]
pub(crate) enum Command {
    /// How a deployment stands, with its stages
    Status(commands::status::Status),
    /// Deployments, newest first
    History(commands::history::History),
    /// Deployments that have not ended
    Active(commands::active::Active),
    /// Follow a deployment until it ends
    Watch(commands::watch::Watch),
    /// What runs where, now or at a point in time
    Live(commands::live::Live),
    /// Success rate, durations and the four keys of DORA over a window of time
    Metrics(commands::metrics::Metrics),
    /// Report a deployment, or a stage of it
    Record(commands::record::Record),
    /// Recompute a deployment's hash chain on this side
    Verify(commands::verify::Verify),
    /// Print the script with which a shell completes commands and names
    Completions(commands::completions::Completions),
    /// Which settings apply, and where each came from
    Config(commands::config::Config),
}

/// The command line with its help.
pub(crate) fn command() -> clap::Command {
    const TEMPLATE: &str = "{about}\n\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";
    let styles = Styles::styled().header(AnsiColor::Green.on_default().bold()).literal(AnsiColor::Cyan.on_default());
    completing(Arguments::command())
        .styles(styles)
        .help_template(TEMPLATE)
        .mut_subcommands(|subcommand| completing(subcommand).help_template(TEMPLATE))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_flags_do_not_contradict_each_other() {
        super::command().debug_assert();
    }
}
