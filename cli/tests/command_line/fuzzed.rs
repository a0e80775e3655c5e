//! Random answers: every command must end with a documented exit code, and must not panic. The random numbers
//! have a fixed seed, so a failure is repeatable.

use fastrand::Rng;
use serde_json::{Value, json};

use crate::answers::{COMMANDS, all, answer};
use crate::called::Shell;
use crate::hostile::is_harmless;
use crate::server::Double;
use crate::wire::Raw;

const SEED: u64 = 20_260_301;

/// Values that JSON allows and nobody expects.
fn odd(chance: &mut Rng) -> Value {
    let odd = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1e308),
        json!(-1e308),
        json!(5e-324),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(""),
        json!("\u{0}\u{1b}[2J\u{202e}"),
        json!("0000-00-00T00:00:00Z"),
        json!("9999-12-31T23:59:60.999999999+23:59"),
        json!("-262143-01-01T00:00:00Z"),
        json!("2026-03-01T12:00:00Z"),
        json!("x".repeat(5000)),
        json!("配備🚀e\u{301}".repeat(50)),
        json!("COMPLETED"),
        json!([]),
        json!([[], {}, "x", null]),
        json!({}),
        json!({"items": [{}], "nextCursor": null}),
    ];
    odd[chance.usize(..odd.len())].clone()
}

/// Puts something odd into a random place, or takes away what stands there.
fn disturb(value: &mut Value, chance: &mut Rng) {
    match value {
        Value::Object(fields) if !fields.is_empty() && chance.u8(..) > 20 => {
            let name = fields.keys().nth(chance.usize(..fields.len())).unwrap().clone();
            match chance.u8(..10) {
                0 => drop(fields.remove(&name)),
                _ => disturb(&mut fields[&name], chance),
            }
        }
        Value::Array(items) if !items.is_empty() && chance.u8(..) > 20 => {
            let at = chance.usize(..items.len());
            match chance.u8(..10) {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                _ => disturb(&mut items[at], chance),
            }
        }
        value => *value = odd(chance),
    }
}

/// Calls a command, which must come to an end of the contract.
fn call(url: &str, words: &[&str], about: &str) {
    let words = [words, &["--timeout", "20s"]].concat();
    let called = Shell::at(url).call(&words);
    let (out, err) = (&called.stdout, &called.stderr);
    // 6 would be a server that does not answer.
    assert!((0..=5).contains(&called.code), "{words:?} {about}: {} {out} {err}", called.code);
    assert!(!err.contains("panicked"), "{words:?} {about}: {err}");
    let json = words.contains(&"json") || words.contains(&"jsonl");
    assert!((json || is_harmless(out, true)) && is_harmless(err, false), "{words:?} {about}: {out:?} {err:?}");
}

#[test]
fn answers_with_something_odd_in_them_end_in_no_panic() {
    let (answers, forms) = (all(), ["table", "text", "json", "jsonl"]);
    for round in 0..30 {
        for (index, (words, _)) in COMMANDS.iter().enumerate() {
            let seed = SEED + round * 1000 + u64::try_from(index).unwrap();
            let double = Double::answering(move |before, request| {
                let mut chance = Rng::with_seed(seed + u64::try_from(before).unwrap() * 1_000_000);
                let (status, mut body) = answer(answers, request);
                // A list that goes on for ever would never end: after some pages it is as it should be.
                if before < 3 {
                    (0..chance.u8(1..4)).for_each(|_| disturb(&mut body, &mut chance));
                }
                (status, &[], body.to_string())
            });
            let form = forms[usize::try_from(round).unwrap() % forms.len()];
            call(&double.url, &[words, &["--output", form][..]].concat(), &format!("seed {seed}"));
        }
    }
}

#[test]
fn random_bytes_end_in_no_panic() {
    let answers = all();
    let statuses =
        [200, 200, 200, 201, 204, 206, 299, 301, 304, 400, 401, 403, 404, 409, 410, 418, 451, 500, 501, 599, 700];
    for (index, (words, _)) in COMMANDS.iter().enumerate() {
        for round in 0..12 {
            let seed = SEED + round * 1000 + u64::try_from(index).unwrap();
            let raw = Raw::answering(move |before| {
                let mut chance = Rng::with_seed(seed + u64::try_from(before).unwrap() * 1_000_000);
                let status = statuses[chance.usize(..statuses.len())];
                let path = ["/v1/live", "/v1/deployments", "/v1/deployments/d-1"][chance.usize(..3)];
                let mut body = match chance.u8(..3) {
                    0 => (0..chance.usize(..2000)).map(|_| chance.u8(..)).collect(),
                    _ => answers[path].1.to_string().into_bytes(),
                };
                if chance.bool() && !body.is_empty() {
                    body.truncate(chance.usize(..body.len()));
                }
                for _ in 0..chance.usize(..4).min(body.len()) {
                    let at = chance.usize(..body.len());
                    body[at] = chance.u8(..);
                }
                let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n", body.len());
                Some([head.into_bytes(), body].concat())
            });
            call(&raw.url, words, &format!("seed {seed}"));
        }
    }
}
