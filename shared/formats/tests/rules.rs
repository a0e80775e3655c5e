//! A user's rules: what is wrong with them is reported with the rule's name, and of several the first counts.

use domain::Timestamp;
use domain::event::Kind;
use domain::fields::Unknown;
use formats::rules::Verdict;
use formats::{Door, Origin, Payload, SOURCES, Settings, SourceRules, explain};
use serde_json::{Value, json};

fn rules(value: &Value) -> SourceRules {
    SourceRules::parse(&value.to_string()).unwrap()
}

fn ecs(cluster: &str) -> Origin {
    Origin::of("aws.ecs").with("cluster", Some(cluster)).with("service", Some("cart-prod")).with("account", Some("1"))
}

/// The verdict as text: what it says, and by which rule.
fn shown(verdict: &Verdict) -> String {
    let environment = verdict.environment.as_ref().map(|stated| format!("in {} by {}", stated.value, stated.rule));
    let service = verdict.service.as_ref().map(|stated| format!("{} by {}", stated.value, stated.rule));
    let deployment =
        verdict.deployment.as_ref().map(|stated| format!("deployment {} by {}", stated.value, stated.rule));
    let region = verdict.region.as_ref().map(|stated| {
        let region = stated.value.as_ref().map_or("nowhere", |region| region.as_str());
        format!("{region} by {}", stated.rule)
    });
    [environment, service, region, deployment].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[test]
fn of_each_thing_the_first_rule_that_matches_and_has_it_counts() {
    let rules = rules(&json!([
        {"source": "aws.ecs", "when": {"cluster": "prod"}, "deployment": true},
        {"name": "clusters", "source": "aws.ecs", "when": {"cluster": "prod*"}, "environment": "production"},
        {"source": "aws.*", "when": {"account": "1"}, "environment": "account one", "deployment": false},
        {"source": "aws.ecs", "when": {"service": "{service}-prod"}},
        {"source": "github", "environment": "elsewhere", "service": "site"},
    ]));
    let judged = |cluster: &str| shown(&rules.judge(&ecs(cluster)).unwrap());
    assert_eq!(judged("prod"), "in production by rule 2 (clusters), cart by rule 4, deployment true by rule 1");
    assert_eq!(judged("prod-2"), "in production by rule 2 (clusters), cart by rule 4, deployment false by rule 3");
    assert_eq!(judged("test"), "in account one by rule 3, cart by rule 4, deployment false by rule 3");
    assert_eq!(rules.judge(&Origin::of("argocd")), Ok(Verdict::default()), "no rule is about it");
    assert_eq!(SourceRules::default().judge(&ecs("prod")), Ok(Verdict::default()), "no rules say nothing");
}

#[test]
fn a_region_is_set_taken_out_of_a_payload_or_cleared() {
    let rules = rules(&json!([
        {"name": "shared", "source": "aws.ecs", "when": {"cluster": "shared"}, "region": null},
        {"name": "named", "source": "aws.ecs", "when": {"cluster": "prod"}, "region": "everywhere"},
        {"source": "aws.ecs", "when": {"cluster": "prod-{region}"}},
        {"source": "aws.ecs", "when": {"cluster": "*"}, "region": "the last"},
    ]));
    let judged = |cluster: &str| shown(&rules.judge(&ecs(cluster)).unwrap());
    assert_eq!(judged("shared"), "nowhere by rule 1 (shared)");
    assert_eq!(judged("prod"), "everywhere by rule 2 (named)");
    assert_eq!(judged("prod-eu-west-1"), "eu-west-1 by rule 3");
    assert_eq!(judged("test"), "the last by rule 4");
    assert_eq!(rules.judge(&ecs("prod-a ")).unwrap_err().field, "region");
}

#[test]
fn the_region_of_an_event_is_that_of_the_rule_then_of_the_payload() {
    let event = |source: &str| {
        let detail = match source {
            "aws.cloudformation" => {
                json!({"stack-id": "arn:aws:cloudformation:eu-west-1:1:stack/cart/0", "status-details": {"status": "CREATE_COMPLETE"}})
            }
            _ => json!({"pipeline": "cart", "execution-id": "e-1", "state": "STARTED"}),
        };
        let kind = match source {
            "aws.cloudformation" => "CloudFormation Stack Status Change",
            _ => "CodePipeline Pipeline Execution State Change",
        };
        json!({"source": source, "detail-type": kind, "region": "eu-west-1", "time": "2026-03-01T11:00:00Z", "detail": detail})
            .to_string()
    };
    let now = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
    let read = |source: &str, given: &Value| {
        let payload = event(source);
        let explained =
            explain(Some(Door::Queue), &Payload::bare(payload.as_bytes()), &Settings::of_rules(rules(given)), now);
        let explanation = explained.unwrap().remove(0);
        let region = explanation.event.unwrap().named.region.map(|region| region.to_string());
        (region, explanation.rules.get("region").cloned())
    };
    let stated = |region: &str, rule: &str| (Some(region.to_owned()), Some(format!("{region}, from {rule}")));
    let none = json!([]);
    assert_eq!(read("aws.cloudformation", &none), (Some("eu-west-1".to_owned()), None), "it deploys where it runs");
    assert_eq!(read("aws.codepipeline", &none), (None, None), "it does not say where it deploys to");
    let set = json!([{"source": "aws.*", "region": "us-east-1"}]);
    assert_eq!(read("aws.cloudformation", &set), stated("us-east-1", "rule 1"));
    assert_eq!(read("aws.codepipeline", &set), stated("us-east-1", "rule 1"));
    let taken = json!([{"source": "aws.codepipeline", "when": {"region": "{region}"}}]);
    assert_eq!(read("aws.codepipeline", &taken), stated("eu-west-1", "rule 1"), "a user may know it better");
    let cleared = json!([{"source": "aws.cloudformation", "region": null}]);
    assert_eq!(read("aws.cloudformation", &cleared), (None, Some("none, from rule 1".to_owned())));
}

#[test]
fn a_rule_does_not_match_a_payload_without_the_fact() {
    let rules = rules(&json!([{"source": "aws.ecs", "when": {"cluster": "*"}, "environment": "production"}]));
    assert_eq!(rules.judge(&Origin::of("aws.ecs").with("cluster", Some(""))), Ok(Verdict::default()));
}

#[test]
fn a_name_taken_out_of_a_payload_must_be_one() {
    let rules = rules(&json!([{"name": "branches", "source": "github", "when": {"branch": "{environment}"}}]));
    let wrong = rules.judge(&Origin::of("github").with("branch", Some("feature/1 "))).unwrap_err();
    assert_eq!(wrong.field, "environment");
    assert!(wrong.detail.starts_with("rule 1 (branches) reads \"feature/1 \" as the name, which must be"), "{wrong:?}");
}

#[test]
fn all_that_is_wrong_with_rules_is_reported_with_the_rule() {
    let all = json!([
        7,
        {"environment": "production"},
        {"name": "typo", "source": "aws.esc", "environment": "production"},
        {"name": "silent", "source": "aws.ecs", "when": {"cluster": "*"}},
        {"name": "fact", "source": "aws.ecs", "when": {"clustr": "*"}, "environment": "production"},
        {"name": "shared fact", "source": "aws.*", "when": {"cluster": "*"}, "environment": "production"},
        {"name": "braces", "source": "github", "when": {"branch": "{env}"}, "environment": "production"},
        {"name": "twice", "source": "github", "when": {"branch": "{service}", "job": "{service}"}},
        {"name": "both", "source": "github", "when": {"branch": "{service}"}, "service": "x"},
        {"name": "type", "source": "github", "when": {"branch": 1}, "deployment": "yes"},
        {"name": "name", "source": "github", "environment": "pro\u{ad}duction", "unknown": 1},
        {"name": "when", "source": "github", "when": [], "deployment": true},
        {"name": "two regions", "source": "github", "when": {"branch": "{region}"}, "region": null},
        {"name": "region", "source": "github", "region": ["eu-west-1"]},
        {"name": "stage", "source": "aws.codepipeline", "when": {"stage": "*", "version": "v*"}, "environment": "x"},
    ]);
    let text = SourceRules::parse(&all.to_string()).unwrap_err().to_string();
    let expected = [
        "rule 1: must be an object, not a number",
        "rule 2, source: is required: one of aws.codepipeline",
        "rule 3 (typo), source: must be one of aws.codepipeline",
        "rule 4 (silent), environment: a rule must set",
        "rule 5 (fact), when.clustr: is not a fact of aws.ecs; known are cluster, service, account, region, version, commit, triggeredBy",
        "rule 6 (shared fact), when.cluster: is not a fact of aws.codepipeline, aws.codedeploy, aws.ecs, \
         aws.cloudformation, aws.codebuild, aws.appconfig, aws.elasticbeanstalk, aws.amplify, aws.cloudwatch; known are account, region, \
         version, commit, triggeredBy",
        "rule 7 (braces), when.branch: may have `{environment}`, `{service}` and `{region}` in it",
        "rule 8 (twice), when.job: sets a name that another pattern of this rule sets too",
        "rule 9 (both), service: is also set by a pattern",
        "rule 10 (type), when.branch: must be a text, not a number",
        "rule 10 (type), deployment: must be true or false, not a text",
        "rule 11 (name), environment: must be 1 to 128",
        "rule 11 (name), unknown: unknown field",
        "rule 12 (when), when: must be an object, not an array",
        "rule 13 (two regions), region: is also set by a pattern",
        "rule 14 (region), region: must be a text, not an array",
        "rule 15 (stage), when.version: can't be looked at by a rule that names the environment of a stage",
    ];
    let errors: Vec<&str> = text.split("; rule ").collect();
    assert_eq!(errors.len(), expected.len(), "{text}");
    for part in expected {
        assert!(text.contains(part), "{part} is missing in: {text}");
    }
}

#[test]
fn rules_that_are_no_rules_are_refused_as_a_whole() {
    for (text, expected) in
        [("{}", "an array of rules, not an object"), ("[", "not JSON"), ("[{\"a\":1,\"a\":2}]", "twice")]
    {
        let wrong = SourceRules::parse(text).unwrap_err().to_string();
        assert!(wrong.contains(expected), "{wrong}");
    }
    let many = Value::Array(vec![json!({"source": "github", "deployment": true}); SourceRules::MOST + 1]);
    assert!(SourceRules::parse(&many.to_string()).unwrap_err().to_string().contains("at most 200"));
    for none in ["", " \n", "[]"] {
        assert_eq!(SourceRules::parse(none), Ok(SourceRules::default()));
    }
}

#[test]
fn every_fact_of_every_source_can_be_matched() {
    for source in &SOURCES {
        for fact in source.all_facts() {
            let rules = rules(&json!([{"source": source.name, "when": {fact: "x"}, "environment": "production"}]));
            let verdict = rules.judge(&Origin::of(source.name).with(fact, Some("x"))).unwrap();
            assert_eq!(shown(&verdict), "in production by rule 1", "{} {fact}", source.name);
        }
    }
}

/// What becomes of an event of a pipeline: the deployment, its environment and its stage, or why nothing does.
fn of_pipeline(rules: &Value, detail_type: &str, detail: &Value) -> String {
    let now = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
    let mut all = json!({"pipeline": "cart", "execution-id": "e-1", "state": "SUCCEEDED"});
    all.as_object_mut().unwrap().extend(detail.as_object().unwrap().clone());
    let body = json!({
        "source": "aws.codepipeline", "detail-type": format!("CodePipeline {detail_type} Execution State Change"),
        "account": "1", "region": "eu-west-1", "time": "2026-03-01T11:00:00Z", "detail": all,
    });
    let payload = body.to_string();
    let rules = SourceRules::parse(&rules.to_string()).unwrap();
    let explained =
        explain(Some(Door::Queue), &Payload::bare(payload.as_bytes()), &Settings::of_rules(rules.clone()), now)
            .unwrap()
            .remove(0);
    let Some(event) = explained.event else { return explained.reason.unwrap() };
    let environment = event.named.environment.map_or_else(|| "unknown".to_owned(), |name| name.to_string());
    let stage = event.stage.map(|stage| format!(", stage {stage}")).unwrap_or_default();
    format!("{} of {} to {environment}{stage}", event.deployment_id, event.named.service.unwrap())
}

#[test]
fn a_stage_whose_environment_a_rule_names_is_a_deployment_of_its_own() {
    let staging = json!({"name": "staging", "source": "aws.codepipeline", "when": {"pipeline": "c*", "stage": "DeployStaging"}, "environment": "staging"});
    let taken = json!({"source": "aws.codepipeline", "when": {"stage": "Deploy{environment}"}});
    let account = json!({"source": "aws.*", "when": {"account": "1"}, "environment": "production"});
    let other = json!({"source": "aws.codepipeline", "when": {"pipeline": "search", "stage": "*"}, "environment": "x"});
    let named = json!({"source": "aws.codepipeline", "when": {"stage": "DeployStaging"}, "service": "basket"});
    let (execution, deploy, test) = (json!({}), json!({"stage": "DeployStaging"}), json!({"stage": "TestStaging"}));
    let (action, check) =
        (json!({"stage": "DeployStaging", "action": "Run"}), json!({"stage": "Test", "action": "Run"}));
    let events =
        [("Pipeline", &execution), ("Stage", &deploy), ("Action", &action), ("Stage", &test), ("Action", &check)];
    let all = |rules: Value| events.map(|(of, detail)| of_pipeline(&rules, of, detail));
    let ignored = |rule: &str| {
        format!(
            "{rule} takes stages of this for deployments of their own, and no rule names the environment of this event"
        )
    };
    let by_staging = || ignored("rule 1 (staging)");

    let own =
        ["e-1/DeployStaging of cart to staging", "e-1/DeployStaging of cart to staging, stage Run"].map(str::to_owned);
    let [first, second] = own.clone();
    assert_eq!(all(json!([staging])), [by_staging(), first, second, by_staging(), by_staging()]);

    let [first, second] = own.map(|text| text.replace("to staging", "to Staging"));
    assert_eq!(all(json!([taken])), [ignored("rule 1"), first, second, ignored("rule 1"), ignored("rule 1")]);

    let whole = |environment: &str| {
        let stages =
            ["", ", stage DeployStaging", ", stage DeployStaging/Run", ", stage TestStaging", ", stage Test/Run"];
        stages.map(|stage| format!("e-1 of cart to {environment}{stage}"))
    };
    let mut expected = whole("production");
    expected[1..3].clone_from_slice(
        &["e-1/DeployStaging of cart to staging", "e-1/DeployStaging of cart to staging, stage Run"].map(str::to_owned),
    );
    assert_eq!(all(json!([staging, account])), expected, "a rule without a stage names the environment of the rest");
    assert_eq!(all(json!([account, staging])), whole("production"), "the first rule that names it counts");
    let mut sure = staging.clone();
    sure["deployment"] = json!(true);
    let rest = json!({"source": "aws.codepipeline", "when": {"pipeline": "cart"}, "deployment": false});
    let no_deployment = || "rule 2 says that this is not a deployment".to_owned();
    expected[0] = no_deployment();
    expected[3..].fill(no_deployment());
    assert_eq!(all(json!([sure, rest, account])), expected, "whatever a rule for an account says");
    assert_eq!(all(json!([other])), whole("unknown"), "it is about another pipeline");
    assert_eq!(all(json!([named]))[0], whole("unknown")[0], "a rule that names no environment takes no stage");
    assert_eq!(all(json!([]))[3], whole("unknown")[3]);
}

#[test]
fn a_stage_of_any_name_has_an_id_of_its_own() {
    let rules = json!([{"source": "aws.codepipeline", "when": {"stage": "*"}, "environment": "staging"}]);
    let id = |stage: &str| of_pipeline(&rules, "Stage", &json!({"stage": stage})).split(' ').next().unwrap().to_owned();
    assert_eq!(id("Deploy"), "e-1/Deploy");
    let ids = ["events", "verify", "two words", "größe", &"x".repeat(200)].map(id);
    assert!(ids.iter().all(|id| id.len() == 32), "{ids:?}");
    assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), ids.len());
}

