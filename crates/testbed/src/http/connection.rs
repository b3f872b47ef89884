//! One connection, with access to the socket so that it can be broken.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::message::{MAX_HEADERS, Reply, Request, invalid, owned};

const MAX_HEAD: usize = 64 * 1024;
const MAX_BODY: usize = 64 * 1024 * 1024;

/// One accepted connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Connection {
    pub(super) fn new(stream: TcpStream) -> Self {
        // Answers are small and must not wait for the peer's acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        Self {
            stream,
            unread: Vec::new(),
        }
    }

    /// The head of the next request, which stays in the socket's buffer, body and all. `None` once the peer has closed.
    pub async fn peek_head(&mut self) -> io::Result<Option<Request>> {
        let mut buffer = vec![0; MAX_HEAD];
        loop {
            let seen = self.stream.peek(&mut buffer).await?;
            if seen == 0 {
                return Ok(None);
            }
            if let Some((request, _)) = parse_request(&buffer[..seen])? {
                return Ok(Some(request));
            }
            // The rest of the head is on its way, and peeking again at once would only spin.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// The next request. `None` once the peer has closed.
    pub async fn read_request(&mut self) -> io::Result<Option<Request>> {
        let (mut request, head_length) = loop {
            if let Some(parsed) = parse_request(&self.unread)? {
                break parsed;
            }
            if self.unread.len() > MAX_HEAD {
                return Err(invalid("the head of the request is too long"));
            }
            if self.fill().await? == 0 {
                return match self.unread.is_empty() {
                    true => Ok(None),
                    false => Err(io::ErrorKind::UnexpectedEof.into()),
                };
            }
        };
        self.unread.drain(..head_length);
        if request
            .header("expect")
            .is_some_and(|value| value.eq_ignore_ascii_case("100-continue"))
        {
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let chunked = request
            .header("transfer-encoding")
            .is_some_and(|value| value.to_ascii_lowercase().contains("chunked"));
        request.body = if chunked {
            self.read_chunks().await?
        } else {
            let length = match request.header("content-length") {
                Some(text) => text.parse().map_err(|_| invalid("bad Content-Length"))?,
                None => 0,
            };
            self.take(length).await?
        };
        Ok(Some(request))
    }

    async fn read_chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            match httparse::parse_chunk_size(&self.unread) {
                Ok(httparse::Status::Complete((used, size))) => {
                    self.unread.drain(..used);
                    let size = usize::try_from(size).map_err(|_| invalid("chunk too long"))?;
                    let chunk = self.take(size).await?;
                    self.take(2).await?;
                    if size == 0 {
                        return Ok(body);
                    }
                    body.extend_from_slice(&chunk);
                    if body.len() > MAX_BODY {
                        return Err(invalid("the body is too long"));
                    }
                }
                Ok(httparse::Status::Partial) => {
                    if self.fill().await? == 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(_) => return Err(invalid("bad chunk size")),
            }
        }
    }

    async fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        if length > MAX_BODY {
            return Err(invalid("the body is too long"));
        }
        while self.unread.len() < length {
            if self.fill().await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(self.unread.drain(..length).collect())
    }

    async fn fill(&mut self) -> io::Result<usize> {
        self.stream.read_buf(&mut self.unread).await
    }

    /// Sends bytes as they are.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Sends an answer.
    pub async fn reply(&mut self, reply: &Reply) -> io::Result<()> {
        self.send(&reply.to_bytes()).await
    }

    /// Sends bytes spread over `total`: one at a time, or as many as a few milliseconds bring.
    pub async fn trickle(&mut self, bytes: &[u8], total: Duration) -> io::Result<()> {
        let start = tokio::time::Instant::now();
        let most = usize::try_from(total.as_millis() / 4).unwrap_or(usize::MAX);
        let pieces = bytes.chunks(bytes.len().div_ceil(most.max(1)).max(1));
        let count = u32::try_from(pieces.len()).unwrap_or(u32::MAX).max(1);
        for (index, piece) in (0u32..).zip(pieces) {
            tokio::time::sleep_until(start + total * index / count).await;
            self.send(piece).await?;
        }
        Ok(())
    }

    /// Ends once the peer has closed or reset the connection.
    pub async fn closed_by_peer(&self) {
        let mut byte = [0; 1];
        match self.stream.peek(&mut byte).await {
            Ok(0) | Err(_) => {}
            // The peer has sent more already; it is certainly there.
            Ok(_) => std::future::pending().await,
        }
    }

    /// Breaks the connection: the peer sees a reset, not an orderly end.
    pub fn reset(self) {
        let _ = self.stream.set_zero_linger();
    }
}

fn parse_request(bytes: &[u8]) -> io::Result<Option<(Request, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => Ok(Some((
            Request {
                method: parsed.method.unwrap_or_default().into(),
                target: parsed.path.unwrap_or_default().into(),
                headers: owned(parsed.headers),
                body: Vec::new(),
            },
            length,
        ))),
        Ok(httparse::Status::Partial) => Ok(None),
        Err(error) => Err(invalid(&error.to_string())),
    }
}
