//! What the tests of every crate share.

mod chance;
pub mod corpora;
mod damage;
mod dice;
mod documents;
mod fixtures;
pub mod hosts;
pub mod ingress;
pub mod kubeflow;
pub mod oracle;
pub mod serving;
mod shared;
mod skip;
pub mod values;
mod yaml_text;

pub use chance::cases;
pub use damage::damaged;
pub use dice::Dice;
pub use documents::documents;
pub use fixtures::{Fixture, fixtures, project};
pub use shared::shared;
pub use skip::skip;
pub use yaml_text::yaml_text;
