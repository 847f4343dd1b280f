//! Texts from the grammar of YAML 1.2.2, each production counted that was followed, and damages of them.

use test_support::Dice;

/// How often each production of the specification was followed, by its number.
pub(crate) struct Coverage([u64; 212]);

impl Default for Coverage {
    fn default() -> Self {
        Self([0; 212])
    }
}

impl Coverage {
    pub(crate) fn reached(&self) -> usize {
        self.0[1..].iter().filter(|count| **count > 0).count()
    }

    pub(crate) fn missing(&self) -> Vec<usize> {
        (1..self.0.len()).filter(|number| self.0[*number] == 0).collect()
    }
}

/// Where a node stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Block,
    Flow,
    Key,
}

pub(crate) struct Grammar<'d> {
    dice: &'d mut Dice,
    coverage: &'d mut Coverage,
    out: String,
    line_break: &'static str,
    anchors: Vec<String>,
    budget: usize,
}

impl<'d> Grammar<'d> {
    pub(crate) fn text(dice: &'d mut Dice, coverage: &'d mut Coverage) -> String {
        let mut grammar = Self {
            dice,
            coverage,
            out: String::new(),
            line_break: "\n",
            anchors: Vec::new(),
            budget: 0,
        };
        grammar.stream();
        grammar.out
    }

    fn hit(&mut self, numbers: &[usize]) {
        for number in numbers {
            self.coverage.0[*number] += 1;
        }
    }

    fn chance(&mut self, of: usize) -> bool {
        self.dice.below(of) == 0
    }

