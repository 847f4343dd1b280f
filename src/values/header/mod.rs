//! The HTTP header that a listener rule requires: its name, and the tokens it accepts.

mod name;
mod token;

pub use name::{HeaderName, HeaderNameError};
pub(crate) use token::is_placeholder;
pub use token::{HeaderToken, HeaderTokenError};
