//! The OpenAPI document, as it is checked in; a test compares it with [`openapi`](api::openapi::openapi).

use std::io::{self, Read as _};
use std::sync::LazyLock;

use flate2::read::GzDecoder;

/// The document, [packed](../build.rs).
const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.gz"));

static DOCUMENT: LazyLock<io::Result<String>> = LazyLock::new(|| {
    let mut document = String::new();
    GzDecoder::new(PACKED).read_to_string(&mut document)?;
    Ok(document)
});

/// The document. It is unpacked when it is asked for first.
///
/// # Errors
/// Never, unless the binary is damaged.
pub fn openapi() -> Result<&'static str, &'static io::Error> {
    DOCUMENT.as_deref()
}
