//! Peers: which of them have to prove an identity.

mod peer_authentication;

pub(super) use peer_authentication::Modes;
pub use peer_authentication::{MutualTls, MutualTlsMode, PeerAuthentication, PeerSpec};
