//! Users.

use crate::{
    db::{FromRow, Row, Tx},
    error::Result,
    scope::{Page, Scope},
    sql::{Only, fold, id, made, name, opt_id, time},
};
use model::*;

pub(crate) const STATEMENTS: &[&str] = &[
    FIND,
    LOGIN_TAKEN,
    INSERT,
    LIST,
    COUNT,
    UPDATE,
    SET_STATUS,
    SET_ROLE,
    CANDIDATES,
    CANDIDATES_BY_EMAIL,
    NOTE_FAILURE,
    NOTE_SUCCESS,
    OTHERS_AT_LEVEL,
    ANY,
    FIRST_AT_LEVEL,
    HOLD,
    HOLD_ALONE,
    WITH_PRIMARY_KEY,
];

const FIND: &str = "SELECT user_id, network_id, mailbox_id, trading_id, login, email, first_name, last_name, level,
    status, created_at FROM users WHERE user_id = $1";
const LOGIN_TAKEN: &str = "SELECT user_id FROM users WHERE network_id = $1 AND login_key = $2
    AND (status <> 'Terminated' OR terminated_at > $3) LIMIT 1";
const INSERT: &str = "INSERT INTO users (network_id, mailbox_id, trading_id, login, login_key, email, email_key,
    first_name, last_name, level, status, password_hash, failed_logins, rev, created_at, modified_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, $13, $13) RETURNING user_id";
const LIST: &str = "SELECT user_id, network_id, mailbox_id, trading_id, login, email, first_name, last_name, level,
    status, created_at FROM users
    WHERE (CAST($1 AS BIGINT) IS NULL OR network_id = $1) AND (CAST($2 AS BIGINT) IS NULL OR mailbox_id = $2)
      AND (CAST($3 AS BIGINT) IS NULL OR user_id = $3) AND (CAST($4 AS BIGINT) IS NULL OR network_id = $4)
      AND (CAST($5 AS BIGINT) IS NULL OR mailbox_id = $5) AND (CAST($6 AS TEXT) IS NULL OR level = $6)
      AND (CAST($7 AS TEXT) IS NULL AND status <> 'Terminated' OR status = $7)
    ORDER BY user_id LIMIT $8 OFFSET $9";
const COUNT: &str = "SELECT count(*) FROM (SELECT 1 AS one FROM users
    WHERE (CAST($1 AS BIGINT) IS NULL OR network_id = $1) AND (CAST($2 AS BIGINT) IS NULL OR mailbox_id = $2)
      AND (CAST($3 AS BIGINT) IS NULL OR user_id = $3) AND (CAST($4 AS BIGINT) IS NULL OR network_id = $4)
      AND (CAST($5 AS BIGINT) IS NULL OR mailbox_id = $5) AND (CAST($6 AS TEXT) IS NULL OR level = $6)
      AND (CAST($7 AS TEXT) IS NULL AND status <> 'Terminated' OR status = $7) LIMIT 10001) AS few";
const UPDATE: &str = "UPDATE users SET email = $2, email_key = $3, first_name = $4, last_name = $5, rev = rev + 1,
    modified_at = $6 WHERE user_id = $1";
const SET_STATUS: &str = "UPDATE users SET status = $3, modified_at = $4, rev = rev + 1,
    terminated_at = CASE WHEN $3 = 'Terminated' THEN CAST($4 AS BIGINT) END WHERE user_id = $1 AND status = $2";
const SET_ROLE: &str = "UPDATE users SET level = $2, network_id = $3, mailbox_id = $4, trading_id = $5,
    modified_at = $6, rev = rev + 1 WHERE user_id = $1";
const CANDIDATES: &str = "SELECT user_id, password_hash, locked_until FROM users
    WHERE login_key = $1 AND status <> 'Terminated' AND password_hash IS NOT NULL
      AND (CAST($2 AS BIGINT) IS NULL OR network_id = $2) ORDER BY user_id LIMIT $3";
const CANDIDATES_BY_EMAIL: &str = "SELECT user_id, password_hash, locked_until FROM users
    WHERE email_key = $1 AND status <> 'Terminated' AND password_hash IS NOT NULL
      AND (CAST($2 AS BIGINT) IS NULL OR network_id = $2) ORDER BY user_id LIMIT $3";
const NOTE_FAILURE: &str = "UPDATE users SET failed_logins = failed_logins + 1,
    locked_until = CASE WHEN failed_logins + 1 >= $2 THEN CAST($3 AS BIGINT) + CAST($4 AS BIGINT) * (failed_logins + 2 - $2) ELSE locked_until END
    WHERE user_id = $1";
const NOTE_SUCCESS: &str = "UPDATE users SET failed_logins = 0, locked_until = NULL
    WHERE user_id = $1 AND failed_logins > 0";
