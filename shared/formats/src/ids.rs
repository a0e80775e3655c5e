//! Ids and names that are made of fields of other tools: each of one thing, whatever its length.

use domain::identifiers::{DeploymentId, Identifier as _, StageName, is_format, normalised};
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

/// The id of what a tool names by an id that is unique within a source: `<kind>:<source>:<id>`, so that no
/// two sources meet. Where that is no id of ours, or the id has a colon and could be read in two ways, a
/// [digest] of both stands in their place.
pub(crate) fn id_within(kind: &str, source: &str, field: &str, id: &str) -> Result<DeploymentId, Vec<FieldError>> {
    let plain = DeploymentId::parse(&format!("{kind}:{source}:{id}")).ok().filter(|_| !id.contains(':'));
    plain.map_or_else(|| identifier(field, &format!("{kind}:{}", digest(&[source, id]))), Ok)
}

/// The id of a part that is a deployment of its own: `<whole>/<part>`, or a [digest] of both
/// where that is no id.
pub(crate) fn id_of_part(whole: &DeploymentId, field: &str, part: &str) -> Result<DeploymentId, Vec<FieldError>> {
    let plain = DeploymentId::parse(&format!("{whole}/{part}")).ok();
    plain.map_or_else(|| identifier(field, &digest(&[whole.as_str(), part])), Ok)
}

/// The id of what is the same by a value: `<tool>:…:<value>`, or with a [digest] of both where that is no id.
pub(crate) fn id_of_value(id: &str, value: &str) -> Result<DeploymentId, Vec<FieldError>> {
    let tool = id.split(':').next().unwrap_or_default();
    let plain = DeploymentId::parse(&format!("{id}:{value}")).ok();
    plain.map_or_else(|| identifier("oncePer", &format!("{tool}:{}", digest(&[id, value]))), Ok)
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
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn an_id_within_a_source_is_that_of_one_pair_only() {
        let long = |end: &str| format!("https://ci.example/{}{end}", "folder/".repeat(40));
        let (long_one, long_other) = (long("1"), long("2"));
        let sources = ["", "a", "a:b", "job/cart/42/", "job/search/42/", "/ci/main", "urn:x", "größe", "a b", "?q=1#f"];
        let digest = digest(&["a b", "42"]);
        let sources = sources.into_iter().chain([long_one.as_str(), &long_other, &digest]);
        let ids = ["42", "b:42", "a", "", ":", "x/events", "active", "größe", "{0e2c}", &digest, &long_one];
        let mut all: BTreeMap<DeploymentId, (String, &str)> = BTreeMap::new();
        for (source, id) in sources.flat_map(|source| ids.map(|id| (source.to_owned(), id))) {
            let made = id_within("cdevents-run", &source, "x", id).unwrap();
            assert!(made.as_str().len() <= DeploymentId::BYTES && !made.is_incident(), "{made}");
            let before = all.insert(made.clone(), (source.clone(), id));
            assert_eq!(before, None, "{made} is of {source:?} {id:?} too");
        }
        let made = |source, id| id_within("cdevents-run", source, "x", id).unwrap().as_str().to_owned();
        assert_eq!(made("job/cart/42/", "42"), "cdevents-run:job/cart/42/:42");
        assert_eq!(made("a:b", "42"), "cdevents-run:a:b:42");
        assert_eq!(made("a", "b:42").len(), "cdevents-run:".len() + 32);
    }

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
