//! The two families of API key (api-keys 2): a UUID, which the owner's administrator can be shown again, and `ek_` texts,
//! which are shown once. Both are recognised here, without the store: a text that is neither never reaches it.

use crate::KeyKind;
use std::fmt;
use zeroize::Zeroizing;

/// The canonical text of a key. It is wiped from memory when dropped, and nothing prints it.
#[derive(Clone)]
pub struct KeyText(Zeroizing<String>);

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SECRET_CHARS: usize = 30;
const CHECK_CHARS: usize = 6;

/// The prefix of a secondary key of a kind.
const fn prefix(kind: KeyKind) -> Option<&'static str> {
    match kind {
        KeyKind::Primary => None,
        KeyKind::Private => Some("ek_live_"),
        KeyKind::Shared => Some("ek_shared_"),
        KeyKind::Public => Some("ek_public_"),
        KeyKind::Session => Some("ek_session_"),
    }
}

impl KeyText {
    /// Reads a presented key: a UUID in any case with or without hyphens and braces, or an `ek_` text whose checksum fits.
    pub fn parse(presented: &str) -> Option<Self> {
        if presented.starts_with("ek_") { Self::parse_prefixed(presented) } else { Self::parse_uuid(presented) }
    }

    fn parse_uuid(presented: &str) -> Option<Self> {
        let inner = match presented.strip_prefix('{') {
            Some(rest) => rest.strip_suffix('}')?,
            None => presented,
        };
        let hyphens_fit = inner.len() == 32
            || inner.len() == 36 && [8, 13, 18, 23].iter().all(|at| inner.as_bytes().get(*at) == Some(&b'-'));
        let mut digits = Zeroizing::new([0_u8; 32]);
        let mut count = 0;
        for byte in inner.bytes().filter(|b| *b != b'-') {
            *digits.get_mut(count)? = byte.is_ascii_hexdigit().then(|| byte.to_ascii_lowercase())?;
            count += 1;
        }
        (hyphens_fit && count == 32).then(|| Self::hyphenated(&digits))
    }

    fn hyphenated(digits: &[u8; 32]) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(36));
        for (at, digit) in digits.iter().enumerate() {
            if [8, 12, 16, 20].contains(&at) {
                text.push('-');
            }
            text.push(char::from(*digit));
        }
        Self(text)
    }

    fn parse_prefixed(presented: &str) -> Option<Self> {
        let kinds = [KeyKind::Private, KeyKind::Shared, KeyKind::Public, KeyKind::Session];
        let rest = kinds.iter().filter_map(|k| prefix(*k)).find_map(|p| presented.strip_prefix(p))?;
        let body_len = presented.len().checked_sub(CHECK_CHARS)?;
        let (body, check) = presented.split_at_checked(body_len)?;
        let well_formed = rest.len() == SECRET_CHARS + CHECK_CHARS && rest.bytes().all(|b| b.is_ascii_alphanumeric());
        (well_formed && checksum(body) == check).then(|| Self(Zeroizing::new(presented.to_owned())))
    }

    /// A new primary key from 16 random bytes: UUID version 4, 122 random bits.
    pub fn primary(random: &[u8; 16]) -> Self {
        let mut bytes = Zeroizing::new(*random);
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let mut digits = Zeroizing::new([0_u8; 32]);
        for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes.iter()) {
            pair.copy_from_slice(&[hex(byte >> 4), hex(byte & 15)]);
        }
        Self::hyphenated(&digits)
    }

    /// A new key of a kind, from a source of random bytes. About 178 bits for the `ek_` kinds.
    pub fn random(kind: KeyKind, mut fill: impl FnMut(&mut [u8])) -> Self {
        let Some(prefix) = prefix(kind) else {
            let mut bytes = Zeroizing::new([0_u8; 16]);
            fill(&mut *bytes);
            return Self::primary(&bytes);
        };
        let mut text = Zeroizing::new(String::with_capacity(prefix.len() + SECRET_CHARS + CHECK_CHARS));
        text.push_str(prefix);
        let mut bytes = Zeroizing::new([0_u8; 64]);
        while text.len() < prefix.len() + SECRET_CHARS {
            fill(&mut *bytes);
            // 248 = 4 × 62: larger bytes would make the first characters likelier.
            let fair = bytes.iter().filter(|b| **b < 248).filter_map(|b| BASE62.get(usize::from(b % 62)));
            let missing = prefix.len() + SECRET_CHARS - text.len();
            text.extend(fair.take(missing).map(|b| char::from(*b)));
        }
        let check = checksum(&text);
        text.push_str(&check);
        Self(text)
    }

    /// The text itself: for a lookup code, for sealing, and for the one answer that hands it out.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The last four characters, for people to tell keys apart.
    pub fn hint(&self) -> String {
        self.0.chars().skip(self.0.chars().count().saturating_sub(4)).collect()
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyText(…)")
    }
}

const fn hex(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }
}

/// Six base62 characters of the CRC-32 of the preceding text, most significant first: lets scanners and our own edge
/// tell a mistyped key from an unknown one.
fn checksum(body: &str) -> String {
    let mut rest = crc32fast::hash(body.as_bytes());
    let mut chars = [b'0'; CHECK_CHARS];
    for char in chars.iter_mut().rev() {
        *char = BASE62.get((rest % 62) as usize).copied().unwrap_or(b'0');
        rest /= 62;
    }
    String::from_utf8_lossy(&chars).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting() -> impl FnMut(&mut [u8]) {
        let mut next = 0_u8;
        move |bytes| {
            bytes.iter_mut().for_each(|b| {
                next = next.wrapping_add(37);
                *b = next;
            })
        }
    }

    #[test]
    fn a_uuid_is_read_in_any_dress() {
        let canonical = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
        for dress in [
            canonical,
            "A1B2C3D4-E5F6-7890-ABCD-EF1234567890",
            "{a1b2c3d4-e5f6-7890-abcd-ef1234567890}",
            "a1b2c3d4e5f67890abcdef1234567890",
        ] {
            assert_eq!(KeyText::parse(dress).unwrap().expose(), canonical, "{dress}");
        }
        for not in [
            "",
            "a1b2c3d4-e5f6-7890-abcd-ef123456789",
            "a1b2c3d4-e5f6-7890-abcd-ef12345678901",
            "{a1b2c3d4e5f67890abcdef1234567890",
            "g1b2c3d4e5f67890abcdef1234567890",
            "a1b2c3d4e-5f6-7890-abcd-ef1234567890",
            "é1b2c3d4e5f67890abcdef123456789",
        ] {
            assert!(KeyText::parse(not).is_none(), "{not}");
        }
    }

    #[test]
    fn a_secondary_key_reads_back_and_one_wrong_character_does_not() {
        for kind in [KeyKind::Private, KeyKind::Shared, KeyKind::Public, KeyKind::Session] {
            let key = KeyText::random(kind, counting());
            assert!(key.expose().starts_with(prefix(kind).unwrap()));
            assert_eq!(KeyText::parse(key.expose()).unwrap().expose(), key.expose());
            for at in 3..key.expose().len() {
                let mut wrong = key.expose().to_owned().into_bytes();
                wrong[at] = if wrong[at] == b'x' { b'y' } else { b'x' };
                assert!(KeyText::parse(std::str::from_utf8(&wrong).unwrap()).is_none(), "{at}");
            }
        }
    }

    #[test]
    fn a_primary_key_is_a_version_4_uuid() {
        let key = KeyText::primary(&[0xff; 16]);
        assert_eq!(key.expose(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(format!("{key:?}"), "KeyText(…)");
        assert_eq!(key.hint(), "ffff");
    }
}
