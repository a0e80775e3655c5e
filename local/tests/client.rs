//! A client of the real program, on a connection that it keeps.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;

use crate::listener::HANGS;

/// A connection to the server.
pub(crate) struct Client(BufReader<TcpStream>);

/// An answer. Its body is null where it has none that is JSON.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Value,
}

impl Client {
    pub(crate) fn connect(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(HANGS))?;
        Ok(Self(BufReader::new(stream)))
    }

    pub(crate) fn get(&mut self, path: &str) -> io::Result<Answer> {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
    }

    pub(crate) fn report(&mut self, events: &Value) -> io::Result<Answer> {
        let body = events.to_string();
        self.ask(&format!(
            "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    fn ask(&mut self, request: &str) -> io::Result<Answer> {
        self.0.get_mut().write_all(request.as_bytes())?;
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let head = head.to_lowercase();
        let length = head.split_once("content-length: ").and_then(|(_, rest)| rest.lines().next()?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        self.0.read_exact(&mut body)?;
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or(io::ErrorKind::InvalidData)?;
        Ok(Answer { status, head, body: serde_json::from_slice(&body).unwrap_or_default() })
    }

    /// All items of a list, page by page.
    pub(crate) fn items(&mut self, path: &str) -> io::Result<Vec<Value>> {
        let (mut items, mut page) = (Vec::new(), path.to_owned());
        loop {
            let Answer { status, mut body, .. } = self.get(&page)?;
            assert_eq!(status, 200, "{page}: {body}");
            if let Value::Array(more) = body["items"].take() {
                items.extend(more);
            }
            let Some(cursor) = body["nextCursor"].as_str() else { return Ok(items) };
            page = format!("{path}{}cursor={cursor}", if path.contains('?') { '&' } else { '?' });
        }
    }
}
