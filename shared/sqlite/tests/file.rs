//! The file: made whole, ours, kept apart from others', copied while it is written.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use sqlite::file::{self, Lock};
use sqlite::{NotOpened, Sqlite};
use store::transaction::{Outcome, Transaction};
use store::{Item, Key, ReadItems as _, Table, WriteItems as _};
use tempfile::TempDir;

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    (folder, path)
}

fn key(number: usize) -> Key {
    Key::new("DEPLOYMENT#d-1", format!("EVENT#{number:04}"))
}

async fn write(store: &Sqlite, number: usize) {
    let mut transaction = Transaction::default();
    transaction.put_new(Table::History, Item::from(key(number)));
    assert_eq!(store.transact(transaction).await.unwrap(), Outcome::Committed);
}

/// All files of a folder, with what is in them.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

#[tokio::test]
async fn what_is_written_is_there_after_opening_again() {
    let (_folder, path) = folder();
    let store = Sqlite::open(&path).unwrap();
    write(&store, 1).await;
    drop(store);
    assert_eq!(Sqlite::open(&path).unwrap().get(Table::History, &key(1)).await.unwrap(), Some(key(1).into()));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn what_a_first_start_left_half_made_is_made_anew() {
    let (folder, path) = folder();
    fs::write(folder.path().join("history.db.new"), b"SQLite format 3\0 and no more").unwrap();
    fs::write(folder.path().join("history.db.new-journal"), b"half a journal").unwrap();
    fs::write(&path, b"").unwrap();
    write(&Sqlite::open(&path).unwrap(), 1).await;
    assert!(!folder.path().join("history.db.new").exists());
}

#[test]
fn what_is_not_ours_is_refused_and_stays_as_it_is() {
    let ours = |change: &dyn Fn(&Connection)| {
        let (folder, path) = folder();
        drop(Sqlite::open(&path).unwrap());
        // The writer's thread closes the file a moment later.
        std::thread::sleep(std::time::Duration::from_millis(50));
        let connection = Connection::open(&path).unwrap();
        change(&connection);
        connection.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(())).unwrap();
        (folder, path)
    };
    let of = |content: &[u8]| {
        let (folder, path) = folder();
        fs::write(&path, content).unwrap();
        (folder, path)
    };
    let others = || {
        let (folder, path) = folder();
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
        (folder, path)
    };
    let cases: [(&str, (TempDir, PathBuf)); 6] = [
        (
            "it is no SQLite database",
            of(b"a text, and no database, of more than a hundred bytes ".repeat(9).as_slice()),
        ),
        ("it is no SQLite database", of(b"short")),
        ("of another program", others()),
        ("its format is 2, this one knows 1", ours(&|file| file.pragma_update(None, "user_version", 2).unwrap())),
        ("there is no format 0", ours(&|file| file.pragma_update(None, "user_version", 0).unwrap())),
        ("its tables are not those", ours(&|file| file.execute_batch("DROP INDEX \"state active\"").unwrap())),
    ];
    for (says, (folder, path)) in cases {
        let before = files(folder.path());
        let refused = Sqlite::open(&path).unwrap_err().to_string();
        assert!(refused.contains(says) && refused.contains("history.db"), "{says}: {refused}");
        let after: Vec<_> = files(folder.path()).into_iter().filter(|(path, _)| !is_log(path)).collect();
        assert!(after == before, "{says}: {:?}", after.iter().map(|(path, _)| path).collect::<Vec<_>>());
    }
}

/// `SQLite`'s own files beside one.
fn is_log(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name.ends_with("-wal") || name.ends_with("-shm")
}

#[test]
fn one_process_serves_a_file_and_the_next_is_told_which() {
    let (_folder, path) = folder();
    let mut lock = Lock::take(&path).unwrap();
    lock.serves("127.0.0.1:9000").unwrap();
    let refused = Lock::take(&path).unwrap_err();
    assert!(matches!(refused, NotOpened::Served { .. }));
    let by = format!("is served by process {} on 127.0.0.1:9000", std::process::id());
    assert!(refused.to_string().ends_with(&by), "{refused}");
    drop(lock);
    Lock::take(&path).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_of_one_moment_while_others_write() {
    let (folder, path) = folder();
    let store = Sqlite::open(&path).unwrap();
    for number in 0..50 {
        write(&store, number).await;
    }
    let writing = store.clone();
    let writer = tokio::spawn(async move {
        for number in 50..300 {
            write(&writing, number).await;
        }
    });
    let to = folder.path().join("backup.db");
    let (from, copy) = (path.clone(), to.clone());
    tokio::task::spawn_blocking(move || file::backup(&from, &copy).unwrap()).await.unwrap();
    writer.await.unwrap();
    let restored = Sqlite::open(&to).unwrap();
    let found = restored.batch_get(Table::History, (0..300).map(key).collect()).await.unwrap().len();
    let first = restored.batch_get(Table::History, (0..found).map(key).collect()).await.unwrap().len();
    assert!((50..=300).contains(&found) && first == found, "{found} events, of which the first {first}");
    assert_eq!(fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
    let again = file::backup(&path, &to).unwrap_err().to_string();
    assert!(again.contains("backup.db"), "what is there is not overwritten: {again}");
}
