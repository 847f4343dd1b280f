//! Block collections, block scalars, anchors and tags.

use super::{Grammar, Place};

impl Grammar<'_> {
    pub(super) fn block_mapping(&mut self, column: usize) {
        self.hit(&[187, 188, 196, 198, 200]);
        let entries = 1 + self.dice.below(4);
        for place in 0..entries {
            self.indent(column);
            self.mapping_entry(column, place);
        }
    }

    pub(super) fn mapping_entry(&mut self, column: usize, place: usize) {
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

    pub(super) fn key(&mut self, place: usize) {
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
    pub(super) fn block_value(&mut self, column: usize) {
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

    pub(super) fn block_sequence(&mut self, column: usize) {
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

    pub(super) fn properties(&mut self) {
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

    pub(super) fn alias(&mut self) {
        self.hit(&[14, 104]);
        let name = match self.anchors.last() {
            Some(name) => name.clone(),
            None => "a".to_owned(),
        };
        self.push(&format!("*{name}"));
    }

    /// Lines of a `|` or `>` with its header, and their line breaks.
    pub(super) fn block_scalar(&mut self, column: usize) {
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
}
