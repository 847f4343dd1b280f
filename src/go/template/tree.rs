//! The tree of a template.

use super::error::TemplateError;

/// Text or an action.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// Text as it is.
    Text(String),
    /// `{{pipeline}}`
    Action(Pipeline),
    /// `{{if pipeline}}…{{else}}…{{end}}`, or `with`, which also sets the dot.
    Branch { with: bool, pipe: Pipeline, then: Vec<Node>, otherwise: Vec<Node> },
}

/// Commands joined by `|`, whose value a variable may take.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pipeline {
    /// The variable, with its dollar sign.
    pub(super) variable: Option<String>,
    /// Whether the variable is there already (`=`), not declared (`:=`).
    pub(super) assigns: bool,
    /// The commands; never empty.
    pub(super) commands: Vec<Vec<Operand>>,
}

/// A word of a command.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    /// `true`, `false`
    Bool(bool),
    /// `nil`
    Nil,
    /// `.`
    Dot,
    /// A number.
    Integer(i64),
    /// A string.
    Literal(String),
    /// `.A.B`
    Field(Vec<String>),
    /// `$x.A.B`
    Variable(String, Vec<String>),
    /// A function's name.
    Function(Function),
    /// `(pipeline)`
    Parens(Box<Pipeline>),
    /// `(pipeline).A.B`
    Chain(Box<Operand>, Vec<String>),
}

/// A function that templates call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    And,
    Or,
    Not,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Index,
    Slice,
    Len,
    Print,
    Println,
    Printf,
}

impl Function {
    /// The function of that name.
    pub(super) fn named(name: &str) -> Result<Self, TemplateError> {
        Ok(match name {
            "and" => Self::And,
            "or" => Self::Or,
            "not" => Self::Not,
            "eq" => Self::Eq,
            "ne" => Self::Ne,
            "lt" => Self::Lt,
            "le" => Self::Le,
            "gt" => Self::Gt,
            "ge" => Self::Ge,
            "index" => Self::Index,
            "slice" => Self::Slice,
            "len" => Self::Len,
            "print" => Self::Print,
            "println" => Self::Println,
            "printf" => Self::Printf,
            "html" | "js" | "urlquery" | "call" => {
                return Err(TemplateError::Unsupported(format!("the function {name}")));
            }
            _ => return Err(TemplateError::Syntax(format!("function {name:?} not defined"))),
        })
    }

    /// The fewest and the most arguments.
    pub(super) fn arguments(self) -> (usize, usize) {
        match self {
            Self::Not | Self::Len => (1, 1),
            Self::Ne | Self::Lt | Self::Le | Self::Gt | Self::Ge => (2, 2),
            Self::Print | Self::Println => (0, usize::MAX),
            Self::And | Self::Or | Self::Eq | Self::Index | Self::Slice | Self::Printf => {
                (1, usize::MAX)
            }
        }
    }
}
