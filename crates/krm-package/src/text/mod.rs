//! Texts for people: how a message shows one, and which known name an unknown one is likely to mean.

pub mod excerpt;
pub mod suggest;
