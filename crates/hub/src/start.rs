//! Start: master key, secrets, the first network and user (rulings 16 and 18), and what an operator does when a key is lost.

use crate::{
    Chance, Clock, Error, Hub,
    access::{Switches, Table},
    audit, backlog,
    folder::{MARK, node_name, own_content, write_private},
    keys, last_used,
    limits::{Buckets, PerMinute},
    numbers::Numbers,
    passwords::{Cost, Hasher},
    seal::{MasterKey, Sealed, Vault},
    tokens::Signer,
};
use model::*;
use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use store::{Db, Files, Tx, keys::NewKey, users::NewUser};
use zeroize::Zeroizing;

/// What an operator may set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Shape of answers where neither user nor network has one.
    pub shape: Shape,
    /// Life of a token (ruling 22).
    pub token_life: Duration,
    /// Life of a session, however often its token is refreshed.
    pub session_life: Duration,
    /// The longest content that is handed out within JSON, in bytes.
    pub content_in_json: u64,
    /// Cost of a password hash.
    pub password_cost: Cost,
    /// Cores that may hash passwords at once.
    pub password_cores: usize,
    /// Failed sign-ins from one address.
    pub failures_per_address: PerMinute,
    /// Requests with one credential.
    pub requests_per_credential: PerMinute,
    /// Keys shown to one user.
    pub reveals_per_user: PerMinute,
    /// Switches of the access table.
    pub switches: Switches,
}
impl Default for Settings {
    fn default() -> Self {
        Self {
            shape: Shape::Reference,
            token_life: Duration::from_secs(60 * 60),
            session_life: Duration::from_secs(30 * 24 * 3600),
            content_in_json: 105 * 1024 * 1024,
            password_cost: Cost::default(),
            password_cores: std::thread::available_parallelism().map_or(1, usize::from),
            failures_per_address: PerMinute(20),
            requests_per_credential: PerMinute(600),
            reveals_per_user: PerMinute(60),
            switches: Switches::default(),
        }
    }
}

/// What a hub is begun with.
pub struct Begin {
    /// The store, not migrated yet.
    pub db: Db,
    /// The data folder.
    pub folder: PathBuf,
    /// The folder of content files, when it is not `content` in the data folder.
    pub content: Option<PathBuf>,
    /// The master key's file, when it is not `master-key` in the data folder.
    pub master_key: Option<PathBuf>,
    /// What the operator set.
    pub settings: Settings,
    /// The access table, when a test brings its own.
    pub table: Option<Table>,
    /// The time.
    pub clock: Clock,
}

/// Why a hub does not start, with the remedy.
#[derive(Debug)]
pub enum StartError {
    /// The store is not empty, and there is no master key.
    NoMasterKey(PathBuf),
    /// The store was made with another master key.
    WrongMasterKey(PathBuf),
    /// The file holds no master key.
    BadMasterKey(PathBuf),
    /// The content folder is not that of the store, which has this mark.
    ForeignContent(PathBuf, Option<String>),
    /// A file cannot be read or written.
    File(PathBuf, std::io::Error),
    /// The store.
    Store(store::Error),
    /// Anything else.
    Hub(Error),
}
impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMasterKey(file) => write!(
                f,
                "the store holds keys, but there is no master key at {}. Put the master key back from its backup, or name \
                 its place with --master-key FILE. If it is lost for good, `crossdock recover` makes a new one; every API \
                 key and session is then replaced.",
                file.display()
            ),
            Self::WrongMasterKey(file) => write!(
                f,
                "the master key in {} is not the one this store was made with. Put the right one in its place, or name \
                 it with --master-key FILE.",
                file.display()
            ),
            Self::BadMasterKey(file) => {
                write!(f, "{} holds no master key: it must be one line of 64 hexadecimal digits.", file.display())
            }
            Self::ForeignContent(folder, Some(mark)) => write!(
                f,
                "{} does not hold the content of this store. All nodes of a store share one content folder: name it with \
                 --content DIR. If the content is lost for good, write {mark} into {}.",
                folder.display(),
                folder.join(MARK).display()
            ),
            Self::ForeignContent(folder, None) => write!(
                f,
                "{} holds the content of another store. Name an empty folder with --content DIR.",
                folder.display()
            ),
            Self::File(file, error) => write!(f, "{}: {error}", file.display()),
            Self::Store(error) => write!(f, "the store cannot be opened: {error}"),
            Self::Hub(error) => match &error.source {
                Some(source) => write!(f, "{error} ({source})"),
                None => error.fmt(f),
            },
        }
    }
}
impl std::error::Error for StartError {}
impl From<Error> for StartError {
    fn from(error: Error) -> Self {
        Self::Hub(error)
    }
}
impl From<store::Error> for StartError {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

pub(crate) const CHECK: &str = "check";
pub(crate) const PEPPER: &str = "pepper";
pub(crate) const TOKENS: &str = "token signing key";
const CHECK_TEXT: &[u8] = b"crossdock";

/// Login of the first user, and the short name of the first network.
const ROOT: &str = "root";
const HUB: &str = "HUB";

impl Hub {
    /// Opens the hub: migrates the store, finds or makes the master key, makes the first user in an empty store.
    pub async fn begin(begin: Begin) -> Result<Arc<Self>, StartError> {
        let Begin { db, folder, content, master_key, settings, table, clock } = begin;
        let chance = Arc::new(Chance::default());
        db.migrate(store::MIGRATIONS)?;
        let node = node_name(&folder, &chance)?;
        let content = content.unwrap_or_else(|| folder.join("content"));
        let files = Files::open(&content, &node)?;
        let key_file = master_key.unwrap_or_else(|| folder.join("master-key"));
        let (vault, signer) = open_secrets(&db, &key_file, &chance).await?;
        own_content(&db, &content, files.is_empty()?, &chance).await?;
        let now = clock.now();
        let numbers = Numbers::lease(&db, node, now).await?;
        let hub = Arc::new(Self {
            passwords: Hasher::new(settings.password_cost, settings.password_cores, &chance)?,
            table: table.unwrap_or_else(|| Table::with(settings.switches)),
            addresses: Buckets::new(settings.failures_per_address),
            credentials: Buckets::new(settings.requests_per_credential),
            reveals: Buckets::new(settings.reveals_per_user),
            uses: last_used::Uses::default(),
            desk: backlog::Desk::default(),
            root_key_file: folder.join("root-api-key"),
            db,
            files,
            clock,
            chance,
            settings,
            vault,
            signer,
            numbers,
        });
        hub.first_user(now).await?;
        Ok(hub)
    }

