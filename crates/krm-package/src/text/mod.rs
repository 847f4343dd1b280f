//! Texts for people: how a message shows one, and which known name an unknown one stands for.

pub mod excerpt;
pub mod suggest;
