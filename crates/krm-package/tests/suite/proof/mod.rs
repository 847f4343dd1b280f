//! Proofs that need no word of the engine: RFC 6902 says what an edit gives, a second parser what a
//! text holds, and the lines of a text that was not edited say which may have changed.

mod compare;
mod marked;
mod operation;
mod second_reader;

pub(crate) use compare::{Verdict, compared};
pub(crate) use marked::{Change, documents, named_lines};
pub(crate) use operation::{Operation, Outcome, judged};
