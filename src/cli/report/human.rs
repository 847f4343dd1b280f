//! A finding as a person reads it: file, line and column, the line with what is meant, and the fix.

use std::io;
use std::ops::Range;
use std::sync::LazyLock;

use codespan_reporting::diagnostic::{Diagnostic, Label, LabelStyle, Severity as Level};
use codespan_reporting::files::{Error, Files};
use codespan_reporting::term::{self, Config, GeneralWriteResult, WriteStyle};
use json_patch::PatchOperation;
use json_patch::jsonptr::index::Index;
use json_patch::jsonptr::{Pointer, Token};

use crate::finding::{FieldPath, Finding, Fix, Severity};
use crate::runtime::{Place, stderr_line};

static CONFIG: LazyLock<Config> = LazyLock::new(Config::default);

/// The text of a finding, without a line break at its end.
pub(super) fn text(finding: &Finding, is_colored: bool) -> String {
    let level = match finding.severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Info => Level::Note,
    };
    let mut diagnostic = Diagnostic::new(level)
        .with_code(finding.code.as_str())
        .with_message(plain(&finding.message))
        .with_notes(notes(finding));
    let line = finding.place.as_deref().and_then(Line::of);
    if let Some(line) = &line {
        diagnostic = diagnostic.with_label(Label::primary((), line.marked.clone()));
    }
    let line = line.unwrap_or_default();
    let mut out = Ansi { text: Vec::new(), is_colored };
    let written = term::emit_to_write_style(&mut out, &CONFIG, &line, &diagnostic).ok();
    let Some(mut text) = written.and_then(|()| String::from_utf8(out.text).ok()) else {
        return stderr_line(finding);
    };
    text.truncate(text.trim_end().len());
    // The severity is in brackets, as in the lines that a host passes on.
    let code = finding.code.as_str();
    let header = format!("{}[{code}]", level_name(level));
    if let Some(start) = text.find(&header) {
        let range = start..start + header.len();
        text.replace_range(range, &format!("[{}] {code}", finding.severity));
    }
    text
}

/// What codespan calls a level.
fn level_name(level: Level) -> &'static str {
    match level {
        Level::Bug => "bug",
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
        Level::Help => "help",
    }
}

/// What is below the line: a place that has no line, the object and its field, the reason, the fix.
fn notes(finding: &Finding) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(place) = finding.place.as_ref().filter(|place| place.line.is_none()) {
        notes.push(plain(&place.to_string()));
    }
    let resource = finding.resource.as_ref().map(ToString::to_string);
    let field = finding.field.as_ref().map(|field| field.path.to_string());
    let about: Vec<String> = resource.into_iter().chain(field).collect();
    if !about.is_empty() {
        notes.push(plain(&about.join(" ")));
    }
    if let Some(accepted) = &finding.accepted {
        notes.push(format!("accepted {}: {}", accepted.severity, plain(&accepted.reason)));
    }
    notes.extend(finding.fix.as_deref().map(fix));
    notes
}

fn fix(fix: &Fix) -> String {
    let change = |operation: &PatchOperation| match operation {
        PatchOperation::Add(add) => format!("set {} to {}", path(&add.path), add.value),
        PatchOperation::Replace(new) => format!("set {} to {}", path(&new.path), new.value),
        PatchOperation::Remove(old) => format!("remove {}", path(&old.path)),
        PatchOperation::Move(old) => format!("rename {} to {}", path(&old.from), path(&old.path)),
        PatchOperation::Copy(old) => format!("copy {} to {}", path(&old.from), path(&old.path)),
        PatchOperation::Test(_) => String::new(),
    };
    let changes: Vec<String> = fix.patch.0.iter().map(change).collect();
    let what = if fix.is_safe { "fix" } else { "possible fix" };
    plain(&format!("{what}: {}", changes.join(", ")))
}

/// A pointer as findings show a field. Which parts are indices is known by their form.
fn path(pointer: &Pointer) -> FieldPath {
    let part = |path: FieldPath, token: Token<'_>| match token.to_index() {
        Ok(Index::Num(index)) => path.index(index),
        _ => path.key(token.decoded()),
    };
    pointer.tokens().fold(FieldPath::root(), part)
}

/// A line break would let a name in the input write lines of its own.
fn plain(text: &str) -> String {
    // Most have none, and are taken as they are.
    if !text.bytes().any(|byte| byte.is_ascii_control() || !byte.is_ascii()) {
        return text.to_owned();
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The one line of a file that is shown.
#[derive(Default)]
struct Line {
    file: String,
    number: usize,
    /// How many characters of the line are left of the column where the marked text is counted from.
    column: usize,
    text: String,
    marked: Range<usize>,
}

impl Line {
    fn of(place: &Place) -> Option<Self> {
        let (position, line) = (place.position?, place.line.as_ref()?);
        Some(Self {
            file: plain(&place.file),
            number: position.line,
            column: position.column,
            text: line.text.clone(),
            marked: line.marked.clone(),
        })
    }
}

impl<'a> Files<'a> for Line {
    type FileId = ();
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, (): ()) -> Result<&'a str, Error> {
        Ok(&self.file)
    }

    fn source(&'a self, (): ()) -> Result<&'a str, Error> {
        Ok(&self.text)
    }

    fn line_index(&'a self, (): (), _: usize) -> Result<usize, Error> {
        Ok(0)
    }

    fn line_number(&'a self, (): (), _: usize) -> Result<usize, Error> {
        Ok(self.number)
    }

    /// As in the file, where nothing is hidden in front of it.
    fn column_number(&'a self, (): (), _: usize, _: usize) -> Result<usize, Error> {
        Ok(self.column)
    }

    fn line_range(&'a self, (): (), _: usize) -> Result<Range<usize>, Error> {
        Ok(0..self.text.len())
    }
}

/// A text with the colors of a terminal.
struct Ansi {
    text: Vec<u8>,
    is_colored: bool,
}

impl Ansi {
    fn style(&mut self, code: &str) -> GeneralWriteResult {
        if self.is_colored {
            self.text.extend_from_slice(format!("\u{1b}[{code}m").as_bytes());
        }
        Ok(())
    }
}

impl io::Write for Ansi {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn color(level: Level) -> &'static str {
    match level {
        Level::Bug | Level::Error => "1;31",
        Level::Warning => "1;33",
        Level::Note | Level::Help => "1;32",
    }
}

impl WriteStyle for Ansi {
    fn set_header(&mut self, level: Level) -> GeneralWriteResult {
        self.style(color(level))
    }

    fn set_header_message(&mut self) -> GeneralWriteResult {
        self.style("0;1")
    }

    fn set_line_number(&mut self) -> GeneralWriteResult {
        self.style("34")
    }

    fn set_note_bullet(&mut self) -> GeneralWriteResult {
        self.style("34")
    }

    fn set_source_border(&mut self) -> GeneralWriteResult {
        self.style("34")
    }

    fn set_label(&mut self, level: Level, _: LabelStyle) -> GeneralWriteResult {
        self.style(color(level))
    }

    fn reset(&mut self) -> GeneralWriteResult {
        self.style("0")
    }
}