    /// The first network, mailbox and user. The key's file is durable before the user is: a crash between leaves a file
    /// that the next start replaces, never a user without a key.
    async fn first_user(self: &Arc<Self>, now: Time) -> Result<(), StartError> {
        if self.db.read(store::users::any).await? {
            return Ok(());
        }
        let text = KeyText::primary(&self.chance.bytes()?);
        write_private(&self.root_key_file, text.expose())?;
        let hub = self.clone();
        if !self.db.write(move |tx| hub.make_first_user(tx, &text, now)).await? {
            self.forget_root_key_file()?;
        }
        Ok(())
    }

    /// Makes the first user; false when another node was faster.
    fn make_first_user(&self, tx: &mut Tx<'_>, text: &KeyText, now: Time) -> crate::Result<bool> {
        let hub = UniqueId::parse(HUB).map_err(Error::internal)?;
        let company = CompanyName::parse("The hub").map_err(Error::internal)?;
        // Another node may be starting on the same empty store: the unique name decides who makes the first user.
        let Some(network) = store::networks::insert(tx, &hub, &company, now)? else { return Ok(false) };
        let data_key = self.vault.new_data_key(network, &self.chance)?;
        store::networks::insert_data_key(tx, network, &data_key, now)?;
        let mailbox = store::mailboxes::insert(tx, network, &hub, &company, now)?;
        let new = NewUser {
            network,
            mailbox: None,
            trading_id: None,
            login: Login::parse(ROOT).map_err(Error::internal)?,
            email: Email::parse("root@localhost").map_err(Error::internal)?,
            first_name: String::new(),
            last_name: String::new(),
            level: AuthLevel::Root,
            password_hash: None,
        };
        let user = store::users::insert(tx, &new, now)?;
        let fingerprint = keep_primary(tx, &self.vault, &self.chance, (network, user), text, now)?;
        let subject = format!("network {network}, mailbox {}, user {user}", mailbox.map_or(0, Id::get));
        store::audit::insert(tx, &audit::by_the_hub(0, "hub.begin", subject, Some(fingerprint), now))?;
        Ok(true)
    }

    /// Gives root a new key, in its file: for the operator who lost it. Needs the master key, and is recorded.
    pub async fn reset_root(self: &Arc<Self>) -> Result<PathBuf, StartError> {
        let (hub, now, text) = (self.clone(), self.clock.now(), KeyText::primary(&self.chance.bytes()?));
        write_private(&self.root_key_file, text.expose())?;
        let unit = move |tx: &mut Tx<'_>| {
            let root = store::users::first_at_level(tx, AuthLevel::Root)?;
            let root = root.ok_or_else(|| Error::internal("there is no active Root user"))?;
            store::keys::revoke_primary(tx, root.id, now, None)?;
            store::sessions::revoke_of_keys(tx, root.id, now, None)?;
            let fingerprint = keep_primary(tx, &hub.vault, &hub.chance, (root.network, root.id), &text, now)?;
            let record = audit::by_the_hub(0, "key.reset_root", format!("user {}", root.id), Some(fingerprint), now);
            store::audit::insert(tx, &record).map_err(Error::from)
        };
        self.db.write(unit).await?;
        Ok(self.root_key_file.clone())
    }

