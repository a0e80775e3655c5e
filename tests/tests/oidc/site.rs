//! The installation that people log in to: both binaries under the Runtime API, with the login's secret in Secrets
//! Manager, and the provider behind TLS.

use axum::Router;
use domain::fields::Unknown;
use formats::Settings;
use serde_json::{Value, json};
use tests::deployed::Deployed;
use tests::runtime_api::Function;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::provider::Provider;

/// What the installation is to the provider, and its secret.
pub(super) const SECRET: &str =
    r#"{"clientSecret": "hunter2-of-the-client", "sealingKey": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#;
/// Where a browser reaches it.
pub(super) const HOST: &str = "us.example";

pub(super) struct Site {
    pub(super) provider: Provider,
    pub(super) issuer: String,
    pub(super) query: Function,
    pub(super) processor: Function,
    _deployed: Deployed,
    _secrets: JoinSet<()>,
}

impl Site {
    /// With these settings in force.
    pub(super) async fn open(settings: &Value) -> Self {
        let deployed = Deployed::new("").await;
        let (_, document) = Settings::parse(settings.to_string().as_bytes(), Unknown::Refused).unwrap();
        let recorder = recorder::Recorder::new(deployed.embedded.store(), domain::Retention::FOREVER);
        recorder.apply_settings(&document, "tests", |_| true, lambda::now()).await.unwrap();

        let mut provider = Provider::run().await;
        let issuer = deployed.https.front(&provider.endpoint).await;
        let start = json!({"issuer": issuer, "callback": format!("https://{HOST}/login/callback"),
                           "client": "deployment-status", "secret": "hunter2-of-the-client"});
        provider.command(&json!({"start": start})).await;

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let answer = json!({"Name": "login", "SecretString": SECRET}).to_string();
        let secrets = Router::new().fallback(move || {
            let answer = answer.clone();
            async move { ([("content-type", "application/x-amz-json-1.1")], answer) }
        });
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, secrets).await.unwrap() });

        let variables = [
            ("LOGIN_SECRET_ID", "login".to_owned()),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", deployed.https.front(&endpoint).await),
            ("LOG_LEVEL", "debug".to_owned()),
        ];
        let processor = deployed.start_with("event-processor", &variables).await;
        let issuing = [("LOGIN_ISSUER", issuer.clone()), ("LOGIN_CLIENT_ID", "deployment-status".to_owned())];
        let query = deployed.start_with("status-query", &[&variables[..], &issuing].concat()).await;
        Self { provider, issuer, query, processor, _deployed: deployed, _secrets: server }
    }

    /// Neither these, nor any part of them that is long enough to be a secret, nor the secret.
    pub(super) fn expect_nothing_of_a_token_in_the_log(&self, hidden: &[&str]) {
        let log = self.query.log() + &self.processor.log();
        assert!(log.contains("logged in"), "it does log: {log}");
        let parts = hidden.iter().flat_map(|text| text.split(['?', '&', '=', '.'])).filter(|part| part.len() >= 20);
        // A token of this kind begins so: {"alg
        for hidden in parts.chain(["hunter2", "AAECAwQF", "eyJhbG"]) {
            assert!(!log.contains(hidden), "{hidden} is in the log: {log}");
        }
    }
}
