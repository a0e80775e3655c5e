//! Errors of `SQLite` as the store has them.

use rusqlite::ErrorCode;
use store::StoreError;

/// A failed operation, and whether to try again later can help: the file is locked by another process, or
/// there is no room on the disk until somebody makes some.
pub(crate) fn failed(operation: &'static str, error: &rusqlite::Error) -> StoreError {
    let busy = matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::DiskFull | ErrorCode::SystemIoFailure)
    );
    StoreError { operation, busy, cause: error.to_string() }
}
