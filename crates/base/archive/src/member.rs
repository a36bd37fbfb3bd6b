//! What comes out of an archive.

use bytes::Bytes;
use foretaste_model::Anomaly;

use crate::Format;

/// One file of an archive, or of an archive within it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Sanitised: relative, `/`-separated, without `.` and `..`; `outer.zip!/inner.py` for a member of a nested
    /// archive. Deterministic, but not unique: a name that an archive holds twice is returned twice.
    pub path: String,
    /// The name as spelt in its archive.
    pub raw_path: Box<[u8]>,
    /// The Unix mode says executable.
    pub executable: bool,
    /// The content; as much of it as could be read.
    pub data: Bytes,
    /// False if the content is cut short by a break in the archive or by a limit.
    pub complete: bool,
    /// Archives around this member, besides the outermost one.
    pub depth: u8,
    /// For a symbolic or hard link (or a file seen through a linked folder): the path of the member whose
    /// content this is.
    pub link_to: Option<Box<str>>,
}

/// What unpacking saw besides the members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// What the archive did that an honest one does not, in the order in which it was seen. A path with `!/` in it
    /// is about a nested archive (`outer.zip!/`) or its members.
    pub anomalies: Vec<Anomaly>,
    /// What the content is, whatever the file name says; none if it is no known archive.
    pub format: Option<Format>,
    /// Bytes of the archive.
    pub packed_bytes: u64,
    /// Bytes of all members that were returned.
    pub unpacked_bytes: u64,
}

/// A whole archive in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unpacked {
    /// The files, in archive order; a nested archive stands before its members, links stand last.
    pub members: Vec<Member>,
    /// What the archive did that an honest one does not, in the order in which it was seen.
    pub anomalies: Vec<Anomaly>,
    /// What the content is, whatever the file name says; none if it is no known archive.
    pub format: Option<Format>,
    /// Bytes of the archive.
    pub packed_bytes: u64,
    /// Bytes of all members.
    pub unpacked_bytes: u64,
}
