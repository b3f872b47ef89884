//! A listener that knows its connections.

use std::{
    collections::HashMap,
    future::Future,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{net::TcpListener, task::AbortHandle};

use super::connection::Connection;
use crate::lock;

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
        lock(&self.open)
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
                let serving = serve(Connection::new(stream));
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

    /// The address of the server.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The number of open connections.
    pub fn open_connections(&self) -> usize {
        self.connections.open().len()
    }

    /// The number of all accepted connections.
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