    fn pick(&mut self, texts: &[&'static str]) -> &'static str {
        texts[self.dice.below(texts.len())]
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn break_line(&mut self) {
        self.hit(&[24, 26, 28, 29, 30]);
        if self.line_break == "\r\n" {
            self.hit(&[25]);
        }
        self.push(self.line_break);
    }

    fn indent(&mut self, blanks: usize) {
        self.hit(&[31, 63]);
        self.out.extend(std::iter::repeat_n(' ', blanks));
    }

    fn stream(&mut self) {
        self.hit(&[210, 211]);
        if self.chance(6) {
            self.line_break = "\r\n";
        }
        if self.chance(30) {
            self.hit(&[3, 202]);
            self.push("\u{feff}");
        }
        let documents = [1, 1, 1, 2, 3][self.dice.below(5)];
        for place in 0..documents {
            self.anchors.clear();
            self.budget = 2 + self.dice.below(14);
            if self.chance(8) {
                self.comment_line(0);
                self.hit(&[202]);
            }
            if self.chance(60) {
                self.hit(&[20, 82, 86, 87, 209]);
                let directive =
                    self.pick(&["%YAML 1.1", "%YAML 1.2", "%TAG ! tag:x,2000:", "%FOO bar"]);
                if directive.starts_with("%TAG") {
                    self.hit(&[88, 89, 90, 93, 95]);
                }
                if directive.starts_with("%FOO") {
                    self.hit(&[83, 84, 85]);
                }
                self.push(directive);
                self.break_line();
            }
            if place > 0 || self.chance(5) {
                self.hit(&[203, 208]);
                self.push("---");
                if self.chance(12) {
                    self.push(" # c");
                } else if self.chance(40) {
                    self.push(" ");
                    self.flow_node(0, Place::Block);
                }
                self.break_line();
            } else {
                self.hit(&[207]);
            }
            if self.chance(40) {
                continue;
            }
            self.root();
            if self.chance(25) {
                self.hit(&[204, 205, 206]);
                self.push("...");
                self.break_line();
            }
        }
        if self.chance(9) {
            let kept = self.out.trim_end_matches(['\n', '\r']).len();
            self.out.truncate(kept);
        }
    }

    fn root(&mut self) {
        match self.dice.below(20) {
            0 => {
                self.flow_node(0, Place::Block);
                self.end_line();
            }
            1 => {
                self.block_sequence(0);
            }
            2 => {
                self.block_scalar(0);
            }
            3 => {
                self.flow_mapping(0);
                self.end_line();
            }
            _ => self.block_mapping(0),
        }
    }

    fn end_line(&mut self) {
        self.hit(&[76, 77, 79]);
        match self.dice.below(16) {
            0 => self.push("  "),
            1 => self.push(" \t"),
            2 => {
                self.hit(&[12, 75]);
                let comment = self.pick(&[" # c", "\t# it's: \"x\" {", " #", "  #- a: 1", " # é"]);
                self.push(comment);
            }
            3 => self.push("# c"),
            _ => {}
        }
        self.break_line();
        if self.chance(14) {
            let column = self.dice.below(8);
            self.comment_line(column);
        }
    }

    fn comment_line(&mut self, column: usize) {
        self.hit(&[66, 70, 78]);
        match self.dice.below(4) {
            0 => {}
            1 => self.indent(column),
            2 if self.chance(3) => {
                self.hit(&[32, 33]);
                self.push("\t");
            }
            _ => {
                self.indent(column);
                self.push("# more: 'x");
            }
        }
        self.break_line();
    }

    fn block_mapping(&mut self, column: usize) {
        self.hit(&[187, 188, 196, 198, 200]);
        let entries = 1 + self.dice.below(4);
        for place in 0..entries {
            self.indent(column);
            self.mapping_entry(column, place);
        }
    }

    fn mapping_entry(&mut self, column: usize, place: usize) {
        if self.chance(25) {
            self.hit(&[5, 189, 190, 22]);
            self.push("? ");
            if self.chance(5) {
                self.block_value(column);
            } else {
                self.key(place);
                self.end_line();
            }
            if !self.chance(4) {
                self.hit(&[191]);
                self.indent(column);
                self.push(":");
                self.block_value(column);
            }
            return;
        }
        self.hit(&[6, 192, 193, 194]);
        self.key(place);
        if self.chance(20) {
            self.push(" ");
        }
        self.push(":");
        self.block_value(column);
    }

    fn key(&mut self, place: usize) {
        if self.chance(12) {
            self.properties();
        }
        if self.chance(40) {
            self.flow_node(0, Place::Key);
            return;
        }
        if self.chance(80) {
            self.hit(&[104]);
            self.alias();
            self.push(" ");
            return;
        }
        let key = self.pick(&[
            "a", "b", "key", "x-y", "a.b/c", "<<", "1", "yes", "é", "-a", "?b", ":c", "a b", "a#b",
            "0x1", "1.5",
        ]);
        match self.dice.below(8) {
            0 => {
                self.hit(&[155]);
                self.push(&format!("\"{key}{place}\""));
            }
            1 => {
                self.hit(&[155]);
                self.push(&format!("'{key}{place}'"));
            }
            2 => self.push(key),
            _ => {
                self.hit(&[154]);
                self.push(&format!("{key}{place}"));
            }
        }
    }

    /// What stands behind `:` or `-`, with the end of its line.
    fn block_value(&mut self, column: usize) {
        if self.budget == 0 {
            self.push(" 1");
            self.end_line();
            return;
        }
        self.budget -= 1;
        match self.dice.below(20) {
            0 => {
                self.hit(&[105, 106]);
                self.end_line();
            }
            1..=3 => {
                if self.chance(6) {
                    self.push(" ");
                    self.properties();
                    let blanks = self.out.trim_end_matches(' ').len();
                    self.out.truncate(blanks);
                }
                self.end_line();
                let further = 1 + self.dice.below(4);
                self.block_mapping(column + further);
            }
            4..=6 => {
                self.end_line();
                self.hit(&[201]);
                let further = self.dice.below(4);
                self.block_sequence(column + further);
            }
            7 | 8 => {
                self.push(" ");
                if self.chance(8) {
                    self.properties();
                }
                self.block_scalar(column);
            }
            9 if self.chance(4) => {
                self.end_line();
                self.indent(column + 2);
                self.block_scalar(column);
            }
            9 => {
                self.end_line();
                self.indent(column + 1);
                self.flow_node(column, Place::Block);
                self.end_line();
            }
            _ => {
                let gap = self.pick(&[" ", " ", " ", " ", " ", "  ", "\t"]);
                self.push(gap);
                self.flow_node(column, Place::Block);
                self.end_line();
            }
        }
    }

    fn block_sequence(&mut self, column: usize) {
        self.hit(&[4, 183, 184, 185, 196, 198, 200]);
        for place in 0..1 + self.dice.below(4) {
            self.indent(column);
            self.push("-");
            match self.dice.below(10) {
                0 | 1 if self.budget > 0 => {
                    self.hit(&[195]);
                    self.budget -= 1;
                    let gap = 1 + self.dice.below(3);
                    self.indent(gap);
                    self.mapping_entry(column + 1 + gap, place);
                    for further in 0..self.dice.below(3) {
                        self.indent(column + 1 + gap);
                        self.mapping_entry(column + 1 + gap, further + 10);
                    }
                }
                2 if self.budget > 0 => {
                    self.hit(&[186]);
                    self.budget -= 1;
                    self.push(" -");
                    self.block_value(column + 2);
                }
                _ => self.block_value(column),
            }
        }
    }

    fn properties(&mut self) {
        self.hit(&[96]);
        let tag = |grammar: &mut Self| {
            grammar.hit(&[15, 97]);
            let tag = grammar.pick(&[
                "!!str",
                "!!int",
                "!",
                "!local",
                "!!map",
                "!<tag:yaml.org,2002:str>",
                "!!float",
                "!x!y",
                "!a,b",
                "!!null",
            ]);
            grammar.hit(match tag {
                "!" => &[100],
                "!x!y" => &[92, 99],
                tag if tag.starts_with("!<") => &[39, 98],
                "!local" | "!a,b" => &[40, 94, 99],
                _ => &[91, 99],
            });
            grammar.push(tag);
            grammar.push(" ");
        };
        let first = self.dice.below(4);
        if first == 0 {
            tag(self);
        }
        if first != 1 {
            self.hit(&[13, 101, 102, 103]);
            let name = self.pick(&["a", "b", "x-1", "n_0"]);
            self.push(&format!("&{name} "));
            self.anchors.push(name.to_owned());
        }
        if first == 1 || first == 3 {
            tag(self);
        }
    }

    fn alias(&mut self) {
        self.hit(&[14, 104]);
        let name = match self.anchors.last() {
            Some(name) => name.clone(),
            None => "a".to_owned(),
        };
        self.push(&format!("*{name}"));
    }

    /// Lines of a `|` or `>` with its header, and their line breaks.
    fn block_scalar(&mut self, column: usize) {
        self.hit(&[162, 196, 198, 199]);
        if self.chance(2) {
            self.hit(&[16, 170, 171, 172, 173]);
            self.push("|");
        } else {
            self.hit(&[17, 174, 175, 176, 180, 181, 182]);
            self.push(">");
        }
        let further = 1 + self.dice.below(3);
        let digit = self.chance(8);
        if digit {
            self.hit(&[163, 35]);
            self.push(&further.to_string());
        }
        let sign = self.pick(&["", "", "", "-", "+"]);
        self.hit(&[164, 165, 166]);
        self.hit(if sign == "+" { &[168] } else { &[167] });
        self.push(sign);
        if self.chance(10) {
            self.push(" # c");
        }
        self.break_line();
        for _ in 0..self.dice.below(5) {
            match self.dice.below(8) {
                0 => {
                    self.hit(&[65, 70]);
                }
                1 => {
                    let blanks = self.dice.below(column + further + 2);
                    self.hit(&[64]);
                    self.indent(blanks);
                }
                2 => {
                    self.hit(&[177, 178, 179, 68]);
                    self.indent(column + further);
                    let text = self.pick(&["  more", "\ttab", " x: y"]);
                    self.push(text);
                }
                _ => {
                    self.indent(column + further);
                    let text = self.pick(&[
                        "text",
                        "# no comment",
                        "a: b",
                        "- c",
                        "é",
                        "trail  ",
                        "'q",
                        "{",
                        "---",
                    ]);
                    self.push(text);
                }
            }
            self.break_line();
        }
        if self.chance(9) {
            self.hit(&[169]);
            self.comment_line(0);
        }
    }

    fn flow_node(&mut self, column: usize, place: Place) {
        self.hit(&[158, 161, 197]);
        if place != Place::Key && self.chance(14) {
            self.properties();
            if self.chance(5) {
                self.hit(&[105, 159]);
                return;
            }
        }
        if place != Place::Key && !self.anchors.is_empty() && self.chance(9) {
            self.alias();
            return;
        }
        match self.dice.below(if self.budget == 0 { 5 } else { 8 }) {
            0 | 1 => self.plain(column, place),
            2 => self.plain(column, place),
            3 => self.double(column, place),
            4 => self.single(column, place),
            5 if place != Place::Key => self.flow_mapping(column),
            6 if place != Place::Key => self.flow_sequence(column),
            5 => self.push("{x: y}"),
            6 => self.push("[x]"),
            _ => self.plain(column, place),
        }
    }

    fn plain(&mut self, column: usize, place: Place) {
        self.hit(&[126, 127, 130, 131, 132, 133, 136, 156, 159]);
        self.hit(if place == Place::Flow { &[23, 129] } else { &[128] });
        let text = self.pick(&[
            "text",
            "1",
            "-1",
            "1.5",
            "0x1F",
            "0644",
            "1_000",
            "true",
            "yes",
            "no",
            "null",
            "~",
            ".inf",
            ".5_0",
            "2001-01-01",
            "a:b",
            "http:",
            "a#b",
            "-",
            "-x",
            ":x",
            "?x",
            "é",
            "a b",
            "12e3",
            "+.5",
            "0o7",
            "0b1",
            "a,b",
            "a]b",
            "a}b",
            "a?b",
            "=",
            "<<",
            "@x",
            "a\tb",
            "1:30",
            "::",
            "a::b",
            "\u{1f600}",
            "\u{a0}",
        ]);
        self.push(text);
        if place != Place::Key && self.chance(8) {
            self.hit(&[67, 69, 71, 72, 73, 74, 134, 135]);
            self.further_line(column);
            let text = self.pick(&["more", "- x", "x:y", "#x", "a: b", "---", "é"]);
            self.push(text);
        }
    }

    fn further_line(&mut self, column: usize) {
        for _ in 0..1 + self.dice.below(2) {
            if self.chance(6) {
                self.push(" ");
            }
            self.break_line();
        }
        let blanks = column + self.dice.below(4);
        self.indent(blanks);
        if self.chance(15) {
            self.push("\t");
        }
    }

    fn double(&mut self, column: usize, place: Place) {
        self.hit(&[19, 107, 108, 109, 110, 111, 114, 157, 160]);
        self.push("\"");
        for _ in 0..self.dice.below(4) {
            match self.dice.below(6) {
                0 => {
                    self.hit(&[41, 62]);
                    let (number, escape) = [
                        (42, "\\0"),
                        (43, "\\a"),
                        (44, "\\b"),
                        (45, "\\t"),
                        (45, "\\\t"),
                        (46, "\\n"),
                        (47, "\\v"),
                        (48, "\\f"),
                        (49, "\\r"),
                        (50, "\\e"),
                        (51, "\\ "),
                        (52, "\\\""),
                        (53, "\\/"),
                        (54, "\\\\"),
                        (55, "\\N"),
                        (56, "\\_"),
                        (57, "\\L"),
                        (58, "\\P"),
                        (59, "\\x41"),
                        (60, "\\u00e9"),
                        (61, "\\U0001F600"),
                        (60, "\\ud83d\\ude00"),
                        (60, "\\ud83d"),
                        (62, "\\'"),
                        (62, "\\z"),
                    ][self.dice.below(25)];
                    self.hit(&[number, 36]);
                    self.push(escape);
                }
                1 if place != Place::Key => {
                    self.hit(&[112, 113, 115, 116]);
                    if self.chance(3) {
                        self.push("\\");
                    }
                    self.further_line(column);
                }
                _ => {
                    self.hit(&[1, 2, 27, 34, 37, 38]);
                    let text = self.pick(&["a", " ", "it's", ": ", " #", "é", "\t", "{", "  "]);
                    self.push(text);
                }
            }
        }
        self.push("\"");
    }

    fn single(&mut self, column: usize, place: Place) {
        self.hit(&[18, 118, 119, 120, 121, 122, 123, 157, 160]);
        self.push("'");
        for _ in 0..self.dice.below(4) {
            match self.dice.below(6) {
                0 => {
                    self.hit(&[117]);
                    self.push("''");
                }
                1 if place != Place::Key => {
                    self.hit(&[124, 125]);
                    self.further_line(column);
                }
                _ => {
                    let text = self.pick(&["a", " ", "\"", ": ", "# x", "\\n", "é", "\t"]);
                    self.push(text);
                }
            }
        }
        self.push("'");
    }

    /// Blanks, line breaks and comments between two tokens of a flow collection.
    fn separate(&mut self, column: usize) {
        self.hit(&[80, 81]);
        match self.dice.below(10) {
            0 => {
                self.break_line();
                let blanks = column + self.dice.below(3);
                self.indent(blanks);
            }
            1 => {
                self.push(" # c");
                self.break_line();
                self.indent(column + 1);
            }
            2 if self.chance(3) => self.push("\t"),
            3 => self.push(" "),
            _ => {}
        }
    }

    fn flow_sequence(&mut self, column: usize) {
        self.hit(&[8, 9, 137, 138, 157, 160]);
        self.budget = self.budget.saturating_sub(1);
        self.push("[");
        let entries = self.dice.below(4);
        for place in 0..entries {
            self.separate(column);
            if self.chance(8) {
                self.hit(&[150]);
                if self.chance(3) {
                    self.push("? ");
                }
                self.hit(&[151, 152, 153]);
                self.key(place);
                self.push(": ");
                self.flow_node(column, Place::Flow);
            } else {
                self.hit(&[139]);
                self.flow_node(column, Place::Flow);
            }
            self.separate(column);
            if place + 1 < entries || self.chance(6) {
                self.hit(&[7]);
                self.push(",");
            }
        }
        self.push("]");
    }

    fn flow_mapping(&mut self, column: usize) {
        self.hit(&[10, 11, 140, 141, 142, 157, 160]);
        self.budget = self.budget.saturating_sub(1);
        self.push("{");
        let entries = self.dice.below(4);
        for place in 0..entries {
            self.separate(column);
            match self.dice.below(12) {
                0 => {
                    self.hit(&[143]);
                    self.push("? ");
                    self.key(place);
                    self.push(" : ");
                    self.flow_node(column, Place::Flow);
                }
                1 => {
                    self.hit(&[145]);
                    self.key(place);
                }
                2 if self.chance(4) => {
                    self.hit(&[146]);
                    self.push(": x");
                }
                3 => {
                    self.hit(&[148, 149]);
                    self.push(&format!("\"k{place}\":"));
                    self.flow_node(column, Place::Flow);
                }
                4 => {
                    self.key(place);
                    self.push(":");
                }
                _ => {
                    self.hit(&[144, 147]);
                    self.key(place);
                    self.push(": ");
                    self.flow_node(column, Place::Flow);
                }
            }
            self.separate(column);
            if place + 1 < entries || self.chance(6) {
                self.hit(&[7]);
                self.push(",");
            }
        }
        self.push("}");
    }
}

/// One to three small damages of a text, each of which may or may not leave it YAML.
pub(crate) fn damaged(text: &str, dice: &mut Dice) -> String {
    const INSERTED: &[&str] = &[
        " ", "  ", "\n", "\n\n", "\r\n", "\t", "-", "- ", ": ", ":", "#", " #", ",", "[", "]", "{",
        "}", "? ", "?", "&a ", "*a", "!!str ", "! ", "!x ", "|\n", ">-\n", "'", "\"", "\\", "---",
        "---\n", "...", "...\n", "%", "@", "a", "b: ", "\u{feff}", "\u{85}", "é", "\r", "\u{7}",
    ];
    let mut text: Vec<char> = text.chars().collect();
    for _ in 0..1 + dice.below(3) {
        let at = dice.below(text.len() + 1);
        match dice.below(6) {
            0 => {
                text.splice(at..(at + 1 + dice.below(3)).min(text.len()), []);
            }
            1..=3 => {
                let new = INSERTED[dice.below(INSERTED.len())];
                text.splice(at..at, new.chars());
            }
            4 => {
                let from = dice.below(text.len() + 1);
                let piece = text[from..(from + dice.below(20)).min(text.len())].to_vec();
                text.splice(at..at, piece);
            }
            _ => text.truncate(at.max(text.len() / 2)),
        }
    }
    text.into_iter().collect()
}
