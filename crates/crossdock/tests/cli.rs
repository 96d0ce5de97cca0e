//! The binary, from outside: what it refuses and with which remedy, and how it starts, serves and ends.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, ChildStdout, Command, Output, Stdio},
    time::{Duration, Instant},
};

/// The program, without anything in the environment that would set it.
fn crossdock(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crossdock"));
    command.args(args).current_dir(folder).env_clear().stdin(Stdio::null());
    command
}

fn run(folder: &Path, args: &[&str]) -> Output {
    crossdock(folder, args).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The one line that a refusal says, after its exit code was looked at.
fn refusal(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    let line = text.lines().find(|line| line.starts_with("crossdock: ")).unwrap_or_default();
    assert_eq!(text.lines().last(), Some(line), "{text}");
    line.to_owned()
}

/// A server at work; killed if a test fails before it has stopped it.
struct Server {
    child: Child,
    out: BufReader<ChildStdout>,
    address: String,
}
impl Server {
    fn start(folder: &Path, more: &[&str]) -> Self {
        let args = [&["serve", "--data", "data", "--listen", "127.0.0.1:0"], more].concat();
        let mut child = crossdock(folder, &args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let address = line.trim().rsplit("://").next().unwrap_or_default();
        if !line.contains("://") {
            let mut errors = String::new();
            child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
            assert!(errors.is_empty(), "the server did not start: {errors}");
        }
        Self { address: address.to_owned(), child, out }
    }

    /// What it said at its start.
    fn said(&mut self) -> String {
        let mut all = String::new();
        while !all.contains("root's key") {
            assert_ne!(self.out.read_line(&mut all).unwrap(), 0, "{all}");
        }
        all
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
    }

    /// Asks it to stop, and gives what it logged and its exit code.
    fn stop(mut self) -> (String, Option<i32>) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.end()
    }

    fn end(&mut self) -> (String, Option<i32>) {
        let begun = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(begun.elapsed() < Duration::from_secs(20), "the server does not stop");
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (log, self.child.wait().unwrap().code())
    }
}
impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_help_teaches_with_examples() {
    let folder = tempfile::tempdir().unwrap();
    for args in [&["--help"][..], &["serve", "--help"], &["demo", "--help"], &["key", "get", "--help"]] {
        let output = run(folder.path(), args);
        assert_eq!(output.status.code(), Some(0));
        assert!(stdout(&output).contains("Example"), "{args:?}");
    }
    assert_eq!(run(folder.path(), &["serve", "--lisen", "x"]).status.code(), Some(2));
}

#[test]
fn a_public_address_without_tls_is_refused_with_the_remedy_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let line = refusal(&run(folder.path(), &["serve", "--data", "data", "--listen", "0.0.0.0:0"]));
    assert!(line.contains("--tls-cert") && line.contains("--behind-proxy"), "{line}");
    assert!(!folder.path().join("data").exists());
}

#[test]
fn settings_come_from_the_file_and_a_misspelt_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("crossdock.toml"), "listn = \"127.0.0.1:0\"\n").unwrap();
    let line = refusal(&run(folder.path(), &["serve", "--data", "data"]));
    assert!(line.contains("crossdock.toml: unknown: listn"), "{line}");
}

#[test]
fn a_server_starts_serves_and_stops_in_good_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), &[]);
    let said = server.said();
    let key = fs::read_to_string(folder.path().join("data/root-api-key")).unwrap();
    assert!(said.contains("data/root-api-key") && said.contains("fingerprint"), "{said}");
    assert!(!said.contains(key.trim()), "the key was printed");
    assert!(server.get("/health/ready").contains(r#"{"status":"ready"}"#));
    let refused = server.get("/v2/users/me");
    assert!(refused.starts_with("HTTP/1.1 401 ") && refused.contains("www-authenticate: "), "{refused}");
    let (log, code) = server.stop();
    assert_eq!(code, Some(0), "{log}");
    assert!(!log.contains(key.trim()), "the key was logged");
}

#[test]
fn at_level_debug_each_request_has_a_line_without_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &["--log-level", "debug", "--log-format", "json"]);
    let id = "0190163d-8694-739b-aea5-966c26f8ad91";
    server.ask(&format!(
        "GET /v2/users/OOPS-A-KEY HTTP/1.1\r\nHost: x\r\nX-Request-Id: {id}\r\nConnection: close\r\n\r\n"
    ));
    let (log, _) = server.stop();
    let line = log.lines().find(|line| line.contains(id)).unwrap_or_default();
    assert!(line.contains(r#""operation":"getUser""#) && line.contains(r#""status":401"#), "{log}");
    assert!(!log.contains("OOPS-A-KEY"), "{log}");
}

#[test]
fn a_running_request_may_finish_when_the_server_stops() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    let key = fs::read_to_string(folder.path().join("data/root-api-key")).unwrap();
    let mut slow = TcpStream::connect(&server.address).unwrap();
    let body = r#"{"uniqueId":"SLOW","companyName":"Slow"}"#;
    let head = format!(
        "POST /v2/networks HTTP/1.1\r\nHost: x\r\nX-API-Key: {}\r\nContent-Length: {}\r\nConnection: close\r\n\
         Expect: 100-continue\r\n\r\n",
        key.trim(),
        body.len()
    );
    slow.write_all(head.as_bytes()).unwrap();
    // The server says when it waits for the body, and takes no new connection once it was asked to stop.
    let mut asked = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    slow.read_exact(&mut asked).unwrap();
    assert!(asked.starts_with(b"HTTP/1.1 100 "), "{}", String::from_utf8_lossy(&asked));
    let address = server.address.clone();
    let late = std::thread::spawn(move || {
        let begun = Instant::now();
        while TcpStream::connect(&address).is_ok() {
            assert!(begun.elapsed() < Duration::from_secs(20), "the server goes on listening");
            std::thread::yield_now();
        }
        slow.write_all(body.as_bytes()).unwrap();
        let mut answer = String::new();
        slow.read_to_string(&mut answer).unwrap();
        answer
    });
    let (log, code) = server.stop();
    let answer = late.join().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}\n{log}");
    assert_eq!(code, Some(0), "{log}");
}

