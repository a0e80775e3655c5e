//! What a function finds in AWS, with some history in it.

use std::path::Path;

use serde_json::Value;
use tempfile::NamedTempFile;
use tests::deployed::{Deployed, binary_in};
use tests::runtime_api::Function;
use tests::stream::Stream;
use tokio::process::Command;

use crate::recorder::Recorder;
use crate::workload::{BATCH, expect_done, queue, seed};

/// Tables with history, and doubles of CloudWatch and SNS, for one process.
pub(crate) struct Backend {
    deployed: Deployed,
    authority: NamedTempFile,
    /// A batch of the stream.
    pub(crate) stream: Value,
}

/// Variables of a function.
pub(crate) type Variables = Vec<(&'static str, String)>;

impl Backend {
    /// New ones. The functions in `folder` write the history: another build may write it differently.
    pub(crate) async fn new(folder: &Path, trusted: &str) -> Self {
        let deployed = Deployed::new(trusted).await;
        let authority = NamedTempFile::new().expect("a temporary file");
        std::fs::write(authority.path(), &deployed.https.authority).expect("a temporary file");
        let mut changes =
            Stream::start(&deployed.embedded.database, &deployed.embedded.tables.history).expect("the stream");
        let mut processor = deployed.run(Command::new(binary_in(folder, "event-processor")), &[]).await;
        expect_done(&processor.invoke(&seed()).await);
        while let Some(batch) = changes.peek().expect("the stream") {
            changes.pass(batch);
        }
        expect_done(&processor.invoke(&queue(0)).await);
        let stream = changes.peek().expect("the stream").expect("a batch").event;
        assert_eq!(stream["Records"].as_array().map(Vec::len), Some(BATCH));
        Self { deployed, authority, stream }
    }

    /// Runs a command as a function, and waits until it is idle.
    pub(crate) async fn run(&self, command: Command, mut more: Variables) -> Function {
        more.push(("NODE_EXTRA_CA_CERTS", self.authority.path().to_string_lossy().into_owned()));
        self.deployed.run(command, &more).await
    }

    /// Variables that lead a function through `recorder` to AWS.
    pub(crate) async fn through(&self, recorder: &mut Recorder) -> Variables {
        let mut variables = Variables::new();
        for (name, endpoint) in [
            ("AWS_ENDPOINT_URL_DYNAMODB", &self.deployed.embedded.endpoint),
            ("AWS_ENDPOINT_URL_CLOUDWATCH", &self.deployed.published.endpoint),
            ("AWS_ENDPOINT_URL_SNS", &self.deployed.published.endpoint),
        ] {
            let front = recorder.in_front_of(endpoint).await;
            variables.push((name, self.deployed.https.front(&front).await));
        }
        variables
    }
}
