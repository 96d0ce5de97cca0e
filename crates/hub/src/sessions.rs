//! Sessions: password and key sign-in, refresh, logout (decisions A1 to A15, rulings 19, 22, 23).

use crate::{Context, Credential, Error, Hub, Kind, Result, keys, operation::Staged, passwords};
use model::*;
use std::time::Duration;
use store::keys::NewKey;
use store::users::LockOut;
use zeroize::Zeroizing;

/// Whom a login may mean. With two, an answer that depends on which password fits would let one tenant, with a user of
/// the same name and a password to try, learn another's: a login that several networks have is refused without a network.
const CANDIDATES: usize = 1;

/// Five failures in a row lock password sign-in for half a minute, each further one for as long again (api-keys 8).
const LOCK_OUT: LockOut = LockOut { failures: 5, step_ms: 30_000 };

/// A session key made by signing in with a key lives at most this long (api-keys 9).
const SESSION_KEY_LIFE: Duration = Duration::from_secs(24 * 3600);

/// A token may be handed in for a new one until this long after its end (decision A4).
const LATE_REFRESH: Duration = Duration::from_secs(5 * 60);

/// What a sign-in gives.
pub struct SignedIn {
    /// The bearer token.
    pub token: Zeroizing<String>,
    /// When it ends.
    pub expires: Time,
    /// Whose it is.
    pub user: UserId,
    /// What gets the next token without signing in again.
    pub refresh: Zeroizing<String>,
    /// The session key, when a key signed in.
    pub session_key: Option<KeyText>,
}

impl Hub {
    /// Which one user a login and password mean. Every failure costs the same and answers the same.
    pub async fn check_password(&self, login: &str, password: &Password, network: Option<NetworkId>) -> Result<Staged> {
        let (now, text) = (self.clock.now(), login.to_owned());
        let limit = CANDIDATES as i64 + 1;
        let mut candidates =
            self.db.scan(move |tx| Ok::<_, Error>(store::users::candidates(tx, &text, network, limit)?)).await?;
        if candidates.len() > CANDIDATES {
            candidates.clear();
        }
        let hashes = candidates.iter().map(|c| c.password_hash.clone()).collect();
        let fits = self.passwords.fitting(password, hashes).await?;
        let open = |c: &&store::users::Candidate| c.locked_until.is_none_or(|until| until <= now);
        let fitting: Vec<UserId> =
            candidates.iter().zip(&fits).filter(|(c, fits)| **fits && open(c)).map(|(c, _)| c.user).collect();
        if let [user] = fitting.as_slice() {
            return Ok(Staged::Fits(*user));
        }
        let failed: Vec<UserId> =
            candidates.iter().zip(&fits).filter(|(_, fits)| !**fits).map(|(c, _)| c.user).collect();
        self.note_failures(failed, now).await?;
        Err(passwords::refused())
    }

    async fn note_failures(&self, users: Vec<UserId>, now: Time) -> Result<()> {
        if users.is_empty() {
            return Ok(());
        }
        self.db
            .write(move |tx| {
                for user in &users {
                    store::users::note_failure(tx, *user, LOCK_OUT, now)?;
                }
                Ok(())
            })
            .await
    }
}

impl Context<'_, '_> {
    /// Opens a session for the user whose password fitted.
    pub fn open_session(&mut self) -> Result<SignedIn> {
        let Staged::Fits(user) = *self.staged() else { return Err(passwords::refused()) };
        let user = store::users::find(self.tx, user)?.ok_or_else(passwords::refused)?;
        self.require_can_sign_in(&user)?;
        store::users::note_success(self.tx, user.id)?;
        self.sign_in_as(&user, None, None)
    }

    /// Suspended and terminated users, and those of terminated mailboxes and networks, do not sign in (decision A15, A17).
    fn require_can_sign_in(&mut self, user: &User) -> Result<()> {
        let network = store::networks::find(self.tx, user.network)?.map(|n| n.status);
        let mailbox = match user.mailbox {
            Some(id) => store::mailboxes::find(self.tx, id)?.map(|m| m.status),
            None => None,
        };
        let ended = matches!(user.status, Status::Suspended | Status::Terminated)
            || network.is_none_or(|status| status == Status::Terminated)
            || mailbox == Some(Status::Terminated);
        if ended { Err(passwords::refused()) } else { Ok(()) }
    }

    /// Opens a session with a primary key: a token and a session key, both of kind Session, that die with it (ruling 19).
    pub fn open_key_session(&mut self, key: &str) -> Result<SignedIn> {
        let refused = || Error::new(Kind::InvalidApiKey, "The API key is missing or signs nobody in.");
        let caller = self.hub.by_key(self.tx, key, self.now)?.ok_or_else(refused)?;
        if caller.credential != Credential::Primary {
            return Err(Error::denied("Only a primary key may sign in."));
        }
        let parent = KeyId::new(caller.credential_id);
        let expires = self.now.plus(SESSION_KEY_LIFE).min(caller.expires.unwrap_or(Time::NEVER));
        let text = self.hub.random_key(KeyKind::Session)?;
        let lookup = self.hub.vault.lookup(text.expose());
        let new = NewKey {
            user: caller.user.id,
            kind: KeyKind::Session,
            uuid: self.hub.chance.bytes()?,
            lookup,
            sealed: None,
            hint: text.hint(),
            scopes: None,
            parent,
            expires: Some(expires),
        };
        store::keys::insert(self.tx, &new, self.now)?;
        self.note.fingerprint = Some(keys::fingerprint(&lookup));
        let signed_in = self.sign_in_as(&caller.user, parent, caller.expires)?;
        Ok(SignedIn { session_key: Some(text), ..signed_in })
    }

