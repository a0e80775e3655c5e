//! Whose session a request is of. Both functions judge that, each with the secret that it reads when it is first asked.

use std::sync::Arc;

use api::Request;
use domain::Timestamp;
use secrets::{SecretStore, SecretsError};

use crate::cookie;
use crate::secret::LoginSecret;
use crate::session::{NoSession, Session};

/// The sessions of an installation.
#[derive(Debug)]
pub struct Sessions {
    pub(crate) secrets: SecretStore<LoginSecret>,
}

/// Someone who has logged in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Their session.
    pub session: Session,
    secret: Arc<LoginSecret>,
}

/// Why a request is of no session.
#[derive(Debug, thiserror::Error)]
pub enum NotAdmitted {
    /// There is none.
    #[error(transparent)]
    Session(#[from] NoSession),
    /// What seals sessions can't be read.
    #[error("the login secret: {0}")]
    Secret(#[from] SecretsError),
}

impl Sessions {
    /// Sessions that are sealed with this secret.
    #[must_use]
    pub fn new(secrets: SecretStore<LoginSecret>) -> Self {
        Self { secrets }
    }

    /// Who sent a request.
    ///
    /// # Errors
    /// Why it is of no session.
    pub async fn of(&self, request: &Request, now: Timestamp) -> Result<SignedIn, NotAdmitted> {
        let sealed = cookie::of(request, cookie::SESSION).ok_or(NoSession::Missing)?;
        let secret = self.secrets.current(now).await?;
        let session = Session::open(&secret.keys, Some(sealed), now)?;
        Ok(SignedIn { session, secret })
    }
}

impl SignedIn {
    /// What a form of theirs sends back.
    #[must_use]
    pub fn csrf(&self) -> String {
        self.session.csrf(&self.secret.keys)
    }

    /// Whether a form of theirs sent this.
    #[must_use]
    pub fn is_csrf(&self, sent: &str) -> bool {
        self.session.is_csrf(&self.secret.keys, sent)
    }
}
