//! A listener that knows its connections.

use std::{
    future::Future,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    net::TcpListener,
    task::{AbortHandle, JoinSet},
};

use super::connection::Connection;
use crate::lock;

/// A listener on a loopback port. Dropping it closes the port and every connection.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    accepting: AbortHandle,
    connections: Arc<Mutex<Connections>>,
}

#[derive(Debug, Default)]
struct Connections {
    accepted: u64,
    open: JoinSet<io::Result<()>>,
}

impl Server {
    /// Listens on `port` of 127.0.0.1 (0: a free one) and gives every connection to `serve`, with what all of them share.
    pub async fn start<T, F>(
        port: u16,
        shared: &Arc<T>,
        serve: fn(Arc<T>, Connection) -> F,
    ) -> io::Result<Arc<Self>>
    where
        T: Send + Sync + 'static,
        F: Future<Output = io::Result<()>> + Send + 'static,
    {
        let shared = Arc::clone(shared);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let connections = Arc::<Mutex<Connections>>::default();
        let listed = Arc::clone(&connections);
        let accepting = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    continue;
                };
                let mut listed = lock(&listed);
                listed.accepted += 1;
                let served = serve(Arc::clone(&shared), Connection::new(stream));
                listed.open.spawn(served);
                // A peer that breaks a connection is no concern of the bed's.
                while listed.open.try_join_next().is_some() {}
            }
        });
        Ok(Arc::new(Self {
            address,
            accepting: accepting.abort_handle(),
            connections,
        }))
    }

    /// The address of the server.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The number of open connections.
    pub fn open_connections(&self) -> usize {
        let open = &mut lock(&self.connections).open;
        while open.try_join_next().is_some() {}
        open.len()
    }

    /// The number of all accepted connections.
    pub fn accepted_connections(&self) -> u64 {
        lock(&self.connections).accepted
    }

    /// Closes every connection; the port stays open.
    pub fn close_connections(&self) {
        lock(&self.connections).open.abort_all();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
        self.close_connections();
    }
}

#[cfg(test)]
mod tests {
    use tokio::{io::AsyncReadExt as _, net::TcpStream};

    use super::*;

    #[tokio::test]
    async fn connections_are_counted_and_can_all_be_closed() {
        async fn serve(_: Arc<()>, connection: Connection) -> io::Result<()> {
            connection.closed_by_peer().await;
            Ok(())
        }
        let server = Server::start(0, &Arc::new(()), serve).await;
        let server = server.expect("a loopback port");
        for accepted in 1..=2 {
            let mut client = TcpStream::connect(server.address()).await.unwrap();
            while server.accepted_connections() < accepted {
                tokio::task::yield_now().await;
            }
            assert_eq!(server.open_connections(), 1);
            server.close_connections();
            assert!(client.read_u8().await.is_err(), "it is closed");
            assert_eq!(server.open_connections(), 0);
        }
    }
}
