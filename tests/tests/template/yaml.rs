//! CloudFormation's YAML as JSON: the short form of a function (`!Ref X`) becomes its long form
//! (`{"Ref": "X"}`). CloudFormation reads YAML 1.1, this parser 1.2: a scalar that the two read
//! differently is an error here, so that nobody has to know which one is right.

use std::borrow::Cow;

use saphyr_parser::{Event, Input, Parser, ScalarStyle, Tag};
use serde_json::{Map, Number, Value, json};

/// Reads one document.
pub(crate) fn read(text: &str) -> Result<Value, String> {
    let mut parser = Parser::new_from_str(text);
    let mut next = || next(&mut parser);
    if !matches!((next()?, next()?), (Event::StreamStart, Event::DocumentStart(_))) {
        return Err("there is no document".to_owned());
    }
    let first = next()?;
    let document = node(&mut parser, first)?;
    match (self::next(&mut parser)?, self::next(&mut parser)?) {
        (Event::DocumentEnd, Event::StreamEnd) => Ok(document),
        _ => Err("there is more than one document".to_owned()),
    }
}

fn next<'a, T: Input>(parser: &mut Parser<'a, T>) -> Result<Event<'a>, String> {
    let (event, _) = parser.next().ok_or("the document ends too early")?.map_err(|error| error.to_string())?;
    Ok(event)
}

/// What begins with this event.
fn node<T: Input>(parser: &mut Parser<T>, event: Event) -> Result<Value, String> {
    match event {
        Event::Scalar(text, style, _, tag) => tagged(tag, scalar(&text, style)?),
        Event::SequenceStart(_, tag) => {
            let mut items = Vec::new();
            loop {
                match next(parser)? {
                    Event::SequenceEnd => return tagged(tag, Value::Array(items)),
                    event => items.push(node(parser, event)?),
                }
            }
        }
        Event::MappingStart(_, tag) => {
            let mut entries = Map::new();
            loop {
                let key = match next(parser)? {
                    Event::MappingEnd => return tagged(tag, Value::Object(entries)),
                    event => node(parser, event)?,
                };
                let Value::String(key) = key else { return Err(format!("{key} is no text, but a key")) };
                let event = next(parser)?;
                let entry = node(parser, event)?;
                if entries.insert(key.clone(), entry).is_some() {
                    return Err(format!("{key} stands there twice"));
                }
            }
        }
        other => Err(format!("{other:?} is not expected in a template")),
    }
}

fn scalar(text: &str, style: ScalarStyle) -> Result<Value, String> {
    if style != ScalarStyle::Plain {
        return Ok(json!(text));
    }
    if is_read_otherwise_in_1_1(text) {
        return Err(format!("{text} is something else in YAML 1.1: put it in quotes"));
    }
    Ok(match text {
        "" | "~" | "null" => Value::Null,
        "true" => json!(true),
        "false" => json!(false),
        text => serde_json::from_str::<Number>(text).map_or_else(|_| json!(text), Value::Number),
    })
}

/// Booleans (`no`), octal and sexagesimal numbers (`017`, `12:30`) and dates of YAML 1.1.
fn is_read_otherwise_in_1_1(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let boolean = ["y", "n", "yes", "no", "on", "off"].contains(&text.to_lowercase().as_str());
    let octal = text.len() > 1 && text.starts_with('0') && digits(text);
    let parted = |by: char| text.contains(by) && text.split(by).all(digits);
    boolean || octal || parted(':') || parted('-')
}

/// `!Sub x` as `{"Fn::Sub": x}`.
fn tagged(tag: Option<Cow<Tag>>, argument: Value) -> Result<Value, String> {
    let Some(tag) = tag else { return Ok(argument) };
    if tag.handle != "!" {
        return Err(format!("{tag} is no tag of CloudFormation"));
    }
    let (name, argument) = match (tag.suffix.as_str(), argument) {
        ("Ref", argument) => ("Ref".to_owned(), argument),
        ("GetAtt", Value::String(path)) => match path.split_once('.') {
            Some((resource, attribute)) => ("Fn::GetAtt".to_owned(), json!([resource, attribute])),
            None => return Err(format!("!GetAtt {path} names no attribute")),
        },
        (name, argument) => (format!("Fn::{name}"), argument),
    };
    Ok(json!({name: argument}))
}

#[test]
fn short_forms_become_long_ones_and_texts_stay_texts() {
    let read = read(
        "{a: !Ref X, b: !GetAtt X.Outputs.Y, c: !If [C, !Sub 'a-${B}', ~], d: \"012\", e: 12, f: -PT3H, g: \"N\", \
         h: 1.5, i: true, j: \"true\"}",
    );
    let expected = json!({
        "a": {"Ref": "X"}, "b": {"Fn::GetAtt": ["X", "Outputs.Y"]},
        "c": {"Fn::If": ["C", {"Fn::Sub": "a-${B}"}, null]},
        "d": "012", "e": 12, "f": "-PT3H", "g": "N", "h": 1.5, "i": true, "j": "true",
    });
    assert_eq!(read.unwrap(), expected);
}

#[test]
fn what_two_versions_of_yaml_read_differently_is_an_error() {
    for text in ["N", "yes", "Off", "012", "12:30", "2012-10-17"] {
        let wrong = read(&format!("key: {text}")).unwrap_err();
        assert!(wrong.contains(text) && wrong.contains("quotes"), "{text}: {wrong}");
    }
    for wrong in ["a: 1\na: 2", "a: [", "a: !GetAtt X", "a: !!set {b}", "a: 1\n---\nb: 2", ""] {
        read(wrong).expect_err(wrong);
    }
}
