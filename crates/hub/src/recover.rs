//! What an operator does when the master key is lost for good (ruling 16).

use crate::{
    Chance, Clock, Error, StartError, audit,
    folder::write_private,
    seal::{MasterKey, Vault},
    start::{CHECK, PEPPER, TOKENS, is_the_key, keep_primary, read_master_key, store_secrets},
};
use model::*;
use std::{path::Path, sync::Arc};
use store::{Db, Tx};
use zeroize::Zeroizing;

/// Makes a new master key for a store whose own is lost, and a new primary key for every user that had one (ruling 16).
/// Passwords and traffic stay; no session survives. How many keys were made.
pub async fn recover(db: &Db, key_file: &Path, clock: &Clock) -> Result<usize, StartError> {
    db.migrate(store::MIGRATIONS)?;
    if key_file.exists() {
        let key = read_master_key(key_file)?;
        if is_the_key(db, &key).await? {
            let why = "the master key in place is the right one: there is nothing to recover";
            return Err(StartError::Hub(Error::new(crate::Kind::InvalidParameter, why)));
        }
        return Err(StartError::WrongMasterKey(key_file.to_owned()));
    }
    let chance = Chance::default();
    let master = MasterKey::generate(&chance)?;
    write_private(key_file, &master.to_text())?;
    let (master, now) = (Arc::new(master), clock.now());
    Ok(db.write(move |tx| recover_in(tx, &master, &Chance::default(), now)).await?)
}

fn recover_in(tx: &mut Tx<'_>, master: &MasterKey, chance: &Chance, now: Time) -> crate::Result<usize> {
    for name in [CHECK, PEPPER, TOKENS] {
        store::secrets::delete(tx, name)?;
    }
    let pepper = Zeroizing::new(chance.bytes::<32>()?);
    store_secrets(tx, master, &*pepper, chance)?;
    let vault = Vault::new(MasterKey::parse(&master.to_text()).ok_or_else(|| Error::internal("no key"))?, &*pepper);
    store::networks::delete_data_keys(tx)?;
    for network in store::networks::all(tx)? {
        let data_key = vault.new_data_key(network, chance)?;
        store::networks::insert_data_key(tx, network, &data_key, now)?;
    }
    let owners = store::users::with_primary_key(tx)?;
    for user in &owners {
        store::keys::revoke_all(tx, user.id, now)?;
        store::sessions::revoke_all(tx, user.id, now)?;
        let text = KeyText::primary(&chance.bytes()?);
        let fingerprint = keep_primary(tx, &vault, chance, (user.network, user.id), &text, now)?;
        let subject = format!("user {}", user.id);
        let record = audit::by_the_hub(user.network.get(), "key.recover", subject, Some(fingerprint), now);
        store::audit::insert(tx, &record)?;
    }
    let subject = format!("new master key {}", master.fingerprint());
    store::audit::insert(tx, &audit::by_the_hub(0, "hub.recover", subject, None, now))?;
    Ok(owners.len())
}
