//! JSON, YAML, templates and URLs as the controllers' Go reads them.

pub mod json;
pub mod template;
pub(crate) mod url;
pub(crate) mod yaml;
