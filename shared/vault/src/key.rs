//! The key that signs anchors.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::VaultError;
use crate::calls::{Calls, Request};

const OPERATION: &str = "Sign";

/// A key in KMS for signing: ECDSA on the curve P-256.
#[derive(Debug, Clone)]
pub struct SigningKey {
    calls: Calls,
    address: String,
    id: String,
}

impl SigningKey {
    /// The key of this id or ARN.
    #[must_use]
    pub fn new(calls: Calls, id: String) -> Self {
        let address = aws::clients::endpoint("kms").unwrap_or_else(|| format!("https://{}", calls.host("kms")));
        Self { calls, address: format!("{}/", address.trim_end_matches('/')), id }
    }

    /// The signature of a text of at most 4,096 bytes, as DER in base64.
    ///
    /// # Errors
    /// When KMS does not sign it.
    pub async fn sign(&self, text: &str) -> Result<String, VaultError> {
        let body = json!({
            "KeyId": self.id,
            "Message": STANDARD.encode(text),
            "MessageType": "RAW",
            "SigningAlgorithm": "ECDSA_SHA_256",
        });
        let headers = vec![
            ("content-type", "application/x-amz-json-1.1".to_owned()),
            ("x-amz-target", "TrentService.Sign".to_owned()),
        ];
        let answer = self
            .calls
            .send(&Request {
                operation: OPERATION,
                service: "kms",
                method: "POST",
                address: self.address.clone(),
                headers,
                body: body.to_string().into_bytes(),
            })
            .await?;
        if answer.status != 200 {
            return Err(answer.error(OPERATION));
        }
        let answered: Value =
            serde_json::from_slice(&answer.body).map_err(|error| VaultError::new(OPERATION, error.to_string()))?;
        let signature = answered["Signature"].as_str().filter(|signature| STANDARD.decode(signature).is_ok());
        signature.map(str::to_owned).ok_or_else(|| VaultError::new(OPERATION, "the answer has no signature"))
    }
}
