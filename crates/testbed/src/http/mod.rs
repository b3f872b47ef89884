//! The part of HTTP/1.1 that the test bed needs: requests with a length or in chunks, answers with a length, connections
//! that are kept alive, counted, and closed or reset on demand.

mod connection;
mod message;
mod server;

use std::{fmt::Write as _, io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use message::{MAX_HEADERS, header, invalid, owned};

pub use connection::Connection;
pub use message::{Reply, Request};
pub use server::Server;

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

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
}
