//! That a deployment's own events name a stage: the deployment is in it then.

use crate::ledger::order::Order;
use crate::{Moment, Status};

/// How the deployment's own events name a stage, in one attempt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mention {
    /// The first event that names it.
    pub first: Naming,
    /// The greatest ending that names it: the deployment ended in it.
    pub ended: Option<Naming>,
}

/// An event that names a stage, by its place among the events of its attempt. Of two at one place it makes
/// no difference which it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Naming {
    /// Whether it ended the deployment.
    pub closes: bool,
    /// When it happened.
    pub moment: Moment,
    /// The status of the deployment.
    pub status: Status,
}

impl Mention {
    pub(super) fn of(order: &Order) -> Self {
        let status = order.status();
        let first = Naming { closes: status.is_terminal(), moment: order.moment(), status };
        Self { first, ended: first.closes.then_some(first) }
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self { first: self.first.min(other.first), ended: self.ended.max(other.ended) }
    }
}
