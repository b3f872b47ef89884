//! The little of HTTP/1.1 that the bed needs: requests with a length or in chunks, answers with a length, connections
//! that are kept alive, counted, and closed or reset on demand.

use std::{
    collections::HashMap,
    fmt::Write as _,
    future::Future,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};

const MAX_HEAD: usize = 64 * 1024;
const MAX_BODY: usize = 64 * 1024 * 1024;
const MAX_HEADERS: usize = 64;

/// A request as it was received, or as it shall be sent.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// Path and query as they stand in the request line.
    pub target: String,
    /// Names as sent, in the order in which they were sent.
    pub headers: Vec<(String, String)>,
    /// The body, chunks put together.
    pub body: Vec<u8>,
}

impl Request {
    /// A request without headers or body.
    pub fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.into(),
            target: target.into(),
            ..Self::default()
        }
    }

    /// Adds a header.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body.
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The target without its query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The query as sent, without its question mark.
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// All headers but Content-Length.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// An answer with a body of the given type.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("Content-Type".into(), content_type.into())],
            body: body.into(),
        }
    }

    /// An answer in JSON.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    /// Adds a header.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The bytes of the answer as they go over the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_bytes_announcing(self.body.len())
    }

    /// Like [`Reply::to_bytes`], with a Content-Length that need not be true.
    pub fn to_bytes_announcing(&self, content_length: usize) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let _ = write!(head, "Content-Length: {content_length}\r\n\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        202 => "Accepted",
        204 => "No Content",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Status",
    }
}

/// One accepted connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    unread: Vec<u8>,
    number: u64,
}

impl Connection {
    fn new(stream: TcpStream, number: u64) -> Self {
        // Answers are small and must not wait for the peer's acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        Self {
            stream,
            unread: Vec::new(),
            number,
        }
    }

    /// Which of the server's connections this is; the first is 1.
    pub fn number(&self) -> u64 {
        self.number
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

    /// Sends bytes one at a time, spread over `total`.
    pub async fn trickle(&mut self, bytes: &[u8], total: Duration) -> io::Result<()> {
        let start = tokio::time::Instant::now();
        let count = u32::try_from(bytes.len()).unwrap_or(u32::MAX).max(1);
        for (index, byte) in (0u32..).zip(bytes) {
            tokio::time::sleep_until(start + total * index / count).await;
            self.send(std::slice::from_ref(byte)).await?;
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

fn owned(headers: &[httparse::Header<'_>]) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|header| {
            let value = String::from_utf8_lossy(header.value).into_owned();
            (header.name.to_owned(), value)
        })
        .collect()
}

fn invalid(problem: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem.to_owned())
}

/// A listener on a loopback port. Dropping it closes the port and every connection.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    accepting: AbortHandle,
    connections: Arc<Connections>,
}

#[derive(Debug, Default)]
struct Connections {
    accepted: AtomicU64,
    open: Mutex<HashMap<u64, AbortHandle>>,
}

impl Connections {
    fn open(&self) -> MutexGuard<'_, HashMap<u64, AbortHandle>> {
        self.open
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Takes a connection off the list however its task ends.
struct Leaving(Arc<Connections>, u64);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.open().remove(&self.1);
    }
}

impl Server {
    /// Listens on `port` of 127.0.0.1 (0: a free one) and gives every connection to `serve`.
    pub async fn start<S, F>(port: u16, serve: S) -> io::Result<Self>
    where
        S: Fn(Connection) -> F + Send + 'static,
        F: Future<Output = io::Result<()>> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let connections = Arc::new(Connections::default());
        let listed = Arc::clone(&connections);
        let accepting = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    continue;
                };
                let number = listed.accepted.fetch_add(1, Ordering::SeqCst) + 1;
                let serving = serve(Connection::new(stream, number));
                // The list is held while the task starts, so that a task that ends at once is not listed for ever.
                let mut open = listed.open();
                let leaving = Leaving(Arc::clone(&listed), number);
                let task = tokio::spawn(async move {
                    let _leaving = leaving;
                    // A peer that breaks a connection is no concern of the bed's.
                    let _ = serving.await;
                });
                open.insert(number, task.abort_handle());
            }
        });
        Ok(Self {
            address,
            accepting: accepting.abort_handle(),
            connections,
        })
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections are open now.
    pub fn open_connections(&self) -> usize {
        self.connections.open().len()
    }

    /// How many connections were ever accepted.
    pub fn accepted_connections(&self) -> u64 {
        self.connections.accepted.load(Ordering::SeqCst)
    }

    /// Closes every connection; the port stays open.
    pub fn close_connections(&self) {
        // Aborting can run `Leaving` at once, which needs the list: take it out first.
        let tasks: Vec<AbortHandle> = self.connections.open().values().cloned().collect();
        for task in tasks {
            task.abort();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
        self.close_connections();
    }
}

/// Sends one request over a connection of its own and reads the answer to its end.
pub async fn exchange(address: SocketAddr, request: &Request) -> io::Result<Reply> {
    let mut stream = TcpStream::connect(address).await?;
    let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.target);
    if request.header("host").is_none() {
        let _ = write!(head, "Host: {address}\r\n");
    }
    for (name, value) in &request.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let _ = write!(
        head,
        "Content-Length: {}\r\nConnection: close\r\n\r\n",
        request.body.len()
    );
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(&request.body);
    stream.write_all(&bytes).await?;
    read_reply(&mut stream).await
}

