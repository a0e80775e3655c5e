//! Whether a template takes a parameter's value, as CloudFormation decides it: `AllowedValues`,
//! `AllowedPattern` (the whole value), lengths, `MinValue` and `MaxValue`, and `Type: Number`.

use std::collections::BTreeMap;

use fancy_regex::Regex;
use serde_json::Value;

/// Values by the name of their parameter.
pub(crate) type Parameters = BTreeMap<String, String>;

/// The value of each parameter that `template` declares: as given, or else its default.
pub(crate) fn take(template: &Value, given: &Parameters) -> Result<Parameters, String> {
    let declared = template["Parameters"].as_object().cloned().unwrap_or_default();
    if let Some(unknown) = given.keys().find(|name| !declared.contains_key(*name)) {
        return Err(format!("{unknown} is no parameter"));
    }
    let mut taken = Parameters::new();
    for (name, declaration) in &declared {
        let value = given.get(name).cloned().or_else(|| text(&declaration["Default"]));
        let value = value.ok_or_else(|| format!("{name} is given no value, and has no default"))?;
        allowed(declaration, &value).map_err(|wrong| format!("{name}={value}: {wrong}"))?;
        taken.insert(name.clone(), value);
    }
    Ok(taken)
}

/// A scalar as CloudFormation passes it on: everything is a text.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

fn allowed(declaration: &Value, value: &str) -> Result<(), String> {
    let number = value.parse::<f64>().ok().filter(|number| number.is_finite());
    match declaration["Type"].as_str() {
        Some("String") => {}
        Some("Number") if number.is_some() => {}
        other => return Err(format!("is no {}", other.unwrap_or("type"))),
    }
    for (rule, argument) in declaration.as_object().into_iter().flatten() {
        let holds = match rule.as_str() {
            "Type" | "Default" | "Description" | "ConstraintDescription" => true,
            "AllowedValues" => {
                argument.as_array().is_some_and(|all| all.iter().any(|one| text(one).as_deref() == Some(value)))
            }
            "AllowedPattern" => {
                let pattern = argument.as_str().ok_or("AllowedPattern is no text")?;
                let whole = Regex::new(&format!(r"\A(?:{pattern})\z")).map_err(|error| error.to_string())?;
                whole.is_match(value).map_err(|error| error.to_string())?
            }
            "MinLength" => argument.as_u64() <= Some(value.chars().count() as u64),
            "MaxLength" => argument.as_u64() >= Some(value.chars().count() as u64),
            "MinValue" => argument.as_f64() <= number,
            "MaxValue" => argument.as_f64() >= number,
            other => return Err(format!("{other} is not known to this reader")),
        };
        if !holds {
            return Err(format!("{rule} is {argument}"));
        }
    }
    Ok(())
}

#[test]
fn a_value_outside_what_is_declared_is_refused() {
    let template = serde_json::json!({"Parameters": {
        "Class": {"Type": "String", "AllowedValues": ["a", "b"], "Default": "a"},
        "Name": {"Type": "String", "MinLength": 1, "MaxLength": 3, "Default": "any"},
        "Days": {"Type": "Number", "MinValue": 0, "MaxValue": 10},
        "Namespace": {"Type": "String", "AllowedPattern": "(?!AWS/)[A-Z/]+", "Default": "X"},
    }});
    let take = |given: &[(&str, &str)]| {
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        take(&template, &given)
    };
    assert_eq!(take(&[("Days", "7")]).unwrap()["Class"], "a", "the default");
    for (given, says) in [
        (vec![], "Days is given no value"),
        (vec![("Days", "1"), ("Dais", "1")], "Dais is no parameter"),
        (vec![("Days", "11")], "MaxValue"),
        (vec![("Days", "-1")], "MinValue"),
        (vec![("Days", "seven")], "is no Number"),
        (vec![("Days", "1"), ("Name", "")], "MinLength"),
        (vec![("Days", "1"), ("Name", "four")], "MaxLength"),
        (vec![("Days", "1"), ("Class", "c")], "AllowedValues"),
        (vec![("Days", "1"), ("Namespace", "AWS/X")], "AllowedPattern"),
        (vec![("Days", "1"), ("Namespace", "XX y")], "AllowedPattern"),
    ] {
        let wrong = take(&given).unwrap_err();
        assert!(wrong.contains(says), "{given:?}: {wrong}");
    }
}
