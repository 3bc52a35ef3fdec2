//! Matrices in CSV files: numbers, commas, a line a row, no heading.

use std::fmt;
use std::fs::{File, Permissions};
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use crate::matrix::Matrix;

/// Reads a matrix.
///
/// Blanks around numbers and empty lines are skipped; an empty line is not a row.
///
/// # Errors
///
/// [`CsvError`] says what is wrong, and where.
pub(crate) fn read(source: impl Read) -> Result<Matrix, CsvError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        // Else the crate itself refuses ragged rows, and counts them otherwise than people do.
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(source);
    let mut values = Vec::new();
    let (mut rows, mut columns) = (0, 0);
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record)? {
        rows += 1;
        if rows == 1 {
            columns = record.len();
        }
        for (i, field) in record.iter().enumerate() {
            let text = String::from_utf8_lossy(field);
            match text.parse::<f64>() {
                Ok(x) if x.is_finite() => values.push(x),
                _ => {
                    return Err(CsvError::NotANumber {
                        row: rows,
                        column: i + 1,
                        text: text.into_owned(),
                    });
                }
            }
        }
        if record.len() != columns {
            return Err(CsvError::Ragged {
                row: rows,
                found: record.len(),
                expected: columns,
            });
        }
    }
    if rows == 0 {
        return Err(CsvError::Empty);
    }
    Ok(Matrix::new(rows, columns, values))
}

/// Reads a matrix from a file.
///
/// # Errors
///
/// As [`read`], and when the file cannot be opened.
pub(crate) fn read_file(path: &Path) -> Result<Matrix, CsvError> {
    read(File::open(path)?)
}

/// Writes a matrix so that reading it gives exactly the same numbers.
///
/// # Errors
///
/// Those of `sink`.
pub(crate) fn write(matrix: &Matrix, sink: impl Write) -> io::Result<()> {
    let mut sink = BufWriter::new(sink);
    for i in 0..matrix.rows() {
        for (j, x) in matrix.row(i).iter().enumerate() {
            let comma = if j == 0 { "" } else { "," };
            // Both forms are the shortest that read back exactly; the plain one of 1e300 has 301 digits.
            if *x == 0.0 || (1e-5..1e16).contains(&x.abs()) {
                write!(sink, "{comma}{x}")?;
            } else {
                write!(sink, "{comma}{x:e}")?;
            }
        }
        writeln!(sink)?;
    }
    sink.flush()
}

/// Writes a matrix to a file, which appears complete or not at all.
///
/// The text goes to a temporary file beside it, which then takes the name.
///
/// # Errors
///
/// Those of the file system. The temporary file is gone then, and a former file is as it was.
pub(crate) fn write_file(matrix: &Matrix, path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".matmul-");
    if let Some(permissions) = ordinary_permissions() {
        builder.permissions(permissions);
    }
    let mut file = builder.tempfile_in(folder)?;
    write(matrix, &mut file)?;
    file.persist(path)?;
    Ok(())
}

/// Returns what a file has that is made in the ordinary way: a temporary file is for its owner alone by default, but
/// this one is going to be the result.
fn ordinary_permissions() -> Option<Permissions> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The kernel takes the umask off.
        Some(Permissions::from_mode(0o666))
    }
    #[cfg(not(unix))]
    None
}

/// Says why a text is not a matrix. Rows and columns count from 1.
#[derive(Debug)]
pub(crate) enum CsvError {
    Io(io::Error),
    Empty,
    NotANumber {
        row: usize,
        column: usize,
        text: String,
    },
    Ragged {
        row: usize,
        found: usize,
        expected: usize,
    },
    Syntax(csv::Error),
}

impl fmt::Display for CsvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Empty => f.write_str("the matrix is empty"),
            Self::NotANumber { row, column, text } => write!(
                f,
                "row {row}, column {column}: {text:?} is not a finite number"
            ),
            Self::Ragged {
                row,
                found,
                expected,
            } => {
                let (column, what) = if found < expected {
                    (found + 1, "nothing here")
                } else {
                    (expected + 1, "one value too many")
                };
                write!(
                    f,
                    "row {row}, column {column}: {what}; this row is {found} long, row 1 is {expected}"
                )
            }
            Self::Syntax(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CsvError {}

impl From<io::Error> for CsvError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<csv::Error> for CsvError {
    fn from(error: csv::Error) -> Self {
        if !error.is_io_error() {
            return Self::Syntax(error);
        }
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Self::Io(error),
            _ => unreachable!("is_io_error said that it is one"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        read(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn numbers_in_all_their_forms_are_read() {
        let m = read("1, -2.5 ,3e2\r\n\n+.5,0,-0\n".as_bytes()).unwrap();
        assert_eq!(m, Matrix::new(2, 3, vec![1.0, -2.5, 300.0, 0.5, 0.0, -0.0]));
    }

    #[test]
    fn the_last_line_needs_no_end() {
        let m = read("1\n2".as_bytes()).unwrap();
        assert_eq!(m, Matrix::new(2, 1, vec![1.0, 2.0]));
    }

    #[test]
    fn a_word_is_refused_with_its_place() {
        assert_eq!(
            refused("1,2\n3,four\n"),
            r#"row 2, column 2: "four" is not a finite number"#
        );
        assert_eq!(
            refused("1,2,\n"),
            r#"row 1, column 3: "" is not a finite number"#
        );
    }

    #[test]
    fn what_is_not_finite_is_refused() {
        assert!(refused("nan\n").starts_with("row 1, column 1:"));
        assert!(refused("1\n1e999\n").starts_with("row 2, column 1:"));
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_with_their_place() {
        let error = read(&b"1,\xff\n"[..]).unwrap_err().to_string();
        assert!(error.starts_with("row 1, column 2:"), "{error}");
    }

    #[test]
    fn a_short_row_is_refused_with_its_first_gap() {
        assert_eq!(
            refused("1,2,3\n4,5,6\n7,8\n"),
            "row 3, column 3: nothing here; this row is 2 long, row 1 is 3"
        );
    }

    #[test]
    fn a_long_row_is_refused_with_its_first_surplus() {
        assert_eq!(
            refused("1,2\n3,4,5,6\n"),
            "row 2, column 3: one value too many; this row is 4 long, row 1 is 2"
        );
    }

    #[test]
    fn nothing_at_all_is_refused() {
        assert_eq!(refused(""), "the matrix is empty");
        assert_eq!(refused("\n\n"), "the matrix is empty");
    }

    #[test]
    fn what_is_written_reads_back_exactly() {
        let values = vec![0.1, 1e300, -5e-324, 19.0, 1.0 / 3.0, -0.0];
        let m = Matrix::new(2, 3, values);
        let mut text = Vec::new();
        write(&m, &mut text).unwrap();
        assert_eq!(
            String::from_utf8_lossy(&text),
            "0.1,1e300,-5e-324\n19,0.3333333333333333,-0\n"
        );
        assert!(read(&text[..]).unwrap().is_exactly(&m));
    }
}
