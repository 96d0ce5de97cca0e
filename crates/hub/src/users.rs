//! Users: who may make, change and end whom. The rules beyond the access table are the named verbs here.

use crate::{
    Caller, Context, Error, Kind, Result,
    access::Place,
    operation::{Located, Staged},
};
use model::*;
use std::time::Duration;
use store::users::{Hold, NewUser};

/// How long the login name of a terminated user stays taken (ruling 23).
const NAME_REST: Duration = Duration::from_secs(180 * 24 * 3600);

impl Located for User {
    const WHAT: &'static str = "user";
    fn places(&self) -> Vec<Place> {
        vec![Place { network: self.network, mailbox: self.mailbox, user: Some(self.id), trading_id: None }]
    }
}

/// Where a user is, or is to be put.
#[derive(Debug)]
pub struct Seat {
    /// Network.
    pub network: Network,
    /// Mailbox; none: network level.
    pub mailbox: Option<Mailbox>,
}
impl Located for Seat {
    const WHAT: &'static str = "network or mailbox";
    fn places(&self) -> Vec<Place> {
        let mailbox = self.mailbox.as_ref().map(|m| m.id);
        vec![Place { network: self.network.id, mailbox, user: None, trading_id: None }]
    }
}

/// A rule of rank: nobody touches the keys or the record of somebody above.
fn require_rank(caller: &Caller, level: AuthLevel) -> Result<()> {
    if level.rank() > caller.user.level.rank() {
        return Err(Error::denied("That user's AuthLevel is above yours."));
    }
    Ok(())
}

/// A rule of rank: nobody grants a level above the own.
fn require_grantable(caller: &Caller, level: AuthLevel) -> Result<()> {
    if level.rank() > caller.user.level.rank() {
        return Err(Error::denied("You cannot grant an AuthLevel above your own."));
    }
    Ok(())
}

fn require_live(user: &User) -> Result<()> {
    if user.status == Status::Terminated {
        return Err(Error::new(Kind::InvalidParameter, "The user is terminated, which is for ever."));
    }
    Ok(())
}

impl Context<'_, '_> {
    /// The user; missing is not found.
    pub fn user(&mut self, user: UserId) -> Result<User> {
        store::users::find(self.tx, user)?.ok_or_else(|| Error::not_found("user"))
    }

    /// A user that the caller may change: not above the caller, and not terminated.
    pub(crate) fn require_changeable(&self, user: &User) -> Result<()> {
        require_rank(self.caller()?, user.level)?;
        require_live(user)
    }

    /// A user that is about to be changed, held alone until this unit commits, as it is now.
    pub(crate) fn hold_user(&mut self, user: &User) -> Result<User> {
        store::users::hold(self.tx, user.id, Hold::Alone)?;
        let user = store::users::find(self.tx, user.id)?;
        self.within_reach(user)
    }

    /// The rule of rank, for whoever looks at a key.
    pub(crate) fn require_rank_over(&self, user: &User) -> Result<()> {
        require_rank(self.caller()?, user.level)
    }

    /// A network and mailbox for a user. `mailbox`: `None` = the caller's, where that is in the network; `Some(None)` =
    /// none. Terminated ones are not found (ruling 31).
    pub fn seat(&mut self, network: Option<NetworkId>, mailbox: Option<Option<MailboxId>>) -> Result<Seat> {
        let home = self.caller()?.home();
        let network = network.unwrap_or(home.network);
        let mailbox = mailbox.unwrap_or(home.mailbox.filter(|_| network == home.network));
        // Both are looked up whatever the first gives: how long it takes tells nothing.
        let found = store::networks::find(self.tx, network)?;
        let within = mailbox.map(|id| store::mailboxes::find(self.tx, id)).transpose()?.flatten();
        let network = found.filter(|n| n.status != Status::Terminated).ok_or_else(|| Error::not_found(Seat::WHAT))?;
        let within = within.filter(|m| m.network == network.id && m.status != Status::Terminated);
        if mailbox.is_some() && within.is_none() {
            return Err(Error::not_found(Seat::WHAT));
        }
        let mailbox = within;
        Ok(Seat { network, mailbox })
    }

    /// What a level asks of its seat: mailbox levels have a mailbox, a TPUser may have one id of that mailbox.
    fn require_seat(&mut self, seat: &Seat, level: AuthLevel, trading_id: Option<TradingId>) -> Result<()> {
        if level == AuthLevel::NoChange {
            return Err(Error::parameter("authLevel", "NoChange is no level; name the user's level"));
        }
        if seat.mailbox.is_none() && !level.is_network_level() {
            return Err(Error::parameter("mailboxId", format!("a {level} needs a mailbox")));
        }
        let Some(trading_id) = trading_id else { return Ok(()) };
        if level != AuthLevel::TpUser {
            return Err(Error::parameter("ecGridId", "only a TPUser has one"));
        }
        let id = store::trading_ids::find(self.tx, trading_id)?;
        let mailbox = seat.mailbox.as_ref().map(|m| m.id);
        let fits = id.is_some_and(|id| Some(id.mailbox) == mailbox && id.status != Status::Terminated);
        if fits { Ok(()) } else { Err(Error::not_found("ECGrid ID")) }
    }

