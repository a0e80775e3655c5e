//! Artifacts as package URLs (<https://github.com/package-url/purl-spec>): the only form in which
//! CDEvents name them.

use std::str::FromStr as _;

use packageurl::PackageUrl;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use domain::{Label, Service, Version};

/// What stands as it is in a name and a version; all else is percent-encoded, `/` too.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_').remove(b'~');

/// The artifact as it was reported, where that is a package URL.
pub(super) fn reported(artifact: &Label) -> Option<String> {
    let text = artifact.as_str();
    // The parser takes characters that no URL has.
    let is_url = !text.contains([' ', '"', '<', '>', '\\', '^', '`', '{', '|', '}']);
    (is_url && PackageUrl::from_str(text).is_ok()).then(|| text.to_owned())
}

/// A version of a service, of which no more is known than these names: the type `generic` is for
/// packages that no other type fits.
pub(super) fn generic(service: &Service, version: &Version) -> String {
    let encoded = |text| utf8_percent_encode(text, ENCODED);
    format!("pkg:generic/{}@{}", encoded(service.as_str()), encoded(version.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::identifiers::Identifier as _;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_reader_of_package_urls_finds_service_and_version(
            service in "[!-\"$-~]([ -\"$-~]{0,20}[!-\"$-~])?",
            version in "[!-\"$-~]([ -\"$-~]{0,20}[!-\"$-~])?",
        ) {
            let url = generic(&Service::parse(&service).unwrap(), &Version::parse(&version).unwrap());
            let read = PackageUrl::from_str(&url).unwrap();
            prop_assert_eq!(
                (read.ty(), read.namespace(), read.name(), read.version(), read.qualifiers().len(), read.subpath()),
                ("generic", None, service.as_str(), Some(version.as_str()), 0, None),
            );
        }
    }

    #[test]
    fn only_a_package_url_counts_as_one() {
        let digest = "pkg:oci/checkout@sha256%3A244fd47e07d1004f0aed9c";
        for good in [digest, "pkg:docker/shop/checkout@2.8.0", "pkg:npm/%40shop/checkout@2.8.0?arch=arm64"] {
            assert_eq!(reported(&Label::parse(good).unwrap()).as_deref(), Some(good));
        }
        for other in ["checkout-2.8.0.jar", "registry.example.com/checkout:2.8.0", "pkg:checkout", "pkg:oci/my shop@1"]
        {
            assert_eq!(reported(&Label::parse(other).unwrap()), None, "{other}");
        }
    }
}
