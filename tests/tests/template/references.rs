//! Dynamic references: what CloudFormation puts in place of `{{resolve:ssm:name:version}}`. The
//! parameter store of these tests has rules under each name, in two versions. A reference of another
//! kind is an error: it would put a secret where it can be read.

const RULES: [(&str, &str); 2] = [
    ("1", r#"[{"source": "aws.*", "environment": "production"}]"#),
    ("2", r#"[{"source": "aws.codebuild", "when": {"project": "deploy-{environment}"}, "deployment": true}]"#),
];

/// What the parameter store has under `name:version`.
pub(crate) fn stored(reference: &str) -> Result<String, String> {
    let version = reference.split_once(':').map(|(_, version)| version);
    let found = RULES.iter().find(|(number, _)| Some(*number) == version);
    found.map(|(_, rules)| (*rules).to_owned()).ok_or_else(|| format!("the parameter store has no {reference}"))
}

/// A text as CloudFormation passes it on.
pub(crate) fn resolved(text: String) -> Result<String, String> {
    if !text.contains("{{resolve:") {
        return Ok(text);
    }
    let reference = text.strip_prefix("{{resolve:ssm:").and_then(|text| text.strip_suffix("}}"));
    reference.map_or_else(|| Err(format!("{text} is no reference that this reader knows")), stored)
}

#[test]
fn only_a_version_of_a_plain_parameter_is_resolved() {
    assert_eq!(resolved("{{resolve:ssm:/rules:2}}".to_owned()).unwrap(), RULES[1].1);
    assert_eq!(resolved("any {{text}}".to_owned()).unwrap(), "any {{text}}");
    for (text, says) in [
        ("{{resolve:ssm:/rules:3}}", "has no /rules:3"),
        ("{{resolve:ssm:/rules}}", "has no /rules"),
        ("{{resolve:secretsmanager:webhooks}}", "no reference that this reader knows"),
        ("{{resolve:ssm-secure:/rules:1}}", "no reference that this reader knows"),
        ("a{{resolve:ssm:/rules:1}}", "no reference that this reader knows"),
    ] {
        let wrong = resolved(text.to_owned()).unwrap_err();
        assert!(wrong.contains(says), "{wrong}");
    }
}
