//! The public keys of an issuer (JSON Web Key Set).

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use serde::Deserialize;
use serde_json::Value;

/// The keys that an issuer signs with now. Those of kinds that we don't know are left out.
#[derive(Debug, Clone)]
pub struct PublicKeys(Vec<Jwk>);

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

impl PublicKeys {
    /// Reads the issuer's document.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(document: &[u8]) -> Result<Self, String> {
        let document: Document =
            serde_json::from_slice(document).map_err(|error| format!("the issuer's keys: {error}"))?;
        let keys = document.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
        Ok(Self(keys.filter(Self::signs).collect()))
    }

    fn signs(key: &Jwk) -> bool {
        use AlgorithmParameters::{EllipticCurve, OctetKeyPair, RSA};
        let is_public = matches!(key.algorithm, RSA(_) | EllipticCurve(_) | OctetKeyPair(_));
        is_public && key.common.public_key_use.as_ref().is_none_or(|kind| *kind == PublicKeyUse::Signature)
    }

    /// The key that a token names; or the only one there is, where it names none.
    pub(crate) fn find(&self, id: Option<&str>) -> Option<&Jwk> {
        match (id, self.0.as_slice()) {
            (Some(id), keys) => keys.iter().find(|key| key.common.key_id.as_deref() == Some(id)),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }
}
