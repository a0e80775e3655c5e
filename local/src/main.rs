//! `deployment-status-local`: the whole system in one process. `cargo run -p local` runs it.

#![recursion_limit = "256"]

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use api::TokenSubjects;
use clap::{Parser, Subcommand};
use domain::follows::notifications::NotifyRules;
use domain::pages_url::PagesUrl;
use domain::settings::SettingsAdmins;
use event_processor::settings::Processing;
use formats::WebhookSecrets;
use local::export::Export;
use local::listener::{Admission, ListenerOptions, asked_to_end};
use local::output::{self, print, say};
use local::rebuild::Rebuild;
use local::replay::Replay;
use local::server::{Served, router};
use local::tokens::TokenCommand;
use local::verify::Verify;
use local::{System, anchors, clock, demo};

/// How `verify` and `replay` end where something is wrong.
const NOT_INTACT: u8 = 5;

/// Run Deployment Status on this machine: the HTTP API and its data in one process.
#[derive(Debug, Parser)]
#[command(
    name = "deployment-status-local",
    version,
    before_help = "Examples:\n  \
        deployment-status-local                                  with a demo history, in memory\n  \
        deployment-status-local --data history.db                with a file that keeps the data\n  \
        deployment-status-local --data history.db verify         whether all of it is intact\n  \
        deployment-status-local --data history.db anchor         anchor the history, so that changes are found\n  \
        deployment-status-local --data history.db backup copy.db a copy, also while it is served\n  \
        deployment-status-local --data history.db rebuild        compare the state with history\n  \
        deployment-status-local --data history.db --tokens tokens.json --allow-remote --listen 0.0.0.0:9000\n  \
        deployment-status-local --tokens tokens.json token add ci --may report    a token for pipelines",
    help_template = "{about}\n\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}",
    after_help = "Without --tokens there is no authentication, and only this machine can connect. SIGTERM and Ctrl-C \
                  end the server within 10 seconds, a second one at once. docs/one-machine.md explains TLS, tokens \
                  and limits.\n\n\
                  Routes that exist only here: GET /local/metrics and /local/notifications show what was published; POST \
                  /local/explain shows how a payload would be read; POST /local/eventbridge records an EventBridge \
                  event."
)]
struct Arguments {
    #[command(flatten)]
    listener: ListenerOptions,
    /// Keep the data in this file (SQLite) instead of in memory
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Record the demo history (the default when the data is in memory)
    #[arg(long)]
    demo: bool,
    /// Start without the demo history
    #[arg(long, conflicts_with = "demo")]
    no_demo: bool,
    /// Which transitions send a notification: `<environment or *>:<transition>`, or a transition alone, separated by commas
    #[arg(long, value_name = "RULES", default_value = NotifyRules::DEFAULT, value_parser = NotifyRules::parse)]
    notify: NotifyRules,
    /// Where people find the web pages, for links in notifications: `https://deployments.example.com`. Without it, the
    /// address that is listened on
    #[arg(long, value_name = "URL", value_parser = PagesUrl::parse)]
    pages_url: Option<PagesUrl>,
    /// Minutes without an event after which an active deployment is stuck where nothing is expected of it
    #[arg(long, value_name = "MINUTES", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=10_080))]
    stuck_after_minutes: u64,
    /// Apply the settings in this file, a JSON object: docs/settings.md
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Who may apply settings whatever their permissions say, such as token:ada; `*` stands for any text. Can be repeated
    #[arg(long, value_name = "WHO")]
    settings_admin: Vec<String>,
    /// A file with webhook secrets, a JSON object: docs/sources/README.md. Without it and --tokens, webhooks need no secret
    #[arg(long, value_name = "FILE")]
    webhook_secrets: Option<PathBuf>,
    /// The log level on stderr
    #[arg(long, value_name = "LEVEL", default_value = "warn", value_parser = ["error", "warn", "info", "debug"])]
    log_level: String,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Recompute the state from history and compare it with the stored state, in --data
    Rebuild(Rebuild),
    /// Verify the file of --data: its pages, all chains, the state, the anchors. Ends with 5 where something is wrong
    Verify(Verify),
    /// Anchor the history in the file of --data up to now, in the folder beside it: docs/anchors.md
    Anchor,
    /// Print what was recorded in a time, with all hashes, as lines of JSON: docs/anchors.md
    Export(Export),
    /// Record the events of the file of --data in random orders, in memory, and say whether the state is the same
    Replay(Replay),
    /// Copy the file of --data as it is at this moment, also while it is served. To restore, copy it back
    Backup {
        /// Where to; nothing may be there yet
        #[arg(value_name = "FILE")]
        to: PathBuf,
    },
    /// Add, revoke or list the tokens in the file of --tokens
    #[command(subcommand)]
    Token(TokenCommand),
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(code) => output::ended(code),
        Err(error) => output::failed(&*error),
    }
}

