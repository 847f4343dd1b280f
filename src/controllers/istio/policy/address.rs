//! IP addresses and blocks of them.

use std::net::IpAddr;

/// An address or a CIDR block, as Go's `net/netip` reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IpBlock {
    address: IpAddr,
    prefix_length: u32,
}

impl IpBlock {
    /// Reads a value that istiod has taken; `None` for an address with a zone, which Envoy refuses.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let prefix_length = length.map_or(Some(whole), |length| length.parse().ok())?;
        (prefix_length <= whole).then_some(Self { address, prefix_length })
    }

    /// Whether the address lies in the block; never one of the other version.
    pub(super) fn contains(&self, address: IpAddr) -> bool {
        let (mine, theirs, width) = match (self.address, address) {
            (IpAddr::V4(mine), IpAddr::V4(theirs)) => {
                (u128::from(u32::from(mine)), u128::from(u32::from(theirs)), 32)
            }
            (IpAddr::V6(mine), IpAddr::V6(theirs)) => (u128::from(mine), u128::from(theirs), 128),
            _ => return false,
        };
        (mine ^ theirs).checked_shr(width - self.prefix_length).unwrap_or(0) == 0
    }
}

/// istiod's error for an address or block, if it has one (`ValidateIPs`, `pkg/config/security`).
pub(super) fn error(text: &str) -> Option<String> {
    let Some((address, length)) = text.rsplit_once('/') else {
        return (!is_address(text)).then(|| format!("bad IP address ({text})"));
    };
    let why = if !is_address(address) {
        format!("ParseAddr({address:?}): unable to parse IP")
    } else if address.contains('%') {
        "IPv6 zones cannot be present in a prefix".to_owned()
    } else if !is_prefix_length(length) {
        format!("bad bits after slash: {length:?}")
    } else if IpBlock::parse(text).is_none() {
        "prefix length out of range".to_owned()
    } else {
        return None;
    };
    Some(format!("bad CIDR range ({text}): netip.ParsePrefix({text:?}): {why}"))
}

fn is_address(text: &str) -> bool {
    match text.split_once('%') {
        Some((address, zone)) => !zone.is_empty() && address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => text.parse::<IpAddr>().is_ok(),
    }
}

fn is_prefix_length(text: &str) -> bool {
    (1..=3).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text.len() == 1 || !text.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_holds_the_addresses_of_its_version() {
        let holds = |block: &str, address: &str| {
            IpBlock::parse(block).unwrap().contains(address.parse().unwrap())
        };
        assert!(holds("10.1.2.3/8", "10.9.9.9") && !holds("10.1.2.3/8", "11.0.0.0"));
        assert!(holds("0.0.0.0/0", "1.2.3.4") && !holds("0.0.0.0/0", "::1"));
        assert!(holds("::/0", "::1") && !holds("::1", "127.0.0.1"));
        assert!(holds("::ffff:1.2.3.4", "::ffff:1.2.3.4") && !holds("::ffff:1.2.3.4", "1.2.3.4"));
        assert_eq!(IpBlock::parse("fe80::1%eth0"), None);
    }
}
