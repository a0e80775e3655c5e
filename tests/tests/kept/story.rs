//! A random story of some weeks: what is deployed, undone, measured and complained about, some of it told late.

use domain::Timestamp;
use serde_json::{Value, json};
use tests::world::at;

/// What is told, each at its time.
pub(super) struct Story {
    pub(super) events: Vec<(Timestamp, Value)>,
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAYS: i64 = 20;

impl Story {
    pub(super) fn of(seed: u64) -> Self {
        let mut told =
            Telling { random: fastrand::Rng::with_seed(seed), events: Vec::new(), deployed: Vec::new(), ids: 0 };
        for _ in 0..45 {
            told.deployment();
        }
        for _ in 0..8 {
            told.incident();
            told.observation();
        }
        for _ in 0..3 {
            told.verdict();
        }
        if told.one_in(3) {
            told.retirement();
        }
        let mut events = told.events;
        events.sort_by_key(|(now, _)| *now);
        Self { events }
    }
}

struct Telling {
    random: fastrand::Rng,
    events: Vec<(Timestamp, Value)>,
    deployed: Vec<String>,
    ids: u32,
}

impl Telling {
    fn one_in(&mut self, n: u32) -> bool {
        self.random.u32(..n) == 0
    }

    fn any<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.random.usize(..of.len())]
    }

    fn id(&mut self, kind: &str) -> String {
        self.ids += 1;
        format!("{kind}-{}", self.ids)
    }

    /// A time in the story, in seconds after its beginning; often near midnight, where days part.
    fn time(&mut self) -> i64 {
        let noon = self.random.i64(0..DAYS) * 24 * HOUR;
        let near = if self.one_in(3) { 12 * HOUR } else { self.random.i64(0..24) * HOUR };
        noon + near + self.random.i64(-40..40) * MINUTE + 12 * HOUR
    }

    /// Tells an event when it happens or a moment later, seldom days later.
    fn tell(&mut self, seconds: i64, mut event: Value) {
        let late = if self.one_in(7) { self.random.i64(HOUR..6 * 24 * HOUR) } else { self.random.i64(0..90) };
        event["eventId"] = json!(self.id("event"));
        event["occurredAt"] = json!(at(seconds));
        self.events.push((at(seconds + late), event));
    }

    fn place(&mut self) -> Value {
        json!({
            "service": self.any(&["cart", "mail"]),
            "environment": self.any(&["production", "production", "prod", "staging"]),
        })
    }

    fn with(mut event: Value, more: &Value) -> Value {
        for (name, value) in more.as_object().into_iter().flatten() {
            event[name] = value.clone();
        }
        event
    }

    fn deployment(&mut self) {
        let id = self.id("d");
        self.deployed.push(id.clone());
        let mut named = Self::with(self.place(), &json!({"deploymentId": id}));
        named["version"] = json!(self.any(&["1", "2", "3", "4"]));
        if self.one_in(6) {
            named["region"] = json!(self.any(&["eu-west-1", "us-east-1"]));
        }
        if self.one_in(4) {
            named["release"] = json!("spring");
        }
        let began = self.time();
        let took = self.random.i64(1..50) * MINUTE;
        self.tell(began, Self::with(named.clone(), &json!({"status": "IN_PROGRESS"})));
        let mut ended = began + took;
        let how = self.any(&["COMPLETED", "COMPLETED", "COMPLETED", "FAILED", "CANCELLED"]);
        let mut end = Self::with(named.clone(), &json!({"status": how}));
        if self.one_in(4) {
            end["metrics"] = json!({"healthScore": self.random.u32(60..100)});
        }
        if self.one_in(5) {
            end["committedAt"] = json!(at(began - 9 * HOUR));
        }
        self.tell(ended, end);
        if self.one_in(8) {
            // Once more, much later.
            ended += self.random.i64(1..60) * HOUR;
            let again = json!({"attempt": 2, "status": "IN_PROGRESS"});
            self.tell(ended, Self::with(named.clone(), &again));
            if !self.one_in(4) {
                let how = self.any(&["COMPLETED", "FAILED"]);
                self.tell(ended + took, Self::with(named.clone(), &json!({"attempt": 2, "status": how})));
            }
        } else if how == "COMPLETED" && self.one_in(5) {
            let after = self.random.i64(1..72) * HOUR / 4;
            self.tell(ended + after, Self::with(named, &json!({"status": "ROLLED_BACK"})));
        }
    }

    fn incident(&mut self) {
        let id = format!("incident:{}", self.id("i"));
        let mut named = Self::with(self.place(), &json!({"type": "incident", "deploymentId": id}));
        if self.one_in(4) {
            named["version"] = json!(self.any(&["1", "2", "3"]));
        }
        let began = self.time();
        self.tell(began, Self::with(named.clone(), &json!({"status": "IN_PROGRESS"})));
        if !self.one_in(5) {
            let after = self.random.i64(1..90) * HOUR / 2;
            self.tell(began + after, Self::with(named, &json!({"status": "COMPLETED"})));
        }
    }

    fn observation(&mut self) {
        let at = self.time();
        let of = if self.one_in(2) {
            json!({"deploymentId": self.deployed[self.random.usize(..self.deployed.len())]})
        } else {
            self.place()
        };
        let measured = json!({"type": "observation", "metrics": {"errorRate": self.random.u32(0..12)}});
        self.tell(at, Self::with(of, &measured));
    }

    fn verdict(&mut self) {
        let at = self.time();
        let outcome = self.any(&["CLEARED", "CLEARED", "BAD"]);
        let (service, version) = (self.any(&["cart", "mail"]), self.any(&["1", "2", "3", "4"]));
        let said = json!({
            "type": "verdict", "service": service, "version": version, "outcome": outcome, "reason": "looked at it",
        });
        self.tell(at, said);
    }

    fn retirement(&mut self) {
        let at = self.time();
        self.tell(at, json!({"type": "retirement", "environment": "staging"}));
    }
}
