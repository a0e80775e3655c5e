//! `cargo run -p local`: the whole system on one machine.

#![recursion_limit = "256"]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use api::TokenSubjects;
use aws::secrets::WebhookSecrets;
use clap::{Parser, Subcommand};
use domain::SourceRules;
use domain::follows::notifications::NotifyRules;
use event_processor::settings::Processing;
use local::rebuild::Rebuild;
use local::server::{Served, router};
use local::{System, demo};
use tokio::net::TcpListener;

/// Runs Deployment Status in one process: HTTP API, embedded database, published metrics and notifications.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Examples:\n  local\n  local --data history.db\n  local --data history.db rebuild\n  \
                  local rebuild --history-table NAME --state-table NAME"
)]
struct Arguments {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:9000")]
    listen: SocketAddr,
    /// Keep the data in this file (SQLite) instead of in memory.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Tell the demo history. It is told by default when the data is in memory.
    #[arg(long)]
    demo: bool,
    /// Start empty, without the demo history.
    #[arg(long, conflicts_with = "demo")]
    no_demo: bool,
    /// Listen on other addresses than loopback. There is no authorization: know who can reach it.
    #[arg(long)]
    allow_remote: bool,
    /// Which transitions notify, as `<environment or *>:<transition>`, separated by commas.
    #[arg(long, default_value = NotifyRules::DEFAULT, value_parser = NotifyRules::parse)]
    notify: NotifyRules,
    /// After how many minutes without news a running deployment is stuck.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=10_080))]
    stuck_after_minutes: u64,
    /// Rules for events of other tools, a JSON array in this file: docs/sources/rules.md.
    #[arg(long, value_name = "FILE")]
    environment_rules: Option<PathBuf>,
    /// Take webhooks only with these secrets, a JSON object in this file: docs/sources/README.md.
    #[arg(long, value_name = "FILE")]
    webhook_secrets: Option<PathBuf>,
    /// How much to log to standard error: error, warn, info or debug.
    #[arg(long, default_value = "warn", value_parser = ["error", "warn", "info", "debug"])]
    log_level: String,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Recompute all state from history, and compare it with what is stored: in --data, or in AWS.
    Rebuild(Rebuild),
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("local: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    lambda::logs::start_to_stderr(&arguments.log_level);
    if !arguments.listen.ip().is_loopback() && !arguments.allow_remote {
        return Err(format!(
            "{} can be reached from other machines, and there is no authorization; --allow-remote if you mean it",
            arguments.listen
        )
        .into());
    }
    let processing = Processing {
        notify: arguments.notify.clone(),
        stuck_after: Duration::from_secs(arguments.stuck_after_minutes * 60),
        rules: read_file(arguments.environment_rules.as_deref(), SourceRules::parse)?.unwrap_or_default(),
        subjects: TokenSubjects::default(),
        allow_unsigned: true,
    };
    if let Some(Command::Rebuild(rebuild)) = &arguments.command {
        return rebuild.run(arguments.data.as_deref()).await;
    }
    let secrets = read_file(arguments.webhook_secrets.as_deref(), WebhookSecrets::parse)?.unwrap_or_default();
    let system = Arc::new(System::start(arguments.data.as_deref(), secrets, processing).await?);
    serve(arguments, system).await
}

/// What stands in a file, if one was given.
fn read_file<T, E: std::fmt::Display>(
    file: Option<&Path>,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<T>, String> {
    let Some(file) = file else { return Ok(None) };
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    parse(&text).map(Some).map_err(|error| format!("{}: {error}", file.display()))
}

async fn serve(arguments: Arguments, system: Arc<System>) -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind(arguments.listen)
        .await
        .map_err(|error| format!("can't listen on {}: {error}; try --listen 127.0.0.1:0", arguments.listen))?;
    if !arguments.no_demo && (arguments.demo || arguments.data.is_none()) {
        let events = demo::tell(&system, lambda::now()).await?;
        println!("Told a demo history of {events} events.");
    }
    system.publish(lambda::now()).await?;
    println!("Deployment Status listens on http://{}", listener.local_addr()?);
    println!("Try: curl http://{}/v1/live", listener.local_addr()?);

    let ticking = Arc::clone(&system);
    tokio::spawn(async move { tick(&ticking).await });
    let served = Served { system, loopback_only: !arguments.allow_remote };
    axum::serve(listener, router(served))
        .with_graceful_shutdown(async {
            if let Err(error) = tokio::signal::ctrl_c().await {
                tracing::error!(%error, "Ctrl-C can't be waited for");
                std::future::pending::<()>().await;
            }
        })
        .await?;
    Ok(())
}

/// The schedule: once a minute, and at once after the start.
async fn tick(system: &System) {
    let schedule = serde_json::json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}});
    let mut minute = tokio::time::interval(Duration::from_mins(1));
    loop {
        minute.tick().await;
        if let Err(error) = system.processor.handle(&schedule.to_string(), lambda::now()).await {
            tracing::error!(%error, "the tick failed");
        }
        if let Err(error) = system.publish(lambda::now()).await {
            tracing::error!(%error, "not published");
        }
    }
}
