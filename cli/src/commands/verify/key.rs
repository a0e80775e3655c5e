//! The public key that anchors must be signed by: ECDSA on the curve P-256, as `aws kms get-public-key` gives it.

use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};

/// What a public key on P-256 begins with as DER (RFC 5480); a point of 65 bytes follows.
const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
const POINT: usize = 65;

/// Public keys, any of which can have signed an anchor: after a change of keys there are several.
#[derive(Debug)]
pub(super) struct PublicKeys(Vec<UnparsedPublicKey<Vec<u8>>>);

impl FromStr for PublicKeys {
    type Err = &'static str;

    /// Reads PEM, of one key or of several, or the base64 that the AWS CLI prints.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut keys = Vec::new();
        for part in text.split("-----END PUBLIC KEY-----").map(str::trim).filter(|part| !part.is_empty()) {
            let base64: String = part.trim_start_matches("-----BEGIN PUBLIC KEY-----").split_whitespace().collect();
            let der = STANDARD.decode(base64).map_err(|_| WRONG)?;
            let point = der.strip_prefix(&P256).filter(|point| point.len() == POINT && point[0] == 4).ok_or(WRONG)?;
            keys.push(UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point.to_vec()));
        }
        if keys.is_empty() { Err(WRONG) } else { Ok(Self(keys)) }
    }
}

const WRONG: &str = "it must be a public key of ECDSA on P-256, as PEM or as `aws kms get-public-key --query PublicKey \
                     --output text` prints it";

impl PublicKeys {
    /// Whether one of them signed this text.
    pub(super) fn signed(&self, text: &[u8], signature: &[u8]) -> bool {
        self.0.iter().any(|key| key.verify(text, signature).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_pem_or_as_base64_and_nothing_else_is_one() {
        let der = [&P256[..], &[4; POINT]].concat();
        let base64 = STANDARD.encode(&der);
        let pem =
            format!("-----BEGIN PUBLIC KEY-----\n{}\n{}\n-----END PUBLIC KEY-----\n", &base64[..64], &base64[64..]);
        for (text, keys) in [(base64.clone(), 1), (format!("{base64}\n"), 1), (pem.clone(), 1), (pem.repeat(2), 2)] {
            assert_eq!(PublicKeys::from_str(&text).unwrap().0.len(), keys, "{text}");
        }
        let of_another_curve = STANDARD.encode([&[0x30, 0x76][..], &der[2..]].concat());
        let too_long = STANDARD.encode([&der[..], &[0]].concat());
        for wrong in ["", "\n", "no", &of_another_curve, &too_long, &pem.replace("PUBLIC", "PRIVATE")] {
            assert_eq!(PublicKeys::from_str(wrong).unwrap_err(), WRONG, "{wrong}");
        }
    }
}