    /// Once root has another key, the file of the first one has done its work.
    pub(crate) fn forget_root_key_file(&self) -> crate::Result<()> {
        match fs::remove_file(&self.root_key_file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::internal(error)),
            _ => Ok(()),
        }
    }

    /// Whether the root key file holds the key with this lookup code.
    pub(crate) fn root_key_file_holds(&self, lookup: &[u8; 32]) -> bool {
        let text = fs::read_to_string(&self.root_key_file).map(Zeroizing::new);
        let text = text.ok().and_then(|text| KeyText::parse(text.trim()));
        text.is_some_and(|text| crate::seal::same(&self.vault.lookup(text.expose()), lookup))
    }
}

/// Keeps a given text as the primary key of a user of a network; its fingerprint.
pub(crate) fn keep_primary(
    tx: &mut Tx<'_>,
    vault: &Vault,
    chance: &Chance,
    (network, user): (NetworkId, UserId),
    text: &KeyText,
    now: Time,
) -> crate::Result<Vec<u8>> {
    let data_key = store::networks::find_data_key(tx, network)?;
    let data_key = data_key.ok_or_else(|| Error::internal("a network has no data key"))?;
    let uuid = chance.bytes()?;
    let sealed = Sealed { network, user, uuid, ciphertext: Vec::new(), data_key };
    let sealed = Some(vault.seal(&sealed, text, chance)?);
    let lookup = vault.lookup(text.expose());
    let (kind, hint) = (KeyKind::Primary, text.hint());
    let new = NewKey { user, kind, uuid, lookup, sealed, hint, scopes: None, parent: None, expires: None };
    store::keys::insert(tx, &new, now)?;
    Ok(keys::fingerprint(&lookup))
}

/// Finds or makes the master key, and opens the secrets it wraps.
async fn open_secrets(db: &Db, file: &Path, chance: &Arc<Chance>) -> Result<(Vault, Signer), StartError> {
    let made = db.read(|tx| store::secrets::find(tx, CHECK)).await?.is_some();
    if !file.exists() {
        if made {
            return Err(StartError::NoMasterKey(file.to_owned()));
        }
        let master = MasterKey::generate(chance)?;
        write_private(file, &master.to_text())?;
        tracing::warn!(
            file = %file.display(), fingerprint = master.fingerprint(),
            "a new master key was made: back it up, apart from the data; without it no API key can be read"
        );
    }
    let master = Arc::new(read_master_key(file)?);
    if !made {
        let (master, chance) = (master.clone(), chance.clone());
        db.write(move |tx| store_secrets(tx, &master, &*Zeroizing::new(chance.bytes::<32>()?), &chance)).await?;
    }
    if !is_the_key(db, &master).await? {
        return Err(StartError::WrongMasterKey(file.to_owned()));
    }
    let opened = |name: &'static str| {
        let master = master.clone();
        async move {
            let wrapped = db.read(move |tx| store::secrets::find(tx, name)).await?;
            let secret = wrapped.and_then(|wrapped| master.unwrap(name, &wrapped));
            secret.ok_or_else(|| StartError::Hub(Error::internal("a secret of the hub does not open")))
        }
    };
    let (pepper, tokens) = (opened(PEPPER).await?, opened(TOKENS).await?);
    let master = MasterKey::parse(&master.to_text()).ok_or_else(|| StartError::BadMasterKey(file.to_owned()))?;
    Ok((Vault::new(master, &pepper), Signer::new(&tokens)?))
}

/// Makes the hub's secrets, unless another node has.
pub(crate) fn store_secrets(tx: &mut Tx<'_>, master: &MasterKey, pepper: &[u8], chance: &Chance) -> crate::Result<()> {
    if store::secrets::insert(tx, CHECK, &master.wrap(CHECK, CHECK_TEXT, chance)?)? {
        store::secrets::insert(tx, PEPPER, &master.wrap(PEPPER, pepper, chance)?)?;
        store::secrets::insert(tx, TOKENS, &master.wrap(TOKENS, &Signer::new_key()?, chance)?)?;
    }
    Ok(())
}

pub(crate) async fn is_the_key(db: &Db, master: &MasterKey) -> Result<bool, StartError> {
    let wrapped = db.read(|tx| store::secrets::find(tx, CHECK)).await?;
    Ok(wrapped.and_then(|w| master.unwrap(CHECK, &w)).is_some_and(|text| text.as_slice() == CHECK_TEXT))
}

pub(crate) fn read_master_key(file: &Path) -> Result<MasterKey, StartError> {
    let text = fs::read_to_string(file).map_err(|e| StartError::File(file.to_owned(), e))?;
    MasterKey::parse(&Zeroizing::new(text)).ok_or_else(|| StartError::BadMasterKey(file.to_owned()))
}
