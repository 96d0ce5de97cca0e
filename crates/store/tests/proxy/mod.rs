//! A wire to a PostgreSQL server that can be cut.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Where the wire is cut when a commit comes along.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The server never hears of the commit.
    Before,
    /// The server commits; its answer never arrives.
    After,
}

#[derive(Clone)]
pub struct Proxy {
    address: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    connections: Vec<TcpStream>,
    cut: Option<Cut>,
}

impl Proxy {
    pub fn start(address: &str) -> Self {
        let rest = address.split_once('@').unwrap().1;
        let server = rest.split_once('/').unwrap().0.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = listener.local_addr().unwrap().to_string();
        let proxy = Self { address: address.replace(&server, &own), state: Arc::default() };
        let state = Arc::clone(&proxy.state);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server) = (client.unwrap(), TcpStream::connect(&server).unwrap());
                client.set_nodelay(true).unwrap();
                server.set_nodelay(true).unwrap();
                let ends = [client.try_clone().unwrap(), server.try_clone().unwrap()];
                state.lock().unwrap().connections.extend(ends);
                let (back, forth) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let state = Arc::clone(&state);
                std::thread::spawn(move || pump(client, forth, Some(&state)));
                std::thread::spawn(move || pump(server, back, None));
            }
        });
        proxy
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn drop_connections(&self) {
        for connection in self.state.lock().unwrap().connections.drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }

    /// Cuts the next connection that commits.
    pub fn cut_commit(&self, cut: Cut) {
        self.state.lock().unwrap().cut = Some(cut);
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream, watch: Option<&Mutex<State>>) {
    let mut block = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut block) {
        let sent = &block[..length];
        let commit = sent.windows(7).any(|bytes| bytes == b"COMMIT\0");
        let cut = watch.filter(|_| commit).and_then(|state| state.lock().unwrap().cut.take());
        if cut == Some(Cut::After) {
            // Nothing may come back: the way back ends first.
            let _ = from.shutdown(Shutdown::Write);
        }
        if cut == Some(Cut::Before) || to.write_all(sent).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Write);
}
