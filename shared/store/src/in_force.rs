//! The settings that a process works by: held in memory, and looked for anew once a minute.

use std::sync::{Arc, Mutex, PoisonError};

use domain::fields::one_line;
use domain::settings::version::Version;
use domain::{FieldError, Timestamp};

use crate::StoreError;
use crate::port::ReadItems;
use crate::reader::Reader;

/// For how long a process works by what it has read, in milliseconds.
pub const LOOKED_FOR_EVERY_MILLIS: i64 = 60_000;

/// For how long what was in force before is remembered, in milliseconds: 30 days.
const FORMER_FOR_MILLIS: i64 = 30 * 24 * 60 * 60 * 1000;
/// How many earlier versions are remembered at most.
const FORMER: usize = 10;

/// Reads a document.
pub type Read<T> = fn(&str) -> Result<T, Vec<FieldError>>;

/// Notes what was in force before, the newest first.
pub type Replacing<T> = fn(&mut T, Vec<T>);

/// The settings that a process works by, as the type that it needs.
#[derive(Debug)]
pub struct InForce<T> {
    read: Read<T>,
    replacing: Option<Replacing<T>>,
    held: Mutex<Option<Held<T>>>,
}

#[derive(Debug)]
struct Held<T> {
    /// The number of the version; 0 where there is none.
    number: u64,
    settings: Arc<T>,
    looked_at: Timestamp,
}

impl<T: Default> InForce<T> {
    /// Settings that this reads.
    #[must_use]
    pub fn new(read: Read<T>) -> Self {
        Self { read, replacing: None, held: Mutex::new(None) }
    }

    /// The same, where each is told of those that were in force before it within the last 30 days, ten at most.
    #[must_use]
    pub fn remembering(self, replacing: Replacing<T>) -> Self {
        Self { replacing: Some(replacing), ..self }
    }

    /// The settings in force, and the number of their version, 0 where nothing was ever applied. A process that
    /// works by some goes on with them while newer ones can't be read.
    ///
    /// # Errors
    /// When none could ever be read.
    pub async fn get<S: ReadItems>(&self, reader: &Reader<S>, now: Timestamp) -> Result<(Arc<T>, u64), StoreError> {
        let held = self.held().as_ref().map(|held| (Arc::clone(&held.settings), held.number, held.looked_at));
        let Some((settings, number, looked_at)) = held else {
            let newest = reader.settings().await?;
            return self.hold(reader, newest.as_ref(), now).await;
        };
        if now.millis() - looked_at.millis() < LOOKED_FOR_EVERY_MILLIS {
            return Ok((settings, number));
        }
        // What comes next is asked for first: nearly always there is nothing, and that is cheap.
        let newer = match reader.settings_version(number + 1).await {
            Ok(None) => Ok(None),
            Ok(Some(_)) => reader.settings().await,
            Err(error) => Err(error),
        };
        let held = match newer {
            Ok(Some(newer)) => self.hold(reader, Some(&newer), now).await.map(Some),
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        if let Err(error) = &held {
            tracing::error!(%error, version = number, "newer settings can't be read; those of this version stay in force");
        }
        if let Some(held) = self.held().as_mut() {
            held.looked_at = held.looked_at.max(now);
        }
        Ok(held.ok().flatten().unwrap_or((settings, number)))
    }

    /// Works by this version from now on; none where nothing was ever applied.
    ///
    /// # Errors
    /// When its document can't be read, or what was in force before.
    pub async fn hold<S: ReadItems>(
        &self,
        reader: &Reader<S>,
        version: Option<&Version>,
        now: Timestamp,
    ) -> Result<(Arc<T>, u64), StoreError> {
        let number = version.map_or(0, |version| version.number);
        let mut settings = match version {
            Some(version) => (self.read)(&version.document).map_err(|errors| {
                StoreError::unreadable("settings", format!("version {number}: {}", one_line(&errors)))
            })?,
            None => T::default(),
        };
        if let (Some(replacing), Some(version)) = (self.replacing, version) {
            replacing(&mut settings, Box::pin(self.former(reader, version, now)).await?);
        }
        let settings = Arc::new(settings);
        let mut held = self.held();
        // Whoever was slower to read must not bring back what was replaced meanwhile.
        if held.as_ref().is_none_or(|held| held.number <= number) {
            *held = Some(Held { number, settings: Arc::clone(&settings), looked_at: now });
        }
        Ok((settings, number))
    }

    /// What was in force before this version within the last 30 days, the newest first. What can't be understood is left
    /// out.
    async fn former<S: ReadItems>(
        &self,
        reader: &Reader<S>,
        version: &Version,
        now: Timestamp,
    ) -> Result<Vec<T>, StoreError> {
        let since = now.plus_millis(-FORMER_FOR_MILLIS);
        let mut replaced_at = version.recorded_at;
        if version.number == 1 || replaced_at <= since {
            return Ok(Vec::new());
        }
        let (versions, _) = reader.settings_before(Some(version.number), FORMER).await?;
        let mut former = Vec::new();
        for version in versions.into_iter().take(FORMER) {
            if replaced_at <= since {
                break;
            }
            replaced_at = version.recorded_at;
            match (self.read)(&version.document) {
                Ok(settings) => former.push(settings),
                Err(errors) => {
                    tracing::warn!(
                        version = version.number,
                        wrong = one_line(&errors),
                        "earlier settings can't be read"
                    );
                }
            }
        }
        Ok(former)
    }

    /// Works by these until there is a version: for whoever has not recorded them.
    pub fn start_with(&self, settings: T, now: Timestamp) {
        *self.held() = Some(Held { number: 0, settings: Arc::new(settings), looked_at: now });
    }

    /// Looks for newer settings the next time that they are needed.
    pub fn look_again(&self) {
        if let Some(held) = self.held().as_mut() {
            held.looked_at = Timestamp::MIN;
        }
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Option<Held<T>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
