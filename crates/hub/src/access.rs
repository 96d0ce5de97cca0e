//! Who may do what, and how far: the table of `contract/access.csv` as data, and the places it is applied to.

use model::{AuthLevel, MailboxId, NetworkId, TradingId, UserId};

/// How far from home a level may act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Not at all: refused before anything is looked up.
    None,
    /// On oneself; a TPUser: on its one id.
    Own,
    /// In the own mailbox.
    Mailbox,
    /// In the own network.
    Network,
    /// Everywhere.
    All,
}

/// What an operation asks of its caller: one row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Policy {
    /// No credential needed.
    Open,
    /// Reference data and one's own session.
    SignedIn,
    /// See user records.
    ReadUsers,
    /// Change a profile.
    EditUsers,
    /// Create, end, re-level, reset users.
    RunUsers,
    /// See a key in full, set another's password.
    RevealKeys,
    /// Make, list and end keys.
    OwnKeys,
    /// The directory.
    FindIds,
    /// See mailboxes, ids, partners, parcels, interchanges, reports.
    ReadTraffic,
    /// Download payloads.
    ReadContent,
    /// Upload, confirm, reset, cancel, notes.
    Transfer,
    /// Administer what a mailbox owns, resend.
    RunMailbox,
    /// The own network's profile.
    ReadNetwork,
    /// Administer the network.
    RunNetwork,
    /// Administer the hub.
    RunHub,
}

impl Policy {
    /// Every policy, in the order of the table's rows.
    pub const ALL: [Self; 15] = [
        Self::Open,
        Self::SignedIn,
        Self::ReadUsers,
        Self::EditUsers,
        Self::RunUsers,
        Self::RevealKeys,
        Self::OwnKeys,
        Self::FindIds,
        Self::ReadTraffic,
        Self::ReadContent,
        Self::Transfer,
        Self::RunMailbox,
        Self::ReadNetwork,
        Self::RunNetwork,
        Self::RunHub,
    ];
}

/// The access table: a reach for each policy and level. Data given to the hub, so that a test can flip a cell.
#[derive(Clone, Debug)]
pub struct Table([[Reach; 9]; 15]);

impl Default for Table {
    #[rustfmt::skip]
    fn default() -> Self {
        use Reach::{All as All_, Mailbox as Mbx_, Network as Net_, None as None, Own as Own_};
        Self([
            // General TPUser MbxUsr MbxAdm NetUsr NetAdm NetOps TechOp Root
            [All_,  All_,  All_,  All_,  All_,  All_,  All_,  All_,  All_], // Open
            [Own_,  Own_,  Own_,  Own_,  Own_,  Own_,  All_,  All_,  All_], // SignedIn
            [Own_,  Own_,  Own_,  Mbx_,  Net_,  Net_,  All_,  All_,  All_], // ReadUsers
            [Own_,  Own_,  Own_,  Mbx_,  Own_,  Net_,  All_,  All_,  All_], // EditUsers
            [None,  None,  None,  Mbx_,  None,  Net_,  All_,  All_,  All_], // RunUsers
            [None,  None,  None,  None,  None,  Net_,  All_,  All_,  All_], // RevealKeys
            [Own_,  Own_,  Own_,  Own_,  Own_,  Net_,  All_,  All_,  All_], // OwnKeys
            [None,  All_,  All_,  All_,  All_,  All_,  All_,  All_,  All_], // FindIds
            [None,  Own_,  Mbx_,  Mbx_,  Net_,  Net_,  All_,  All_,  All_], // ReadTraffic
            [None,  None,  Mbx_,  Mbx_,  Net_,  Net_,  All_,  All_,  All_], // ReadContent
            [None,  None,  Mbx_,  Mbx_,  None,  Net_,  All_,  All_,  All_], // Transfer
            [None,  None,  None,  Mbx_,  None,  Net_,  All_,  All_,  All_], // RunMailbox
            [None,  None,  Net_,  Net_,  Net_,  Net_,  All_,  All_,  All_], // ReadNetwork
            [None,  None,  None,  None,  None,  Net_,  All_,  All_,  All_], // RunNetwork
            [None,  None,  None,  None,  None,  None,  All_,  All_,  All_], // RunHub
        ])
    }
}

