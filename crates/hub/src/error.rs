//! What can go wrong, as the contract names it: a kind for programs, a message for the caller, a source for our log.

use std::{borrow::Cow, error, fmt, time::Duration};

/// The contract's closed list of error codes, and the additive ones of decision C3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// No credential, or a key that signs nobody in (decision A7).
    InvalidApiKey,
    /// A token that signs nobody in.
    InvalidSession,
    /// The level, the kind of credential or a rule forbids it.
    AccessDenied,
    /// Missing, or out of the caller's reach: the two are not told apart.
    ObjectNotFound,
    /// The request is wrong.
    InvalidParameter,
    /// It exists already.
    DuplicateObject,
    /// Too many requests.
    RateLimitExceeded,
    /// The body is too large.
    PayloadTooLarge,
    /// The body's media type is not understood.
    UnsupportedMediaType,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// The body did not arrive in time.
    RequestTimeout,
    /// The store is full, busy or out of reach.
    ServiceUnavailable,
    /// Our fault.
    Internal,
}

/// One wrong field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The field as the contract spells it.
    pub param: Cow<'static, str>,
    /// What is wrong, and what would be right.
    pub reason: String,
}

/// A failure with everything a surface needs to answer it.
#[derive(Debug)]
pub struct Error {
    /// For programs.
    pub kind: Kind,
    /// For the caller. Never names ids or secrets.
    pub message: Cow<'static, str>,
    /// The wrong fields.
    pub problems: Vec<Problem>,
    /// When trying again may help.
    pub retry_after: Option<Duration>,
    /// For our log. Never leaves the server.
    pub source: Option<Box<dyn error::Error + Send + Sync>>,
}

/// What the hub answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A failure of a kind.
    pub fn new(kind: Kind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into(), problems: Vec::new(), retry_after: None, source: None }
    }
    /// The object is missing or out of reach.
    pub fn not_found(what: &'static str) -> Self {
        Self::new(Kind::ObjectNotFound, format!("The {what} was not found."))
    }
    /// The caller may not.
    pub fn denied(why: &'static str) -> Self {
        Self::new(Kind::AccessDenied, why)
    }
    /// A field is wrong.
    pub fn parameter(param: impl Into<Cow<'static, str>>, reason: impl Into<String>) -> Self {
        let problem = Problem { param: param.into(), reason: reason.into() };
        let mut error = Self::new(Kind::InvalidParameter, format!("{}: {}", problem.param, problem.reason));
        error.problems.push(problem);
        error
    }
    /// A thing of that name exists already.
    pub fn duplicate(param: impl Into<Cow<'static, str>>, reason: impl Into<String>) -> Self {
        Self { kind: Kind::DuplicateObject, ..Self::parameter(param, reason) }
    }
    /// Our fault; what is told to nobody but the log.
    pub fn internal(source: impl Into<Box<dyn error::Error + Send + Sync>>) -> Self {
        let message = "Something went wrong on our side. The request id finds it in the server's log.";
        Self { source: Some(source.into()), ..Self::new(Kind::Internal, message) }
    }
    /// Not now.
    pub fn unavailable(after: Duration, message: &'static str) -> Self {
        Self { retry_after: Some(after), ..Self::new(Kind::ServiceUnavailable, message) }
    }
    /// Too often.
    pub fn too_many(after: Duration, message: &'static str) -> Self {
        Self { retry_after: Some(after), ..Self::new(Kind::RateLimitExceeded, message) }
    }
    /// Whether it was decided that nothing happens. Otherwise what happened may be unknown, or undone by trying again.
    pub fn is_verdict(&self) -> bool {
        !matches!(self.kind, Kind::Internal | Kind::ServiceUnavailable)
    }
    /// Whether a signed-in caller was refused, which is recorded.
    pub fn is_refusal(&self) -> bool {
        matches!(self.kind, Kind::AccessDenied | Kind::ObjectNotFound)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.source.as_ref().map(|s| &**s as &(dyn error::Error + 'static))
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        let Some(after) = error.retry_after() else { return Self::internal(error) };
        let message = match error {
            // The commit may have been sent before the database went away.
            store::Error::Unavailable(_) => {
                "The store cannot be reached. If this was to change something, look whether it did before you try again."
            }
            _ => "The store cannot take this now. Nothing was changed; try again.",
        };
        Self { source: Some(error.into()), ..Self::unavailable(after, message) }
    }
}
