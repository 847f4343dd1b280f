//! From the tokens of a template to its tree.

use std::collections::VecDeque;

use super::error::TemplateError;
use super::lexer::Token;
use super::tree::{Function, Node, Operand, Pipeline};

/// How deep parentheses, `if` and `with` may nest together. Go stops at 10,000.
const DEPTH: usize = 64;

/// Builds the tree.
pub(super) fn parse(tokens: Vec<Token>) -> Result<Vec<Node>, TemplateError> {
    let mut parser = Parser { tokens: tokens.into(), variables: vec!["$".to_owned()], depth: 0 };
    let (nodes, end) = parser.list()?;
    match end {
        None => Ok(nodes),
        Some(end) => syntax(format!("{{{{{}}}}} without its start", end.word())),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    Done,
    Else,
    ElseIf,
    ElseWith,
}

impl End {
    fn word(self) -> &'static str {
        if self == Self::Done { "end" } else { "else" }
    }
}

fn syntax<T>(message: impl Into<String>) -> Result<T, TemplateError> {
    Err(TemplateError::Syntax(message.into()))
}

struct Parser {
    tokens: VecDeque<Token>,
    variables: Vec<String>,
    depth: usize,
}

impl Parser {
    fn skip_space(&mut self) {
        while self.tokens.front() == Some(&Token::Space) {
            self.tokens.pop_front();
        }
    }

    fn word(&mut self) -> Option<String> {
        self.skip_space();
        match self.tokens.front() {
            Some(Token::Word(word)) => Some(word.clone()),
            _ => None,
        }
    }

