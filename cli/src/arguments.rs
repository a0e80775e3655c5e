//! The flags, the commands, and their help. Each help text begins with examples.

use clap::builder::styling::{AnsiColor, Styles};
use clap::{CommandFactory as _, Parser, Subcommand};

use crate::commands::{
    active, assert, bad, bisect, compare, completions, config, cost, drift, explain, export, gate, history, live,
    metrics, observe, open, record, release, settings, status, verify, watch,
};
use crate::settings::Global;

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
        deployment-status open                                  the web pages, in a browser\n  \
        deployment-status record --id checkout-42 --status completed",
    after_help = "Exit codes: 0 success, 1 failure, 2 usage error, 3 not found, 4 access denied, 5 a check failed \
                  (the watched deployment did not complete, compared environments differ, something has drifted, a gate \
                  denied, something else runs than was asserted, a release is not complete, verify found a problem, or \
                  settings or a declaration are wrong or not those expected), \
                  6 timeout.\n\
                  Settings: a flag comes before an environment variable, and a variable before the config file. \
                  `deployment-status config` shows all settings."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "a call has one of them")]
pub(crate) enum Command {
    /// Show a deployment and its stages
    Status(status::Status),
    /// List deployments, newest first
    History(history::History),
    /// List the deployments that have not finished
    Active(active::Active),
    /// Follow a deployment until it finishes
    Watch(watch::Watch),
    /// Show which version runs where, now or at a point in time
    Live(live::Live),
    /// Compare what two environments run
    Compare(compare::Compare),
    /// Find where what runs is not what it should be
    Drift(drift::Drift),
    /// Find what changed before something went wrong
    Bisect(bisect::Bisect),
    /// Ask whether a version may go to an environment
    Gate(gate::GateCommand),
    /// Check that these versions run in an environment
    Assert(assert::Assert),
    /// List bad versions, call a version bad, or clear it
    Bad(bad::Bad),
    /// Declare what belongs together, and see whether it is in place
    Release(release::ReleaseCommand),
    /// Show success rate, durations and the keys of DORA over a time window
    Metrics(metrics::Metrics),
    /// Show what the installation used this month, and about what that costs
    Cost(cost::Cost),
    /// Report an event of a deployment, or of one of its stages
    Record(record::Record),
    /// Report what was measured of a deployment, or of what runs
    Observe(observe::Observe),
    /// Open the web pages in a browser, with your own credentials
    Open(open::Open),
    /// Show, check and apply the settings of the installation
    Settings(settings::SettingsCommand),
    /// Show how a payload would be read, without sending it
    Explain(explain::Explain),
    /// Verify a deployment's hash chain, everything, or an export by its anchors
    Verify(verify::Verify),
    /// Export what was recorded in a time, with all hashes
    Export(export::Export),
    /// Print the completion script for a shell
    Completions(completions::Completions),
    /// Show all settings of this program, and where each comes from
    Config(config::Config),
}

/// The command line with its help.
pub(crate) fn command() -> clap::Command {
    const TEMPLATE: &str = "{about}\n\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";
    let styles = Styles::styled().header(AnsiColor::Green.on_default().bold()).literal(AnsiColor::Cyan.on_default());
    Arguments::command().styles(styles).help_template(TEMPLATE).mut_subcommands(|subcommand| {
        subcommand.help_template(TEMPLATE).mut_subcommands(|nested| nested.help_template(TEMPLATE))
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_flags_do_not_contradict_each_other() {
        super::command().debug_assert();
    }
}
