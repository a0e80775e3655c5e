//! Completion in a real bash, in a terminal.

use std::ffi::OsStr;
use std::fs;
use std::process::Command;

use super::{PATIENCE, awkward};
use crate::called::{BINARY, Shell};
use crate::server::demo;
use crate::terminal::Terminal;

/// A real bash at its prompt, in which `show` takes words as the binary does, and prints them.
fn bash(url: &str, binary: &OsStr) -> Terminal {
    let shell = Shell::at(url)
        .with("TERM", "xterm")
        .with("PS1", "> ")
        .with("INPUTRC", "/dev/null")
        .with(PATIENCE.0, PATIENCE.1);
    let mut command = Command::new("bash");
    command.args(["--norc", "--noprofile", "-i"]).env_clear();
    for (name, value) in shell.command(&[]).get_envs() {
        command.env(name, value.unwrap());
    }
    command.env("PATH", "/usr/bin:/bin").env("BINARY", binary);
    let mut terminal = Terminal::running(&command, (24, 100), "");
    terminal.until_shown(">");
    terminal.press(
        b"bind 'set enable-bracketed-paste off'; show() { printf '<%s>' \"$@\"; echo; }; \
          source <(\"$BINARY\" completions bash); complete -F _deployment_status show; clear; echo ready\n",
    );
    terminal.until_shown("ready\n>");
    terminal
}

#[test]
fn it_completes_what_is_typed_whatever_is_in_the_name() {
    let double = awkward();
    // A folder with a space in it, and with what the script has placeholders for.
    let folder = tempfile::tempdir().unwrap();
    let binary = folder.path().join("it's COMMAND $HOME/binary");
    fs::create_dir_all(binary.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(BINARY, &binary).unwrap();
    let mut terminal = bash(&double.url, binary.as_os_str());
    for (typed, words) in [
        ("show met\t", "<metrics>"),
        ("show live --environment us\t", "<live><--environment><us east>"),
        ("show live --environment=us\t", "<live><--environment=us east>"),
        ("show live -e \"us\t", "<live><-e><us east>"),
        ("show live -e 'it\t", "<live><-e><it's>"),
        ("show live -e us\\ \t", "<live><-e><us east>"),
        ("show live -e it\t", "<live><-e><it's>"),
        ("show live -e a\t", "<live><-e><a*b>"),
        ("show live -e \\$\t", "<live><-e><$(id)>"),
        ("show live --environment=\"\\$\t", "<live><--environment=$(id)>"),
        ("show live -e PR\t", "<live><-e><PR #12>"),
        ("show live -e 生\t", "<live><-e><生产>"),
        ("X=1 show status gi\t2\t", "<status><github:o/r:22>"),
        ("show status 'github:o/r:2\t", "<status><github:o/r:22>"),
        ("true; show live -s \t", "<live><-s><svc>"),
    ] {
        terminal.press(b"\x0c");
        terminal.press(typed.as_bytes());
        // What is typed next waits until Tab has been answered.
        terminal.press(b"\n");
        terminal.until(typed, |screen| screen.contents().contains(&format!("{words}\n>")));
    }
}

#[test]
fn completion_uses_the_address_that_is_typed() {
    let double = awkward();
    let mut terminal = bash("http://127.0.0.1:1", OsStr::new(BINARY));
    terminal.press(format!("show live --url={} -e it\t\n", double.url).as_bytes());
    terminal.until_shown("<-e><it's>\n>");
}

#[test]
fn it_lists_what_fits_and_flags_only_after_a_dash() {
    let mut terminal = bash(demo(), OsStr::new(BINARY));
    terminal.press(b"show live -e \t\t");
    terminal.until_shown("development  production   staging");
    terminal.press(b"\x15show watch \t\t");
    terminal.until("the one that runs first, and no flags", |screen| {
        screen.contents().contains("checkout-production-2.8.1 ") && !screen.contents().contains("--interval")
    });
    terminal.press(b"\x15show watch --int\t");
    terminal.until_shown("show watch --interval");
}
