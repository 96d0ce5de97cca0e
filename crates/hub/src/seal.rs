//! What the master key protects (rulings 16 and 17): the data keys of networks, the lookup pepper, the token signing key.
//!
//! `sealed key text = AES-256-GCM(data key of the network, random nonce, text, purpose ‖ network ‖ user ‖ key uuid)`.
//! The binding keeps ciphertexts from being swapped between rows. The lookup code is HMAC-SHA-256 with the pepper, so a
//! stolen store cannot even confirm a guess.

use crate::{Error, Result, clock::Chance, door::Committed};
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    constant_time, digest, hmac,
};
use model::{Id, KeyText, NetworkId, UserId};
use zeroize::Zeroizing;

/// The 256-bit key that wraps every other secret of the hub. It lies in a file of its own, never in the store.
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// A new key.
    pub fn generate(chance: &Chance) -> Result<Self> {
        let mut key = Zeroizing::new([0; 32]);
        chance.fill(&mut *key)?;
        Ok(Self(key))
    }

    /// Reads the text of a key file: 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let mut key = Zeroizing::new([0; 32]);
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        for (at, byte) in key.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
        }
        Some(Self(key))
    }

    /// The text for a key file.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(65));
        for byte in self.0.iter() {
            text.push_str(&format!("{byte:02x}"));
        }
        text.push('\n');
        text
    }

    /// What tells one master key from another without giving it away.
    pub fn fingerprint(&self) -> String {
        let hash =
            digest::digest(&digest::SHA256, &[b"crossdock master key fingerprint".as_slice(), &*self.0].concat());
        hash.as_ref().iter().take(8).map(|b| format!("{b:02x}")).collect()
    }

    /// Wraps a secret under a name; it opens only under the same name.
    pub fn wrap(&self, name: &str, secret: &[u8], chance: &Chance) -> Result<Vec<u8>> {
        encrypt(&*self.0, format!("crossdock wrap 1 {name}").as_bytes(), secret, chance)
    }

    /// Opens a wrapped secret; none when it was wrapped by another key or under another name.
    pub fn unwrap(&self, name: &str, wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        decrypt(&*self.0, format!("crossdock wrap 1 {name}").as_bytes(), wrapped)
    }
}

/// The name under which a network's data key is wrapped.
fn data_key_name(network: NetworkId) -> String {
    format!("data key of network {network}")
}

/// A primary key as it lies in the store, with all that is needed to open it but the proof of the commit.
pub struct Sealed {
    /// Network of the owner.
    pub network: NetworkId,
    /// Owner.
    pub user: UserId,
    /// Random number of the key that the ciphertext is bound to.
    pub uuid: [u8; 16],
    /// Ciphertext.
    pub ciphertext: Vec<u8>,
    /// The network's data key, wrapped.
    pub data_key: Vec<u8>,
}

/// The hub's opened secrets.
pub struct Vault {
    master: MasterKey,
    pepper: hmac::Key,
}

impl Vault {
    /// A vault with an opened pepper.
    pub fn new(master: MasterKey, pepper: &[u8]) -> Self {
        Self { master, pepper: hmac::Key::new(hmac::HMAC_SHA256, pepper) }
    }

    /// The keyed hash under which a key or refresh text is found.
    pub fn lookup(&self, text: &str) -> [u8; 32] {
        let mut code = [0; 32];
        for (to, from) in code.iter_mut().zip(hmac::sign(&self.pepper, text.as_bytes()).as_ref()) {
            *to = *from;
        }
        code
    }

    /// A new, wrapped data key for a network.
    pub fn new_data_key(&self, network: NetworkId, chance: &Chance) -> Result<Vec<u8>> {
        let mut key = Zeroizing::new([0; 32]);
        chance.fill(&mut *key)?;
        self.master.wrap(&data_key_name(network), &*key, chance)
    }

    fn data_key(&self, network: NetworkId, wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let opened = self.master.unwrap(&data_key_name(network), wrapped);
        opened.ok_or_else(|| Error::internal("a network's data key does not open"))
    }

    /// Seals a key text; the answer is the ciphertext for its row.
    pub fn seal(&self, to: &Sealed, text: &KeyText, chance: &Chance) -> Result<Vec<u8>> {
        let key = self.data_key(to.network, &to.data_key)?;
        encrypt(&key, &binding(to), text.expose().as_bytes(), chance)
    }

    /// Opens a key. The proof can only be had once the record of this very opening is durable: no record, no key.
    pub fn open(&self, sealed: &Sealed, _: &Committed) -> Result<KeyText> {
        self.open_unseen(sealed)
    }

    /// Moves a key into another network's care (a user that moves) without handing its text to anybody.
    pub fn reseal(&self, from: &Sealed, to: &Sealed, chance: &Chance) -> Result<Vec<u8>> {
        self.seal(to, &self.open_unseen(from)?, chance)
    }