    /// Makes a user, and its primary key.
    pub fn create_user(&mut self, profile: Profile<'_>, seat: Seat, level: AuthLevel) -> Result<User> {
        require_grantable(self.caller()?, level)?;
        self.require_seat(&seat, level, profile.trading_id)?;
        let Staged::Hash(password_hash) = self.staged() else {
            return Err(Error::internal("a user is made without a password"));
        };
        let new = NewUser {
            network: seat.network.id,
            mailbox: seat.mailbox.map(|m| m.id),
            trading_id: profile.trading_id,
            login: profile.login.clone(),
            email: profile.email.clone(),
            first_name: profile.first_name.map_or_else(String::new, |n| n.as_str().to_owned()),
            last_name: profile.last_name.map_or_else(String::new, |n| n.as_str().to_owned()),
            level,
            password_hash: Some(password_hash.clone()),
        };
        // Uniqueness over states: the network's row goes first (ruling 10).
        store::networks::take(self.tx, new.network)?;
        let since = Time(self.now.0 - i64::try_from(NAME_REST.as_millis()).unwrap_or(0));
        if store::users::login_taken(self.tx, new.network, &new.login, since)? {
            return Err(Error::duplicate("login", "is taken in this network"));
        }
        let id = store::users::insert(self.tx, &new, self.now)?;
        let user = self.user(id)?;
        let fingerprint = self.mint_primary(&user, None)?;
        self.about(format!("user {id}"));
        self.note.fingerprint = Some(fingerprint);
        Ok(user)
    }

    /// Changes a user's profile, and its status when that is asked for (decision E1).
    pub fn update_user(&mut self, user: User, change: ProfileChange<'_>) -> Result<User> {
        self.about(format!("user {}", user.id));
        let mut user = self.hold_user(&user)?;
        self.require_changeable(&user)?;
        if let Some(email) = change.email {
            email.as_str().clone_into(&mut user.email);
        }
        if let Some(name) = change.first_name {
            name.as_str().clone_into(&mut user.first_name);
        }
        if let Some(name) = change.last_name {
            name.as_str().clone_into(&mut user.last_name);
        }
        store::users::update(self.tx, &user, self.now)?;
        match change.status {
            None => {}
            Some(status @ (Status::Active | Status::Suspended)) => self.set_user_status(&user, status)?,
            Some(_) => return Err(Error::parameter("status", "must be Active or Suspended; DELETE terminates")),
        }
        self.user(user.id)
    }

    fn set_user_status(&mut self, user: &User, status: Status) -> Result<()> {
        if status == user.status {
            return Ok(());
        }
        self.require_other(user, "status")?;
        // A status is not part of a profile: it takes what terminating takes.
        let runs = self.hub.table.reach(crate::access::Policy::RunUsers, self.caller()?.user.level);
        if !user.places().iter().any(|there| runs.covers(&self.caller.map_or(*there, Caller::home), there)) {
            return Err(Error::denied("Your AuthLevel does not permit changing a user's status."));
        }
        if status == Status::Suspended {
            self.require_not_last(user)?;
        }
        if !store::users::set_status(self.tx, user.id, user.status, status, self.now)? {
            return Err(Error::unavailable(Duration::from_secs(1), "The user changed meanwhile. Try again."));
        }
        Ok(())
    }

    /// Nobody ends, suspends or re-levels oneself (decision B10).
    fn require_other(&self, user: &User, param: &'static str) -> Result<()> {
        if user.id == self.caller()?.user.id {
            return Err(Error::parameter(param, "cannot be changed for yourself; ask another administrator"));
        }
        Ok(())
    }

    /// A network keeps one NetworkAdmin, unless the hub's operators decide; the hub keeps one Root (decision B10).
    fn require_not_last(&mut self, user: &User) -> Result<()> {
        store::networks::take(self.tx, user.network)?;
        let (within, excused) = match user.level {
            AuthLevel::Root => (None, false),
            AuthLevel::NetworkAdmin => {
                (Some(user.network), self.caller()?.user.level.rank() >= AuthLevel::NetOps.rank())
            }
            _ => return Ok(()),
        };
        let active = user.status == Status::Active;
        if active && !excused && store::users::others_at_level(self.tx, user.level, user.id, within)? == 0 {
            return Err(Error::parameter("userId", format!("is the last active {}", user.level)));
        }
        Ok(())
    }

