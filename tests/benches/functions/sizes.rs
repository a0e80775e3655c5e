//! How large a binary is, and what Lambda is given of it.

use std::io::{Read as _, Result};
use std::path::Path;

use flate2::Compression;
use flate2::read::DeflateEncoder;

use crate::meter::to_f64;

/// Bytes of a binary, and of a ZIP file with nothing but it (without the few bytes of its headers).
pub(crate) fn sizes(binary: &Path) -> Result<(f64, f64)> {
    let bytes = std::fs::read(binary)?;
    let mut zipped = Vec::new();
    DeflateEncoder::new(bytes.as_slice(), Compression::default()).read_to_end(&mut zipped)?;
    Ok((to_f64(bytes.len() as u64), to_f64(zipped.len() as u64)))
}
