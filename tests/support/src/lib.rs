//! What the tests of every crate share.

mod chance;
pub mod corpora;
mod dice;
pub mod hosts;
pub mod ingress;
mod shared;
mod skip;
pub mod values;
mod yaml_text;

pub use chance::cases;
pub use dice::Dice;
pub use shared::shared;
pub use skip::skip;
pub use yaml_text::yaml_text;
