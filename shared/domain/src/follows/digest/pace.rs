//! How many notifications of one kind come by themselves.

use std::collections::BTreeMap;

use crate::Timestamp;
use crate::follows::notifications::Transition;

/// How many notifications of one kind a minute has that come by themselves.
pub const EACH_MINUTE: usize = 10;

/// How many came by themselves in a minute, of each kind.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    minute: Option<Timestamp>,
    sent: BTreeMap<Transition, usize>,
}

impl Pace {
    /// Whether one more of this kind comes by itself at this time; if so, it counts.
    pub fn lets(&mut self, transition: Transition, now: Timestamp) -> bool {
        let minute = Some(now.minute());
        // A clock that goes back a little goes on with the minute that it was in.
        if minute > self.minute {
            *self = Self { minute, sent: BTreeMap::new() };
        }
        let sent = self.sent.entry(transition).or_default();
        let lets = *sent < EACH_MINUTE;
        *sent += usize::from(lets);
        lets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_of_each_kind_come_by_themselves_in_a_minute() {
        let at = |text| Timestamp::parse(text).unwrap();
        let mut pace = Pace::default();
        let mut lets = |transition, time| (0..12).filter(|_| pace.lets(transition, at(time))).count();
        assert_eq!(lets(Transition::Failed, "2026-03-01T12:00:00Z"), 10);
        assert_eq!(lets(Transition::Failed, "2026-03-01T12:00:59.999Z"), 0);
        assert_eq!(lets(Transition::Stuck, "2026-03-01T12:00:59.999Z"), 10, "each kind has its own ten");
        assert_eq!(lets(Transition::Failed, "2026-03-01T12:01:00Z"), 10);
        assert_eq!(lets(Transition::Failed, "2026-03-01T12:00:59Z"), 0, "time does not go back");
    }
}
