//! What the runtime itself has to say: every text of its findings.

mod acceptances;
mod config;
mod generated;
mod objects;

use std::io;

use krm_package::SourceError;
use thiserror::Error as Message;

pub(super) use self::acceptances::{UnusedEntry, WrongAcceptFile, WrongEntry};
pub(super) use self::config::{WrongConfig, WrongField, WrongValue};
pub(super) use self::generated::{NotOwned, Removed, Unclaimed};
pub(super) use self::objects::{Flaw, bad_object};
pub use self::objects::{Misread, NotAnObject};
use super::code::{Code, RuntimeCode};
use super::files::Files;
use super::finding::Finding;
use super::place::Place;
use super::unparsed;

/// The finding on a text that cannot be parsed, with its file, line and column; without a file, the message
/// has them.
#[must_use]
pub fn unreadable<C: Code>(text: &str, error: &SourceError, files: &Files) -> Finding<C> {
    let code = RuntimeCode::BadInput.into();
    match files.in_file(error.position) {
        None => Finding::error(code, error.to_string()),
        Some(place) => {
            let line = unparsed::source_line(text, error.position);
            Finding::error(code, error.message.as_str()).at(Place { line, ..place })
        }
    }
}

/// The finding on a plan whose edits cannot be applied. It is on an object, of which a line of text for a host
/// shows no place: the message has it, too.
pub(super) fn refused_edit<C: Code>(error: &SourceError, files: &Files) -> Finding<C> {
    let message = format!("{}: {}", files.place(error.position), error.message);
    let place = files.in_file(error.position);
    Finding::error(RuntimeCode::EditRefused.into(), message).at(place)
}

/// The finding on a field, in the words of the function or the project that refuses it.
pub(super) fn refused<C: Code>(code: C, words: impl ToString) -> Finding<C> {
    Finding::error(code, words.to_string())
}

/// What keeps a program from reading its input or writing its output.
#[derive(Debug, Message)]
pub(super) enum LostStream {
    #[error("cannot read stdin: {0}")]
    Stdin(io::Error),
    #[error("cannot write to stdout: {0}")]
    Stdout(io::Error),
}

impl<C: Code> From<LostStream> for Finding<C> {
    fn from(lost: LostStream) -> Self {
        let code = match lost {
            LostStream::Stdin(_) => RuntimeCode::BadInput,
            LostStream::Stdout(_) => RuntimeCode::OutputLost,
        };
        Self::error(code.into(), lost.to_string())
    }
}

/// What is wrong with a program's arguments; `hint` names the function that may be intended.
#[derive(Debug, Message)]
pub(super) enum WrongArguments {
    #[error("unknown function {name:?}; {hint}")]
    UnknownFunction { name: std::ffi::OsString, hint: String },
    #[error("expected at most one argument: the name of a function")]
    TooMany,
}
