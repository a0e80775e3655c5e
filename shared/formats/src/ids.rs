//! Ids and names that are made of fields of other tools: each of one thing, whatever its length.

use domain::identifiers::{DeploymentId, StageName, is_format, normalised};
use domain::{FieldError, json};

use crate::fields::identifier;

/// A deployment's id that is put together from fields of a payload: `<tool>:…`. One that is too long for
/// an id gives way to its SHA-256.
pub(crate) fn made_id(field: &str, id: &str) -> Result<DeploymentId, Vec<FieldError>> {
    if id.len() <= DeploymentId::BYTES {
        return identifier(field, id);
    }
    let tool = id.split(':').next().unwrap_or_default();
    identifier(field, &format!("{tool}:{}", json::sha256_hex(id)))
}

/// A stage's name out of a field. Tools take any text: of an emoji that is joined of several, the joiners
/// are left out. A name that is too long is cut, and differs from others that begin alike by a piece of its
/// SHA-256.
pub(crate) fn stage_name(field: &str, text: &str) -> Result<StageName, Vec<FieldError>> {
    const MARK: usize = 10;
    let name: String = normalised(text).chars().filter(|c| !is_format(*c)).collect();
    let (mut characters, mut bytes) = (StageName::CHARACTERS, StageName::BYTES);
    if name.chars().count() <= characters && name.len() <= bytes {
        return identifier(field, &name);
    }
    (characters, bytes) = (characters - MARK, bytes - MARK - '…'.len_utf8());
    let ends = name.char_indices().map(|(start, c)| start + c.len_utf8());
    let end = ends.take(characters).take_while(|end| *end <= bytes).last().unwrap_or(0);
    identifier(field, &format!("{}…{}", name[..end].trim_end(), &json::sha256_hex(text)[..MARK - 1]))
}

/// A part of an id in place of texts that can't be one, or only together: the first 32 hexadecimal
/// digits of the SHA-256 of their JSON array.
pub(crate) fn digest(texts: &[&str]) -> String {
    json::sha256_hex(&serde_json::json!(texts).to_string())[..32].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_too_long_still_names_one_thing() {
        let long = |end: &str| format!("gitlab:{}:{end}", "group/".repeat(30));
        let id = made_id("x", &long("1")).unwrap();
        assert_eq!(made_id("x", &long("1")), Ok(id.clone()));
        assert_ne!(made_id("x", &long("2")), Ok(id.clone()));
        assert!(id.as_str().starts_with("gitlab:") && id.as_str().len() == 71, "{id}");
        assert_eq!(made_id("x", "gitlab:shop/cart:1").unwrap().as_str(), "gitlab:shop/cart:1");
        assert!(made_id("x", "gitlab:shop cart:1").is_err());

        let stage = |end: &str| stage_name("x", &format!("{}{end}", "ü".repeat(128)));
        assert_ne!(stage("1").unwrap(), stage("2").unwrap());
        assert_eq!(stage("1").unwrap().as_str().chars().count(), 128);
        assert_eq!(stage_name("x", "build").unwrap().as_str(), "build");
        let wide = stage_name("x", &"🚀".repeat(100)).unwrap();
        assert!(wide.as_str().starts_with("🚀🚀") && wide.as_str().len() > 370, "{wide}");
        assert_eq!(stage_name("x", "👩\u{200d}💻 test").unwrap().as_str(), "👩💻 test");
        assert!(stage_name("x", "a\u{7}").is_err());
    }
}