    fn nested<T>(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<T, TemplateError>,
    ) -> Result<T, TemplateError> {
        if self.depth == DEPTH {
            return Err(TemplateError::Unsupported(format!("more than {DEPTH} levels")));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// Nodes up to the end of the text or to `{{end}}` or `{{else}}`.
    fn list(&mut self) -> Result<(Vec<Node>, Option<End>), TemplateError> {
        let mut nodes = Vec::new();
        while let Some(token) = self.tokens.pop_front() {
            match token {
                Token::Text(text) => nodes.push(Node::Text(text)),
                Token::Open => match self.word().as_deref() {
                    Some("end") => {
                        self.tokens.pop_front();
                        self.close("end")?;
                        return Ok((nodes, Some(End::Done)));
                    }
                    Some("else") => {
                        self.tokens.pop_front();
                        let end = match self.word().as_deref() {
                            Some("if") => End::ElseIf,
                            Some("with") => End::ElseWith,
                            _ => {
                                self.close("else")?;
                                End::Else
                            }
                        };
                        return Ok((nodes, Some(end)));
                    }
                    _ => nodes.push(self.action()?),
                },
                _ => return syntax("text that is not an action"),
            }
        }
        Ok((nodes, None))
    }

    fn close(&mut self, after: &str) -> Result<(), TemplateError> {
        self.skip_space();
        match self.tokens.pop_front() {
            Some(Token::Close) => Ok(()),
            _ => syntax(format!("more than {after} in {{{{{after}}}}}")),
        }
    }

    fn action(&mut self) -> Result<Node, TemplateError> {
        match self.word().as_deref() {
            Some("if") => self.nested(|parser| parser.branch(false)),
            Some("with") => self.nested(|parser| parser.branch(true)),
            Some(word @ ("range" | "define" | "template" | "block" | "break" | "continue")) => {
                Err(TemplateError::Unsupported(format!("{{{{{word}}}}}")))
            }
            _ => Ok(Node::Action(self.pipeline(&Token::Close)?)),
        }
    }

    /// `if` or `with`, whose keyword is next.
    fn branch(&mut self, with: bool) -> Result<Node, TemplateError> {
        self.tokens.pop_front();
        let variables = self.variables.len();
        let pipe = self.pipeline(&Token::Close)?;
        let (then, end) = self.list()?;
        let mut otherwise = Vec::new();
        match end {
            Some(End::Done) => {}
            Some(End::ElseIf) if !with => {
                otherwise.push(self.nested(|parser| parser.branch(false))?);
            }
            Some(End::ElseWith) if with => {
                otherwise.push(self.nested(|parser| parser.branch(true))?);
            }
            Some(End::Else) => {
                let (nodes, end) = self.list()?;
                if end != Some(End::Done) {
                    return syntax("an else without its end; write {{end}}");
                }
                otherwise = nodes;
            }
            Some(_) => return syntax("an else of another kind than its start"),
            None => return syntax("an if or with without its end; write {{end}}"),
        }
        self.variables.truncate(variables);
        Ok(Node::Branch { with, pipe, then, otherwise })
    }

    fn pipeline(&mut self, end: &Token) -> Result<Pipeline, TemplateError> {
        self.skip_space();
        let mut pipe = Pipeline { variable: None, assigns: false, commands: Vec::new() };
        if let Some(Token::Variable(name)) = self.tokens.front().cloned() {
            let next = self.tokens.iter().skip(1).find(|token| **token != Token::Space);
            if let Some(Token::Assign | Token::Declare) = next {
                pipe.assigns = next == Some(&Token::Assign);
                self.tokens.pop_front();
                self.skip_space();
                self.tokens.pop_front();
                self.variables.push(name.clone());
                pipe.variable = Some(name);
            } else if next == Some(&Token::Other(',')) {
                return syntax("two variables outside of range");
            }
        }
        loop {
            self.skip_space();
            match self.tokens.front() {
                Some(token) if token == end => {
                    self.tokens.pop_front();
                    break;
                }
                Some(_) => {
                    let command = self.command()?;
                    pipe.commands.push(command);
                }
                None => return syntax("an action without its end; write }}"),
            }
        }
        if pipe.commands.is_empty() {
            return syntax("an action without a value");
        }
        let literal = pipe.commands.iter().skip(1).any(|command| {
            matches!(
                command.first(),
                Some(
                    Operand::Bool(_)
                        | Operand::Nil
                        | Operand::Dot
                        | Operand::Integer(_)
                        | Operand::Literal(_)
                )
            )
        });
        if literal {
            return syntax("a value after | where a function or a field stands");
        }
        Ok(pipe)
    }

    fn command(&mut self) -> Result<Vec<Operand>, TemplateError> {
        let mut operands = Vec::new();
        loop {
            self.skip_space();
            let operand = self.operand()?;
            let found = operand.is_some();
            operands.extend(operand);
            match self.tokens.front() {
                Some(Token::Space) => {}
                Some(Token::Close | Token::RightParen) => break,
                Some(Token::Pipe) => {
                    self.tokens.pop_front();
                    break;
                }
                _ if found => return syntax("two values without a space between"),
                _ => return syntax("a character that cannot start a value"),
            }
        }
        if operands.is_empty() { syntax("an empty command") } else { Ok(operands) }
    }

    /// A term with the fields that follow it; `None` where no term starts here.
    fn operand(&mut self) -> Result<Option<Operand>, TemplateError> {
        let Some(term) = self.term()? else { return Ok(None) };
        let mut fields = Vec::new();
        while let Some(Token::Field(name)) = self.tokens.front() {
            fields.push(name.clone());
            self.tokens.pop_front();
        }
        if fields.is_empty() {
            return Ok(Some(term));
        }
        Ok(Some(match term {
            Operand::Field(mut path) => {
                path.append(&mut fields);
                Operand::Field(path)
            }
            Operand::Variable(name, _) => Operand::Variable(name, fields),
            Operand::Function(_) | Operand::Parens(_) | Operand::Chain(..) => {
                Operand::Chain(Box::new(term), fields)
            }
            _ => return syntax("a field of a constant"),
        }))
    }

    fn term(&mut self) -> Result<Option<Operand>, TemplateError> {
        let operand = match self.tokens.front() {
            Some(Token::Word(word)) => match word.as_str() {
                "true" => Operand::Bool(true),
                "false" => Operand::Bool(false),
                "nil" => Operand::Nil,
                "if" | "with" | "else" | "end" | "range" | "define" | "template" | "block" => {
                    return syntax(format!("the keyword {word} inside of an action"));
                }
                name => Operand::Function(Function::named(name)?),
            },
            Some(Token::Dot) => Operand::Dot,
            Some(Token::Field(name)) => Operand::Field(vec![name.clone()]),
            Some(Token::Variable(name)) => {
                if !self.variables.contains(name) {
                    return syntax(format!("the variable {name}, which nothing declares"));
                }
                Operand::Variable(name.clone(), Vec::new())
            }
            Some(Token::Integer(number)) => Operand::Integer(*number),
            Some(Token::Literal(text)) => Operand::Literal(text.clone()),
            Some(Token::LeftParen) => {
                self.tokens.pop_front();
                let pipe = self.nested(|parser| parser.pipeline(&Token::RightParen))?;
                return Ok(Some(Operand::Parens(Box::new(pipe))));
            }
            _ => return Ok(None),
        };
        self.tokens.pop_front();
        Ok(Some(operand))
    }
}
