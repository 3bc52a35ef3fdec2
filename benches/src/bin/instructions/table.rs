//! The table that is committed: a line that says by what was counted, then a row an operation.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::Failure;

/// An operation, and how many instructions it takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Counted {
    pub(crate) id: String,
    pub(crate) instructions: f64,
}

/// What was counted at one time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Table {
    /// Compiler, processor and profile; empty if nothing was counted yet.
    pub(crate) build: String,
    pub(crate) rows: Vec<Counted>,
}

impl Table {
    /// Reads a file; the table is empty if there is none.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let failure = |error: String| Failure::File(path.to_owned(), error);
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).map_err(failure),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(failure(error.to_string())),
        }
    }

    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let build = text.lines().next().and_then(|line| line.strip_prefix("# "));
        let build = build.ok_or("the first line does not say by what was counted")?;
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .from_reader(text.as_bytes());
        let rows: Result<Vec<Counted>, _> = reader.deserialize().collect();
        Ok(Self {
            build: build.to_owned(),
            rows: rows.map_err(|error| error.to_string())?,
        })
    }

    pub(crate) fn get(&self, id: &str) -> Option<f64> {
        let row = self.rows.iter().find(|row| row.id == id);
        row.map(|row| row.instructions)
    }

    /// Returns this table with the rows of `now` in place of its own, in the order of `order`, and
    /// without rows that are not in it.
    ///
    /// # Errors
    ///
    /// If rows of another build would stay.
    pub(crate) fn with(self, now: Self, order: &[&str]) -> Result<Self, Failure> {
        let stays = |id: &&&str| now.get(id).is_none() && self.get(id).is_some();
        if order.iter().any(|id| stays(&id)) && self.build != now.build {
            return Err(Failure::Mixed {
                table: self.build,
                now: now.build,
            });
        }
        let row = |id: &&str| {
            let instructions = now.get(id).or_else(|| self.get(id))?;
            Some(Counted {
                id: (*id).to_owned(),
                instructions,
            })
        };
        Ok(Self {
            rows: order.iter().filter_map(row).collect(),
            build: now.build,
        })
    }

    /// Writes a file.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        let mut text = format!("# {}\nid,instructions\n", self.build);
        for row in &self.rows {
            text.push_str(&format!("{},{:.2}\n", row.id, row.instructions));
        }
        fs::write(path, text).map_err(|error| Failure::File(path.to_owned(), error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(build: &str, rows: &[(&str, f64)]) -> Table {
        let row = |&(id, instructions): &(&str, f64)| Counted {
            id: id.to_owned(),
            instructions,
        };
        Table {
            build: build.to_owned(),
            rows: rows.iter().map(row).collect(),
        }
    }

    #[test]
    fn a_table_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        let written = table("rustc 1", &[("a", 1.25), ("b/c", 1e6)]);
        written.write(&path).unwrap();
        assert_eq!(Table::read(&path).unwrap(), written);
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            "# rustc 1\nid,instructions\na,1.25\nb/c,1000000.00\n"
        );
    }

    #[test]
    fn no_file_is_an_empty_table() {
        let folder = tempfile::tempdir().unwrap();
        let read = Table::read(&folder.path().join("none")).unwrap();
        assert_eq!(read, Table::default());
    }

    #[test]
    fn a_table_that_does_not_say_by_what_was_counted_is_refused() {
        assert!(Table::parse("id,instructions\na,1\n").is_err());
        assert!(Table::parse("# rustc 1\nid,instructions\na,one\n").is_err());
    }

    #[test]
    fn new_rows_take_the_place_of_old_ones_in_order() {
        let old = table("x", &[("gone", 9.0), ("b", 1.0), ("a", 1.0)]);
        let new = table("x", &[("b", 2.0), ("c", 3.0)]);
        let both = old.with(new, &["a", "b", "c"]).unwrap();
        assert_eq!(both, table("x", &[("a", 1.0), ("b", 2.0), ("c", 3.0)]));
    }

    #[test]
    fn rows_of_two_builds_do_not_mix() {
        let old = table("x", &[("a", 1.0), ("b", 1.0)]);
        assert!(
            old.clone()
                .with(table("y", &[("a", 2.0)]), &["a", "b"])
                .is_err()
        );
        let all = table("y", &[("a", 2.0), ("b", 2.0)]);
        assert_eq!(old.with(all.clone(), &["a", "b"]).unwrap(), all);
    }
}
