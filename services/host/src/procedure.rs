//! A procedure as a table: from which state which step leads where. The legal
//! steps that a refusal names are read from the same table.

use proto::v1::ErrorReason;

use crate::refusal::Refusal;

/// A state or step that has a name for people.
pub trait Named {
    /// Its name: a state in lower snake case, a step as the method is called.
    fn name(self) -> &'static str;
}

/// Rows of (from, step, to).
#[derive(Debug, Clone, Copy)]
pub struct Procedure<S: 'static, T: 'static>(pub &'static [(S, T, S)]);

impl<S, T> Procedure<S, T>
where
    S: Copy + Eq + Named,
    T: Copy + Eq + Named,
{
    /// The state that `step` leads to. FAILED_PRECONDITION with the steps that
    /// are legal now if it leads nowhere.
    pub fn next(&self, at: S, step: T) -> Result<S, Refusal> {
        self.0
            .iter()
            .find(|(from, taken, _)| *from == at && *taken == step)
            .map(|(_, _, to)| *to)
            .ok_or_else(|| {
                let legal = self.legal(at);
                Refusal::wrong_state(ErrorReason::WrongState, "the file", at.name(), legal)
            })
    }

    /// The steps that are legal in a state, in the table's order.
    pub fn legal(&self, at: S) -> Vec<&'static str> {
        self.0
            .iter()
            .filter(|(from, _, _)| *from == at)
            .map(|(_, step, _)| step.name())
            .collect()
    }

    /// The state of that name, if the table has one.
    pub fn state(&self, name: &str) -> Option<S> {
        self.0
            .iter()
            .flat_map(|(from, _, to)| [*from, *to])
            .find(|state| state.name() == name)
    }
}
