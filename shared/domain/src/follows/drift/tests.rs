use super::*;
use crate::Label;
use crate::identifiers::{Identifier, Service};
use crate::questions::drift::{Kind, Severity};

fn finding(service: &str) -> Finding {
    Finding {
        kind: Kind::Unseen,
        severity: Severity::High,
        service: Service::parse(service).ok(),
        environment: Environment::parse("PR #1").ok(),
        release: None,
        since: None,
        what: format!("{service} runs hotfix"),
        evidence: Vec::new(),
        suggestion: "find out".to_owned(),
        on_its_way: false,
    }
}

#[test]
fn each_of_a_few_has_a_notice_and_many_or_the_first_look_have_one_together() {
    let at = Timestamp::from_millis(0);
    let few: Vec<Finding> = (0..EACH - 1).map(|n| finding(&format!("s{n}"))).collect();
    let ended = vec![FindingId::of(&finding("over"))];
    let each = notices(few.clone(), ended.clone(), at, 1);
    assert_eq!(each.len(), EACH);
    assert_eq!(each[0].subject(), "s0 is UNSEEN in PR #1");
    assert_eq!(each[EACH - 1].headline(), "over is no longer UNSEEN in PR #1");
    assert_eq!(each[0].dedupe_id(), "DRIFT#UNSEEN#PR §n1#s0##1");
    assert_eq!((each[0].severity(), each[EACH - 1].severity()), ("warning", "info"));
    assert_eq!(notices(few.clone(), ended.clone(), at, 0).len(), 1, "the first look");
    let many = notices([few.clone(), few].concat(), ended, at, 1);
    assert_eq!((many.len(), many[0].headline().as_str()), (1, "drift in PR #1: 18 new, 1 over"));
    assert!(many[0].text().contains("s3 runs hotfix\n  find out"), "{}", many[0].text());
    assert_eq!(notices(Vec::new(), Vec::new(), at, 0), []);
}

#[test]
fn an_id_leads_back_to_its_finding() {
    let id = FindingId::of(&finding("a#b"));
    assert_eq!(FindingId::parse(&id.text()), Some(id));
    assert_eq!(FindingId::parse("UNSEEN#a"), None);
}

fn in_environment(name: &str, service: &str) -> Finding {
    Finding { environment: Environment::parse(name).ok(), ..finding(service) }
}

#[test]
fn a_digest_is_of_one_environment_and_each_finding_is_in_one() {
    let at = Timestamp::from_millis(0);
    let in_production = (0..=2 * TOGETHER).map(|n| in_environment("production", &format!("s{n}")));
    let new: Vec<Finding> = in_production.chain([in_environment("staging", "cart")]).collect();
    let over = |name: &str| FindingId::of(&in_environment(name, "over"));
    let ended = vec![over("production"), over("development")];
    let notices = notices(new.clone(), ended.clone(), at, 3);
    let shown: Vec<_> = notices
        .iter()
        .map(|notice| (notice.environment().unwrap().as_str(), notice.new.len(), notice.ended.len()))
        .collect();
    let expected =
        [("development", 0, 1), ("production", 50, 0), ("production", 50, 0), ("production", 1, 1), ("staging", 1, 0)];
    assert_eq!(shown, expected);
    assert_eq!(notices.iter().map(|notice| notice.new.len()).sum::<usize>(), new.len());
    assert_eq!(notices[0].severity(), "info", "all is over there");
    let ids: BTreeSet<String> = notices.iter().map(DriftNotice::dedupe_id).collect();
    assert_eq!(ids.len(), notices.len());
}

#[test]
fn a_digest_with_other_contents_has_another_id() {
    let id = |new: &[&str], ended: &[&str], what: &str| {
        let new = new.iter().map(|name| Finding { what: what.to_owned(), ..finding(name) }).collect();
        let ended = ended.iter().map(|name| FindingId::of(&finding(name))).collect();
        notices(new, ended, Timestamp::from_millis(0), 0)[0].dedupe_id()
    };
    let one = id(&["a", "b"], &["c"], "for 3 days");
    assert_eq!(id(&["b", "a"], &["c"], "for 4 days"), one, "the same findings");
    for other in [id(&["a"], &["c"], ""), id(&["a", "b", "d"], &["c"], ""), id(&["a", "b", "c"], &[], "")] {
        assert_ne!(other, one);
    }
}

fn release(name: &str) -> Finding {
    Finding { kind: Kind::Incomplete, service: None, release: Label::parse(name).ok(), ..finding("cart") }
}

#[test]
fn a_release_is_over_where_it_was_asked_and_new_once_nothing_says_that_it_is_on_its_way() {
    let (known, gone) = (FindingId::of(&release("known")), FindingId::of(&release("gone")));
    let notified = BTreeSet::from([known, gone.clone(), FindingId::of(&finding("cart"))]);
    let asked = look_again(&notified, 0);
    assert_eq!(asked.iter().map(|(_, release)| release.as_str()).collect::<Vec<_>>(), ["gone", "known"]);
    let on_its_way = |finding: Finding| Finding { on_its_way: true, ..finding };
    let found = vec![on_its_way(release("known")), on_its_way(release("new")), finding("search")];
    let changes = Changes::between(&notified, found.clone(), &asked);
    assert_eq!(changes, Changes { new: vec![finding("search")], ended: vec![FindingId::of(&finding("cart")), gone] });
    let changes = Changes::between(&notified, found, &BTreeSet::new());
    assert_eq!(changes.ended, [FindingId::of(&finding("cart"))], "nobody asked the release");
}

#[test]
fn of_many_releases_so_many_are_asked_in_a_look_and_all_in_turn() {
    let notified: BTreeSet<FindingId> = (0..45).map(|n| FindingId::of(&release(&format!("r{n:02}")))).collect();
    let looks: Vec<_> = (7..10).map(|look| look_again(&notified, look)).collect();
    assert!(looks.iter().all(|asked| (5..=20).contains(&asked.len())));
    assert_eq!(looks.into_iter().flatten().collect::<BTreeSet<_>>().len(), 45);
    assert!(look_again(&BTreeSet::new(), 7).is_empty());
}
