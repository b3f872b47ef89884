//! One connection, with access to the socket so that it can be broken.

use std::{
    io::{self, ErrorKind},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::message::{Reply, Request};

const MAX_HEADERS: usize = 64;

/// One accepted connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    unread: Vec<u8>,
    /// The client has asked for no further answer.
    is_last: bool,
}

impl Connection {
    pub(super) fn new(stream: TcpStream) -> Self {
        // Answers are small and must not wait for the peer's acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        Self {
            stream,
            unread: Vec::new(),
            is_last: false,
        }
    }

    /// The head of the next request. `None` once the peer has closed, or wants no further answer.
    pub async fn read_head(&mut self) -> io::Result<Option<Request>> {
        while !self.is_last {
            if let Some((request, length)) = parse_request(&self.unread)? {
                self.unread.drain(..length);
                self.is_last = request.header("connection") == Some("close");
                return Ok(Some(request));
            }
            if self.stream.read_buf(&mut self.unread).await? == 0 {
                break;
            }
        }
        Ok(None)
    }

    /// The body of the request with this head.
    pub async fn read_body(&mut self, head: &Request) -> io::Result<Vec<u8>> {
        if head.header("transfer-encoding").is_some() {
            return Err(ErrorKind::Unsupported.into());
        }
        let length = head.header("content-length").unwrap_or("0");
        let length = length.parse().map_err(io::Error::other)?;
        while self.unread.len() < length {
            if self.stream.read_buf(&mut self.unread).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(self.unread.drain(..length).collect())
    }

    /// Sends bytes as they are.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Sends an answer.
    pub async fn reply(&mut self, reply: &Reply) -> io::Result<()> {
        self.send(&reply.to_bytes()).await
    }

    /// Sends bytes spread over `total`: a few at a time.
    pub async fn trickle(&mut self, bytes: &[u8], total: Duration) -> io::Result<()> {
        let start = tokio::time::Instant::now();
        let pieces = bytes.chunks(8);
        let count = u32::try_from(pieces.len()).expect("a short answer");
        for (index, piece) in (0..).zip(pieces) {
            tokio::time::sleep_until(start + total * index / count).await;
            self.send(piece).await?;
        }
        Ok(())
    }

    /// Ends once the peer has closed or reset the connection.
    pub async fn closed_by_peer(&self) {
        // A peer that has sent more already is certainly there.
        if let Ok(1..) = self.stream.peek(&mut [0]).await {
            std::future::pending().await
        }
    }

    /// Breaks the connection: the peer sees a reset, not an orderly end.
    pub fn reset(self) {
        let _ = self.stream.set_zero_linger();
    }
}

/// A request and the length of its head, if all of it has come.
fn parse_request(bytes: &[u8]) -> io::Result<Option<(Request, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let status = parsed.parse(bytes).map_err(io::Error::other)?;
    let httparse::Status::Complete(length) = status else {
        return Ok(None);
    };
    let headers = parsed.headers.iter().map(|header| {
        let value = String::from_utf8_lossy(header.value).into_owned();
        (header.name.to_owned(), value)
    });
    let request = Request {
        method: parsed.method.unwrap_or_default().into(),
        target: parsed.path.unwrap_or_default().into(),
        headers: headers.collect(),
    };
    Ok(Some((request, length)))
}
