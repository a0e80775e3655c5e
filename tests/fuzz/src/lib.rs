//! What the fuzz targets share: the check that ordinary tests make too.

#[path = "../../src/any_bytes.rs"]
mod any_bytes;

pub use any_bytes::check;
