//! What a question names: an environment or a service, and what was recorded under its other name.

use crate::settings::Aliases;

/// The names that a question is about; without any it asks for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked<T>(Vec<T>);

impl<T> Default for Asked<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Ord + Clone> Asked<T> {
    /// A question that uses this name. An alias asks for what it stands for, and for what was recorded under the
    /// alias itself.
    #[must_use]
    pub fn of(name: T, aliases: &Aliases<T>) -> Self {
        let resolved = aliases.resolve(&name).clone();
        let alias = (resolved != name).then_some(name);
        Self([resolved].into_iter().chain(alias).collect())
    }

    /// A question of all of these names; of all, where there are none.
    #[must_use]
    pub fn any_of(names: Vec<T>) -> Self {
        Self(names)
    }

    /// The name as it is recorded now, the first of several; none where all are asked for.
    #[must_use]
    pub fn name(&self) -> Option<&T> {
        self.0.first()
    }

    /// All names; none where all are asked for.
    #[must_use]
    pub fn names(&self) -> &[T] {
        &self.0
    }

    /// Whether something with this name is asked for.
    #[must_use]
    pub fn includes(&self, name: &T) -> bool {
        self.0.is_empty() || self.0.contains(name)
    }
}

impl<T> From<T> for Asked<T> {
    fn from(name: T) -> Self {
        Self(vec![name])
    }
}
