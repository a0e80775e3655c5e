//! The witness over a [`World`] and a [`Vault`].

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::Region;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use domain::{Retention, Timestamp};
use dynamodb::ReadOnly;
use publisher::AwsPublisher;
use serde_json::{Value, json};
use store::Reader;
use vault::{Bucket, Calls, SigningKey};
use witness::{Failed, Witness};

use crate::stream::Stream;
use crate::world::{at, publisher};
use crate::{Fault, Vault, World};

/// The witness of tests.
pub type TestWitness = Witness<ReadOnly, AwsPublisher>;

/// A new instance of the witness, as after a cold start.
#[must_use]
pub fn witness(world: &World, vault: &Vault, retention: Retention) -> TestWitness {
    let configuration = world.embedded.client_configuration();
    let configuration = configuration.http_client(world.wire.clone()).retry_config(RetryConfig::disabled());
    let client = aws_sdk_dynamodb::Client::from_conf(configuration.build());
    let reader = Reader::new(ReadOnly::new(client, world.embedded.tables.clone()));
    let credentials = Credentials::new("key", "secret", Some("session".to_owned()), None, "tests");
    let configuration = SdkConfig::builder()
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build();
    let calls = Calls::new(vault.connector(), &configuration, || at(0));
    let vault = (Bucket::new(calls.clone(), "anchors"), SigningKey::new(calls, "alias/anchors".to_owned()));
    Witness::new(reader, publisher(&world.wire), vault, retention)
}

/// Invokes the witness as its schedule does. Answers the numbers of the anchors that it made.
///
/// # Errors
/// When the invocation fails.
#[expect(clippy::missing_panics_doc, reason = "panicking is how a test fails")]
pub async fn scheduled(witness: &TestWitness, now: Timestamp) -> Result<Vec<u64>, Failed> {
    let event = json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}});
    let answer = Box::pin(witness.handle(&event.to_string(), now)).await?;
    let anchors = answer["anchors"].as_array().expect("anchors");
    Ok(anchors.iter().map(|anchor| anchor["record"]["number"].as_u64().expect("a number")).collect())
}

/// Delivers the stream of the history to the witness from its beginning, as if all of it had been written at `now`.
///
/// # Errors
/// When the invocation fails.
#[expect(clippy::missing_panics_doc, reason = "panicking is how a test fails")]
pub async fn streamed(world: &World, witness: &TestWitness, now: Timestamp) -> Result<(), Failed> {
    let mut stream = Stream::start(&world.embedded.database, &world.embedded.tables.history).expect("the stream");
    while let Some(mut batch) = stream.peek().expect("the stream") {
        for record in batch.event["Records"].as_array_mut().expect("records") {
            record["dynamodb"]["ApproximateCreationDateTime"] = json!(now.millis() / 1000);
        }
        let answer = Box::pin(witness.handle(&batch.event.to_string(), now)).await?;
        assert_eq!(answer, json!({"batchItemFailures": []}));
        stream.pass(batch);
    }
    Ok(())
}

/// What the witness told people: each message as queues and functions get it.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "panicking is how a test fails")]
pub fn told(world: &World) -> Vec<Value> {
    let full = |message: std::collections::BTreeMap<String, String>| {
        let bodies: Value = serde_json::from_str(&message["Message"]).expect("JSON");
        serde_json::from_str(bodies["default"].as_str().expect("a body")).expect("JSON")
    };
    world.wire.messages().into_iter().map(full).collect()
}

/// Invokes the witness as its schedule does, until it is cut off if it dies on the way.
pub async fn cut_off(world: &World, vault: &Vault, now: Timestamp) {
    let witness = witness(world, vault, Retention::FOREVER);
    tokio::select! {
        _ = scheduled(&witness, now) => {}
        () = vault.died() => {}
        () = world.wire.died() => {}
    }
}

/// Every way in which a call of the witness can fail.
pub const FAULTS: [Fault; 7] = [
    Fault::Before,
    Fault::After,
    Fault::Timeout,
    Fault::Throttled,
    Fault::Internal,
    Fault::DiesBefore,
    Fault::DiesAfter,
];