const OTHERS_AT_LEVEL: &str = "SELECT count(*) FROM users WHERE level = $1 AND status = 'Active' AND user_id <> $2
    AND (CAST($3 AS BIGINT) IS NULL OR network_id = $3)";
const ANY: &str = "SELECT count(*) FROM (SELECT user_id FROM users LIMIT 1) AS one";

const HOLD: &str = "SELECT user_id FROM users WHERE user_id = $1 {share}";
const HOLD_ALONE: &str = "SELECT user_id FROM users WHERE user_id = $1 {alone}";
const FIRST_AT_LEVEL: &str = "SELECT user_id, network_id, mailbox_id, trading_id, login, email, first_name, last_name,
    level, status, created_at FROM users WHERE level = $1 AND status = 'Active' ORDER BY user_id LIMIT 1";
const WITH_PRIMARY_KEY: &str = "SELECT u.user_id, u.network_id, u.mailbox_id, u.trading_id, u.login, u.email,
    u.first_name, u.last_name, u.level, u.status, u.created_at
    FROM users u JOIN keys k ON k.user_id = u.user_id WHERE k.kind = 'Primary' AND k.revoked_at IS NULL
    ORDER BY u.user_id";

/// The columns of a user, from `first` on: also a part of the sign-in read.
pub(crate) fn from_columns(row: &Row<'_>, first: usize) -> Result<User> {
    Ok(User {
        id: id(row, first)?,
        network: id(row, first + 1)?,
        mailbox: opt_id(row, first + 2)?,
        trading_id: opt_id(row, first + 3)?,
        login: row.get(first + 4)?,
        email: row.get(first + 5)?,
        first_name: row.get(first + 6)?,
        last_name: row.get(first + 7)?,
        level: name(row, first + 8)?,
        status: name(row, first + 9)?,
        created: time(row, first + 10)?,
    })
}

impl FromRow for User {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        from_columns(row, 0)
    }
}

/// The user.
pub fn find(tx: &mut Tx<'_>, user: UserId) -> Result<Option<User>> {
    tx.one(FIND, &[&user.get()])
}

/// Whether a login name is in use in a network, or was by somebody terminated after `since` (ruling 23).
/// Take the network's row first: uniqueness over states is no constraint of the table.
pub fn login_taken(tx: &mut Tx<'_>, network: NetworkId, login: &Login, since: Time) -> Result<bool> {
    let taken = tx.one::<i64>(LOGIN_TAKEN, &[&network.get(), &fold(login.as_str()), &since.0])?;
    Ok(taken.is_some())
}

/// How a unit of work holds a user's row until it commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// With others that only need it to stay as it is.
    Shared,
    /// Alone: it is about to change.
    Alone,
}

/// Holds a user's row, so that what is read of the user from now on stays true until this unit commits: a unit of a user
/// who is being suspended, or whose key is being replaced, commits before that or sees it.
pub fn hold(tx: &mut Tx<'_>, user: UserId, hold: Hold) -> Result<()> {
    if tx.is_alone() {
        return Ok(());
    }
    let sql = match hold {
        Hold::Shared => HOLD,
        Hold::Alone => HOLD_ALONE,
    };
    tx.one::<i64>(sql, &[&user.get()]).map(drop)
}

/// What a new user is made of.
#[derive(Debug)]
pub struct NewUser {
    /// Its network.
    pub network: NetworkId,
    /// Its mailbox.
    pub mailbox: Option<MailboxId>,
    /// The one trading id of a TPUser.
    pub trading_id: Option<TradingId>,
    /// Login name.
    pub login: Login,
    /// E-mail address.
    pub email: Email,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Level.
    pub level: AuthLevel,
    /// The hash of its password, in PHC form; none: no password sign-in.
    pub password_hash: Option<String>,
}

/// A new, active user.
pub fn insert(tx: &mut Tx<'_>, new: &NewUser, now: Time) -> Result<UserId> {
    let row = tx.one::<Only<UserId>>(
        INSERT,
        &[
            &new.network.get(),
            &new.mailbox.map(Id::get),
            &new.trading_id.map(Id::get),
            &new.login.as_str(),
            &fold(new.login.as_str()),
            &new.email.as_str(),
            &fold(new.email.as_str()),
            &new.first_name,
            &new.last_name,
            &new.level.as_str(),
            &Status::Active.as_str(),
            &new.password_hash,
            &now.0,
        ],
    )?;
    made(row).map(|m| m.0)
}

/// What a list of users is narrowed by.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Of this network.
    pub network: Option<NetworkId>,
    /// Of this mailbox.
    pub mailbox: Option<MailboxId>,
    /// Of this level.
    pub level: Option<AuthLevel>,
    /// In this state; terminated ones are listed only when asked for.
    pub status: Option<Status>,
}

