//! Texts from the grammar of YAML 1.2.2, each production counted that was followed, and damages of them.

mod block;
mod damage;
mod flow;

pub(crate) use damage::damaged;
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

    pub(super) fn hit(&mut self, numbers: &[usize]) {
        for number in numbers {
            self.coverage.0[*number] += 1;
        }
    }

    pub(super) fn chance(&mut self, of: usize) -> bool {
        self.dice.below(of) == 0
    }

    pub(super) fn pick(&mut self, texts: &[&'static str]) -> &'static str {
        texts[self.dice.below(texts.len())]
    }

    pub(super) fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    pub(super) fn break_line(&mut self) {
        self.hit(&[24, 26, 28, 29, 30]);
        if self.line_break == "\r\n" {
            self.hit(&[25]);
        }
        self.push(self.line_break);
    }

    pub(super) fn indent(&mut self, blanks: usize) {
        self.hit(&[31, 63]);
        self.out.extend(std::iter::repeat_n(' ', blanks));
    }

    pub(super) fn stream(&mut self) {
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

    pub(super) fn root(&mut self) {
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

    pub(super) fn end_line(&mut self) {
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

    pub(super) fn comment_line(&mut self, column: usize) {
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
}
