//! Tokens: who may use the server, and for what. A file has their names, their rights and their hashes; the tokens
//! themselves are nowhere but with those who hold them.

mod commands;
pub(crate) mod cookie;
mod file;
mod rights;
mod token;

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use api::Problem;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use crate::target::Target;

pub use commands::TokenCommand;
pub use file::{Holder, TokenFile, WrongTokens};
pub use rights::{Needs, Right};
pub use token::Token;

/// The tokens of a file. It is read again when it has changed, so that a token that was revoked is refused at once.
#[derive(Debug)]
pub struct Tokens {
    file: PathBuf,
    read: Mutex<Option<(Version, Arc<TokenFile>)>>,
}

/// What tells a file from what it was before: which file it is, its length, and when it was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Version([i128; 7]);

/// Why a request is not let in.
#[derive(Debug, thiserror::Error)]
pub enum NotAuthorized {
    /// It has no token.
    #[error("this server needs a token: Authorization: Bearer …")]
    NoToken,
    /// Its token is not in the file, or no longer.
    #[error("the token is not known; it may have been revoked")]
    Unknown,
    /// Its token does not have the right.
    #[error("the token `{name}` does not have the right `{missing}`")]
    Missing {
        /// The token's name.
        name: String,
        /// The right that it needs.
        missing: Right,
    },
    /// The file can't be read, and then nobody is let in.
    #[error("tokens can't be read at the moment")]
    Unreadable(#[source] WrongTokens),
}

impl NotAuthorized {
    /// The problem to answer with.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let status = match self {
            Self::NoToken | Self::Unknown => 401,
            Self::Missing { .. } => 403,
            Self::Unreadable(_) => 503,
        };
        Problem::new(status, self.to_string())
    }

    /// What `WWW-Authenticate` says (RFC 6750).
    #[must_use]
    pub fn challenge(&self) -> Option<String> {
        match self {
            Self::NoToken => Some("Bearer".to_owned()),
            Self::Unknown => Some("Bearer error=\"invalid_token\"".to_owned()),
            Self::Missing { missing, .. } => Some(format!("Bearer error=\"insufficient_scope\", scope=\"{missing}\"")),
            Self::Unreadable(_) => None,
        }
    }
}

impl Tokens {
    /// The tokens of this file.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn open(file: PathBuf) -> Result<Self, WrongTokens> {
        let tokens = Self { file, read: Mutex::new(None) };
        tokens.current()?;
        Ok(tokens)
    }

    /// The name of the token that a request comes with, if the token has the right that a request for `target`
    /// needs; none where it needs no token.
    ///
    /// # Errors
    /// Why the request is not let in.
    pub fn authorize(&self, headers: &HeaderMap, target: Target) -> Result<Option<String>, NotAuthorized> {
        let needs = Needs::of(target);
        if needs == Needs::Nothing {
            return Ok(None);
        }
        // A browser sends its cookie by itself, so it counts only for what asks, and for forms, which say besides
        // which page sent them.
        let from_browser = || if cookie::counts_for(target) { cookie::token(headers) } else { None };
        let has_authorization = headers.contains_key(AUTHORIZATION);
        let token = if has_authorization { bearer(headers) } else { from_browser() };
        let holder = self.holder(&token.ok_or(NotAuthorized::NoToken)?)?;
        match needs.missing(&holder.may) {
            Some(missing) => Err(NotAuthorized::Missing { name: holder.name, missing }),
            None => Ok(Some(holder.name)),
        }
    }

    /// Who holds this token.
    ///
    /// # Errors
    /// When nobody does.
    pub fn holder(&self, token: &Token) -> Result<Holder, NotAuthorized> {
        let tokens = self.current().map_err(NotAuthorized::Unreadable)?;
        tokens.holder(token).cloned().ok_or(NotAuthorized::Unknown)
    }

    /// What the file has now.
    fn current(&self) -> Result<Arc<TokenFile>, WrongTokens> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        // Looked at before it is read: a change meanwhile is found the next time.
        let metadata = std::fs::metadata(&self.file);
        let version = Version::of(&metadata.map_err(|error| WrongTokens::unreadable(&self.file, error))?);
        if let Some((_, tokens)) = read.as_ref().filter(|(before, _)| *before == version) {
            return Ok(Arc::clone(tokens));
        }
        *read = None;
        let tokens = Arc::new(TokenFile::read(&self.file)?);
        *read = Some((version, Arc::clone(&tokens)));
        Ok(tokens)
    }
}

impl Version {
    fn of(metadata: &Metadata) -> Self {
        Self([
            metadata.dev().into(),
            metadata.ino().into(),
            metadata.len().into(),
            metadata.mtime().into(),
            metadata.mtime_nsec().into(),
            metadata.ctime().into(),
            metadata.ctime_nsec().into(),
        ])
    }
}

impl WrongTokens {
    fn unreadable(file: &std::path::Path, error: io::Error) -> Self {
        Self::Unreadable { file: file.to_owned(), cause: error }
    }
}

/// The bearer token of a request (RFC 6750), if it has one and no other authentication.
fn bearer(headers: &HeaderMap) -> Option<Token> {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let (Some(authorization), None) = (given.next(), given.next()) else { return None };
    let (scheme, token) = authorization.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Token::given(token.trim()))
}
