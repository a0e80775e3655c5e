//! Files of the embedded database of versions before the first release: a table of items for each of ours,
//! with the items in the same form.

use std::path::{Path, PathBuf};
use std::{fs, io};

use rusqlite::{Connection, OpenFlags};
use store::Table;
use store::transaction::Transaction;

use crate::file::whole::{New, beside, make, sync_folder};
use crate::not_opened::NotOpened;
use crate::{item, published, write};

pub(super) fn convert(path: &Path) -> Result<(New, PathBuf), NotOpened> {
    let earlier = open(path).map_err(|error| NotOpened::database(path, &error))?;
    let kept = beside(path, "earlier");
    match fs::hard_link(path, &kept) {
        // An earlier try was interrupted after it.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && same(path, &kept) => {}
        Err(error) => return Err(NotOpened::io(&kept, error)),
        Ok(()) => sync_folder(path)?,
    }
    Ok((make(path, |new| copy(&earlier, new))?, kept))
}

/// Opens it, with its log merged: a log would be taken for that of the new file.
fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
    Ok(connection)
}

fn same(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let of = |path| fs::metadata(path).map(|file| (file.dev(), file.ino())).ok();
    of(one) == of(other)
}

/// Copies all items in the order in which they were written. All of them were published before.
fn copy(earlier: &Connection, new: &mut Connection) -> rusqlite::Result<()> {
    let new = new.transaction()?;
    for (table, name) in [(Table::History, "deployment-history"), (Table::State, "deployment-state")] {
        let mut statement = earlier.prepare(&format!("SELECT item_json FROM \"{name}\" ORDER BY rowid"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let item = item::read(row.get_ref(0)?.as_str()?);
            let written = item.and_then(|item| {
                let mut transaction = Transaction::default();
                transaction.put(table, item);
                write::apply(&new, &transaction)
            });
            written.map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        }
    }
    let newest = new.query_row("SELECT coalesce(max(number), 0) FROM history", [], |row| row.get(0))?;
    published::note(&new, newest).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    new.commit()
}
