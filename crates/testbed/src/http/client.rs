//! A client for the tests of the test bed.

use std::{
    fmt::Write as _,
    io::{self, ErrorKind},
    net::SocketAddr,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{Reply, Server};

/// Sends a request over a connection of its own and reads the answer to its end; fails if that is not as long as it says.
pub(crate) async fn exchange(
    address: SocketAddr,
    line: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<Reply> {
    let mut request = format!("{line} HTTP/1.1\r\nConnection: close\r\n");
    for (name, value) in headers {
        let _ = write!(request, "{name}: {value}\r\n");
    }
    let _ = write!(request, "Content-Length: {}\r\n\r\n{body}", body.len());
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    parsed(&answer).ok_or_else(|| ErrorKind::InvalidData.into())
}

fn parsed(answer: &str) -> Option<Reply> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let (line, headers) = head.split_once("\r\n")?;
    let headers = headers.lines().filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let reply = Reply {
        status: line.split(' ').nth(1)?.parse().ok()?,
        headers: headers.collect(),
        body: body.into(),
    };
    (reply.header("content-length")? == body.len().to_string()).then_some(reply)
}

#[tokio::test]
async fn connections_are_counted_and_can_all_be_closed() {
    let server = Server::start(0, |mut connection| async move {
        while let Some(request) = connection.read_head().await? {
            let body = connection.read_body(&request).await?;
            connection
                .reply(&Reply::new(200, "text/plain", body))
                .await?;
        }
        Ok(())
    });
    let server = server.await.expect("a loopback port");
    let mut streams = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        for text in ["one", "two"] {
            let request = format!("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n{text}");
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            while !answer.ends_with(text) {
                answer.push(stream.read_u8().await.unwrap().into());
            }
        }
        streams.push(stream);
    }
    assert_eq!(
        (server.open_connections(), server.accepted_connections()),
        (3, 3)
    );
    server.close_connections();
    for mut stream in streams {
        assert!(stream.read_u8().await.is_err(), "it is closed");
    }
    assert_eq!(
        (server.open_connections(), server.accepted_connections()),
        (0, 3)
    );
}
