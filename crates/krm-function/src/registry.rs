//! The functions that a run picks from.

use super::function::Registered;
use super::project::Project;
use krm_package::text::suggest;

/// The functions, in the order in which help lists them.
#[derive(Debug)]
pub struct Registry<P: Project>(&'static [Registered<P>]);

impl<P: Project> Clone for Registry<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: Project> Copy for Registry<P> {}

impl<P: Project> Registry<P> {
    /// The registry of these functions.
    #[must_use]
    pub const fn new(functions: &'static [Registered<P>]) -> Self {
        Self(functions)
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = &'static Registered<P>> {
        self.0.iter()
    }

    /// Their names.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        self.iter().map(|function| function.name).collect()
    }

    /// The kinds of their configurations.
    #[must_use]
    pub fn kinds(self) -> Vec<&'static str> {
        self.iter().map(|function| function.kind).collect()
    }

    /// The function of a name.
    ///
    /// # Errors
    /// An unknown name, with what to write instead.
    pub fn named(self, name: &str) -> Result<&'static Registered<P>, String> {
        let found = self.0.iter().find(|function| function.name == name);
        found.ok_or_else(|| suggest::hint(name, &self.names()))
    }

    /// The function whose configuration has a kind.
    ///
    /// # Errors
    /// An unknown kind, with what to write instead.
    pub fn of_kind(self, kind: &str) -> Result<&'static Registered<P>, String> {
        let found = self.0.iter().find(|function| function.kind == kind);
        found.ok_or_else(|| suggest::hint(kind, &self.kinds()))
    }
}
