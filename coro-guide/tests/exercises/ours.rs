//! Our solutions, and their judges.

#[path = "../../solutions/mod.rs"]
mod answers;
#[path = "judges/mod.rs"]
pub(crate) mod judges;
