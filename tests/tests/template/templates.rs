//! The templates of `infra/`, and what an installation of them consists of: every resource of every
//! nested stack, with its properties as they are once parameters, mappings and conditions are
//! applied (see [`stack`](super::stack)).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::attributes::{attribute, name_property};
use super::parameters::{Parameters, text};
use super::stack::{self, NAME};
use super::yaml;

/// The classes that an environment can be of.
pub(crate) const CLASSES: [&str; 3] = ["development", "staging", "production"];
/// The parameters of an installation whose callers come with tokens.
pub(crate) const WITH_TOKENS: [(&str, &str); 4] = [
    ("Authorization", "jwt"),
    ("JwtIssuer", "https://issuer.example"),
    ("JwtAudience", "us"),
    ("JwtSubjects", "repo:shop/*,repo:other/one"),
];
/// The parameters of an installation where people log in.
pub(crate) const WITH_LOGIN: [(&str, &str); 4] = [
    ("Login", "oidc"),
    ("LoginIssuer", "https://issuer.example/tenant/v2.0"),
    ("LoginClientId", "deployment-status"),
    ("LoginSecretName", "deployments/login"),
];
/// The root of the nested stacks.
const ROOT: &str = "template.yaml";

/// All templates, by file name.
#[derive(Clone)]
pub(crate) struct Templates(pub(crate) BTreeMap<String, Value>);

/// A resource as it would be created.
#[derive(Clone)]
pub(crate) struct Resource {
    pub(crate) kind: String,
    pub(crate) properties: Value,
}

/// Everything that would be created, by the path of its logical ids (`Storage.HistoryTable`).
#[derive(Clone, Default)]
pub(crate) struct Installation(pub(crate) BTreeMap<String, Resource>);

/// Where the templates are.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra")
}

/// Parameters from literals.
pub(crate) fn given(parameters: &[(&str, &str)]) -> Parameters {
    parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl Templates {
    pub(crate) fn read() -> Self {
        let mut templates = BTreeMap::new();
        for entry in std::fs::read_dir(folder()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "yaml") {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                let template = yaml::read(&std::fs::read_to_string(&path).unwrap());
                templates.insert(name.clone(), template.unwrap_or_else(|wrong| panic!("{name}: {wrong}")));
            }
        }
        Self(templates)
    }

    /// What an installation with these parameters consists of.
    pub(crate) fn deploy(&self, parameters: &[(&str, &str)]) -> Result<Installation, String> {
        let mut installation = Installation::default();
        stack::deploy(self, ROOT, "", &given(parameters), &mut installation)?;
        Ok(installation)
    }

    /// Why an installation with these parameters is refused.
    pub(crate) fn refuse(&self, parameters: &[(&str, &str)]) -> String {
        self.deploy(parameters).err().unwrap_or_else(|| panic!("{parameters:?} can be deployed"))
    }

    /// What an installation of one class consists of.
    pub(crate) fn of_class(&self, class: &str) -> Installation {
        self.deploy(&[("EnvironmentClass", class)]).unwrap()
    }
}

impl Installation {
    /// Of the class that most is asked of.
    pub(crate) fn production() -> Self {
        Templates::read().of_class("production")
    }

    pub(crate) fn properties(&self, path: &str) -> &Value {
        &self.0.get(path).unwrap_or_else(|| panic!("there is no {path}")).properties
    }

    /// What `!GetAtt` (or, as `Ref`, `!Ref`) gives of a resource.
    pub(crate) fn attribute(&self, path: &str, name: &str) -> Option<String> {
        let Resource { kind, properties } = self.0.get(path)?;
        let own_name = name_property(kind).and_then(|property| text(&properties[property]));
        attribute(kind, &own_name.unwrap_or_else(|| format!("<{path}>")), name)
    }

    /// For a test that spoils something.
    pub(crate) fn properties_mut(&mut self, path: &str) -> &mut Value {
        &mut self.0.get_mut(path).unwrap_or_else(|| panic!("there is no {path}")).properties
    }

    /// The resources of a type, with their paths.
    pub(crate) fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let of_kind = self.0.iter().filter(move |(_, resource)| resource.kind == kind);
        of_kind.map(|(path, resource)| (path.as_str(), &resource.properties))
    }
}

#[test]
fn every_template_is_part_of_the_installation() {
    let templates = Templates::read();
    let root = templates.0[ROOT].to_string();
    for name in templates.0.keys().filter(|name| *name != ROOT) {
        assert!(root.contains(&format!("{name:?}")), "{ROOT} does not nest {name}");
    }
}

