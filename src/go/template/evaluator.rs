//! Runs a template's tree.

use super::error::TemplateError;
use super::functions;
use super::tree::{Node, Operand, Pipeline};
use super::value::{Record, Value};

/// The longest text that is rendered. A host has 253 characters.
const LONGEST: usize = 1 << 20;

/// Renders the tree over the fields of `record`.
pub(super) fn render<'v>(
    nodes: &'v [Node],
    record: &'v Record<'v>,
) -> Result<String, TemplateError> {
    let dot = Value::Record(record);
    let mut state = State { out: String::new(), variables: vec![("$".to_owned(), dot.clone())] };
    state.walk(nodes, &dot)?;
    Ok(state.out)
}

fn stop<T>(message: impl Into<String>) -> Result<T, TemplateError> {
    Err(TemplateError::Execution(message.into()))
}

struct State<'v> {
    out: String,
    variables: Vec<(String, Value<'v>)>,
}

impl<'v> State<'v> {
    fn walk(&mut self, nodes: &'v [Node], dot: &Value<'v>) -> Result<(), TemplateError> {
        for node in nodes {
            match node {
                Node::Text(text) => self.out.push_str(text),
                Node::Action(pipe) => {
                    let value = self.pipeline(pipe, dot)?;
                    if pipe.variable.is_none() {
                        match value {
                            Value::Missing => self.out.push_str("<no value>"),
                            value => self.out.push_str(&value.printed()),
                        }
                    }
                }
                Node::Branch { with, pipe, then, otherwise } => {
                    let mark = self.variables.len();
                    let value = self.pipeline(pipe, dot)?;
                    if !value.truth() {
                        self.walk(otherwise, dot)?;
                    } else if *with {
                        self.walk(then, &value)?;
                    } else {
                        self.walk(then, dot)?;
                    }
                    self.variables.truncate(mark);
                }
            }
            if self.out.len() > LONGEST {
                return stop(format!("a text of more than {LONGEST} bytes"));
            }
        }
        Ok(())
    }

    fn pipeline(
        &mut self,
        pipe: &'v Pipeline,
        dot: &Value<'v>,
    ) -> Result<Value<'v>, TemplateError> {
        // The value of the command before is the last argument of the next.
        let mut before = None;
        for command in &pipe.commands {
            before = Some(self.command(command, before, dot)?);
        }
        let value = before.unwrap_or(Value::Missing);
        if let Some(name) = &pipe.variable {
            if pipe.assigns {
                match self.variables.iter_mut().rev().find(|(variable, _)| variable == name) {
                    Some((_, current)) => *current = value.clone(),
                    None => return stop(format!("undefined variable: {name}")),
                }
            } else {
                self.variables.push((name.clone(), value.clone()));
            }
        }
        Ok(value)
    }

    fn command(
        &mut self,
        operands: &'v [Operand],
        before: Option<Value<'v>>,
        dot: &Value<'v>,
    ) -> Result<Value<'v>, TemplateError> {
        let Some((first, arguments)) = operands.split_first() else {
            return stop("an empty command");
        };
        if let Operand::Function(function) = first {
            return functions::call(*function, arguments, before, |operand| {
                self.operand(operand, dot)
            });
        }
        if !arguments.is_empty() || before.is_some() {
            return stop("an argument for something that is not a function");
        }
        if *first == Operand::Nil {
            return stop("nil is not a command");
        }
        self.operand(first, dot)
    }

    fn operand(
        &mut self,
        operand: &'v Operand,
        dot: &Value<'v>,
    ) -> Result<Value<'v>, TemplateError> {
        match operand {
            Operand::Bool(flag) => Ok(Value::Bool(*flag)),
            Operand::Nil => Ok(Value::Missing),
            Operand::Dot => Ok(dot.clone()),
            Operand::Integer(number) => Ok(Value::Integer(*number)),
            Operand::Literal(text) => Ok(Value::text(&**text)),
            Operand::Field(path) => fields(dot, path),
            Operand::Variable(name, path) => {
                let value = self.variables.iter().rev().find(|(variable, _)| variable == name);
                match value {
                    Some((_, value)) => fields(value, path),
                    None => stop(format!("undefined variable: {name}")),
                }
            }
            Operand::Function(function) => {
                functions::call(*function, &[], None, |operand| self.operand(operand, dot))
            }
            Operand::Parens(pipe) => self.pipeline(pipe, dot),
            Operand::Chain(inner, path) => {
                let value = self.operand(inner, dot)?;
                fields(&value, path)
            }
        }
    }
}

/// Follows `.A.B`: a field of the struct, a key of a map; any field of nothing is nothing.
fn fields<'v>(value: &Value<'v>, path: &[String]) -> Result<Value<'v>, TemplateError> {
    let mut value = value.clone();
    for name in path {
        value = match value {
            Value::Missing => Value::Missing,
            Value::Map(map) => map.get(name).map_or(Value::Missing, Value::text),
            Value::Record(record) => match record.field(name) {
                Some(value) => value.clone(),
                None => return stop(format!("unknown field {name}")),
            },
            other => return stop(format!("unknown field {name} in a {}", other.kind())),
        };
    }
    Ok(value)
}
