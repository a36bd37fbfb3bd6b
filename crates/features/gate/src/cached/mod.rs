//! What is held in memory because it is likely to be asked for again, bounded in bytes.

pub(crate) mod hot;
pub(crate) mod recent;