#[test]
fn whatever_can_be_chosen_can_be_deployed() {
    let templates = Templates::read();
    for class in CLASSES {
        for choice in [
            vec![],
            WITH_TOKENS.to_vec(),
            WITH_LOGIN.to_vec(),
            [WITH_LOGIN, WITH_TOKENS].concat(),
            vec![("SlackWorkspaceId", "T0123456789"), ("SlackChannelId", "C0123456789"), ("AlertEmail", "a@b.example")],
            vec![("AlertHttpsUrl", "https://a.example/x"), ("WebhookSecretName", "webhooks/all")],
            vec![("AlarmPrefixes", "cart-"), ("ReadDefaultBus", "false")],
            vec![("SuggestionBus", "rollbacks")],
            vec![("AlarmPrefixes", "cart-,pay-,search-,web-,on call ")],
            vec![("ReadDefaultBus", "false"), ("ArchiveDays", "0"), ("OrganizationId", "o-a1b2c3d4e5")],
            vec![
                ("HistoryRetentionDays", "36500"),
                ("WatchedEnvironment", "eu production 1"),
                ("Architecture", "x86_64"),
            ],
            vec![("SuccessRateBelow", "99.5"), ("DurationAboveSeconds", "60"), ("ActiveAbove", "0")],
        ] {
            let parameters = [vec![("EnvironmentClass", class)], choice].concat();
            templates.deploy(&parameters).unwrap_or_else(|wrong| panic!("{parameters:?}: {wrong}"));
        }
    }
}

#[test]
fn what_does_not_go_together_is_refused() {
    let templates = Templates::read();
    for (parameters, says) in [
        (vec![("EnvironmentClass", "prod")], "EnvironmentClass=prod"),
        (WITH_TOKENS[..1].to_vec(), "JwtIssuer is required"),
        (WITH_TOKENS[..2].to_vec(), "JwtAudience is required"),
        (WITH_TOKENS[..3].to_vec(), "JwtSubjects is required"),
        (WITH_LOGIN[..1].to_vec(), "LoginIssuer is required"),
        (WITH_LOGIN[..2].to_vec(), "LoginClientId is required"),
        (WITH_LOGIN[..3].to_vec(), "LoginSecretName is required"),
        (WITH_LOGIN[1..2].to_vec(), "LoginIssuer is of use with Login=oidc only"),
        (WITH_LOGIN[2..3].to_vec(), "LoginClientId is of use with Login=oidc only"),
        (WITH_LOGIN[3..].to_vec(), "LoginSecretName is of use with Login=oidc only"),
        (vec![("SlackWorkspaceId", "T0123456789")], "SlackChannelId is required"),
        (vec![("AlarmPrefixes", "cart-,")], "AlarmPrefixes=cart-,"),
        (vec![("AlarmPrefixes", "cart-, pay-")], "AlarmPrefixes=cart-, pay-"),
        (vec![("AlarmPrefixes", "a,b,c,d,e,f")], "AlarmPrefixes=a,b,c,d,e,f"),
        (vec![("SuggestionBus", "default")], "SuggestionBus=default"),
        (vec![("SuggestionBus", "arn:aws:events:eu-west-1:111122223333:event-bus/b")], "SuggestionBus=arn"),
        (vec![("MetricsNamespace", "AWS/Ours")], "MetricsNamespace=AWS/Ours"),
        (vec![("HistoryRetentionDays", "36501")], "HistoryRetentionDays=36501"),
    ] {
        let wrong = templates.refuse(&parameters);
        assert!(wrong.contains(says), "{parameters:?}: {wrong}");
    }
}

#[test]
fn what_refers_to_nothing_is_found() {
    for (file, from, to, says) in [
        ("template.yaml", "\"Storage\",\"Outputs.HistoryTable\"", "\"Storage\",\"Outputs.Histori\"", "Histori"),
        ("template.yaml", "\"TopicArn\":{", "\"TopicArm\":{", "TopicArm is no parameter"),
        ("ingest.yaml", "[\"Queue\",\"Arn\"]", "[\"Queu\",\"Arn\"]", "Queu"),
        ("api.yaml", "{\"Ref\":\"Authorizer\"}", "{\"Ref\":\"Authoriser\"}", "Authoriser"),
        ("storage.yaml", "\"StreamSpecification\"", "\"Stream\"", "StreamArn"),
        ("health.yaml", "${System}-stream-age", "${Sistem}-stream-age", "Sistem"),
        ("health.yaml", "Fn::Sub", "Fn::Cidr", "Fn::Cidr"),
    ] {
        let mut templates = Templates::read();
        let spoiled = templates.0[file].to_string();
        assert!(spoiled.contains(from), "{from}");
        templates.0.insert(file.to_owned(), serde_json::from_str(&spoiled.replace(from, to)).unwrap());
        let wrong = templates.refuse(&WITH_TOKENS);
        assert!(wrong.contains(says), "{says}: {wrong}");
    }
}

#[test]
fn the_name_of_the_stack_is_the_name_of_the_installation() {
    let installation = Installation::production();
    assert_eq!(installation.properties("Notifications.Topic")["TopicName"], NAME);
    assert_eq!(installation.properties("Ingest.Queue")["QueueName"], format!("{NAME}-events"));
}