async fn run(arguments: Arguments) -> Result<ExitCode, Box<dyn std::error::Error>> {
    lambda::logs::start_to_stderr(&arguments.log_level);
    let data = arguments.data.as_deref();
    match arguments.command {
        None => serve(arguments).await?,
        Some(Command::Rebuild(rebuild)) => rebuild.run(data).await?,
        Some(Command::Verify(verify)) => {
            return Ok(if verify.run(data).await? { ExitCode::SUCCESS } else { ExitCode::from(NOT_INTACT) });
        }
        Some(Command::Anchor) => anchors::making::run(data).await?,
        Some(Command::Export(export)) => export.run(data).await?,
        Some(Command::Replay(replay)) => {
            return Ok(if replay.run(data).await? { ExitCode::SUCCESS } else { ExitCode::from(NOT_INTACT) });
        }
        Some(Command::Backup { to }) => {
            let from = data.ok_or("backup needs --data with the file to copy")?;
            sqlite::file::backup(from, &to)?;
            print(format_args!("Copied {} to {}.", from.display(), to.display()));
        }
        Some(Command::Token(token)) => {
            let file = arguments.listener.tokens.ok_or("tokens are kept in a file: --tokens FILE")?;
            let added = if let TokenCommand::Add { name, .. } = &token { Some(name.clone()) } else { None };
            let (text, remark) = token.run(&file, lambda::now())?;
            let _ = write!(io::stderr(), "{}", remark.unwrap_or_default());
            match (output::try_print(text.trim_end()), added) {
                (Err(error), Some(name)) => {
                    return Err(format!("can't print the token, so nobody has it; revoke `{name}`: {error}").into());
                }
                (printed, _) => printed?,
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Starts the system, and serves it until it is asked to end.
async fn serve(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let processing = Processing {
        notify: arguments.notify.clone(),
        stuck_after: Duration::from_secs(arguments.stuck_after_minutes * 60),
        subjects: TokenSubjects::default(),
        settings_admins: SettingsAdmins::parse(&arguments.settings_admin.join(","))?,
        own_alarms: None,
        // With a file, a webhook that is not in it is not taken: its name may be misspelt. Where there are tokens,
        // nobody comes in without a proof.
        allow_unsigned: arguments.webhook_secrets.is_none() && arguments.listener.tokens.is_none(),
    };
    let admission = arguments.listener.admission()?;
    let secrets = read_file(arguments.webhook_secrets.as_deref(), WebhookSecrets::parse)?.unwrap_or_default();
    let system = Arc::new(System::start(arguments.data.as_deref(), secrets, processing).await?);
    if let (Some(file), Some(kept)) = (&arguments.data, &system.data.converted) {
        let (file, kept) = (file.display(), kept.display());
        say(format_args!("{file} is of this version's format now. The file as it was is kept as {kept}."));
    }
    if let Some(newest) = clock::newest_to_come(&system.data.store, lambda::now()) {
        say(format_args!(
            "The newest record is of {newest}, which is still to come: the clock was ahead then, or is behind now."
        ));
        tracing::warn!(%newest, "the newest record lies in the future: the clock was ahead");
    }
    if let Some(file) = arguments.settings.as_deref() {
        let document = read_file(Some(file), |text| Ok::<_, String>(text.to_owned()))?.unwrap_or_default();
        let applied = system.apply_settings(&document, lambda::now()).await;
        let version = applied.map_err(|error| format!("{}: {error}", file.display()))?;
        say(format_args!("The settings in {} are in force, as version {version}.", file.display()));
    }
    listen(arguments, admission, system).await
}

/// The parsed content of a file, if one is given.
fn read_file<T, E: std::fmt::Display>(
    file: Option<&Path>,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<T>, String> {
    let Some(file) = file else { return Ok(None) };
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    parse(&text).map(Some).map_err(|error| format!("{}: {error}", file.display()))
}

async fn listen(
    arguments: Arguments,
    admission: Admission,
    system: Arc<System>,
) -> Result<(), Box<dyn std::error::Error>> {
    let asked_to_end = asked_to_end()?;
    let listener = arguments.listener.open().await?;
    if !arguments.no_demo && (arguments.demo || arguments.data.is_none()) {
        let events = demo::record(&system, lambda::now()).await?;
        say(format_args!("Recorded a demo history of {events} events."));
    }
    let address = listener.address()?;
    system.data.served_on(&listener.socket.local_addr()?.to_string()).await?;
    say(format_args!("Deployment Status listens on {address}"));
    let token = if admission.tokens.is_some() { "-H 'Authorization: Bearer TOKEN' " } else { "" };
    say(format_args!(
        "Open {address} in a browser{}.",
        if token.is_empty() { "" } else { ", and log in with a token" }
    ));
    say(format_args!("Try: curl {token}{address}/v1/live"));

    let ticking = tokio::spawn({
        let system = Arc::clone(&system);
        async move { tick(&system).await }
    });
    let anchoring = tokio::spawn({
        let (system, file) = (Arc::clone(&system), arguments.data.clone());
        async move { anchors::making::daily(&system.data.store, file.as_deref()).await }
    });
    let publishing = tokio::spawn({
        let system = Arc::clone(&system);
        async move { system.publish_what_is_recorded().await }
    });
    // All addresses of a machine are none that leads anywhere.
    let own = || PagesUrl::parse(&address).ok().filter(|_| !arguments.listener.listen.ip().is_unspecified());
    let pages = arguments.pages_url.or_else(own);
    let served = Served { system: Arc::clone(&system), admission, pages };
    listener.serve(router(served), asked_to_end).await;
    // Nobody uses the system any more.
    ticking.abort();
    anchoring.abort();
    publishing.abort();
    system.publish(lambda::now()).await;
    system.note_published().await;
    if let Err(error) = system.data.store.merge_log().await {
        tracing::warn!(%error, "the log is not merged into the file; the next start reads it");
    }
    Ok(())
}

/// At the start, and then once a minute.
async fn tick(system: &System) {
    let mut minute = tokio::time::interval(Duration::from_mins(1));
    loop {
        minute.tick().await;
        system.tick(lambda::now()).await;
    }
}
