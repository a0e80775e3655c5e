//! A proxy that keeps the calls that pass through it: which operation, with which input, and which
//! were under way together.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use tests::wire::plain;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::form;

/// An answer is held back for so long, so that calls that are made together are seen
/// together, even where each opens a connection first.
const HELD_BACK: Duration = Duration::from_millis(200);

/// A call to AWS, in the words of its API.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    /// `TransactWriteItems`, say.
    pub(crate) operation: String,
    /// Its input, as an SDK takes it; times are seconds.
    pub(crate) input: Value,
}

/// Calls that were under way together.
pub(crate) type Round = Vec<Call>;

#[derive(Default)]
struct Seen {
    rounds: Vec<Round>,
    under_way: usize,
}

/// The calls of one function, whichever service they go to.
#[derive(Default)]
pub(crate) struct Recorder {
    seen: Arc<Mutex<Seen>>,
    fronts: JoinSet<()>,
}

impl Recorder {
    /// Listens in front of the server at `endpoint` (`http://127.0.0.1:<port>`), and answers where.
    pub(crate) async fn in_front_of(&mut self, endpoint: &str) -> String {
        let behind = endpoint.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
        let address = format!("http://{}", listener.local_addr().expect("its own address"));
        let seen = Arc::clone(&self.seen);
        self.fronts.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((outside, _)) = listener.accept().await {
                connections.spawn(pass(outside, behind.clone(), Arc::clone(&seen)));
            }
        });
        address
    }

    /// The calls since the last time.
    pub(crate) fn take(&self) -> Vec<Round> {
        std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner).rounds)
    }
}

/// Passes on one request after another of a connection.
async fn pass(outside: TcpStream, behind: String, seen: Arc<Mutex<Seen>>) -> io::Result<()> {
    let mut outside = BufReader::new(outside);
    let mut inside = BufReader::new(TcpStream::connect(behind).await?);
    while let Some(request) = Message::read(&mut outside).await? {
        {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            if seen.under_way == 0 {
                seen.rounds.push(Round::new());
            }
            seen.under_way += 1;
            seen.rounds.last_mut().expect("there is one").push(request.call());
        }
        inside.get_mut().write_all(&request.bytes()).await?;
        let answer = Message::read(&mut inside).await?.ok_or(io::ErrorKind::UnexpectedEof)?;
        sleep(HELD_BACK).await;
        seen.lock().unwrap_or_else(PoisonError::into_inner).under_way -= 1;
        outside.get_mut().write_all(&answer.bytes()).await?;
    }
    Ok(())
}

/// An HTTP/1.1 message whose length is given.
struct Message {
    head: String,
    body: Vec<u8>,
}

impl Message {
    /// The next message, or none when the connection ends.
    async fn read(from: &mut BufReader<impl AsyncRead + Unpin>) -> io::Result<Option<Self>> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if from.read_line(&mut head).await? == 0 {
                return Ok(None);
            }
        }
        let mut message = Self { head, body: Vec::new() };
        assert!(message.header("transfer-encoding").is_none(), "the length is given: {}", message.head);
        let length = message.header("content-length").map_or(0, |length| length.parse().expect("a length"));
        message.body.resize(length, 0);
        from.read_exact(&mut message.body).await?;
        Ok(Some(message))
    }

    fn header(&self, name: &str) -> Option<&str> {
        let headers = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        headers
            .map(|(name, value)| (name, value.trim()))
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    fn bytes(&self) -> Vec<u8> {
        [self.head.as_bytes(), &self.body].concat()
    }

    /// What it calls, in whichever of AWS's protocols.
    fn call(&self) -> Call {
        if let Some(target) = self.header("x-amz-target") {
            let mut input: Value = serde_json::from_slice(&self.body).expect("DynamoDB speaks JSON");
            // Each SDK makes one for each call.
            input.as_object_mut().expect("an object").remove("ClientRequestToken");
            return Call { operation: target.rsplit('.').next().unwrap_or_default().to_owned(), input };
        }
        let path = self.head.split(' ').nth(1).unwrap_or_default();
        if let Some((_, operation)) = path.split_once("/operation/") {
            let decoded = if self.header("content-encoding") == Some("gzip") {
                ciborium::from_reader(GzDecoder::new(self.body.as_slice()))
            } else {
                ciborium::from_reader(self.body.as_slice())
            };
            return Call { operation: operation.to_owned(), input: plain(decoded.expect("CloudWatch speaks CBOR")) };
        }
        let mut input = form::nested(&self.body);
        let operation = input["Action"].as_str().unwrap_or_default().to_owned();
        for field in ["Action", "Version"] {
            input.as_object_mut().expect("an object").remove(field);
        }
        Call { operation, input }
    }
}

/// Rounds as JSON, for the functions in Node.
pub(crate) fn to_json(rounds: &[Round]) -> Value {
    let round = |calls: &Round| -> Value {
        calls.iter().map(|call| json!({"operation": call.operation, "input": call.input})).collect()
    };
    rounds.iter().map(round).collect()
}

/// The operations of each round in a line: `BatchGetItem, then 10 TransactWriteItems`.
pub(crate) fn line(rounds: &[Round]) -> String {
    let round = |calls: &Round| {
        let mut counted: Vec<(&str, usize)> = Vec::new();
        for call in calls {
            match counted.iter_mut().find(|(operation, _)| *operation == call.operation) {
                Some((_, count)) => *count += 1,
                None => counted.push((&call.operation, 1)),
            }
        }
        counted.sort_unstable();
        let named = |(operation, count): &(&str, usize)| {
            if *count == 1 { (*operation).to_owned() } else { format!("{count} {operation}") }
        };
        counted.iter().map(named).collect::<Vec<_>>().join(" and ")
    };
    rounds.iter().map(round).collect::<Vec<_>>().join(", then ")
}
