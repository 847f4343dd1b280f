//! Peers: which of them have to prove an identity.

mod peer_authentication;

pub(super) use peer_authentication::Modes;
pub(crate) use peer_authentication::MutualTlsMode;
pub use peer_authentication::PeerAuthentication;
