//! `open`: the pages and the API of the server on loopback, for the user who calls it, and a browser that shows them.
//!
//! A request of the browser is judged ([`admission`]), and passed on with this user's authentication ([`forwarding`],
//! [`upstream`]); the answer comes back as the server gave it. What this program itself has to say is an [`own`]
//! answer.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Output, note, shown};
use crate::settings::parse_duration;

mod admission;
mod body;
mod forwarding;
mod host;
mod keys;
mod listener;
mod own;
mod page_path;
mod query;
mod refused;
mod service;
mod upstream;
mod usage;

use host::OwnHost;
use keys::Keys;
use listener::Listener;
use service::Service;
use upstream::Upstream;
use usage::Usage;

/// Open the web pages in a browser, with your own credentials.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
        deployment-status open                                the overview\n  \
        deployment-status open '/live?environment=production' another page\n  \
        deployment-status open --no-browser --port 8080       print the address only",
    after_help = "The pages and the API are served on 127.0.0.1, for you alone, as long as this runs: each request is \
                  passed on to the server, signed with your AWS credentials, or with your token. The printed address \
                  works once, and for the browser that opens it.\n\
                  It ends with Ctrl-C, or after 8 hours in which no page was asked for (--idle).\n\
                  The address goes to stdout, everything else to stderr."
)]
pub(crate) struct Open {
    /// The page, as in its address: /live, /deployments/checkout-42
    #[arg(value_name = "PATH", default_value = "/", value_parser = page_path::read)]
    path: String,
    /// Print the address, and open no browser
    #[arg(long)]
    no_browser: bool,
    /// The port to listen on; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
    /// End after this time without use
    #[arg(long, value_name = "DURATION", default_value = "8h", value_parser = parse_duration)]
    idle: Duration,
}

/// What `json` prints.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Opened<'a> {
    /// The address that works once.
    address: &'a str,
    /// What the browser can ask for then, with the cookie that it got.
    origin: &'a str,
    /// The server behind it.
    server: String,
    /// After how many seconds without use it ends.
    idle_seconds: u64,
}

impl Open {
    /// # Errors
    /// When there is no server, or it does not answer; when the port can't be listened on.
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        let api = context.api()?;
        // What would be wrong on every page is said here, before a browser opens.
        api.get::<serde_json::Value>("/healthz", &[])?;
        let upstream = Upstream::over(api.into_connection(), context.settings.clone());

        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::new(Exit::Failed, format!("can't start a server: {error}")))?;
        let listener = runtime.block_on(Listener::bind(self.port)).map_err(|error| {
            Failure::new(Exit::Failed, format!("can't listen on 127.0.0.1:{}: {error}", self.port))
                .advise("--port chooses another port; without it, a free one is taken.")
        })?;
        let host = OwnHost::at(listener.port());
        let keys = Keys::new().map_err(|error| {
            Failure::new(Exit::Failed, format!("the system has no random numbers for a key: {error}"))
        })?;
        let (origin, server) = (host.origin(), upstream.server());
        let address = format!("{origin}{}", keys.first_target());
        let usage = Arc::new(Usage::begin());
        let service = Arc::new(Service {
            host,
            keys,
            path: self.path.clone(),
            upstream,
            usage: Arc::clone(&usage),
            said: Mutex::default(),
        });

        self.print(context, &Opened { address: &address, origin: &origin, server, idle_seconds: self.idle.as_secs() })?;
        if !self.no_browser {
            open_browser(address);
        }
        runtime.block_on(listener.serve(&service, usage.unused_for(self.idle)));
        note(&format!("Nobody used it for {}, so it has ended.", humantime::format_duration(self.idle)));
        Ok(())
    }

    fn print(&self, context: &Context, opened: &Opened<'_>) -> Result<(), Failure> {
        let printer = &context.printer;
        match printer.output {
            Output::Table | Output::Text => printer.text(opened.address)?,
            Output::Json | Output::Jsonl => printer.line(&serde_json::to_string(opened).unwrap_or_default())?,
        }
        note(&format!("Pages and API of {}, for you alone. The address works once.", shown(&opened.server)));
        note(&format!("Ends with Ctrl-C, or after {} without use.", humantime::format_duration(self.idle)));
        Ok(())
    }
}

/// Opens the browser. What opens it may wait for it, so this does not.
fn open_browser(address: String) {
    thread::spawn(move || {
        if let Err(error) = open::that_detached(&address) {
            note(&format!("no browser can be opened ({}): open the address yourself", shown(&error.to_string())));
        }
    });
}