/// A page of users in id order, and how many there are in all.
pub fn list(tx: &mut Tx<'_>, scope: Scope, filter: Filter, page: Page) -> Result<(Vec<User>, i64)> {
    let (network, mailbox, user) = (scope.network(), scope.users_mailbox(), scope.user());
    let (of, at) = (filter.network.map(Id::get), filter.mailbox.map(Id::get));
    let (level, status) = (filter.level.map(AuthLevel::as_str), filter.status.map(Status::as_str));
    let rows = tx.rows(LIST, &[&network, &mailbox, &user, &of, &at, &level, &status, &page.limit, &page.skip])?;
    let total = tx.one::<i64>(COUNT, &[&network, &mailbox, &user, &of, &at, &level, &status])?.unwrap_or(0);
    Ok((rows, total))
}

/// Writes the profile members of a user.
pub fn update(tx: &mut Tx<'_>, user: &User, now: Time) -> Result<()> {
    let args: [&dyn crate::db::Arg; 6] =
        [&user.id.get(), &user.email, &fold(&user.email), &user.first_name, &user.last_name, &now.0];
    tx.run(UPDATE, &args).map(drop)
}

/// Moves a user from one state to another; false when it was not in the first.
pub fn set_status(tx: &mut Tx<'_>, user: UserId, from: Status, to: Status, now: Time) -> Result<bool> {
    Ok(tx.run(SET_STATUS, &[&user.get(), &from.as_str(), &to.as_str(), &now.0])? == 1)
}

/// Writes level, network, mailbox and trading id of a user.
pub fn set_role(tx: &mut Tx<'_>, user: &User, now: Time) -> Result<()> {
    tx.run(
        SET_ROLE,
        &[
            &user.id.get(),
            &user.level.as_str(),
            &user.network.get(),
            &user.mailbox.map(Id::get),
            &user.trading_id.map(Id::get),
            &now.0,
        ],
    )
    .map(drop)
}

/// Somebody who may be meant by a login.
#[derive(Debug)]
pub struct Candidate {
    /// The user.
    pub user: UserId,
    /// The hash of its password.
    pub password_hash: String,
    /// Locked out of password sign-in until then.
    pub locked_until: Option<Time>,
}
impl FromRow for Candidate {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { user: id(row, 0)?, password_hash: row.get(1)?, locked_until: row.get::<Option<i64>>(2)?.map(Time) })
    }
}

/// Those with a password whose login is the text; where there are none, those whose e-mail it is. At most `limit`. An
/// e-mail is not unique: it never stands in the way of somebody whose login it is.
pub fn candidates(tx: &mut Tx<'_>, text: &str, network: Option<NetworkId>, limit: i64) -> Result<Vec<Candidate>> {
    let by_login = tx.rows(CANDIDATES, &[&fold(text), &network.map(Id::get), &limit])?;
    if !by_login.is_empty() {
        return Ok(by_login);
    }
    tx.rows(CANDIDATES_BY_EMAIL, &[&fold(text), &network.map(Id::get), &limit])
}

/// How failed password sign-ins lock a user out.
#[derive(Clone, Copy, Debug)]
pub struct LockOut {
    /// From this many failures in a row on.
    pub failures: i64,
    /// For this long, and as long again for each further failure, in milliseconds.
    pub step_ms: i64,
}

/// Counts a failed password sign-in.
pub fn note_failure(tx: &mut Tx<'_>, user: UserId, rule: LockOut, now: Time) -> Result<()> {
    tx.run(NOTE_FAILURE, &[&user.get(), &rule.failures, &now.0, &rule.step_ms]).map(drop)
}

/// Forgets failed password sign-ins.
pub fn note_success(tx: &mut Tx<'_>, user: UserId) -> Result<()> {
    tx.run(NOTE_SUCCESS, &[&user.get()]).map(drop)
}

/// How many other active users of a level there are, in a network or on the hub.
pub fn others_at_level(tx: &mut Tx<'_>, level: AuthLevel, but: UserId, network: Option<NetworkId>) -> Result<i64> {
    let count = tx.one::<i64>(OTHERS_AT_LEVEL, &[&level.as_str(), &but.get(), &network.map(Id::get)])?;
    Ok(count.unwrap_or(0))
}

/// Whether there is any user: a store without one is a first start.
pub fn any(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(tx.one::<i64>(ANY, &[])?.unwrap_or(0) > 0)
}

/// The oldest active user of a level.
pub fn first_at_level(tx: &mut Tx<'_>, level: AuthLevel) -> Result<Option<User>> {
    tx.one(FIRST_AT_LEVEL, &[&level.as_str()])
}

/// Every user with a current primary key. For `recover`, which works while nothing else does.
pub fn with_primary_key(tx: &mut Tx<'_>) -> Result<Vec<User>> {
    tx.rows(WITH_PRIMARY_KEY, &[])
}
