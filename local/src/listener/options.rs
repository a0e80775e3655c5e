//! What the command line says about the listener.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tokio::net::TcpListener;

use super::{Admission, Limits, Listener, Tls, most_connections};
use crate::tokens::Tokens;

/// What the command line says about the listener.
#[derive(Debug, Args)]
pub struct ListenerOptions {
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9000")]
    pub listen: SocketAddr,
    /// Ask for a token of this file in each request; webhooks need their secret instead
    #[arg(long, value_name = "FILE", global = true)]
    pub tokens: Option<PathBuf>,
    /// Allow an address that other machines can reach, and requests for any host name. It needs --tokens
    #[arg(long)]
    pub allow_remote: bool,
    /// Speak TLS with the certificate in this file, which the rest of its chain follows (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The private key of the certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
}

impl ListenerOptions {
    /// Which requests pass.
    ///
    /// # Errors
    /// When others could come in without a token, or the tokens can't be read.
    pub fn admission(&self) -> Result<Admission, Box<dyn std::error::Error>> {
        if !self.listen.ip().is_loopback() && !self.allow_remote {
            let listen = self.listen;
            return Err(format!("other machines can reach {listen}; use --allow-remote to allow that").into());
        }
        if self.allow_remote && self.tokens.is_none() {
            return Err("--allow-remote needs --tokens FILE, so that nobody comes in without a token; make one with: \
                        deployment-status-local --tokens FILE token add NAME --may read,report"
                .into());
        }
        let tokens = self.tokens.clone().map(Tokens::open).transpose()?.map(Arc::new);
        Ok(Admission { loopback_only: !self.allow_remote, tokens, ..Admission::default() })
    }

    /// The listener, at which nobody is served yet.
    ///
    /// # Errors
    /// When the certificate or its key can't be used, or the address can't be listened on.
    pub async fn open(&self) -> Result<Listener, Box<dyn std::error::Error>> {
        let tls = match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => Some(Arc::new(Tls::open(certificate, key)?)),
            _ => None,
        };
        let socket = TcpListener::bind(self.listen)
            .await
            .map_err(|error| format!("can't listen on {}: {error}; try --listen 127.0.0.1:0", self.listen))?;
        let limits = Limits::default();
        let limits = Limits { connections: most_connections(limits.connections), ..limits };
        Ok(Listener { socket, tls, limits })
    }
}
