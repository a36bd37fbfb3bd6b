//! Whom a job reaches to get past every list: told without a list, too.

use std::net::IpAddr;

/// Public resolvers that answer over HTTPS or TLS, by address.
const ENCRYPTED_RESOLVERS: &[&str] = &[
    "1.1.1.1",
    "1.0.0.1",
    "1.1.1.2",
    "1.1.1.3",
    "8.8.8.8",
    "8.8.4.4",
    "9.9.9.9",
    "9.9.9.10",
    "9.9.9.11",
    "149.112.112.112",
    "94.140.14.14",
    "94.140.15.15",
    "208.67.222.222",
    "208.67.220.220",
    "185.228.168.168",
    "76.76.2.0",
    "76.76.10.0",
    "194.242.2.2",
    "2606:4700:4700::1111",
    "2606:4700:4700::1001",
    "2001:4860:4860::8888",
    "2001:4860:4860::8844",
    "2620:fe::fe",
    "2620:fe::9",
];
/// Names of such resolvers.
const ENCRYPTED_NAMES: &[&str] = &[
    "dns.google",
    "cloudflare-dns.com",
    "one.one.one.one",
    "quad9.net",
    "opendns.com",
    "nextdns.io",
    "adguard-dns.com",
    "controld.com",
    "mullvad.net",
    "doh.li",
    "dns.sb",
];
/// The metadata services of clouds.
const METADATA: &[&str] = &[
    "169.254.169.254",
    "169.254.170.2",
    "168.63.129.16",
    "100.100.100.200",
    "fd00:ec2::254",
];

/// True for a name under which names are looked up unseen.
pub fn names_resolver(name: &str) -> bool {
    ENCRYPTED_NAMES.iter().any(|known| {
        name.strip_suffix(known)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

/// True for addresses of a cloud's metadata service.
pub fn is_metadata(address: IpAddr) -> bool {
    METADATA.contains(&address.to_canonical().to_string().as_str())
}

/// True for addresses at which names are looked up unseen.
pub fn is_resolver(address: IpAddr) -> bool {
    ENCRYPTED_RESOLVERS.contains(&address.to_canonical().to_string().as_str())
}

/// All of these addresses.
pub(super) fn addresses() -> impl Iterator<Item = IpAddr> {
    let all = METADATA.iter().chain(ENCRYPTED_RESOLVERS);
    all.filter_map(|text| text.parse().ok())
}

/// All of these names.
pub(super) const fn names() -> &'static [&'static str] {
    ENCRYPTED_NAMES
}
