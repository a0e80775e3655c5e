//! Is it going well: from what is known of a deployment to a verdict, always with the evidence.
//!
//! [`pieces`](piece) are what speaks for or against it, each made of one record; [`watched`] is when it was watched; and
//! [`verdict`] is a function of both and of the time that is asked for. So no order of arrival changes it.

pub mod alarms;
pub mod piece;
pub mod said;
pub mod suggestion;
pub mod verdict;
pub mod watched;

#[cfg(test)]
mod tests;
