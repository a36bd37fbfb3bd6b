//! Archives. What is put into one in memory ends up in the buffer that it was opened on; what comes out of one is what was written
//! to its file, wherever it is unpacked to.
//!
//! Stealers collect files in a `zipfile.ZipFile(buffer, "w")` and send `buffer.getvalue()`; droppers fetch an archive and start
//! what lies in the folder that they unpacked it to.

use foretaste_observe::table::Entry;
use foretaste_observe::taint::{Mark, SetId};
use ruff_python_ast::{self as ast, Expr};

use super::Interpreter;
use super::call::Arg;
use super::sink::WriteKey;
use crate::value::{Shape, Value};

/// Buffers of one file that are followed.
const MAX_ARCHIVES: usize = 64;

/// A buffer that an archive writes to, and the function in which it was opened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packing<'a> {
    function: u32,
    buffer: &'a Expr,
}

/// True for methods that put something into an archive.
fn packs(api: &str) -> bool {
    matches!(
        api,
        "zipfile.ZipFile.write"
            | "zipfile.ZipFile.writestr"
            | "tarfile.TarFile.add"
            | "tarfile.TarFile.addfile"
            | "py7zr.SevenZipFile.write"
            | "py7zr.SevenZipFile.writeall"
    )
}

/// True for those of them that read the file which their argument names.
pub(super) fn packs_file(api: &str) -> bool {
    packs(api) && !matches!(api, "zipfile.ZipFile.writestr" | "tarfile.TarFile.addfile")
}

/// Where the folder that an API unpacks to stands among its arguments, and the keyword for it; none for what only opens an
/// archive or reads a member.
fn unpacks_to(api: &str) -> Option<(usize, &'static str)> {
    match api.rsplit('.').next()? {
        "extractall" => Some((0, "path")),
        "extract" => Some((1, "path")),
        "unpack_archive" => Some((1, "extract_dir")),
        "extract_archive" => Some((1, "outdir")),
        _ => None,
    }
}

impl<'a> Interpreter<'a> {
    /// An archive is opened, read or unpacked.
    pub(super) fn unpacked(
        &mut self,
        entry: &'static Entry,
        callee: Value,
        args: &[Arg<'a>],
        mark: Mark,
    ) -> SetId {
        let mut content = self.arguments_taint(callee, args);
        // what was written to its file a moment ago
        let file = args
            .iter()
            .find(|a| a.name.is_none_or(|n| n == "file" || n == "filename"));
        if self.has_writes()
            && let Some(write) = file.and_then(|a| self.read_back(a.value))
        {
            content = self.union(content, write.data.taint);
        }
        if let Some((position, keyword)) = unpacks_to(entry.api)
            && let Some(folder) = args
                .iter()
                .enumerate()
                .find(|(at, a)| a.name.map_or(*at == position, |n| n == keyword))
            && let Some(path) = self.text_of(folder.1.value)
        {
            let key = WriteKey::Folder(path.to_owned());
            self.written(vec![key], Value::tainted(content), mark);
        }
        content
    }

    /// An archive is opened, or something is put into one.
    pub(super) fn note_packing(
        &mut self,
        call: &'a ast::ExprCall,
        callee: Value,
        receiver: Option<&'a Expr>,
        result: Value,
    ) {
        let Shape::Api(sym) = callee.shape else {
            return;
        };
        let name = self.symbols.name(sym);
        let buffer = match name {
            "zipfile.ZipFile" | "zipfile.PyZipFile" | "py7zr.SevenZipFile" => "file",
            "tarfile.open" | "tarfile.TarFile" | "tarfile.TarFile.open" => "fileobj",
            name if packs(name) && !result.taint.is_empty() => {
                if let Some(archive) = receiver {
                    self.add_taint(archive, result);
                }
                let own = self.frame.fact;
                for at in 0..self.packings.len() {
                    let Some(Packing { function, buffer }) = self.packings.get(at).copied() else {
                        break;
                    };
                    // what hangs on an object is the same in all of its methods
                    if function == own || buffer.is_attribute_expr() {
                        self.add_taint(buffer, result);
                    }
                }
                return;
            }
            _ => return,
        };
        let given = call.arguments.find_keyword(buffer).map(|k| &k.value);
        let first = call.arguments.args.first().filter(|_| buffer == "file");
        // a function is read more than once
        let is_known = |buffer| self.packings.iter().any(|p| std::ptr::eq(p.buffer, buffer));
        if let Some(buffer) = given.or(first)
            && (buffer.is_name_expr() || buffer.is_attribute_expr())
            && self.packings.len() < MAX_ARCHIVES
            && !is_known(buffer)
        {
            self.packings.push(Packing {
                function: self.frame.fact,
                buffer,
            });
        }
    }
}
