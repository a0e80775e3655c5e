//! A version of a service, as it is typed: `cart@2.8.0`.

use domain::identifiers::Identifier as _;
use domain::{Service, Version};

/// A version of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedVersion {
    /// The service.
    pub(crate) service: Service,
    /// The version.
    pub(crate) version: Version,
}

/// Parses `service@version`. It is split at the first `@` that has a service before it: `@shop/cart@2.8.0` is of the
/// service `@shop/cart`, and `cart@main@1a2b3c4` of the version `main@1a2b3c4`.
pub(crate) fn read_named_version(text: &str) -> Result<NamedVersion, String> {
    let at = text.match_indices('@').map(|(at, _)| at).find(|at| *at > 0);
    let Some((service, version)) = at.map(|at| (&text[..at], &text[at + 1..])) else {
        return Err("must be a service and its version, such as cart@2.8.0".to_owned());
    };
    Ok(NamedVersion {
        service: Service::parse(service).map_err(|invalid| format!("the service {invalid}"))?,
        version: Version::parse(version).map_err(|invalid| format!("the version {invalid}"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_split_at_the_first_at_sign_that_has_a_service_before_it() {
        for (text, service, version) in [
            ("cart@2.8.0", "cart", "2.8.0"),
            ("@shop/cart@2.8.0", "@shop/cart", "2.8.0"),
            ("cart@main@1a2b3c4", "cart", "main@1a2b3c4"),
        ] {
            let named = read_named_version(text).unwrap();
            assert_eq!((named.service.as_str(), named.version.as_str()), (service, version), "{text}");
        }
        for text in ["cart", "@2.8.0", "cart@", "@", ""] {
            assert!(read_named_version(text).is_err(), "{text}");
        }
    }
}
