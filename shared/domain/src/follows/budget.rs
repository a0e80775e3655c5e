//! How many metrics a day's events can make.
//!
//! Each distinct set of dimensions is a metric that is paid for, and whoever sends events chooses their names.
//! So a day has a number of services in environments, and of stages in environments, for which there are
//! metrics. Beyond it the values count for the environment alone.

use std::collections::HashSet;

use crate::follows::metrics::{Datum, Dimensions};

/// The dimensions for which values were published on one day.
#[derive(Debug, Default)]
pub struct Budget {
    day: String,
    services: HashSet<Dimensions>,
    stages: HashSet<Dimensions>,
}

impl Budget {
    /// Those of `data` that are within what a day may have of each kind.
    pub fn within(&mut self, data: Vec<Datum>, per_day: usize) -> Vec<Datum> {
        data.into_iter().filter(|datum| self.admits(datum, per_day)).collect()
    }

    fn admits(&mut self, datum: &Datum, per_day: usize) -> bool {
        let day = datum.minute.day();
        // A value of yesterday that comes late counts for today.
        if day > self.day {
            *self = Self { day, ..Self::default() };
        }
        let known = match &datum.dimensions {
            Dimensions::Environment(_) | Dimensions::Door(_) => return true,
            Dimensions::Service(..) => &mut self.services,
            Dimensions::Stage(..) => &mut self.stages,
        };
        if known.contains(&datum.dimensions) {
            return true;
        }
        known.len() < per_day && known.insert(datum.dimensions.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::follows::metrics::Metric;
    use crate::identifiers::Identifier as _;
    use crate::{Environment, Service, Timestamp};

    #[test]
    fn beyond_a_days_number_only_the_environment_counts() {
        let environment = Environment::parse("production").unwrap();
        let of = |dimensions, day: &str| Datum {
            metric: Metric::DeploymentEvents,
            dimensions,
            minute: Timestamp::parse(&format!("2026-03-{day}T12:00:00Z")).unwrap(),
            values: Vec::new(),
        };
        let service = |name: &str| Dimensions::Service(environment.clone(), Service::parse(name).unwrap());
        let mut budget = Budget::default();
        let mut admitted = |dimensions, day| budget.within(vec![of(dimensions, day)], 2).len();
        assert_eq!(
            [admitted(service("a"), "01"), admitted(service("b"), "01"), admitted(service("c"), "01")],
            [1, 1, 0]
        );
        assert_eq!(admitted(service("a"), "01"), 1, "what is published goes on");
        assert_eq!(admitted(Dimensions::Environment(environment.clone()), "01"), 1);
        assert_eq!(admitted(service("c"), "02"), 1, "the next day has its own number");
    }
}
