//! Random ways of writing one value: block and flow style mixed, every style of scalar, comments,
//! blank lines, odd indentation, both line endings, marks and markers.

mod scalar;

use serde_json::Value;

use crate::Dice;
use scalar::{Scalar, is_printable};

/// Writes a value. Every reader of YAML finds that value in the text.
pub fn yaml_text(value: &Value, seed: u64) -> String {
    let mut writer = Writer {
        dice: Dice::new(seed),
        out: String::new(),
        keeps_blanks: false,
        plain_style: false,
        odd: 0,
    };
    // Some texts are calm, some have everything at once.
    writer.odd = *writer.dice.pick(&[2, 4, 12, 1000]);
    writer.plain_style = writer.dice.hits(4);
    writer.document(value);
    let mut text = writer.out;
    let mut dice = writer.dice;
    if dice.hits(5) && !writer.keeps_blanks {
        // A block scalar ends with the text and a line break, or is another text.
        let last = text.trim_end_matches('\n');
        let ends_in_scalar = text.contains(['|', '>']);
        if !ends_in_scalar {
            text.truncate(last.len());
        }
    }
    match dice.below(8) {
        0 | 1 => text = text.replace('\n', "\r\n"),
        2 => {
            let mut mixed = String::with_capacity(text.len());
            for c in text.chars() {
                if c == '\n' && dice.hits(2) {
                    mixed.push('\r');
                }
                mixed.push(c);
            }
            text = mixed;
        }
        _ => {}
    }
    if dice.hits(8) {
        text.insert(0, '\u{feff}');
    }
    text
}

struct Writer {
    dice: Dice,
    out: String,
    /// The text ends in a `|+` scalar, to which a blank line would belong.
    keeps_blanks: bool,
    /// Two columns a level, nothing odd.
    plain_style: bool,
    /// One in how many places something odd stands.
    odd: usize,
}

const COMMENTS: &[&str] = &[
    "",
    " note",
    " it's: \"x\" {",
    "# more",
    " a: 1",
    " - b",
    "\u{e9}\u{1f600} [",
    " 'open",
    "\t|",
];

impl Writer {
    fn odd(&mut self) -> bool {
        let odd = self.odd;
        self.dice.hits(odd)
    }

    fn document(&mut self, value: &Value) {
        if self.odd() {
            self.comment_lines(0);
        }
        let marker = self.odd();
        if marker {
            self.out.push_str("---");
            self.end_line();
        }
        if self.odd() {
            self.comment_lines(0);
        }
        let indent = if self.odd() && self.dice.hits(3) { self.dice.below(4) } else { 0 };
        if is_block(value) && !self.dice.hits(10) {
            if marker && self.dice.hits(10) {
                // The root's own anchor, on a line of its own.
                self.out.push_str("&root\n");
            }
            self.blanks(indent);
            self.block(value, indent);
        } else {
            // A stream that begins with a brace is JSON to kubectl.
            if !marker {
                self.out.push_str("---\n");
            }
            self.blanks(indent);
            self.flow(value, 1);
            self.end_line();
        }
        self.end_document();
    }

    fn end_document(&mut self) {
        if self.odd() && self.dice.hits(2) {
            self.comment_lines(0);
        }
        if self.odd() && self.dice.hits(3) {
            self.out.push_str("...\n");
            self.keeps_blanks = false;
        }
    }

    fn blanks(&mut self, count: usize) {
        self.out.extend(std::iter::repeat_n(' ', count));
    }

    /// Ends a line on which a value stands, with blanks or a comment now and then.
    fn end_line(&mut self) {
        if self.odd() {
            // Where a key may begin, libyaml takes no tab.
            let key_may_begin = self.out.ends_with(['-', '?', ':', '\n', ' ']);
            let gaps = if key_may_begin { &[" #", "  #"][..] } else { &[" #", "  #", "\t#"] };
            match self.dice.below(4) {
                0 => self.out.push(' '),
                1 if !key_may_begin => self.out.push_str("  \t"),
                _ => {
                    let gap = *self.dice.pick(gaps);
                    self.out.push_str(gap);
                    let comment = *self.dice.pick(COMMENTS);
                    self.out.push_str(comment);
                }
            }
        }
        self.out.push('\n');
        self.keeps_blanks = false;
    }

    /// Comment lines and blank lines, none further in than `indent`.
    fn comment_lines(&mut self, indent: usize) {
        for _ in 0..1 + self.dice.below(3) {
            if self.dice.hits(3) && !self.keeps_blanks {
                let blanks = self.dice.below(indent + 1);
                self.blanks(blanks);
                self.out.push('\n');
                continue;
            }
            let column = if self.dice.hits(3) { self.dice.below(indent + 1) } else { indent };
            self.blanks(column);
            self.out.push('#');
            let comment = *self.dice.pick(COMMENTS);
            self.out.push_str(comment);
            self.out.push('\n');
            // What a `|+` keeps has ended.
            self.keeps_blanks = false;
        }
    }

