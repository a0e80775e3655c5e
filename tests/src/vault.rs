//! What the witness has besides the store: a bucket as S3 keeps it, where the policy and the lock of the template hold,
//! and a key of KMS. Both are asked over HTTP, signed, and check what they are asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::Notify;

use crate::Fault;

/// What stands before the point of a key on P-256 in its public form.
const P256: &str = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
/// How many versions a page of a list has: few, so that lists have pages.
const PAGE: usize = 3;

type Decide = Box<dyn FnMut(usize, &str) -> Fault + Send>;

/// A bucket and a key. Clones are the same.
#[derive(Clone)]
pub struct Vault {
    inner: Arc<Inner>,
}

struct Inner {
    seen: Mutex<Seen>,
    key: EcdsaKeyPair,
    died: Notify,
}

#[derive(Default)]
struct Seen {
    /// Of each name its versions, the oldest first.
    objects: BTreeMap<String, Vec<String>>,
    calls: Vec<String>,
    started: usize,
    decide: Option<Decide>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Default for Vault {
    fn default() -> Self {
        let random = SystemRandom::new();
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).expect("a key");
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, made.as_ref(), &random).expect("a key");
        Self { inner: Arc::new(Inner { seen: Mutex::default(), key, died: Notify::new() }) }
    }
}

