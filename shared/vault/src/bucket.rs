//! The bucket: each object in it is written once. Of one that was written again all the same, the oldest version
//! counts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

use crate::VaultError;
use crate::calls::{Calls, Request};
use crate::listing::Listed;

/// What is not encoded in a query (RFC 3986, section 2.3).
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A bucket in S3, with Object Lock.
#[derive(Debug, Clone)]
pub struct Bucket {
    calls: Calls,
    /// Its address, without a slash at the end.
    address: String,
}

/// An object: the oldest version of a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kept {
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
}

/// What became of an object that was to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It was written.
    Written,
    /// There is one with this name, or one is being written.
    Existed,
}

impl Bucket {
    /// The bucket of this name.
    #[must_use]
    pub fn new(calls: Calls, name: &str) -> Self {
        let address = match aws::clients::endpoint("s3") {
            Some(endpoint) => format!("{}/{name}", endpoint.trim_end_matches('/')),
            None => format!("https://{name}.{}", calls.host("s3")),
        };
        Self { calls, address }
    }

    /// The objects whose names have no slash, by name, in the oldest version of each.
    ///
    /// # Errors
    /// When they can't be listed.
    pub async fn list(&self) -> Result<Vec<Kept>, VaultError> {
        const OPERATION: &str = "ListObjectVersions";
        let (mut kept, mut after) = (Vec::<Kept>::new(), String::new());
        loop {
            let answer = self.send(OPERATION, "GET", &format!("/?delimiter=%2F{after}&versions="), Vec::new()).await?;
            if answer.status != 200 {
                return Err(answer.error(OPERATION));
            }
            let listed = Listed::read(&answer.body).map_err(|cause| VaultError::new(OPERATION, cause.to_string()))?;
            for version in listed.versions {
                // Of a name the newest version comes first.
                match kept.last_mut() {
                    Some(last) if last.name == version.name => *last = version,
                    _ => kept.push(version),
                }
            }
            let Some((name, version)) = listed.next else { return Ok(kept) };
            let encoded = |text: &str| utf8_percent_encode(text, QUERY).to_string();
            after = format!("&key-marker={}&version-id-marker={}", encoded(&name), encoded(&version));
        }
    }

    /// The text of an object.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn read(&self, kept: &Kept) -> Result<String, VaultError> {
        const OPERATION: &str = "GetObject";
        let path = format!("/{}?versionId={}", kept.name, utf8_percent_encode(&kept.version, QUERY));
        let answer = self.send(OPERATION, "GET", &path, Vec::new()).await?;
        if answer.status != 200 {
            return Err(answer.error(OPERATION));
        }
        String::from_utf8(answer.body).map_err(|error| VaultError::new(OPERATION, error.to_string()))
    }

    /// Writes an object, unless there is one with its name.
    ///
    /// # Errors
    /// When it can't be written. It may have been all the same.
    pub async fn put(&self, name: &str, text: &str) -> Result<Put, VaultError> {
        const OPERATION: &str = "PutObject";
        let answer = self.send(OPERATION, "PUT", &format!("/{name}"), text.as_bytes().to_vec()).await?;
        match answer.status {
            200 => Ok(Put::Written),
            // Another one is being written at this moment, or was.
            409 | 412 => Ok(Put::Existed),
            _ => Err(answer.error(OPERATION)),
        }
    }

    async fn send(
        &self,
        operation: &'static str,
        method: &'static str,
        path: &str,
        body: Vec<u8>,
    ) -> Result<crate::calls::Answer, VaultError> {
        let headers = if method == "PUT" {
            // A bucket whose objects are locked by default takes none without a checksum.
            let checksum = STANDARD.encode(Sha256::digest(&body));
            vec![
                ("content-type", "application/json".to_owned()),
                ("if-none-match", "*".to_owned()),
                ("x-amz-checksum-sha256", checksum),
            ]
        } else {
            Vec::new()
        };
        let address = format!("{}{path}", self.address);
        self.calls.send(&Request { operation, service: "s3", method, address, headers, body }).await
    }
}
