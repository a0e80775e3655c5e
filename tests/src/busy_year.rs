//! A year over 20,000 deployments, kept day by day.

use domain::questions::delivery::OfDay;
use domain::questions::delivery::of_day::Basis;
use domain::settings::SettingsInUse;
use domain::{Day, Environment, Retention, Timestamp};
use recorder::Recorder;
use recorder::kept::Kept;
use serde_json::json;
use store::WriteItems;

/// Keeps the days of the year before a time in production, but for those of which the index is read.
#[expect(clippy::missing_panics_doc, reason = "panicking is how a test fails")]
pub async fn keep(store: impl WriteItems, now: Timestamp) {
    let recorder = Recorder::new(store, Retention::FOREVER);
    let basis = Basis::of(&SettingsInUse::default()).expect("nothing is watched for long");
    let environment: Environment = serde_json::from_value(json!("production")).expect("a name");
    let before = |days: i64| Day::of(now.plus_millis(-days * 86_400_000));
    let mut noted = None;
    for day in before(366).to(before(3)) {
        let kept = recorder.keep(&environment, (day, &of_day(day)), &basis, noted).await.expect("it is kept");
        let Kept::Through(through) = kept else { panic!("{kept:?}") };
        noted = Some(through.revision);
    }
}

/// What happened on a day of a busy year: 55 deployments with their stages, a few of which failed in each way.
fn of_day(day: Day) -> OfDay {
    let at = |number: u32| day.start().plus_millis(i64::from(number) * 1_500_000);
    let id = |number: u32| format!("github:acme/service-{}:{day}{number:06}", number % 40);
    let ended = (0..55).map(|number| {
        // Different ones each day.
        let of_day = u32::try_from(day.start().millis() / 86_400_000 % 97).unwrap_or_default();
        let seconds = 200.0 + f64::from(number * 7919 % 631 + of_day);
        json!([id(number), {
            "env": "production", "svc": format!("service-{}", number % 40), "status": "COMPLETED",
            "at": at(number).millis(), "reached": true, "took": seconds, "lead": seconds * 37.5, "measured": true,
            "stages": [["Source", "COMPLETED", 8.25 + seconds / 16.0], ["Build", "COMPLETED", seconds / 2.0],
                       ["Deploy", "COMPLETED", seconds / 4.0]],
        }])
    });
    let facts = json!({
        "ended": ended.collect::<Vec<_>>(),
        "replaced": [{"of": id(3), "by": id(43), "at": at(43).millis()}],
        "incidents": [{
            "incident": format!("incident:INC-{day}"), "at": at(9).millis(), "over_at": at(10).millis(),
            "service": "service-8", "environment": "production", "suspect": id(8), "landed": at(8).millis(),
        }],
        "measured": [{"of": id(20), "service": "service-20", "since": at(20).millis()}],
    });
    serde_json::from_value(facts).unwrap()
}
