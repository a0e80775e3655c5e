//! `verify --all`, `export`, and an export by its anchors.

use domain::anchors::{ChainEntry, Extent, Series, next};
use domain::export::{Export, Line};

use super::recorded;
use crate::called::Shell;

#[test]
fn everything_that_was_recorded_is_verified_day_by_day() {
    let shell = Shell::at(&recorded());
    let printed = shell.call(&["verify", "--all"]).succeeded();
    assert_eq!(printed, "intact: 1 chains of 7 days\n");
    let json = shell.call(&["verify", "--all", "--since", "2.days.ago", "-o", "json"]).succeeded();
    assert_eq!(json, "{\"broken\":[],\"chains\":1,\"days\":3,\"intact\":true}\n");
    assert!(shell.call(&["verify"]).failed(2).contains("required"));
}

#[test]
fn an_export_is_proven_by_anchors_without_the_api() {
    let shell = Shell::at(&recorded());
    let printed = shell.call(&["export", "--since", "yesterday"]).succeeded();
    assert_eq!(printed.lines().count(), 4, "a header and three events: {printed}");
    for (environment, lines) in [("e", 4), ("other", 1)] {
        let of_one = shell.call(&["export", "--since", "yesterday", "-e", environment]);
        assert_eq!((of_one.code, of_one.stdout.lines().count()), (0, lines), "{environment}");
        assert_eq!(of_one.stderr, format!("Only deployments to {environment}, without settings and releases.\n"));
    }

    let export = Export::read(&printed).unwrap();
    assert_eq!(export.verify(&Series::default()), []);
    let entries: Vec<ChainEntry> = printed
        .lines()
        .filter_map(|line| match serde_json::from_str(line).unwrap() {
            Line::Event(line) => {
                Some(ChainEntry { sequence: line.sequence, recorded_at: line.recorded_at, hash: line.hash })
            }
            _ => None,
        })
        .collect();
    let now = export.header.made_at;
    let anchor = next(&Series::default(), &[("DEPLOYMENT#d".to_owned(), entries)].into(), Extent::up_to(now)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(anchor.file_name()), anchor.text()).unwrap();
    let file = folder.path().join("export.jsonl");
    let proven = |text: &str| {
        std::fs::write(&file, text).unwrap();
        shell.call(&["verify", "--export", file.to_str().unwrap(), "--anchors", folder.path().to_str().unwrap()])
    };
    assert_eq!(proven(&printed).succeeded(), "intact: 3 events of 1 chains, by 1 anchors\n");
    let day = anchor.record.day.clone();
    let forged = proven(&printed.replace("ROLLED_BACK", "COMPLETED"));
    assert_eq!((forged.code, forged.stdout.as_str()), (5, "broken: 3 events of 1 chains, by 1 anchors\n"));
    assert!(forged.stderr.contains(&format!("the export is not what was recorded, since {day}")), "{}", forged.stderr);
    let none = folder.path().join("none");
    std::fs::create_dir(&none).unwrap();
    let nothing = shell.call(&["verify", "--export", file.to_str().unwrap(), "--anchors", none.to_str().unwrap()]);
    assert!(nothing.failed(1).contains("there is no anchor in this folder"));
}
