//! The version of a recorded document that was in force at a time.

use std::future::Future;

use domain::Timestamp;
use domain::settings::version::Version;

use crate::StoreError;

/// The version that was in force at a time, given the newest; none where there was none yet. The times of versions
/// never go back, so it is found by halving: about ten reads of a thousand versions.
pub(super) async fn in_force_at<F>(
    newest: Option<Version>,
    time: Timestamp,
    read: impl Fn(u64) -> F,
) -> Result<Option<Version>, StoreError>
where
    F: Future<Output = Result<Option<Version>, StoreError>>,
{
    let Some(newest) = newest else { return Ok(None) };
    if newest.recorded_at <= time {
        return Ok(Some(newest));
    }
    // All versions up to `low` are known to be of this time or before it, those from `high` of after it.
    let (mut low, mut high, mut found) = (0, newest.number, None);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        let missing = || StoreError::unreadable("versions", format!("version {middle} is missing"));
        let version = read(middle).await?.ok_or_else(missing)?;
        if version.recorded_at <= time {
            (low, found) = (middle, Some(version));
        } else {
            high = middle;
        }
    }
    Ok(found)
}
