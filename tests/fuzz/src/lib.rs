//! What the fuzz targets share: the check that ordinary tests make too.

#[path = "../../src/any_bytes.rs"]
mod any_bytes;

pub use any_bytes::{check, check_mapping, check_settings, custom};
pub use formats::Door;

/// The door of the webhook with this name.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn webhook(name: &str) -> Door {
    Door::named(name).expect("a webhook")
}