    fn sign_in_as(&mut self, user: &User, key: Option<KeyId>, end: Option<Time>) -> Result<SignedIn> {
        let token_id: [u8; 16] = self.hub.chance.bytes()?;
        let session_end = self.now.plus(self.hub.settings.session_life).min(end.unwrap_or(Time::NEVER));
        let token_end = self.now.plus(self.hub.settings.token_life).min(session_end);
        let session = store::sessions::insert(self.tx, user.id, key, &token_id, token_end, self.now, session_end)?;
        self.note.user = Some(user.id);
        self.note.chain = Some(user.network);
        self.about(format!("session {session}"));
        let refresh = self.new_refresh(session)?;
        let token = self.hub.signer.sign(user.id, &token_id, self.now, token_end)?;
        Ok(SignedIn { token, expires: token_end, user: user.id, refresh, session_key: None })
    }

    fn new_refresh(&mut self, session: i64) -> Result<Zeroizing<String>> {
        let text = self.hub.random_text()?;
        store::sessions::insert_refresh(self.tx, &self.hub.vault.lookup(&text), session)?;
        Ok(text)
    }

    /// A new token for a session, from its refresh text or its token; the old ones are used up (decision A4).
    pub fn refresh(&mut self, given: Refresh<'_>) -> Result<Refreshed> {
        let ended = || Error::new(Kind::InvalidSession, "The token cannot be refreshed. Sign in again.");
        let (session, old) = match given {
            Refresh::Text(text) => {
                let lookup = self.hub.vault.lookup(text);
                let found = store::sessions::find_refresh(self.tx, &lookup)?.ok_or_else(ended)?;
                if found.used.is_some() || !store::sessions::use_refresh(self.tx, &lookup, self.now)? {
                    return self.end_for_reuse(&found.session);
                }
                (found.session, None)
            }
            Refresh::Token(text) => {
                let token = self.hub.signer.read(text).ok_or_else(ended)?;
                (store::sessions::find(self.tx, &token)?.ok_or_else(ended)?, Some(token))
            }
        };
        let late = old.is_some() && session.token_expires.plus(LATE_REFRESH) <= self.now;
        let over = session.revoked.is_some() && session.valid_until.is_none_or(|until| until <= self.now);
        if late || over || session.expires <= self.now {
            return Err(ended());
        }
        let user = store::users::find(self.tx, session.user)?.ok_or_else(ended)?;
        self.require_can_sign_in(&user).map_err(|_| ended())?;
        let token_id: [u8; 16] = self.hub.chance.bytes()?;
        let token_end = self.now.plus(self.hub.settings.token_life).min(session.expires);
        if !store::sessions::rotate(self.tx, session.id, old.as_ref(), &token_id, token_end)? {
            return Err(ended());
        }
        self.note.user = Some(user.id);
        self.note.chain = Some(user.network);
        self.about(format!("session {}", session.id));
        // One chain of refresh texts: what was there before this answer is used up, also by the token.
        store::sessions::use_refreshes(self.tx, session.id, self.now)?;
        let refresh = self.new_refresh(session.id)?;
        let token = self.hub.signer.sign(user.id, &token_id, self.now, token_end)?;
        Ok(Refreshed::Again(SignedIn { token, expires: token_end, user: user.id, refresh, session_key: None }))
    }

    /// A refresh text that comes twice is in two hands: the session ends, for both.
    fn end_for_reuse(&mut self, session: &store::sessions::Session) -> Result<Refreshed> {
        store::sessions::revoke(self.tx, session.id, self.now)?;
        let user = store::users::find(self.tx, session.user)?;
        self.note.event = Some("auth.refresh_reuse");
        self.note.user = Some(session.user);
        self.note.chain = user.map(|u| u.network);
        self.about(format!("session {}", session.id));
        Ok(Refreshed::Ended)
    }

    /// Ends the session of the caller. A primary or secondary key goes on working (decision A9).
    pub fn logout(&mut self) -> Result<()> {
        let caller = self.caller()?;
        match caller.credential {
            Credential::Token | Credential::Session if caller.is_token() => {
                store::sessions::revoke(self.tx, caller.credential_id, self.now)?
            }
            Credential::Session => {
                if let Some(key) = KeyId::new(caller.credential_id) {
                    store::keys::revoke(self.tx, key, self.now)?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// What is handed in for a new token.
#[derive(Clone, Copy)]
pub enum Refresh<'a> {
    /// A refresh text.
    Text(&'a str),
    /// The token itself.
    Token(&'a str),
}

/// What a refresh gives.
pub enum Refreshed {
    /// A new token.
    Again(SignedIn),
    /// The refresh text had been used before: the session ended, which must be durable although nobody is signed in.
    Ended,
}
