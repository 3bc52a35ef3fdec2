//! What the reader has written, and its judges.

#[path = "../../exercises/mod.rs"]
mod answers;
#[path = "judges/mod.rs"]
pub(crate) mod judges;
