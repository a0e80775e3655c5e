//! The files that pages load: a style, a script, an icon. Their addresses carry a hash of their content, so that a browser
//! keeps them for as long as it likes.

use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};

/// A file.
#[derive(Debug)]
pub struct Asset {
    /// Its path.
    pub path: String,
    /// The media type.
    pub media_type: &'static str,
    /// What is in it.
    pub content: &'static str,
}

static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("style", "css", "text/css; charset=utf-8", include_str!("../assets/style.css")));
static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("script", "js", "text/javascript; charset=utf-8", include_str!("../assets/script.js")));
static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon", "svg", "image/svg+xml", include_str!("../assets/icon.svg")));

impl Asset {
    fn new(name: &str, ending: &str, media_type: &'static str, content: &'static str) -> Self {
        let hash = hex::encode(&Sha256::digest(content)[..6]);
        Self { path: format!("/assets/{name}-{hash}.{ending}"), media_type, content }
    }
}

/// The style.
#[must_use]
pub fn style() -> &'static Asset {
    &STYLE
}

/// The script.
#[must_use]
pub fn script() -> &'static Asset {
    &SCRIPT
}

/// The icon.
#[must_use]
pub fn icon() -> &'static Asset {
    &ICON
}

/// The file at a path.
#[must_use]
pub fn find(path: &str) -> Option<&'static Asset> {
    [style(), script(), icon()].into_iter().find(|asset| asset.path == path)
}