    fn open_unseen(&self, sealed: &Sealed) -> Result<KeyText> {
        let key = self.data_key(sealed.network, &sealed.data_key)?;
        let text = decrypt(&key, &binding(sealed), &sealed.ciphertext);
        let text = text.ok_or_else(|| Error::internal("a sealed key does not open"))?;
        let text = std::str::from_utf8(&text).ok().and_then(KeyText::parse);
        text.ok_or_else(|| Error::internal("a sealed key is not a key"))
    }
}

/// What a ciphertext is bound to.
fn binding(sealed: &Sealed) -> Vec<u8> {
    let mut bound = b"crossdock key 1 primary".to_vec();
    bound.extend_from_slice(&sealed.network.get().to_be_bytes());
    bound.extend_from_slice(&sealed.user.get().to_be_bytes());
    bound.extend_from_slice(&sealed.uuid);
    bound
}

fn cipher(key: &[u8]) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, key).ok().map(LessSafeKey::new)
}

fn encrypt(key: &[u8], bound: &[u8], secret: &[u8], chance: &Chance) -> Result<Vec<u8>> {
    let nonce: [u8; NONCE_LEN] = chance.bytes()?;
    let mut body = secret.to_vec();
    let sealed = cipher(key).and_then(|cipher| {
        cipher.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound), &mut body).ok()
    });
    sealed.ok_or_else(|| Error::internal("sealing failed"))?;
    Ok([nonce.as_slice(), &body].concat())
}

fn decrypt(key: &[u8], bound: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut body = Zeroizing::new(body.to_vec());
    let length = cipher(key)?.open_in_place(nonce, Aad::from(bound), &mut body).ok()?.len();
    body.truncate(length);
    Some(body)
}

/// Whether two codes are the same, in a time that does not tell where they differ.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(vault: &Vault, network: i64, user: i64, uuid: u8) -> Sealed {
        let network = NetworkId::new(network).unwrap();
        let data_key = vault.new_data_key(network, &Chance::default()).unwrap();
        Sealed { network, user: UserId::new(user).unwrap(), uuid: [uuid; 16], ciphertext: Vec::new(), data_key }
    }

    #[test]
    fn a_ciphertext_opens_only_in_its_own_row() {
        let chance = Chance::default();
        let vault = Vault::new(MasterKey::generate(&chance).unwrap(), b"pepper");
        let text = KeyText::primary(&[7; 16]);
        let mut own = sealed(&vault, 1, 1, 1);
        own.ciphertext = vault.seal(&own, &text, &chance).unwrap();
        assert_eq!(vault.open_unseen(&own).unwrap().expose(), text.expose());
        for (network, user, uuid) in [(1, 2, 1), (1, 1, 2), (2, 1, 1)] {
            let mut other = sealed(&vault, network, user, uuid);
            other.ciphertext = own.ciphertext.clone();
            if network == 1 {
                other.data_key = own.data_key.clone();
            }
            assert!(vault.open_unseen(&other).is_err(), "{network} {user} {uuid}");
        }
        for at in 0..own.ciphertext.len() {
            let mut flipped = sealed(&vault, 1, 1, 1);
            flipped.data_key = own.data_key.clone();
            flipped.ciphertext = own.ciphertext.clone();
            flipped.ciphertext[at] ^= 1;
            assert!(vault.open_unseen(&flipped).is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_key_moves_between_networks_and_no_longer_opens_in_the_old_one() {
        let chance = Chance::default();
        let vault = Vault::new(MasterKey::generate(&chance).unwrap(), b"pepper");
        let (mut from, mut to) = (sealed(&vault, 1, 5, 3), sealed(&vault, 2, 5, 3));
        let text = KeyText::primary(&[9; 16]);
        from.ciphertext = vault.seal(&from, &text, &chance).unwrap();
        to.ciphertext = vault.reseal(&from, &to, &chance).unwrap();
        assert_eq!(vault.open_unseen(&to).unwrap().expose(), text.expose());
        from.ciphertext = to.ciphertext.clone();
        assert!(vault.open_unseen(&from).is_err());
    }

    #[test]
    fn a_master_key_file_reads_back_and_wraps_by_name() {
        let chance = Chance::default();
        let key = MasterKey::generate(&chance).unwrap();
        let again = MasterKey::parse(&key.to_text()).unwrap();
        assert_eq!(key.fingerprint(), again.fingerprint());
        let wrapped = key.wrap("a", b"secret", &chance).unwrap();
        assert_eq!(again.unwrap("a", &wrapped).unwrap().as_slice(), b"secret");
        assert!(again.unwrap("b", &wrapped).is_none());
        assert!(MasterKey::generate(&chance).unwrap().unwrap("a", &wrapped).is_none());
        assert!(MasterKey::parse("xyz").is_none() && MasterKey::parse("").is_none());
    }
}