    /// Ends a user for ever: keys, sessions and ciphertexts with it. Ending it again changes nothing (ruling 31).
    pub fn terminate_user(&mut self, user: &User) -> Result<()> {
        self.about(format!("user {}", user.id));
        let user = &self.hold_user(user)?;
        require_rank(self.caller()?, user.level)?;
        self.require_other(user, "id")?;
        if user.status == Status::Terminated {
            return Ok(());
        }
        self.require_not_last(user)?;
        if !store::users::set_status(self.tx, user.id, user.status, Status::Terminated, self.now)? {
            return Err(Error::unavailable(Duration::from_secs(1), "The user changed meanwhile. Try again."));
        }
        store::keys::revoke_all(self.tx, user.id, self.now)?;
        Ok(store::sessions::revoke_all(self.tx, user.id, self.now)?)
    }

    /// Gives a user another level, and with it another seat where one is named (decision B9).
    pub fn set_role(&mut self, user: User, level: AuthLevel, to: Role) -> Result<User> {
        self.about(format!("user {}", user.id));
        let user = self.hold_user(&user)?;
        self.require_changeable(&user)?;
        self.require_other(&user, "userId")?;
        let level = if level == AuthLevel::NoChange { user.level } else { level };
        require_grantable(self.caller()?, level)?;
        let network = to.network.unwrap_or(user.network);
        let mailbox = to.mailbox.unwrap_or(user.mailbox.filter(|_| network == user.network));
        let seat = self.seat(Some(network), Some(mailbox))?;
        let seat = self.within_reach(Some(seat))?;
        let trading_id = to.trading_id.or(user.trading_id.filter(|_| level == AuthLevel::TpUser));
        self.require_seat(&seat, level, trading_id)?;
        if level != user.level || network != user.network {
            self.require_not_last(&user)?;
        }
        if network != user.network {
            store::networks::take(self.tx, network)?;
            let login = Login::parse(&user.login).map_err(Error::internal)?;
            if store::users::login_taken(self.tx, network, &login, Time(0))? {
                return Err(Error::duplicate("networkId", "has a user of this login already"));
            }
            self.reseal_primary(&user, network)?;
        }
        let moved = User { level, network, mailbox: seat.mailbox.map(|m| m.id), trading_id, ..user };
        store::users::set_role(self.tx, &moved, self.now)?;
        self.user(moved.id)
    }

    /// A page of users.
    pub fn list_users(&mut self, filter: store::users::Filter, page: store::Page) -> Result<(Vec<User>, i64)> {
        let scope = self.scope()?;
        if filter.network.is_some() || filter.mailbox.is_some() {
            // A filter that names what is out of reach is an error, not an empty page (decision B3).
            let seat = self.filter_seat(filter.network, filter.mailbox)?;
            self.within_reach_of_filter(seat)?;
        }
        Ok(store::users::list(self.tx, scope, filter, page)?)
    }

    /// The container that a filter names. A mailbox of another network than the one named is not there.
    pub(crate) fn filter_seat(&mut self, network: Option<NetworkId>, mailbox: Option<MailboxId>) -> Result<Place> {
        let mailbox = match mailbox {
            Some(id) => Some(store::mailboxes::find(self.tx, id)?.ok_or_else(|| Error::not_found(Seat::WHAT))?),
            None => None,
        };
        let network = match (network, &mailbox) {
            (Some(id), _) => store::networks::find(self.tx, id)?.ok_or_else(|| Error::not_found(Seat::WHAT))?.id,
            (None, Some(mailbox)) => mailbox.network,
            (None, None) => self.caller()?.user.network,
        };
        if mailbox.as_ref().is_some_and(|m| m.network != network) {
            return Err(Error::not_found(Seat::WHAT));
        }
        Ok(Place { network, mailbox: mailbox.map(|m| m.id), user: None, trading_id: None })
    }

    /// The container a filter names must be one the caller belongs to or reaches over.
    pub(crate) fn within_reach_of_filter(&self, place: Place) -> Result<()> {
        let home = self.caller()?.home();
        let inside = place.network == home.network && (place.mailbox.is_none() || place.mailbox == home.mailbox);
        if inside || self.reach.covers(&home, &place) { Ok(()) } else { Err(Error::not_found(Seat::WHAT)) }
    }
}

/// What a new user is called.
#[derive(Clone, Copy, Debug)]
pub struct Profile<'a> {
    /// Login name.
    pub login: &'a Login,
    /// E-mail address.
    pub email: &'a Email,
    /// First name.
    pub first_name: Option<&'a PersonName>,
    /// Last name.
    pub last_name: Option<&'a PersonName>,
    /// The one id of a TPUser.
    pub trading_id: Option<TradingId>,
}

/// What is to change in a profile; what is absent stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProfileChange<'a> {
    /// E-mail address.
    pub email: Option<&'a Email>,
    /// First name.
    pub first_name: Option<&'a PersonName>,
    /// Last name.
    pub last_name: Option<&'a PersonName>,
    /// Active or Suspended.
    pub status: Option<Status>,
}

/// Where a user is moved to; what is absent stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct Role {
    /// Network.
    pub network: Option<NetworkId>,
    /// Mailbox; `Some(None)`: none.
    pub mailbox: Option<Option<MailboxId>>,
    /// The one id of a TPUser.
    pub trading_id: Option<TradingId>,
}