#[test]
fn a_folder_serves_one_server_and_is_audited_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    for args in [
        &["serve", "--data", "data", "--listen", "127.0.0.1:0"][..],
        &["key", "reset-root", "--data", "data"],
        &["recover", "--data", "data"],
    ] {
        let line = refusal(&run(folder.path(), args));
        assert!(line.contains("in use"), "{args:?}: {line}");
    }
    let audited = run(folder.path(), &["audit", "verify", "--data", "data"]);
    assert!(audited.status.success() && stdout(&audited).contains("The log is whole."), "{audited:?}");
    drop(server);
    let lost = ["serve", "--data", "data", "--listen", "127.0.0.1:0", "--database-url", "postgresql://127.0.0.1:1/x"];
    let line = refusal(&run(folder.path(), &lost));
    assert!(line.contains("another kind of store (embedded)"), "{line}");
    let line = refusal(&run(folder.path(), &["audit", "verify", "--data", "elsewhere"]));
    assert!(line.contains("there is no store in elsewhere"), "{line}");
}

#[test]
fn without_its_master_key_a_store_does_not_start_until_it_is_recovered() {
    let folder = tempfile::tempdir().unwrap();
    let (data, root) = (folder.path().join("data"), folder.path().join("data/root-api-key"));
    Server::start(folder.path(), &[]).stop();
    let first = fs::read_to_string(&root).unwrap();
    let line = refusal(&run(folder.path(), &["recover", "--data", "data"]));
    assert!(line.contains("nothing to recover"), "{line}");

    fs::remove_file(data.join("master-key")).unwrap();
    let line = refusal(&run(folder.path(), &["serve", "--data", "data", "--listen", "127.0.0.1:0"]));
    assert!(line.contains("--master-key") && line.contains("crossdock recover"), "{line}");
    assert!(!data.join("master-key").exists(), "a new master key was made");

    assert!(run(folder.path(), &["recover", "--data", "data"]).status.success());
    assert!(run(folder.path(), &["key", "reset-root", "--data", "data"]).status.success());
    let second = fs::read_to_string(&root).unwrap();
    assert_ne!(first, second);
    let server = Server::start(folder.path(), &[]);
    let key = |file: &str| {
        fs::write(folder.path().join("key"), file).unwrap();
        run(folder.path(), &["key", "get", "me", "--url", &server.url(), "--api-key-file", "key"])
    };
    assert_eq!(stdout(&key(&second)).trim(), second.trim());
    assert!(refusal(&key(&first)).contains("401"));
}

#[test]
fn a_key_is_read_and_replaced_over_http_and_stands_alone_on_stdout() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    let root = folder.path().join("data/root-api-key");
    let old = fs::read_to_string(&root).unwrap();
    let with_key = |key: &str, args: &[&str]| {
        let mut command = crossdock(folder.path(), args);
        command.env("CROSSDOCK_URL", server.url()).env("CROSSDOCK_API_KEY", key.trim()).output().unwrap()
    };
    assert_eq!(stdout(&with_key(&old, &["key", "get", "1001"])), format!("{}\n", old.trim()));
    let new = stdout(&with_key(&old, &["key", "generate", "me"]));
    assert_eq!(new.lines().count(), 1);
    assert_ne!(new, old);
    assert!(refusal(&with_key(&old, &["key", "get", "me"])).contains("401"));
    assert_eq!(stdout(&with_key(&new, &["key", "get", "me"])), new);
    assert!(!root.exists(), "the file of the first key outlived the key");
    assert!(refusal(&run(folder.path(), &["key", "get", "me"])).contains("CROSSDOCK_API_KEY"));
}

#[test]
fn the_demo_shows_all_it_promises_and_prints_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let shown = run(folder.path(), &["demo", "--once", "--port", "0"]);
    let text = stdout(&shown);
    assert!(shown.status.success(), "{text}{}", String::from_utf8_lossy(&shown.stderr));
    assert!(text.contains("the very bytes that Acme sent") && text.contains("401 InvalidAPIKey"), "{text}");
    let demo = folder.path().join("crossdock-demo");
    for file in ["acme-admin.key", "acme-clerk.key", "bolt-admin.key", "bolt-clerk.key", "bolt-clerk-new.key"] {
        let key = fs::read_to_string(demo.join(file)).unwrap();
        assert!(key.len() > 20 && !text.contains(key.trim()), "{file}");
    }
    assert!(run(folder.path(), &["demo", "--once", "--port", "0"]).status.success());
    assert!(folder.path().join("crossdock-demo-2/received.x12").exists());
}

#[test]
fn the_document_needs_no_store_and_is_the_one_that_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let printed = stdout(&run(folder.path(), &["openapi"]));
    assert!(printed.starts_with("{\n"), "{printed}");
    let server = Server::start(folder.path(), &[]);
    assert!(server.get("/openapi.json").ends_with(&printed));
}
