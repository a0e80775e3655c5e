//! What S3 lists: a page of versions.

use aws_smithy_xml::decode::{Document, ScopedDecoder, XmlDecodeError, try_data};

use crate::Kept;

/// A page of versions.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Listed {
    /// By name, and of each name the newest first.
    pub(crate) versions: Vec<Kept>,
    /// The name and the version behind which the next page begins.
    pub(crate) next: Option<(String, String)>,
}

impl Listed {
    /// Reads it.
    pub(crate) fn read(xml: &[u8]) -> Result<Self, XmlDecodeError> {
        let mut document = Document::try_from(xml)?;
        let mut root = document.root_element()?;
        if root.start_el().local() != "ListVersionsResult" {
            return Err(XmlDecodeError::custom("it is no list of versions"));
        }
        let (mut versions, mut is_truncated) = (Vec::new(), false);
        let (mut name, mut version) = (String::new(), String::new());
        while let Some(mut tag) = root.next_tag() {
            match tag.start_el().local() {
                "IsTruncated" => is_truncated = try_data(&mut tag)? == "true",
                "NextKeyMarker" => name = try_data(&mut tag)?.into_owned(),
                "NextVersionIdMarker" => version = try_data(&mut tag)?.into_owned(),
                "Version" => versions.push(kept(&mut tag)?),
                _ => {}
            }
        }
        Ok(Self { versions, next: is_truncated.then_some((name, version)) })
    }
}

fn kept(tag: &mut ScopedDecoder<'_, '_>) -> Result<Kept, XmlDecodeError> {
    let (mut name, mut version) = (None, None);
    while let Some(mut field) = tag.next_tag() {
        match field.start_el().local() {
            "Key" => name = Some(try_data(&mut field)?.into_owned()),
            "VersionId" => version = Some(try_data(&mut field)?.into_owned()),
            _ => {}
        }
    }
    let named = name.zip(version).map(|(name, version)| Kept { name, version });
    named.ok_or_else(|| XmlDecodeError::custom("a version has no name or no id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_marks_of_deletion_are_none() {
        let page = r#"<?xml version="1.0" encoding="UTF-8"?>
            <ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><IsTruncated>true</IsTruncated>
            <NextKeyMarker>000002.json</NextKeyMarker><NextVersionIdMarker>v/3</NextVersionIdMarker>
            <DeleteMarker><Key>000001.json</Key><VersionId>v9</VersionId></DeleteMarker>
            <Version><Key>000001.json</Key><VersionId>v2</VersionId><IsLatest>false</IsLatest><Owner><ID>x</ID></Owner></Version>
            <Version><Key>000002.json</Key><VersionId>v/3</VersionId></Version></ListVersionsResult>"#;
        let kept = |name: &str, version: &str| Kept { name: name.to_owned(), version: version.to_owned() };
        let expected = Listed {
            versions: vec![kept("000001.json", "v2"), kept("000002.json", "v/3")],
            next: Some(("000002.json".to_owned(), "v/3".to_owned())),
        };
        assert_eq!(Listed::read(page.as_bytes()).unwrap(), expected);
        let last = page.replace("true", "false");
        assert_eq!(Listed::read(last.as_bytes()).unwrap().next, None);
        for wrong in [
            "",
            "no",
            "<Error><Code>AccessDenied</Code></Error>",
            "<ListVersionsResult><Version/></ListVersionsResult>",
        ] {
            assert!(Listed::read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
