use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::health::piece::Rule;
use crate::health::suggestion::Suggestion;
use crate::identifiers::Identifier as _;
use crate::ledger::received::Received;
use crate::ledger::recording::record;

fn at(seconds: i64) -> Timestamp {
    Timestamp::parse("2026-03-01T12:00:00Z").unwrap().plus_millis(seconds * 1000)
}

fn summary(more: &Value) -> Summary {
    let mut event = json!({"deploymentId": "c-2", "service": "cart", "environment": "production", "version": "2",
                           "status": "COMPLETED", "occurredAt": at(-60)});
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let event = crate::event::read(event, at(0)).unwrap();
    record(None, Received::new(&event, at(0), "test").unwrap(), at(0)).unwrap().1.summary
}

fn to(id: Option<&str>, version: Option<&str>, commit: Option<&str>) -> Suggestion {
    let suggestion = json!({"deploymentId": id, "version": version, "commit": commit, "command": "deploy cart 1"});
    serde_json::from_value(suggestion).unwrap()
}

fn verdict(state: State, suggestion: Option<Suggestion>) -> Verdict {
    let reason = Reason {
        rule: Rule::ErrorRate,
        observed: Some(20.0),
        bound: Some(5.0),
        baseline: None,
        at: at(-30),
        first: at(-30),
        last: at(-30),
        count: 1,
        evidence: Vec::new(),
    };
    let reasons = vec![reason];
    Verdict { state, since: at(-30), reasons, measurements: 1, outside: 0, suggestion, suggested: None }
}

fn settings(document: &Value) -> SettingsInUse {
    SettingsInUse::read(&document.to_string()).unwrap()
}

fn asking() -> SettingsInUse {
    settings(&json!({
        "environments": [{"name": "qa"}, {"name": "production", "aliases": ["prod"], "autoRollback": true}],
        "services": [{"name": "cart", "aliases": ["basket"]}],
    }))
}

fn suggested() -> Suggested {
    let bad = verdict(State::Bad, Some(to(Some("c-1"), Some("1"), None)));
    Suggested::of(&summary(&json!({})), (Transition::Bad, &bad), &asking(), at(0)).unwrap()
}

#[test]
fn the_detail_is_what_is_documented() {
    let sample = include_str!("../../../../../events/eventbridge/rollback-suggested.json");
    let sample: Value = serde_json::from_str(sample).unwrap();
    assert_eq!((&sample["source"], &sample["detail-type"]), (&json!(crate::event::OWN_SOURCE), &json!(DETAIL_TYPE)));
    let expected = sample["detail"].clone();
    assert_eq!(json!(suggested()), expected);
    assert_eq!(serde_json::from_value::<Suggested>(expected).unwrap(), suggested());
    // By the names that settings have, as the command is; and in a region alone where it is deployed there.
    let elsewhere =
        summary(&json!({"service": "basket", "environment": "prod", "region": "eu-west-1", "commit": "abc"}));
    let bad = verdict(State::Bad, Some(to(Some("c-1"), None, Some("def"))));
    let detail = json!(Suggested::of(&elsewhere, (Transition::Bad, &bad), &asking(), at(0)).unwrap());
    for (field, expected) in
        [("service", "cart"), ("environment", "production"), ("region", "eu-west-1"), ("commit", "abc")]
    {
        assert_eq!(detail[field], expected, "{field}");
    }
    assert_eq!(detail["suggested"], json!({"deploymentId": "c-1", "version": null, "commit": "def"}));
}

