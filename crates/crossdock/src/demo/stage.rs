//! Where the demo plays: asks over HTTP as any client would, and shows each call as a curl line.

use crate::{Failed, client::Client, out, private};
use serde_json::Value;
use std::{fs, path::PathBuf};
use zeroize::Zeroizing;

/// What a call sends.
pub enum Body {
    /// Nothing.
    Nothing,
    /// Shown in the curl line.
    Shown(Value),
    /// Kept in a file of this name, because it is long or holds a password.
    Kept(&'static str, String, Value),
}

/// The folder, the server and how far we are.
pub struct Stage {
    folder: PathBuf,
    url: String,
    step: usize,
}

/// The file of root's key, as the server left it.
pub const ROOT: &str = "data/root-api-key";

impl Stage {
    /// Before the first step.
    pub fn new(folder: PathBuf, url: String) -> Self {
        Self { folder, url, step: 0 }
    }

    /// Says what is to come.
    pub fn open(&self) {
        out::line(format_args!(
            "Crossdock serves on {}. Two companies, Acme and Bolt, are going to trade on it.",
            self.url
        ));
        out::line("Keys and passwords stay in files that only you can read: no key is printed.");
    }

    /// Says what can be done now.
    pub fn close(&self, once: bool) {
        out::line("");
        out::line("All went as it should. What you can do now:");
        if !once {
            out::line(format_args!("  look around      {}/swagger/index.html", self.url));
            out::line(format_args!("  check the audit  crossdock audit verify --data {}", self.path("data")));
        }
        out::line(format_args!("  serve it again   crossdock serve --data {}", self.path("data")));
        out::line(format_args!("  forget it        rm -r {}", self.folder.display()));
        if !once {
            out::line("");
            out::line("Serving on; Ctrl-C ends it.");
        }
    }

    /// Begins a step.
    pub fn step(&mut self, what: &str) {
        self.step += 1;
        out::line("");
        out::line(format_args!("{:2}  {what}", self.step));
    }

    /// Shows the essentials of an answer.
    pub fn shows(&self, what: impl std::fmt::Display) {
        out::line(format_args!("    → {what}"));
    }

    /// A failure of this step.
    pub fn wrong(&self, what: &str) -> Failed {
        Failed(format!("step {} did not do what it should: {what}", self.step))
    }

    fn path(&self, file: &str) -> String {
        self.folder.join(file).display().to_string()
    }

    /// Keeps something for our eyes only.
    pub fn keep(&self, file: &str, content: &[u8]) -> Result<(), Failed> {
        private::file(&self.folder.join(file), content)
    }

    /// Reads a file back.
    pub fn kept(&self, file: &str) -> Result<Zeroizing<String>, Failed> {
        let path = self.folder.join(file);
        let text = fs::read_to_string(&path).map(Zeroizing::new).map_err(|error| Failed::at(&path, &error))?;
        Ok(Zeroizing::new(text.trim().to_owned()))
    }

    /// Asks with the key in a file, and gives status, error code and data.
    pub async fn ask(&self, key: &str, method: &str, path: &str, body: &Body) -> Result<Answer, Failed> {
        self.show(key, method, path, body, "");
        self.send(key, method, path, body).await
    }

    /// Asks, and gives the data of a success.
    pub async fn call(&self, key: &str, method: &str, path: &str, body: &Body) -> Result<Value, Failed> {
        self.ask(key, method, path, body).await?.data(self)
    }

    /// Asks for a key, which goes into a file.
    pub async fn fetch_key(&self, key: &str, method: &str, path: &str, file: &str) -> Result<(), Failed> {
        let pick = format!(" \\\n        | sed 's/.*\"data\":\"\\([^\"]*\\)\".*/\\1/' > {}", self.path(file));
        self.show(key, method, path, &Body::Nothing, &pick);
        match self.send(key, method, path, &Body::Nothing).await?.data(self)? {
            Value::String(text) => self.keep(file, Zeroizing::new(text).as_bytes()),
            _ => Err(self.wrong("the answer holds no key")),
        }
    }

    /// Asks without showing it.
    pub async fn send(&self, key: &str, method: &str, path: &str, body: &Body) -> Result<Answer, Failed> {
        let client = Client::new(&self.url, &self.kept(key)?)?;
        let value = match body {
            Body::Nothing => None,
            Body::Shown(value) => Some(value),
            Body::Kept(_, file, value) => {
                self.keep(file, value.to_string().as_bytes())?;
                Some(value)
            }
        };
        let (status, envelope) = client.ask(method, path, value).await?;
        Ok(Answer { status: status.as_u16(), envelope })
    }

    fn show(&self, key: &str, method: &str, path: &str, body: &Body, after: &str) {
        let verb = match (method, body) {
            ("GET", Body::Nothing) | ("POST", Body::Shown(_) | Body::Kept(..)) => String::new(),
            _ => format!("-X {method} "),
        };
        let sent = match body {
            Body::Nothing => String::new(),
            Body::Shown(value) => format!(" \\\n        --json '{value}'"),
            Body::Kept(what, file, _) => format!(" \\\n        --json @{}   # {what}", self.path(file)),
        };
        out::line(format_args!(
            "    $ curl -s {verb}{}{path} \\\n        -H \"X-API-Key: $(cat {})\"{sent}{after}",
            self.url,
            self.path(key)
        ));
    }
}

/// What the server said.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    envelope: Value,
}

impl Answer {
    /// A text member of the envelope.
    pub fn text(&self, member: &str) -> &str {
        self.envelope.get(member).and_then(Value::as_str).unwrap_or_default()
    }

    /// The data, if it is a list.
    pub fn list(&self) -> Option<&Vec<Value>> {
        self.envelope.get("data").and_then(Value::as_array)
    }

    /// The data of a success.
    fn data(mut self, stage: &Stage) -> Result<Value, Failed> {
        if self.status != 200 {
            return Err(stage.wrong(&format!("{} {}", self.status, self.text("message"))));
        }
        Ok(self.envelope.get_mut("data").map(Value::take).unwrap_or_default())
    }
}
