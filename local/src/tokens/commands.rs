//! `token add`, `token revoke` and `token list`.

use std::path::Path;

use clap::Subcommand;
use domain::Timestamp;

use super::{Holder, Right, Token, TokenFile, WrongTokens};

/// What can be done with the tokens of a file.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Add a token. It is printed once, and only its hash is kept
    Add {
        /// The name of who will hold it, for example `ci`: what they send is recorded as reported by `token:ci`
        #[arg(value_parser = name)]
        name: String,
        /// What it may be used for, separated by commas
        #[arg(long, value_name = "RIGHTS", value_enum, value_delimiter = ',', default_value = "read")]
        may: Vec<Right>,
    },
    /// Revoke a token. A server that runs refuses it from its next request on
    Revoke {
        /// The name that it was added with
        name: String,
    },
    /// List the names of all tokens, and what they may be used for
    List,
}

/// Why a token was not added or revoked.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The file.
    #[error(transparent)]
    File(#[from] WrongTokens),
    /// There is a token with this name.
    #[error("there is a token with the name `{0}`; revoke it first, or take another name")]
    Exists(String),
    /// There is no token with this name.
    #[error("there is no token with the name `{0}`")]
    Unknown(String),
    /// The system has no randomness.
    #[error("the system has no randomness: {0}")]
    Random(getrandom::Error),
}

impl TokenCommand {
    /// Does it, and answers what to print: to standard output, and as a remark to standard error. So the output of
    /// `token add` is the token and nothing else.
    ///
    /// # Errors
    /// When it can't be done.
    pub fn run(self, file: &Path, now: Timestamp) -> Result<(String, Option<String>), Refused> {
        match self {
            Self::Add { name, may } => add(file, name, may, now),
            Self::Revoke { name } => {
                TokenFile::change(file, |tokens| {
                    let before = tokens.tokens.len();
                    tokens.tokens.retain(|holder| holder.name != name);
                    if tokens.tokens.len() == before { Err(Refused::Unknown(name.clone())) } else { Ok(()) }
                })?;
                Ok((format!("The token `{name}` is revoked.\n"), None))
            }
            Self::List => {
                let tokens = TokenFile::read(file)?.tokens;
                let line = |holder: &Holder| format!("{}\t{}\t{}\n", holder.name, rights(&holder.may), holder.added_at);
                Ok((tokens.iter().map(line).collect(), None))
            }
        }
    }
}

fn add(file: &Path, name: String, mut may: Vec<Right>, now: Timestamp) -> Result<(String, Option<String>), Refused> {
    may.sort_unstable();
    may.dedup();
    let token = Token::new().map_err(Refused::Random)?;
    let remark = format!("The token `{name}` may {}. It is shown only now.\n", rights(&may));
    TokenFile::change(file, |tokens| {
        if tokens.tokens.iter().any(|holder| holder.name == name) {
            return Err(Refused::Exists(name));
        }
        tokens.tokens.push(Holder { name, may, sha256: token.hash(), added_at: now.to_string() });
        Ok(())
    })?;
    Ok((format!("{}\n", token.reveal()), Some(remark)))
}

fn rights(may: &[Right]) -> String {
    may.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn name(text: &str) -> Result<String, String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if (1..=64).contains(&text.len()) && text.bytes().all(is_plain) {
        Ok(text.to_owned())
    } else {
        Err("a name has 1 to 64 letters, digits, `-`, `_` and `.`".to_owned())
    }
}
