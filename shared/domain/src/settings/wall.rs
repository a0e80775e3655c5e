//! Screens on walls: each reads the matrix with a token of its own, where people log in.

use crate::fields::Fields;
use crate::identifiers::Label;
use crate::json;

/// A screen that may read the matrix and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wall {
    /// What people call it.
    pub name: Label,
    /// The SHA-256 of its token in 64 lower-case hexadecimal digits, since whoever may read may read the settings.
    token_sha256: String,
}

impl Wall {
    /// Whether this is its token. What is compared are hashes, so how long it takes tells nothing of the token.
    #[must_use]
    pub fn is_of(&self, token: &str) -> bool {
        json::sha256_hex(token) == self.token_sha256
    }
}

pub(super) fn read(from: &mut Fields<'_>) -> Vec<Wall> {
    let mut walls: Vec<Wall> = Vec::new();
    for (path, object) in from.objects("walls") {
        let mut wall = from.nested(&path, object);
        let name: Option<Label> = wall.identifier(&["name"]);
        if name.is_none() && !wall.has_error("name") {
            wall.wrong("name", "is required: what people call this screen");
        }
        let token = wall.text(&["tokenSha256"]).map(|(_, hash)| hash);
        let is_hash =
            |hash: &String| hash.len() == 64 && hash.bytes().all(|digit| b"0123456789abcdef".contains(&digit));
        if !token.as_ref().is_some_and(is_hash) && !wall.has_error("tokenSha256") {
            wall.wrong("tokenSha256", "must be the SHA-256 of its token: 64 lower-case hexadecimal digits");
        }
        if name.as_ref().is_some_and(|name| walls.iter().any(|wall| wall.name == *name)) {
            wall.wrong("name", "is the name of another screen too");
        }
        wall.finish("known are name and tokenSha256");
        if let (Some(name), Some(token_sha256)) = (name, token.filter(is_hash)) {
            walls.push(Wall { name, token_sha256 });
        }
    }
    walls
}