async fn read_reply(stream: &mut TcpStream) -> io::Result<Reply> {
    let mut bytes = Vec::new();
    loop {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut parsed = httparse::Response::new(&mut headers);
        let status = parsed
            .parse(&bytes)
            .map_err(|error| invalid(&error.to_string()))?;
        if let httparse::Status::Complete(head_length) = status {
            let mut headers = owned(parsed.headers);
            let length = header(&headers, "content-length")
                .and_then(|text| text.parse::<usize>().ok())
                .ok_or_else(|| invalid("an answer without a length"))?;
            headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
            let mut reply = Reply {
                status: parsed.code.unwrap_or_default(),
                headers,
                body: bytes.split_off(head_length),
            };
            while reply.body.len() < length {
                if stream.read_buf(&mut reply.body).await? == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            reply.body.truncate(length);
            return Ok(reply);
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// The pairs of `application/x-www-form-urlencoded` text, decoded.
pub fn form_pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (percent_decode(name), percent_decode(value))
        })
        .collect()
}

/// Text with `%XX` and `+` decoded; what is no escape stays as it is.
pub fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let escape = (bytes[index] == b'%')
            .then(|| text.get(index + 1..index + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escape {
            Some(byte) => {
                decoded.push(byte);
                index += 3;
            }
            None => {
                decoded.push(if bytes[index] == b'+' {
                    b' '
                } else {
                    bytes[index]
                });
                index += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn echo() -> Server {
        Server::start(0, |mut connection| async move {
            while let Some(request) = connection.read_request().await? {
                let reply = Reply::new(200, "text/plain", request.body)
                    .with_header("Seen-Target", &request.target);
                connection.reply(&reply).await?;
            }
            Ok(())
        })
        .await
        .expect("a loopback port")
    }

    async fn raw(server: &Server, pieces: &[&[u8]]) -> Reply {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        for piece in pieces {
            stream.write_all(piece).await.unwrap();
            stream.flush().await.unwrap();
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        read_reply(&mut stream).await.unwrap()
    }

    #[tokio::test]
    async fn a_body_with_a_length_arrives_whole() {
        let server = echo().await;
        let big = vec![b'x'; 300_000];
        let request = Request::new("POST", "/a?b=c").with_body(big.clone());
        let reply = exchange(server.address(), &request).await.unwrap();
        assert_eq!(reply.body, big);
        assert_eq!(reply.header("seen-target"), Some("/a?b=c"));
    }

    #[tokio::test]
    async fn a_request_in_pieces_and_chunks_is_put_together() {
        let server = echo().await;
        let pieces: [&[u8]; 6] = [
            b"POST / HTT",
            b"P/1.1\r\nTransfer-Enc",
            b"oding: chunked\r\n\r\n5\r\nhel",
            b"lo\r\n1;name=value\r",
            b"\n!\r\n0\r\n",
            b"\r\n",
        ];
        assert_eq!(raw(&server, &pieces).await.body, b"hello!");
    }

    #[tokio::test]
    async fn two_requests_on_one_connection_are_answered_in_turn() {
        let server = echo().await;
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        for text in ["one", "two"] {
            let request = format!("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n{text}");
            stream.write_all(request.as_bytes()).await.unwrap();
            let reply = read_reply(&mut stream).await.unwrap();
            assert_eq!(reply.body, text.as_bytes());
        }
        assert_eq!(server.accepted_connections(), 1);
    }

    #[tokio::test]
    async fn what_is_not_http_ends_the_connection_only() {
        let server = echo().await;
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        stream
            .write_all(b"\x00\x01\x02 nonsense\r\n\r\n")
            .await
            .unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        assert!(rest.is_empty());
        let reply = exchange(server.address(), &Request::new("GET", "/")).await;
        assert_eq!(reply.unwrap().status, 200);
    }

    #[tokio::test]
    async fn connections_are_counted_and_can_all_be_closed() {
        let server = echo().await;
        let mut streams = Vec::new();
        for _ in 0..3 {
            let mut stream = TcpStream::connect(server.address()).await.unwrap();
            stream
                .write_all(b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
                .await
                .unwrap();
            read_reply(&mut stream).await.unwrap();
            streams.push(stream);
        }
        assert_eq!(server.open_connections(), 3);
        server.close_connections();
        for mut stream in streams {
            let mut rest = Vec::new();
            assert_eq!(stream.read_to_end(&mut rest).await.unwrap_or(0), 0);
        }
        assert_eq!(server.open_connections(), 0);
        assert_eq!(server.accepted_connections(), 3);
    }

    #[test]
    fn forms_are_decoded_as_utf8() {
        assert_eq!(
            form_pairs("Action=AssumeRole&x=a%3Ab+c&z=zo%C3%AB&broken=%zz&flag"),
            [
                ("Action", "AssumeRole"),
                ("x", "a:b c"),
                ("z", "zoë"),
                ("broken", "%zz"),
                ("flag", "")
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }
}