#[test]
fn a_deployment_at_github_is_known_by_what_github_says_of_its_environment() {
    let now = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
    let explained = |more: &Value| {
        let mut deployment = json!({
            "id": 7, "sha": "c0ffee", "ref": "v1.2.0", "created_at": now, "environment": "prd", "creator": {"login": "octavia"},
        });
        deployment.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let repository = json!({"name": "cart", "full_name": "shop/cart"});
        let body = json!({"deployment": deployment, "repository": repository}).to_string();
        let rules = rules(&json!([
            {"source": "github", "when": {"transient": "true"}, "deployment": false},
            {"source": "github", "when": {"production": "true", "creator": "octa*"}, "environment": "production"},
            {"source": "*", "when": {"version": "v1.*", "commit": "c0*", "triggeredBy": "octavia"}, "service": "basket"},
        ]));
        let headers = [("content-type", "application/json"), ("x-github-event", "deployment")];
        let payload = Payload::posted(headers, body.as_bytes());
        explain(Some(Door::named("github").unwrap()), &payload, &Settings::of_rules(rules.clone()), now)
            .unwrap()
            .remove(0)
    };
    let environment = |more: &Value| explained(more).event.map(|event| event.named.environment.unwrap().to_string());
    assert_eq!(environment(&json!({"transient_environment": true})), None);
    assert_eq!(environment(&json!({"production_environment": true})).as_deref(), Some("production"));
    assert_eq!(environment(&json!({"production_environment": false})).as_deref(), Some("prd"));
    assert_eq!(environment(&json!({})).as_deref(), Some("prd"), "what the payload does not say is no fact");
    let explained = explained(&json!({"transient_environment": false}));
    assert_eq!(explained.event.unwrap().named.service.unwrap().as_str(), "basket");
    let facts = explained.facts;
    assert_eq!(facts["transient"], "false");
    assert_eq!([&facts["version"], &facts["commit"], &facts["triggeredBy"]], ["v1.2.0", "c0ffee", "octavia"]);
}