    /// A collection that is not empty, its first line behind `indent` blanks that are there already.
    fn block(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Object(fields) => {
                for (place, (key, field)) in fields.iter().enumerate() {
                    if place > 0 {
                        self.next_entry(indent);
                    }
                    let explicit = self.odd() && self.dice.hits(20);
                    if explicit {
                        self.out.push_str("? ");
                    }
                    self.key(key, false);
                    if explicit {
                        self.end_line();
                        self.blanks(indent);
                    } else if self.odd() && self.dice.hits(6) {
                        self.out.push(' ');
                    }
                    self.out.push(':');
                    self.value(field, indent, true);
                }
            }
            Value::Array(entries) => {
                for (place, entry) in entries.iter().enumerate() {
                    if place > 0 {
                        self.next_entry(indent);
                    }
                    self.out.push('-');
                    self.value(entry, indent, false);
                }
            }
            _ => {}
        }
    }

    fn next_entry(&mut self, indent: usize) {
        if self.odd() {
            self.comment_lines(indent);
        }
        self.blanks(indent);
    }

    /// What stands behind a `:` or a `-`, to the end of its line or lines.
    fn value(&mut self, value: &Value, indent: usize, below_key: bool) {
        if is_block(value) && !self.dice.hits(6) {
            return self.block_value(value, indent, below_key);
        }
        if value.is_null() && self.dice.hits(2) {
            return self.end_line();
        }
        if let Value::String(text) = value
            && self.dice.hits(3)
            && self.block_scalar(text, indent)
        {
            return;
        }
        let below = self.odd() && self.dice.hits(4);
        if below {
            self.end_line();
            if self.odd() {
                self.comment_lines(indent + 1);
            }
            self.blanks(indent + 1);
        } else {
            let gap = if self.odd() { 1 + self.dice.below(3) } else { 1 };
            self.blanks(gap);
        }
        let properties = self.properties(value);
        self.out.push_str(&properties);
        self.flow(value, indent + 1);
        self.end_line();
    }

    fn block_value(&mut self, value: &Value, indent: usize, below_key: bool) {
        let step = match (self.plain_style, self.odd()) {
            (false, true) => 1 + self.dice.below(4),
            _ => 2,
        };
        let on_line_below = below_key || self.odd() && self.dice.hits(3);
        if !on_line_below {
            // `- key: …` and `- - …`
            self.blanks(step.max(2) - 1);
            return self.block(value, indent + step.max(2));
        }
        let properties = self.properties(value);
        if !properties.is_empty() {
            self.out.push(' ');
            self.out.push_str(properties.trim_end());
        }
        self.end_line();
        let compact = below_key && value.is_array() && self.dice.hits(2);
        let inner = if compact { indent } else { indent + step };
        if self.odd() {
            self.comment_lines(inner);
        }
        self.blanks(inner);
        self.block(value, inner);
    }

    /// An anchor that nothing repeats, or a tag that says what the node is anyway.
    fn properties(&mut self, value: &Value) -> String {
        if !(self.odd() && self.dice.hits(8)) {
            return String::new();
        }
        let tag = match value {
            Value::Object(_) => "!!map ",
            Value::Array(_) => "!!seq ",
            Value::String(_) => "!!str ",
            _ => "",
        };
        let anchor = ["&a ", "&b-1 "][self.dice.below(2)];
        match self.dice.below(4) {
            0 => tag.to_owned(),
            1 => format!("{anchor}{tag}"),
            2 => format!("{tag}{anchor}"),
            _ => anchor.to_owned(),
        }
    }

    fn key(&mut self, key: &str, in_flow: bool) {
        let styles: Vec<Scalar> = Scalar::all_for(key, in_flow).collect();
        let style = *self.dice.pick(&styles);
        let text = style.write(key, None, &mut self.dice);
        self.out.push_str(&text);
    }

    /// A value between brackets, or a scalar; lines that it goes on over stand `indent` columns in.
    fn flow(&mut self, value: &Value, indent: usize) {
        match value {
            Value::String(text) => {
                let styles: Vec<Scalar> = Scalar::all_for(text, true).collect();
                let style = *self.dice.pick(&styles);
                let fold = if self.odd() { Some(indent + self.dice.below(3)) } else { None };
                let text = style.write(text, fold, &mut self.dice);
                self.out.push_str(&text);
            }
            Value::Null => self.out.push_str(["null", "~", "Null", "NULL"][self.dice.below(4)]),
            Value::Bool(true) => {
                self.out.push_str(["true", "True", "yes", "on"][self.dice.below(4)])
            }
            Value::Bool(false) => {
                self.out.push_str(["false", "FALSE", "no", "Off"][self.dice.below(4)])
            }
            Value::Number(number) => self.out.push_str(&number.to_string()),
            Value::Array(entries) => {
                self.out.push('[');
                for (place, entry) in entries.iter().enumerate() {
                    self.flow_gap(place, indent);
                    self.flow(entry, indent);
                }
                self.flow_end(!entries.is_empty(), indent);
                self.out.push(']');
            }
            Value::Object(fields) => {
                self.out.push('{');
                for (place, (key, field)) in fields.iter().enumerate() {
                    self.flow_gap(place, indent);
                    let from = self.out.len();
                    self.key(key, true);
                    let quoted = self.out[from..].starts_with(['"', '\'']);
                    if field.is_null() && self.dice.hits(2) {
                        self.out.push_str([": ", ""][self.dice.below(2)]);
                        continue;
                    }
                    self.out.push(':');
                    if !(quoted && self.odd()) {
                        self.out.push(' ');
                    }
                    self.flow(field, indent);
                }
                self.flow_end(!fields.is_empty(), indent);
                self.out.push('}');
            }
        }
    }

    /// What stands before an entry of a flow collection.
    fn flow_gap(&mut self, place: usize, indent: usize) {
        if place > 0 {
            if self.odd() && self.dice.hits(3) {
                self.out.push(' ');
            }
            self.out.push(',');
        }
        if self.odd() && self.dice.hits(2) {
            self.end_line();
            if self.odd() {
                self.comment_lines(indent);
            }
            self.blanks(indent);
        } else if place > 0 || self.odd() {
            self.out.push(' ');
        }
    }

    fn flow_end(&mut self, has_entries: bool, indent: usize) {
        if has_entries && self.odd() && self.dice.hits(3) {
            self.out.push(',');
        }
        if self.odd() && self.dice.hits(3) {
            self.end_line();
            self.blanks(indent);
        } else if self.odd() {
            self.out.push(' ');
        }
    }

    /// Writes a `|` or `>` scalar where the text can be one; `indent` is its parent's.
    fn block_scalar(&mut self, text: &str, indent: usize) -> bool {
        let body = text.trim_end_matches('\n');
        let trailing = text.len() - body.len();
        let is_readable = |c: char| c == '\n' || c == '\t' || is_printable(c);
        let lines: Vec<&str> = body.split('\n').collect();
        let has_content = !body.is_empty() && body.chars().all(is_readable);
        // A line of blanks alone is one that a reader may take for no line.
        if !has_content || lines.iter().any(|line| !line.is_empty() && line.trim().is_empty()) {
            return false;
        }
        let begins_with_blanks = lines
            .iter()
            .find(|line| !line.is_empty())
            .is_some_and(|line| line.starts_with([' ', '\t']));
        let step = if self.plain_style { 2 } else { 1 + self.dice.below(4) };
        let inner = indent + step;
        let can_fold = lines.iter().all(|line| {
            !line.is_empty() && !line.starts_with([' ', '\t']) && !line.ends_with([' ', '\t'])
        });
        let fold = can_fold && self.dice.hits(2);
        self.out.push_str(if fold { " >" } else { " |" });
        let indicator = if begins_with_blanks || (self.odd() && self.dice.hits(2)) {
            step.to_string()
        } else {
            String::new()
        };
        let chomp = match trailing {
            0 => "-",
            1 if self.dice.hits(3) => "+",
            1 => "",
            _ => "+",
        };
        let header = if self.dice.hits(2) {
            format!("{indicator}{chomp}")
        } else {
            format!("{chomp}{indicator}")
        };
        self.out.push_str(&header);
        self.end_line();
        for (place, line) in lines.iter().enumerate() {
            if fold && place > 0 {
                self.out.push('\n');
            }
            let mut row = String::new();
            if !line.is_empty() {
                row = " ".repeat(inner);
                row.push_str(line);
            }
            if fold {
                let pieces: Vec<&str> = line.split(' ').collect();
                if pieces.iter().all(|piece| {
                    !piece.is_empty() && !piece.starts_with('\t') && !piece.ends_with('\t')
                }) {
                    row = " ".repeat(inner);
                    for (nth, piece) in pieces.iter().enumerate() {
                        if nth > 0 {
                            let gap = if self.dice.hits(3) {
                                format!("\n{}", " ".repeat(inner))
                            } else {
                                " ".to_owned()
                            };
                            row.push_str(&gap);
                        }
                        row.push_str(piece);
                    }
                }
            }
            self.out.push_str(&row);
            self.out.push('\n');
        }
        if chomp == "+" {
            self.out.extend(std::iter::repeat_n('\n', trailing - 1));
        }
        self.keeps_blanks = chomp == "+";
        true
    }
}

fn is_block(value: &Value) -> bool {
    match value {
        Value::Array(entries) => !entries.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => false,
    }
}
