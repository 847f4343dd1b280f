//! Flow collections, and scalars on one line or more.

use super::{Grammar, Place};

impl Grammar<'_> {
    pub(super) fn flow_node(&mut self, column: usize, place: Place) {
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

    pub(super) fn plain(&mut self, column: usize, place: Place) {
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

    pub(super) fn further_line(&mut self, column: usize) {
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

    pub(super) fn double(&mut self, column: usize, place: Place) {
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

    pub(super) fn single(&mut self, column: usize, place: Place) {
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
    pub(super) fn separate(&mut self, column: usize) {
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

    pub(super) fn flow_sequence(&mut self, column: usize) {
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

    pub(super) fn flow_mapping(&mut self, column: usize) {
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
