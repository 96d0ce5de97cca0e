//! References and UTF-16, decoded a few bytes at a time.

/// Replaces the predefined entities and character references; others stay as they are.
pub(super) fn resolve(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'&', rest) {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        let end = rest.iter().take(18).position(|&b| b == b';');
        let (name, after) = match end {
            Some(end) => (rest.get(1..end).unwrap_or_default(), rest.get(end + 1..).unwrap_or_default()),
            None => (&b""[..], rest.get(1..).unwrap_or_default()),
        };
        match referenced(name) {
            Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            None => out.extend_from_slice(rest.get(..rest.len() - after.len()).unwrap_or_default()),
        }
        rest = after;
    }
    out.extend_from_slice(rest);
    out
}

fn referenced(name: &[u8]) -> Option<char> {
    match name {
        b"amp" => Some('&'),
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        b"quot" => Some('"'),
        b"apos" => Some('\''),
        [b'#', b'x' | b'X', hex @ ..] => {
            u32::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok().and_then(char::from_u32)
        }
        [b'#', digits @ ..] => std::str::from_utf8(digits).ok()?.parse().ok().and_then(char::from_u32),
        _ => None,
    }
}

/// UTF-16 to UTF-8, a few bytes at a time.
#[derive(Debug)]
pub(crate) struct Utf16 {
    big_endian: bool,
    odd: Option<u8>,
    high: Option<u16>,
}

impl Utf16 {
    /// By byte order mark, or by the zero bytes of `<` in it. Big-endian without a mark, `window` starts within a unit: the zero
    /// byte before it was taken for padding.
    pub fn detect(window: &[u8], within_a_unit: bool) -> Option<Self> {
        let (big_endian, odd) = match window {
            [0xFE, 0xFF, ..] => (true, None),
            [0xFF, 0xFE, ..] => (false, None),
            [b'<', 0, _, 0, ..] => (within_a_unit, within_a_unit.then_some(0)),
            _ => return None,
        };
        Some(Self { big_endian, odd, high: None })
    }

    pub fn decode(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for &byte in bytes {
            let Some(first) = self.odd.take() else {
                self.odd = Some(byte);
                continue;
            };
            let unit = if self.big_endian { [first, byte] } else { [byte, first] };
            let unit = u16::from_be_bytes(unit);
            let units = [self.high.take().unwrap_or(unit), unit];
            let units = if units[0] == unit { units.get(..1).unwrap_or_default() } else { &units[..] };
            if (0xD800..0xDC00).contains(&unit) {
                self.high = Some(unit);
                continue;
            }
            for decoded in char::decode_utf16(units.iter().copied()) {
                let c = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
                if c != '\u{FEFF}' {
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
        }
    }
}
