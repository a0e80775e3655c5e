//! The flags, the commands, and their help. Each help text begins with examples.

use std::time::Duration;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, CommandFactory as _, Parser, Subcommand};

use crate::commands;
use crate::completion::completing;
use crate::settings::{Auth, Output, parse_duration};

/// Report deployments, and see which version of which service runs in which environment.
#[derive(Debug, Parser)]
#[command(
    name = "deployment-status",
    version,
    arg_required_else_help = true,
    before_help = "Examples:\n  \
        deployment-status live                                  the live versions of all services\n  \
        deployment-status live --as-of yesterday                the versions that were live then\n  \
        deployment-status history --service checkout            the latest deployments of a service\n  \
        deployment-status watch checkout-production-2.8.1       wait until the deployment finishes\n  \
        deployment-status record --id checkout-42 --status completed",
    after_help = "Exit codes: 0 success, 1 failure, 2 usage error, 3 not found, 4 access denied, 5 a check failed \
                  (the watched deployment did not complete, or verify found a problem), 6 timeout.\n\
                  Settings: a flag comes before an environment variable, and a variable before the config file. \
                  `deployment-status config` shows all settings."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The flags of every command.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The API's address
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// The deployed stack; its parameter has the API's address when no setting has it
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) stack: Option<String>,
    /// The environment; an empty name means all
    #[arg(long, short, global = true, value_name = "NAME")]
    pub(crate) environment: Option<String>,
    /// The AWS region
    #[arg(long, global = true, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// The AWS profile
    #[arg(long, global = true, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    /// Authentication: auto means none on loopback and over plain http, else the token if one is set, else AWS
    /// credentials
    #[arg(long, global = true, value_enum, hide_possible_values = true, value_name = "auto|iam|token|none")]
    pub(crate) auth: Option<Auth>,
    /// The output format; text has one line per item, for cut and awk
    #[arg(long, short, global = true, value_enum, hide_possible_values = true, value_name = "table|json|jsonl|text")]
    pub(crate) output: Option<Output>,
    /// Print without colour, as with the variable `NO_COLOR`
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
    /// How long to wait for an answer [default: 30s]; watch waits for the deployment to finish
    #[arg(long, global = true, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) timeout: Option<Duration>,
}

/// The commands.
#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "a call has one of them")]
pub(crate) enum Command {
    /// Show a deployment and its stages
    Status(commands::status::Status),
    /// List deployments, newest first
    History(commands::history::History),
    /// List the deployments that have not finished
    Active(commands::active::Active),
    /// Follow a deployment until it finishes
    Watch(commands::watch::Watch),
    /// Show which version runs where, now or at a point in time
    Live(commands::live::Live),
    /// Show success rate, durations and the four keys of DORA over a time window
    Metrics(commands::metrics::Metrics),
    /// Report an event of a deployment, or of one of its stages
    Record(commands::record::Record),
    /// Verify a deployment's hash chain on this machine
    Verify(commands::verify::Verify),
    /// Print the completion script for a shell
    Completions(commands::completions::Completions),
    /// Show all settings, and where each comes from
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
