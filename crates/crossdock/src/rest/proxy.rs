//! Who asks, when a reverse proxy stands between: `X-Forwarded-For` counts only as far as trusted proxies wrote it.

use std::{fmt, net::IpAddr, str::FromStr};

/// A network of addresses, such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    network: IpAddr,
    bits: u32,
}

/// A text is no network of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotACidr;
impl fmt::Display for NotACidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be a network such as 10.0.0.0/8, or one address such as 10.1.2.3")
    }
}
impl std::error::Error for NotACidr {}

impl FromStr for Cidr {
    type Err = NotACidr;
    fn from_str(text: &str) -> Result<Self, NotACidr> {
        let (address, bits) = text.trim().split_once('/').map_or((text.trim(), None), |(a, b)| (a, Some(b)));
        let network: IpAddr = address.parse().map_err(|_| NotACidr)?;
        let most = if network.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), str::parse).map_err(|_| NotACidr)?;
        if bits > most { Err(NotACidr) } else { Ok(Self { network, bits }) }
    }
}

impl Cidr {
    /// Whether an address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        // A shift by all the bits there are leaves nothing to compare: everything lies in `/0`.
        match (self.network, address) {
            (IpAddr::V4(a), IpAddr::V4(b)) => {
                let cut = |address| u32::from(address).checked_shr(32 - self.bits);
                cut(a) == cut(b)
            }
            (IpAddr::V6(a), IpAddr::V6(b)) => {
                let cut = |address| u128::from(address).checked_shr(128 - self.bits);
                cut(a) == cut(b)
            }
            _ => false,
        }
    }
}

/// The networks of trusted proxies, separated by commas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<Cidr>);

impl FromStr for Proxies {
    type Err = NotACidr;
    fn from_str(text: &str) -> Result<Self, NotACidr> {
        let list = text.split(',').filter(|part| !part.trim().is_empty()).map(str::parse);
        list.collect::<Result<_, _>>().map(Self)
    }
}

impl Proxies {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// The caller's address: the peer, or the last hop of `X-Forwarded-For` that no trusted proxy stands behind.
    /// Whatever lies further left was written by somebody we do not know.
    pub fn caller<'a>(&self, peer: IpAddr, forwarded: impl DoubleEndedIterator<Item = &'a str>) -> IpAddr {
        let mut caller = peer.to_canonical();
        for hop in forwarded.rev().flat_map(|line| line.rsplit(',')) {
            if !self.trust(caller) {
                break;
            }
            match hop_address(hop) {
                Some(address) => caller = address,
                None => break,
            }
        }
        caller
    }
}

/// The address of a hop, which some proxies write with its port.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let address = hop.parse::<IpAddr>().ok();
    let address = address.or_else(|| hop.parse::<std::net::SocketAddr>().ok().map(|a| a.ip()));
    let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    address.or_else(bracketed).map(|a| a.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(proxies: &str, peer: &str, forwarded: &[&str]) -> String {
        let proxies: Proxies = proxies.parse().unwrap();
        proxies.caller(peer.parse().unwrap(), forwarded.iter().copied()).to_string()
    }

    #[test]
    fn without_trusted_proxies_the_header_counts_for_nothing() {
        assert_eq!(caller("", "10.0.0.1", &["1.2.3.4"]), "10.0.0.1");
        assert_eq!(caller("10.0.0.0/8", "192.0.2.9", &["1.2.3.4"]), "192.0.2.9");
    }

    #[test]
    fn the_last_untrusted_hop_is_the_caller_whatever_it_claims_itself() {
        assert_eq!(caller("10.0.0.0/8", "10.0.0.1", &["6.6.6.6, 1.2.3.4"]), "1.2.3.4");
        assert_eq!(caller("10.0.0.0/8", "10.0.0.1", &["6.6.6.6, 1.2.3.4, 10.0.0.7"]), "1.2.3.4");
        assert_eq!(caller("10.0.0.0/8", "10.0.0.1", &["6.6.6.6", "1.2.3.4, 10.0.0.7"]), "1.2.3.4");
        assert_eq!(caller("10.0.0.0/8", "10.0.0.1", &["nonsense, 10.0.0.7"]), "10.0.0.7");
        assert_eq!(caller("10.0.0.0/8", "10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn ports_brackets_and_mapped_addresses_are_read() {
        assert_eq!(caller("::1,127.0.0.1", "::ffff:127.0.0.1", &["1.2.3.4:5678"]), "1.2.3.4");
        assert_eq!(caller("::1", "::1", &["[2001:db8::1]:443"]), "2001:db8::1");
        assert_eq!(caller("::1", "::1", &["[2001:db8::1]"]), "2001:db8::1");
    }

    #[test]
    fn networks_are_read_and_compared_by_their_bits() {
        let net: Cidr = "10.1.0.0/16".parse().unwrap();
        assert!(net.contains("10.1.255.1".parse().unwrap()));
        assert!(!net.contains("10.2.0.1".parse().unwrap()));
        assert!("0.0.0.0/0".parse::<Cidr>().unwrap().contains("8.8.8.8".parse().unwrap()));
        assert!(!"0.0.0.0/0".parse::<Cidr>().unwrap().contains("::1".parse().unwrap()));
        for wrong in ["", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/x", "host"] {
            assert_eq!(wrong.parse::<Cidr>(), Err(NotACidr), "{wrong}");
        }
        assert!("10.0.0.0/8, x".parse::<Proxies>().is_err());
    }
}
