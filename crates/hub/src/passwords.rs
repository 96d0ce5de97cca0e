//! Passwords: argon2id on a bounded number of blocking threads (ruling 23).

use crate::{Error, Kind, Result, clock::Chance};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use model::Password;
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// How costly a hash is.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes.
    pub passes: u32,
}
impl Default for Cost {
    /// The values OWASP recommends for argon2id.
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2 }
    }
}

/// Callers that may wait for a free core, for each core; more are told to come back.
const WAITING_PER_CORE: usize = 32;

/// Hashes and checks passwords.
pub struct Hasher {
    argon: Argon2<'static>,
    /// What is checked when a login names nobody, so that it takes as long as one that does.
    dummy: String,
    cores: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Hasher {
    /// A hasher of a cost, on so many cores.
    pub fn new(cost: Cost, cores: usize, chance: &Chance) -> Result<Self> {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None).map_err(|e| Error::internal(e.to_string()))?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let dummy = hash(&argon, chance.bytes::<16>()?.as_slice(), chance)?;
        let places = Arc::new(Semaphore::new(cores * WAITING_PER_CORE));
        Ok(Self { argon, dummy, cores: Arc::new(Semaphore::new(cores)), places })
    }

    /// Runs costly work on a blocking thread when a core is free for it.
    async fn on_a_core<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let busy = || Error::too_many(Duration::from_secs(1), "Too many sign-ins at once. Try again in a moment.");
        let _place = self.places.clone().try_acquire_owned().map_err(|_| busy())?;
        let core = self.cores.clone().acquire_owned().await.map_err(Error::internal)?;
        let done = tokio::task::spawn_blocking(move || {
            let _core = core;
            work()
        });
        done.await.map_err(Error::internal)
    }

    /// The hash of a new password, in PHC form.
    pub async fn hash(&self, password: &Password, chance: &Arc<Chance>) -> Result<String> {
        let (argon, password, chance) = (self.argon.clone(), password.clone(), chance.clone());
        self.on_a_core(move || hash(&argon, password.expose(), &chance)).await?
    }

    /// Which of the hashes a password fits. Costs the same for none as for one.
    pub async fn fitting(&self, password: &Password, hashes: Vec<String>) -> Result<Vec<bool>> {
        let (argon, password, dummy) = (self.argon.clone(), password.clone(), self.dummy.clone());
        self.on_a_core(move || {
            if hashes.is_empty() {
                verify(&argon, password.expose(), &dummy);
            }
            hashes.iter().map(|hash| verify(&argon, password.expose(), hash)).collect()
        })
        .await
    }
}

fn hash(argon: &Argon2<'_>, password: &[u8], chance: &Chance) -> Result<String> {
    let salt: [u8; 16] = chance.bytes()?;
    let hash: PasswordHash =
        argon.hash_password_with_salt(password, &salt).map_err(|e| Error::internal(e.to_string()))?;
    Ok(hash.to_string())
}

fn verify(argon: &Argon2<'_>, password: &[u8], hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| argon.verify_password(password, &hash).is_ok())
}

/// A new password must be strong (decision A12).
pub fn require_strong(param: &'static str, password: &Password) -> Result<()> {
    if password.is_strong() { Ok(()) } else { Err(Error::parameter(param, Password::RULE)) }
}

/// The one answer to every password sign-in that fails: it does not tell why.
pub(crate) fn refused() -> Error {
    Error::new(
        Kind::InvalidSession,
        "The login or the password is wrong. If several networks have this login, name networkId.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let chance = Arc::new(Chance::default());
        let hasher = Hasher::new(Cost { memory_kib: 8, passes: 1 }, 1, &chance).unwrap();
        let hash = hasher.hash(&Password::given("Secret-1"), &chance).await.unwrap();
        assert!(hash.starts_with("$argon2id$") && !hash.contains("Secret"));
        let other = hasher.hash(&Password::given("Secret-1"), &chance).await.unwrap();
        assert_ne!(hash, other, "salted");
        let fits = hasher.fitting(&Password::given("Secret-1"), vec![hash.clone(), "x".into(), other]).await.unwrap();
        assert_eq!(fits, [true, false, true]);
        assert_eq!(hasher.fitting(&Password::given("Secret-2"), vec![hash]).await.unwrap(), [false]);
    }
}
