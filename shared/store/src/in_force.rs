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

/// Reads a document.
pub type Read<T> = fn(&str) -> Result<T, Vec<FieldError>>;

/// The settings that a process works by, as the type that it needs.
#[derive(Debug)]
pub struct InForce<T> {
    read: Read<T>,
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
        Self { read, held: Mutex::new(None) }
    }

    /// The settings in force, and the number of their version, 0 where nothing was ever applied. A process that
    /// works by some goes on with them while newer ones can't be read.
    ///
    /// # Errors
    /// When none could ever be read.
    pub async fn get<S: ReadItems>(&self, reader: &Reader<S>, now: Timestamp) -> Result<(Arc<T>, u64), StoreError> {
        let held = self.held().as_ref().map(|held| (Arc::clone(&held.settings), held.number, held.looked_at));
        let Some((settings, number, looked_at)) = held else {
            return self.hold(reader.settings().await?.as_ref(), now);
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
        let held = newer.and_then(|newer| newer.map(|newer| self.hold(Some(&newer), now)).transpose());
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
    /// When its document can't be read.
    pub fn hold(&self, version: Option<&Version>, now: Timestamp) -> Result<(Arc<T>, u64), StoreError> {
        let number = version.map_or(0, |version| version.number);
        let settings = match version {
            Some(version) => (self.read)(&version.document).map_err(|errors| {
                StoreError::unreadable("settings", format!("version {number}: {}", one_line(&errors)))
            })?,
            None => T::default(),
        };
        let settings = Arc::new(settings);
        let mut held = self.held();
        // Whoever was slower to read must not bring back what was replaced meanwhile.
        if held.as_ref().is_none_or(|held| held.number <= number) {
            *held = Some(Held { number, settings: Arc::clone(&settings), looked_at: now });
        }
        Ok((settings, number))
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
