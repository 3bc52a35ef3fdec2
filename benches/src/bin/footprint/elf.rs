//! How large the parts of a program are: the sections of an ELF file.

/// Bytes of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sizes {
    /// Its code.
    pub(crate) text: u64,
    /// All that is loaded: code, constants, and what unwinding needs to know of the code.
    pub(crate) loaded: u64,
}

/// Reads the sizes out of a file's content.
///
/// # Errors
///
/// If it is not an ELF file of 64 bits, little-endian, or is cut off.
pub(crate) fn sizes(file: &[u8]) -> Result<Sizes, String> {
    if !file.starts_with(b"\x7fELF\x02\x01") {
        return Err("not a program in the ELF format, of 64 bits and little-endian".to_owned());
    }
    read(file).ok_or_else(|| "an ELF file that is cut off".to_owned())
}

/// What takes no bytes in the file.
const NOBITS: u64 = 8;
/// What is loaded.
const ALLOC: u64 = 2;

fn read(file: &[u8]) -> Option<Sizes> {
    let headers = number::<8>(file, 0x28)?;
    let (each, count) = (number::<2>(file, 0x3a)?, number::<2>(file, 0x3c)?);
    let header = |index: u64| file.get((headers + each * index) as usize..);
    let names = number::<8>(header(number::<2>(file, 0x3e)?)?, 0x18)?;
    let mut sizes = Sizes { text: 0, loaded: 0 };
    for index in 0..count {
        let header = header(index)?;
        let (kind, flags) = (number::<4>(header, 4)?, number::<8>(header, 8)?);
        let size = number::<8>(header, 0x20)?;
        let name = file.get((names + number::<4>(header, 0)?) as usize..)?;
        if name.starts_with(b".text\0") {
            sizes.text += size;
        }
        if kind != NOBITS && flags & ALLOC != 0 {
            sizes.loaded += size;
        }
    }
    Some(sizes)
}

/// Reads so many bytes as a number.
fn number<const BYTES: usize>(from: &[u8], at: usize) -> Option<u64> {
    let bytes = from.get(at..at + BYTES)?;
    Some(
        bytes
            .iter()
            .rev()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_files_are_refused() {
        assert!(
            sizes(b"#!/bin/sh")
                .unwrap_err()
                .starts_with("not a program")
        );
        assert!(sizes(b"\x7fELF\x02\x01").unwrap_err().contains("cut off"));
    }

    #[cfg(all(
        target_os = "linux",
        target_pointer_width = "64",
        target_endian = "little"
    ))]
    #[test]
    fn this_program_has_code_and_more() {
        let file = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let sizes = sizes(&file).unwrap();
        assert!(
            sizes.text > 100_000 && sizes.loaded > sizes.text,
            "{sizes:?}"
        );
        assert!(sizes.loaded < file.len() as u64, "{sizes:?}");
    }
}
