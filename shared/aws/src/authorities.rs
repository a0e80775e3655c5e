//! Who vouches for AWS: whose certificates a connection to it is made with.

use aws_smithy_http_client::tls::TrustStore;

/// The roots of Amazon Trust Services, from which all endpoints of AWS have their certificates: Amazon Root CA 1 to 4
/// and Starfield Services Root Certificate Authority - G2, as PEM. The first of them ends on 31 December 2037.
/// Source: <https://www.amazontrust.com/repository/>.
pub const AMAZON: &str = include_str!("amazon.pem");

/// Whom to trust where the environment has these variables: [`AMAZON`] alone, which is 5 certificates to decode at a
/// start and not the 145 of the system; the system's where something else may be in the way of AWS.
pub(crate) fn trusted(variables: impl Iterator<Item = (String, String)>) -> TrustStore {
    if amazon_suffices(variables) { TrustStore::empty().with_pem_certificate(AMAZON) } else { TrustStore::default() }
}

/// Whether AWS itself is called, in a part of it that is known to have its certificates from Amazon, and nobody names
/// certificates (which the system's store reads).
fn amazon_suffices(variables: impl Iterator<Item = (String, String)>) -> bool {
    let mut is_elsewhere = false;
    let mut is_known = true;
    for (name, value) in variables.filter(|(_, value)| !value.is_empty()) {
        is_elsewhere |= name == "SSL_CERT_FILE" || name == "SSL_CERT_DIR" || name.starts_with("AWS_ENDPOINT_URL");
        // Those of China and of closed networks.
        is_known &= name != "AWS_REGION" || !(value.starts_with("cn-") || value.contains("iso"));
    }
    is_known && !is_elsewhere
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suffices(variables: &[(&str, &str)]) -> bool {
        amazon_suffices(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn amazon_is_trusted_alone_unless_something_else_may_be_in_the_way() {
        for region in ["eu-central-1", "us-gov-west-1", "ap-southeast-4"] {
            assert!(suffices(&[("PATH", "/bin"), ("AWS_REGION", region), ("SSL_CERT_FILE", "")]), "{region}");
        }
        for region in ["cn-north-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1"] {
            assert!(!suffices(&[("AWS_REGION", region)]), "{region}");
        }
        for name in ["SSL_CERT_FILE", "SSL_CERT_DIR", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"] {
            assert!(!suffices(&[("AWS_REGION", "eu-central-1"), (name, "x")]), "{name}");
        }
    }

    #[test]
    fn a_connection_can_be_made_with_them() {
        assert_eq!(AMAZON.matches("-----BEGIN CERTIFICATE-----").count(), 5);
        // A certificate that can't be read panics here.
        let _connector = crate::clients::https();
    }
}
