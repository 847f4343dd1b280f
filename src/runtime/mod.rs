//! The runtime of [`krm_function`], as the functions of this project use it.

mod api_version;
mod placeholders;
mod tokens;

use krm_package::NodeRef;

use crate::finding::{Code, FieldPath};
use crate::values::env_entry::misread;

pub(crate) use api_version::API_VERSION;
pub use krm_function::{Acceptances, Call, Items, resource_list};
pub(crate) use krm_function::{
    Checked, ConfigSource, FieldTypes, Files, Fixed, Function, FunctionConfig, Invalid, Item,
    Misread, NotAnObject, Origin, OriginEntry, Owned, Owner, Place, Project, Reading, Secrets,
    WrongKey, complete_findings, configuration_schema, fields_of, files, fixed, locate_fixes,
    stderr_line, stream, unreadable,
};

/// This project.
#[derive(Debug, Clone, Copy)]
pub struct KserveAws;

impl Project for KserveAws {
    const API_VERSION: &'static str = API_VERSION;
    type Code = Code;
    const SECRET_FIELDS: &'static [&'static str] = &["httpHeaderValues", "/conditions.", "token"];

    fn refused_text(path: &FieldPath, text: &str) -> Option<(Code, &'static str)> {
        placeholders::refused(path, text)
    }

    fn misread_entry(key: &str, text: &str) -> Option<String> {
        misread(key, text).map(|misread| misread.to_string())
    }

    fn secrets(configs: &[NodeRef<'_>], items: &Items<'_>) -> Secrets {
        tokens::tokens(configs, items)
    }
}

/// A function of this project.
pub type Registered = krm_function::Registered<KserveAws>;
/// The functions that a run picks from.
pub(crate) type Registry = krm_function::Registry<KserveAws>;
/// What a function wants changed, and what it has to say.
pub(crate) type Plan = krm_function::Plan<Code>;
/// What came of a run.
pub(crate) type Run<'s> = krm_function::Run<'s, Code>;
