//! What a note says, kept without an allocation if it is short.

use std::str;

/// As many bytes as there is room for in a record.
const SHORT: usize = 30;

/// A text.
#[derive(Clone, Debug)]
pub(crate) enum Text {
    Short { length: u8, bytes: [u8; SHORT] },
    Long(Box<str>),
}

impl Text {
    #[inline]
    pub(crate) fn of(text: &str) -> Text {
        if text.len() > SHORT {
            return Text::Long(text.into());
        }
        let mut bytes = [0; SHORT];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        let length = text.len() as u8;
        Text::Short { length, bytes }
    }

    pub(crate) fn as_str(&self) -> &str {
        match self {
            // It was whole when it was put in.
            Text::Short { length, bytes } => {
                str::from_utf8(&bytes[..usize::from(*length)]).unwrap_or_default()
            }
            Text::Long(text) => text,
        }
    }
}
