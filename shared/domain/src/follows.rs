//! What follows from a recorded event for those who watch: the [`milestones`] that it reached, the
//! [`metrics`] that count them, the [`notifications`] that people get; and from silence, that a deployment
//! is [`stuck`]; and from what the witness saw, what it tells ([`witnessed`]); and what people are told of verdicts
//! ([`judged`]), and what is sent to whoever puts versions back ([`suggested`]).

pub mod digest;
pub mod drift;
pub mod judged;
pub mod metric_sets;
pub mod metrics;
pub mod milestones;
pub mod notifications;
pub mod silence;
pub mod stuck;
pub mod suggested;
pub mod witnessed;
