//! Names in any script on the command line: recorded, listed, searched for, and refused.

use crate::called::Shell;
use crate::server::empty;

fn record(shell: &Shell, id: &str, service: &str, environment: &str) {
    let words =
        ["record", "--id", id, "--status", "completed", "--service", service, "-e", environment, "--version", "1"];
    shell.call(&[&words[..], &["--occurred-at", "3.days.ago"]].concat()).succeeded();
}

#[test]
fn names_of_any_width_stand_in_their_columns_and_are_found() {
    let shell = Shell::at(&empty());
    record(&shell, "d-1", "bücher", "PR #12");
    record(&shell, "d-2", "书店", "生产");
    record(&shell, "d-3", "🚀", "100%");
    assert_eq!(
        shell.call(&["live"]).succeeded(),
        "SERVICE  100%  生产  PR #12\n\
         bücher   -     -     1 3d\n\
         书店     -     1 3d  -\n\
         🚀       1 3d  -     -\n"
    );
    for (environment, id) in [("PR #12", "d-1"), ("生产", "d-2"), ("100%", "d-3")] {
        let printed = shell.call(&["history", "-e", environment, "-o", "text"]).succeeded();
        assert!(printed.contains(id) && printed.lines().count() == 1, "{printed}");
    }
    let printed = shell.call(&["history", "--service", "bu\u{308}cher", "-o", "text"]).succeeded();
    assert!(printed.contains("bücher"), "{printed}");
    let printed = shell.call(&["live", "-e", "生産"]).failed(3);
    assert!(printed.starts_with("deployment-status: no environment `生産`\n"), "{printed}");
}

#[test]
fn a_name_that_hides_something_is_refused_and_the_error_shows_it() {
    let shell = Shell::at(&empty());
    let words = ["record", "--id", "d", "--status", "failed", "--service", "a\u{202e}b", "-e", "pro\u{200d}d"];
    assert_eq!(
        shell.call(&words).failed(1),
        "deployment-status: the event was rejected\n  \
         service: must be 1 to 128 characters of printable text, with no space at either end; this has U+202E\n  \
         environment: must be 1 to 128 characters of printable text, with no space at either end; this has U+200D\n"
    );
    let printed = shell.call(&["live", "-e", "pro\u{200d}d"]).failed(1);
    assert!(printed.contains("environment: must be") && printed.contains("U+200D"), "{printed}");
}
