//! The file of tokens.

use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Right, Token};

/// The content of the file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenFile {
    /// Who holds a token.
    pub tokens: Vec<Holder>,
}

/// Who holds a token.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Holder {
    /// The name by which what they send is recorded.
    pub name: String,
    /// What they may do.
    pub may: Vec<Right>,
    /// The hash of the token, SHA-256 in hexadecimal.
    pub sha256: String,
    /// When it was added, RFC 3339.
    pub added_at: String,
}

/// Why there are no tokens.
#[derive(Debug, thiserror::Error)]
pub enum WrongTokens {
    /// The file can't be read.
    #[error("{}: {cause}{}", file.display(), advice(file, cause))]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The file has something else in it.
    #[error("{}: not a file of tokens, from line {line} on", file.display())]
    NotTokens {
        /// The file.
        file: PathBuf,
        /// Where. The parser's message is not kept: it quotes what is there, which may be a token.
        line: usize,
    },
    /// The file can't be written, and is as it was.
    #[error("{}: not written: {cause}", file.display())]
    NotWritten {
        /// The file.
        file: PathBuf,
        /// Why.
        cause: io::Error,
    },
}

fn advice(file: &Path, cause: &io::Error) -> String {
    match cause.kind() {
        ErrorKind::NotFound => {
            format!("; make it with: deployment-status-local --tokens {} token add NAME", file.display())
        }
        _ => String::new(),
    }
}

impl TokenFile {
    /// Reads the file.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn read(file: &Path) -> Result<Self, WrongTokens> {
        let text = std::fs::read(file).map_err(|cause| WrongTokens::Unreadable { file: file.to_owned(), cause })?;
        serde_json::from_slice(&text)
            .map_err(|error| WrongTokens::NotTokens { file: file.to_owned(), line: error.line() })
    }

    /// Changes the file, or makes it if it is not there, and answers what `change` answers. It is written whole or
    /// not at all, and nobody else changes it meanwhile.
    ///
    /// # Errors
    /// When it can't be read or written, or `change` refuses; then it is as it was.
    pub fn change<T, E: From<WrongTokens>>(
        file: &Path,
        change: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let not_written = |cause| WrongTokens::NotWritten { file: file.to_owned(), cause };
        // Where a link leads to, so that the link stays.
        let target = file.canonicalize().unwrap_or_else(|_| file.to_owned());
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let lock = File::open(folder).map_err(not_written)?;
        lock.lock().map_err(not_written)?;
        let mut tokens = match Self::read(&target) {
            Err(WrongTokens::Unreadable { cause, .. }) if cause.kind() == ErrorKind::NotFound => Self::default(),
            read => read?,
        };
        let answer = change(&mut tokens)?;
        tokens.write(&target, folder).map_err(not_written)?;
        Ok(answer)
    }

    /// The holder of this token.
    #[must_use]
    pub fn holder(&self, token: &Token) -> Option<&Holder> {
        let hash = token.hash();
        self.tokens.iter().find(|holder| holder.sha256 == hash)
    }

    fn write(&self, file: &Path, folder: &Path) -> io::Result<()> {
        // Only its owner can read and write it.
        let mut new = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer_pretty(&mut new, self)?;
        new.write_all(b"\n")?;
        new.as_file().sync_all()?;
        new.persist(file)?;
        File::open(folder)?.sync_all()
    }
}