/// The switches of the access table, off by default.
#[derive(Clone, Copy, Debug, Default)]
pub struct Switches {
    /// NetworkUsers may transfer in their network.
    pub network_user_may_transfer: bool,
    /// TPUsers may transfer for their id.
    pub tp_user_may_transfer: bool,
    /// MailboxAdmins may see the keys of their mailbox's users.
    pub mailbox_admin_may_read_keys: bool,
}

impl Table {
    /// The table with the switches applied.
    pub fn with(switches: Switches) -> Self {
        let mut table = Self::default();
        let mut open = |on: bool, policy, level, reach| {
            if on {
                table.set(policy, level, reach);
            }
        };
        open(switches.network_user_may_transfer, Policy::Transfer, AuthLevel::NetworkUser, Reach::Network);
        open(switches.tp_user_may_transfer, Policy::Transfer, AuthLevel::TpUser, Reach::Own);
        open(switches.mailbox_admin_may_read_keys, Policy::RevealKeys, AuthLevel::MailboxAdmin, Reach::Mailbox);
        table
    }

    /// How far a level reaches under a policy.
    pub fn reach(&self, policy: Policy, level: AuthLevel) -> Reach {
        self.0.get(policy as usize).and_then(|row| row.get(level.rank())).copied().unwrap_or(Reach::None)
    }

    /// Sets a cell.
    pub fn set(&mut self, policy: Policy, level: AuthLevel, reach: Reach) {
        if let Some(cell) = self.0.get_mut(policy as usize).and_then(|row| row.get_mut(level.rank())) {
            *cell = reach;
        }
    }
}

/// Where a thing, or a caller, sits in the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Network.
    pub network: NetworkId,
    /// Mailbox; none for what belongs to the network itself.
    pub mailbox: Option<MailboxId>,
    /// The user it is.
    pub user: Option<UserId>,
    /// The trading id it belongs to.
    pub trading_id: Option<TradingId>,
}

impl Reach {
    /// Whether a caller at `home` with this reach gets as far as `there`. A wider reach covers all that a narrower does.
    pub fn covers(self, home: &Place, there: &Place) -> bool {
        let same_user = home.user.is_some() && home.user == there.user;
        let same_network = home.network == there.network;
        let same_id = same_network && home.trading_id.is_some() && home.trading_id == there.trading_id;
        let same_mailbox = same_network && home.mailbox.is_some() && home.mailbox == there.mailbox;
        match self {
            Self::None => false,
            Self::Own => same_user || same_id,
            Self::Mailbox => same_mailbox || same_user,
            Self::Network => same_network,
            Self::All => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Id;

    fn place(network: i64, mailbox: Option<i64>, user: Option<i64>) -> Place {
        Place {
            network: NetworkId::new(network).unwrap(),
            mailbox: mailbox.and_then(MailboxId::new),
            user: user.and_then(UserId::new),
            trading_id: None,
        }
    }

    #[test]
    fn no_level_reaches_farther_for_a_stronger_power_than_for_a_weaker() {
        let table = Table::default();
        let weaker_first = [
            (Policy::ReadUsers, Policy::EditUsers),
            (Policy::EditUsers, Policy::RunUsers),
            (Policy::RunUsers, Policy::RevealKeys),
            (Policy::ReadTraffic, Policy::ReadContent),
            (Policy::ReadContent, Policy::Transfer),
            (Policy::Transfer, Policy::RunMailbox),
            (Policy::RunMailbox, Policy::RunNetwork),
            (Policy::ReadNetwork, Policy::RunNetwork),
            (Policy::RunNetwork, Policy::RunHub),
        ];
        for level in AuthLevel::LADDER {
            for (weak, strong) in weaker_first {
                assert!(table.reach(weak, level) >= table.reach(strong, level), "{weak:?} {strong:?} {level:?}");
            }
        }
    }

    #[test]
    fn a_missing_mailbox_is_nobodys_mailbox() {
        let (a, b) = (place(1, None, Some(1)), place(1, None, Some(2)));
        assert!(!Reach::Mailbox.covers(&a, &b));
        assert!(Reach::Mailbox.covers(&a, &a) && Reach::Network.covers(&a, &b));
        assert!(!Reach::Network.covers(&a, &place(2, None, Some(1))));
        assert!(!Reach::Own.covers(&place(1, None, None), &place(1, None, None)));
    }
}