#[test]
fn only_what_is_told_to_be_bad_where_it_is_asked_for_and_with_a_way_back_is_suggested() {
    let back = || Some(to(Some("c-1"), Some("1"), None));
    let all = json!({"environments": [{"name": "production"}]});
    let nothing = json!({});
    for (environment, news, state, suggestion, settings, expected) in [
        ("production", Transition::Bad, State::Bad, back(), asking(), true),
        ("production", Transition::Bad, State::Bad, Some(to(Some("c-1"), None, Some("abc"))), asking(), true),
        ("prod", Transition::Bad, State::Bad, back(), asking(), true),
        // Asked for in another environment, or nowhere.
        ("qa", Transition::Bad, State::Bad, back(), asking(), false),
        ("elsewhere", Transition::Bad, State::Bad, back(), asking(), false),
        ("production", Transition::Bad, State::Bad, back(), self::settings(&all), false),
        ("production", Transition::Bad, State::Bad, back(), self::settings(&nothing), false),
        // Other news, and what is no more than suspected.
        ("production", Transition::Suspect, State::Suspect, back(), asking(), false),
        ("production", Transition::GoodAgain, State::Good, back(), asking(), false),
        ("production", Transition::Bad, State::Suspect, back(), asking(), false),
        ("production", Transition::Suspect, State::Bad, back(), asking(), false),
        // Nothing to go back to, or nothing that is known of it.
        ("production", Transition::Bad, State::Bad, None, asking(), false),
        ("production", Transition::Bad, State::Bad, Some(to(None, None, None)), asking(), false),
        ("production", Transition::Bad, State::Bad, Some(to(Some("c-1"), None, None)), asking(), false),
    ] {
        let summary = summary(&json!({"environment": environment}));
        let found = Suggested::of(&summary, (news, &verdict(state, suggestion.clone())), &settings, at(0));
        assert_eq!(found.is_some(), expected, "{environment} {news:?} {state:?} {suggestion:?}");
    }
}

#[test]
fn what_was_recorded_is_sent_as_it_is_until_it_was_sent_or_another_thing_is_to_be_gone_back_to() {
    let now = || Suggested { at: at(100), reasons: vec!["more".to_owned()], ..suggested() };
    let kept = |sent_at| KeptSuggestion { detail: suggested(), sent_at };
    assert_eq!(kept(None).to_send(&now()), Some(suggested()));
    assert_eq!(kept(Some(at(5))).to_send(&now()), None);
    let mut another = now();
    another.suggested.version = Version::parse("0").ok();
    assert_eq!(kept(None).to_send(&another), None);
}

#[test]
fn it_is_shown_as_it_was_known() {
    let kept = KeptSuggestion { detail: suggested(), sent_at: Some(at(5)) };
    let known = |seconds| kept.known_at(at(seconds)).map(|known| (known.at, known.sent_at));
    for (seconds, expected) in [
        (-1, None),
        (0, Some((at(0), None))),
        (4, Some((at(0), None))),
        (5, Some((at(0), Some(at(5))))),
        (99, Some((at(0), Some(at(5))))),
    ] {
        assert_eq!(known(seconds), expected, "{seconds}");
    }
    let shown = kept.known_at(at(9)).unwrap();
    assert_eq!(shown.in_words(), "2026-03-01T12:00:00.000Z as c-2##ROLLBACK_SUGGESTED, to go back to 1 (c-1)");
    assert_eq!(shown.sent(), "sent at 2026-03-01T12:00:05.000Z");
    assert_eq!(kept.known_at(at(1)).unwrap().sent(), "not sent");
}

proptest! {
    #[test]
    fn whenever_it_is_suggested_again_the_id_is_the_same_and_what_is_sent_is_what_was_recorded(
        seconds in 0..1_000_000_i64, reasons in prop::collection::vec(".{0,40}", 0..9), is_sent in any::<bool>(),
    ) {
        let bad = verdict(State::Bad, Some(to(Some("c-1"), Some("1"), None)));
        let mut again = Suggested::of(&summary(&json!({})), (Transition::Bad, &bad), &asking(), at(seconds)).unwrap();
        again.reasons = reasons;
        prop_assert_eq!(&again.suggestion_id, &suggested().suggestion_id);
        let kept = KeptSuggestion { detail: suggested(), sent_at: is_sent.then(|| at(1)) };
        prop_assert_eq!(kept.to_send(&again), (!is_sent).then(suggested));
        // What is kept comes back as it was written.
        let text = serde_json::to_string(&kept).unwrap();
        prop_assert_eq!(serde_json::from_str::<KeptSuggestion>(&text).unwrap(), kept);
    }
}
