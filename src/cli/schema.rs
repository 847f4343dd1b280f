//! `kserve-aws schema KIND`.

use super::output::{Output, Refusal};
use crate::finding::{Code, Finding};
use crate::functions;

pub(super) fn run<'s>(kind: &str) -> Result<Output<'s>, Refusal> {
    let function = functions::ALL
        .of_kind(kind)
        .map_err(|hint| Finding::error(Code::BadInput, format!("unknown kind {kind:?}; {hint}")))?;
    Ok(Output::text(function.schema()))
}
