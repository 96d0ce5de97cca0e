//! `crossdock demo`: a server in a folder of its own, and two companies that trade on it over HTTP. Every step is shown
//! with the curl line that does it, and the demo fails if a step does not do what it should.

mod script;
mod stage;

use crate::{
    Failed,
    config::Options,
    log, out, private,
    serve::{self, Server},
};
use clap::Args;
use stage::Stage;
use std::{
    fs,
    io::ErrorKind,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::PathBuf,
};

/// What the demo can be told.
#[derive(Args)]
pub struct Demo {
    /// End when all is shown, instead of serving on until Ctrl-C
    #[arg(long)]
    once: bool,
    /// Port on 127.0.0.1 [default: 8080, or a free one]
    #[arg(long)]
    port: Option<u16>,
}

/// Runs the demo.
pub async fn run(demo: Demo) -> Result<(), Failed> {
    let folder = new_folder()?;
    let options = Options {
        data: Some(folder.join("data")),
        listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, demo.port.unwrap_or_else(free_port)))),
        log_level: Some(tracing::Level::ERROR),
        ..Options::default()
    };
    log::begin(&options);
    let server = Server::start(&options).await?;
    let mut stage = Stage::new(folder, server.url.clone());
    stage.open();
    let shown = script::play(&mut stage).await;
    if shown.is_ok() {
        stage.close(demo.once);
        if !demo.once {
            serve::asked_to_stop().await;
            out::line("");
        }
    }
    server.stop().await?;
    shown
}

/// A folder that was not there before: a second demo does not disturb the first.
fn new_folder() -> Result<PathBuf, Failed> {
    for number in 1..1000 {
        let name = if number == 1 { "crossdock-demo".to_owned() } else { format!("crossdock-demo-{number}") };
        let path = PathBuf::from(name);
        match fs::create_dir(&path) {
            Ok(()) => return private::only_mine(&path).map(|()| path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Failed::at(&path, &error)),
        }
    }
    Err(Failed("there are 999 demos here already: remove some of the folders crossdock-demo-*".into()))
}

/// The usual port, or any if that is taken.
fn free_port() -> u16 {
    const USUAL: u16 = 8080;
    if TcpListener::bind((Ipv4Addr::LOCALHOST, USUAL)).is_ok() { USUAL } else { 0 }
}