#[expect(clippy::missing_panics_doc, reason = "a poisoned lock means that a test failed already")]
impl Vault {
    /// What the witness calls it over.
    #[must_use]
    pub fn connector(&self) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector(self.clone()))
    }

    /// The public key, as PEM.
    #[must_use]
    pub fn public_key(&self) -> String {
        let mut der = hex::decode(P256).expect("hexadecimal");
        der.extend(self.inner.key.public_key().as_ref());
        let text = STANDARD.encode(der);
        format!("-----BEGIN PUBLIC KEY-----\n{}\n{}\n-----END PUBLIC KEY-----\n", &text[..64], &text[64..])
    }

    /// The key's signature of a text, as whoever holds the role of the witness gets it.
    #[must_use]
    pub fn signature(&self, text: &str) -> String {
        STANDARD.encode(self.inner.key.sign(&SystemRandom::new(), text.as_bytes()).unwrap())
    }

    /// The names of what is kept.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.inner.seen.lock().unwrap().objects.keys().cloned().collect()
    }

    /// The oldest version of an object.
    #[must_use]
    pub fn read(&self, name: &str) -> Option<String> {
        self.inner.seen.lock().unwrap().objects.get(name).map(|versions| versions[0].clone())
    }

    /// The anchors as an auditor fetches them: the oldest version of each, with its name.
    #[must_use]
    pub fn anchors(&self) -> Vec<(String, String)> {
        let seen = self.inner.seen.lock().unwrap();
        let anchors = seen
            .objects
            .iter()
            .filter(|(name, _)| name.strip_suffix(".json").is_some_and(|number| !number.contains('/')));
        anchors.map(|(name, versions)| (name.clone(), versions[0].clone())).collect()
    }

    /// Writes a further version of an object, as whoever has rights that the witness lacks.
    pub fn overwrite(&self, name: &str, text: &str) {
        self.inner.seen.lock().unwrap().objects.entry(name.to_owned()).or_default().push(text.to_owned());
    }

    /// Writes what the bucket has over, as nobody can.
    pub fn forge(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let mut seen = self.inner.seen.lock().unwrap();
        let text = &mut seen.objects.get_mut(name).unwrap()[0];
        let mut value = serde_json::from_str(text).unwrap();
        change(&mut value);
        *text = value.to_string();
    }

    /// Removes an object, as nobody can.
    pub fn remove(&self, name: &str) {
        self.inner.seen.lock().unwrap().objects.remove(name);
    }

    /// The calls so far: `GET /000001.json?versionId=1`, say, or `Sign`.
    #[must_use]
    pub fn calls(&self) -> Vec<String> {
        self.inner.seen.lock().unwrap().calls.clone()
    }

    /// Forgets the calls so far.
    pub fn reset(&self) {
        self.inner.seen.lock().unwrap().calls.clear();
    }

    /// Decides for each call, by its number from 0 since now and what it is.
    pub fn decide(&self, decide: impl FnMut(usize, &str) -> Fault + Send + 'static) {
        let mut seen = self.inner.seen.lock().unwrap();
        seen.started = 0;
        seen.decide = Some(Box::new(decide));
    }

    /// Lets everything through again.
    pub fn heal(&self) {
        self.inner.seen.lock().unwrap().decide = None;
    }

    /// Waits until a call has died.
    pub async fn died(&self) {
        self.inner.died.notified().await;
    }

    async fn send(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let call = called(&request);
        let fault = {
            let mut seen = self.inner.seen.lock().unwrap();
            let number = seen.started;
            seen.started += 1;
            seen.calls.push(call.clone());
            seen.decide.as_mut().map_or(Fault::None, |decide| decide(number, &call))
        };
        let broken = || ConnectorError::io("the connection broke".into());
        match fault {
            Fault::Before => return Err(broken()),
            Fault::Throttled | Fault::Conflict => return Ok(answer(400, r#"{"__type":"ThrottlingException"}"#)),
            Fault::Internal => return Ok(answer(500, "<Error/>")),
            Fault::DiesBefore => return self.die().await,
            Fault::Panics => panic!("the vault panics, as the test demands"),
            _ => {}
        }
        let response = if call == "Sign" { self.sign(&request) } else { self.keep(&request) };
        match fault {
            Fault::After => Err(broken()),
            Fault::Timeout => Err(ConnectorError::timeout("too late".into())),
            Fault::DiesAfter => self.die().await,
            _ => Ok(response),
        }
    }

    async fn die(&self) -> Result<HttpResponse, ConnectorError> {
        self.inner.died.notify_one();
        std::future::pending().await
    }

    fn sign(&self, request: &HttpRequest) -> HttpResponse {
        assert_signed(request, "kms");
        let asked: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        assert_eq!((&asked["MessageType"], &asked["SigningAlgorithm"]), (&json!("RAW"), &json!("ECDSA_SHA_256")));
        let message = STANDARD.decode(asked["Message"].as_str().unwrap()).unwrap();
        assert!(message.len() <= 4096, "KMS signs no more than 4,096 bytes");
        let signature = self.signature(&String::from_utf8(message).unwrap());
        answer(200, &json!({"KeyId": asked["KeyId"], "Signature": signature}).to_string())
    }

    fn keep(&self, request: &HttpRequest) -> HttpResponse {
        assert_signed(request, "s3");
        let body = request.body().bytes().unwrap_or_default();
        let hash = hex::encode(Sha256::digest(body));
        assert_eq!(request.headers().get("x-amz-content-sha256"), Some(hash.as_str()), "S3 compares it");
        let uri: axum::http::Uri = request.uri().parse().unwrap();
        let name = uri.path().trim_start_matches('/').to_owned();
        let query: BTreeMap<String, String> =
            form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let mut seen = self.inner.seen.lock().unwrap();
        if request.method() == "PUT" {
            if request.headers().get("if-none-match") != Some("*") {
                return answer(403, "<Error><Code>AccessDenied</Code></Error>");
            }
            let checksum = STANDARD.encode(Sha256::digest(body));
            if request.headers().get("x-amz-checksum-sha256") != Some(checksum.as_str()) {
                return answer(400, "<Error><Code>InvalidRequest</Code></Error>");
            }
            if seen.objects.contains_key(&name) {
                return answer(412, "<Error><Code>PreconditionFailed</Code></Error>");
            }
            seen.objects.insert(name, vec![String::from_utf8(body.to_vec()).unwrap()]);
            return answer(200, "");
        }
        if query.contains_key("versions") {
            return answer(200, &list(&seen.objects, &query));
        }
        let version = query.get("versionId").and_then(|version| version.parse::<usize>().ok());
        match seen.objects.get(&name).zip(version).and_then(|(versions, version)| versions.get(version)) {
            Some(text) => answer(200, text),
            None => answer(404, "<Error><Code>NoSuchVersion</Code></Error>"),
        }
    }
}

/// A page of versions: by name, and of each name the newest first.
fn list(objects: &BTreeMap<String, Vec<String>>, query: &BTreeMap<String, String>) -> String {
    assert_eq!(query.get("delimiter").map(String::as_str), Some("/"));
    let all: Vec<(&String, usize)> = objects
        .iter()
        .filter(|(name, _)| !name.contains('/'))
        .flat_map(|(name, versions)| (0..versions.len()).rev().map(move |version| (name, version)))
        .collect();
    let after = query.get("key-marker").map(|name| (name, query["version-id-marker"].parse::<usize>().unwrap()));
    let start = after.and_then(|after| all.iter().position(|one| *one == after)).map_or(0, |at| at + 1);
    let page = &all[start..all.len().min(start + PAGE)];
    let mut xml = String::from("<ListVersionsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    if start + page.len() < all.len() {
        let (name, version) = page[page.len() - 1];
        xml += "<IsTruncated>true</IsTruncated>";
        let version = version.to_string();
        let next =
            ["<NextKeyMarker>", name, "</NextKeyMarker><NextVersionIdMarker>", &version, "</NextVersionIdMarker>"];
        xml += &next.concat();
    }
    for (name, version) in page {
        let version = version.to_string();
        xml += &["<Version><Key>", name, "</Key><VersionId>", &version, "</VersionId></Version>"].concat();
    }
    xml + "<CommonPrefixes><Prefix>modified/</Prefix></CommonPrefixes></ListVersionsResult>"
}

fn called(request: &HttpRequest) -> String {
    if request.headers().get("x-amz-target") == Some("TrentService.Sign") {
        return "Sign".to_owned();
    }
    let uri: axum::http::Uri = request.uri().parse().unwrap();
    format!("{} {}", request.method(), uri.path_and_query().map_or("", |path| path.as_str()))
}

fn assert_signed(request: &HttpRequest, service: &str) {
    let authorization = request.headers().get("authorization").unwrap_or_default();
    let scope = format!("/{service}/aws4_request");
    assert!(authorization.starts_with("AWS4-HMAC-SHA256 ") && authorization.contains(&scope), "{authorization}");
    assert!(request.headers().get("x-amz-date").is_some() && request.headers().get("x-amz-security-token").is_some());
}

fn answer(status: u16, body: &str) -> HttpResponse {
    HttpResponse::new(StatusCode::try_from(status).expect("a status"), SdkBody::from(body))
}

#[derive(Debug)]
struct Connector(Vault);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.0.clone().send(request))
    }
}