#[test]
fn what_is_inactive_was_removed_where_a_rule_says_so() {
    let rules = rules(
        &json!([{"name": "previews", "source": "github", "when": {"environment": "pr-*"}, "inactive": "removes"}]),
    );
    let of = |environment: &str| Origin::of("github").with("environment", Some(environment));
    assert_eq!(rules.judge(&of("pr-1")).unwrap().removes.unwrap().rule, "rule 1 (previews)");
    assert_eq!(rules.judge(&of("production")).unwrap().removes, None);
    for (wrong, field) in [
        (json!({"source": "github", "inactive": true}), "must be \"removes\""),
        (json!({"source": "gitlab", "inactive": "removes"}), "is only of source github"),
        (json!({"source": "github", "oncePer": "app.status.x"}), "is only of source argocd"),
        (json!({"source": "argocd", "oncePer": "status.x"}), "must be the path of a field of the application"),
    ] {
        let error = SourceRules::parse(&json!([wrong]).to_string()).unwrap_err().to_string();
        assert!(error.contains(field), "{error}");
    }
}

#[test]
fn an_inactive_deployment_is_explained_with_the_rule_that_takes_it_for_removed() {
    let now = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
    let explained = |environment: &str, transient: bool| {
        let deployment = json!({
            "id": 7, "sha": "c0ffee", "ref": "main", "created_at": now, "environment": environment,
            "transient_environment": transient,
        });
        let status = json!({"state": "inactive", "environment": environment, "created_at": now});
        let repository = json!({"name": "cart", "full_name": "shop/cart"});
        let body = json!({"deployment": deployment, "deployment_status": status, "repository": repository}).to_string();
        let rules = rules(&json!([
            {"name": "previews", "source": "github", "when": {"environment": "pr-*"}, "inactive": "removes"},
        ]));
        let headers = [("content-type", "application/json"), ("x-github-event", "deployment_status")];
        let payload = Payload::posted(headers, body.as_bytes());
        let explanation =
            explain(Some(Door::named("github").unwrap()), &payload, &Settings::of_rules(rules.clone()), now)
                .unwrap()
                .remove(0);
        let kind = explanation.event.map(|event| event.kind);
        (kind, explanation.rules.get("inactive").cloned())
    };
    let by_rule = Some("removes, from rule 1 (previews)".to_owned());
    assert_eq!(explained("pr-1", false), (Some(Kind::Teardown), by_rule));
    assert_eq!(explained("feature", true), (Some(Kind::Teardown), None), "it says itself that it does not stay");
    assert_eq!(explained("production", false), (None, None), "others of the environment are deactivated too");
}

#[test]
fn what_was_applied_once_is_read_with_fields_that_only_a_newer_version_knows() {
    let document = |more: bool| {
        let mut document = json!({
            "rules": [{"source": "aws.ecs", "environment": "production"}],
            "sources": [{"name": "azure", "proof": {"header": "X-Token"},
                         "event": {"deploymentId": {"path": "$.id"}, "status": {"value": "COMPLETED"}}}],
            "environments": [{"name": "production", "gate": {"notBad": true}}],
        });
        if more {
            for pointer in [
                "",
                "/rules/0",
                "/sources/0",
                "/sources/0/proof",
                "/sources/0/event",
                "/sources/0/event/status",
                "/environments/0",
                "/environments/0/gate",
            ] {
                document.pointer_mut(pointer).unwrap()["newer"] = json!({"value": "x"});
            }
        }
        document
    };
    let known = Settings::read(document(false), Unknown::Refused).unwrap();
    assert_eq!(Settings::read(document(true), Unknown::Ignored), Ok(known));
    let refused = Settings::read(document(true), Unknown::Refused).unwrap_err();
    assert!(refused.iter().filter(|error| error.field.ends_with("newer")).count() >= 8, "{refused:?}");
}
