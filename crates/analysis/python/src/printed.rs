//! What the objects print that every interpreter has: obfuscators take letters from it.

/// The text of a builtin, by its name; the objects that the module `site` adds have texts of their own.
pub(crate) fn printed(name: &str) -> Option<String> {
    let text = match name {
        "copyright" => {
            "Copyright (c) 2001 Python Software Foundation.\nAll Rights Reserved.\n\n\
             Copyright (c) 2000 BeOpen.com.\nAll Rights Reserved."
        }
        "credits" => {
            "    Thanks to CWI, CNRI, BeOpen, Zope Corporation and a cast of thousands\n    \
             for supporting Python development."
        }
        "license" => "Type license() to see the full license text",
        "exit" => "Use exit() or Ctrl-D (i.e. EOF) to exit",
        "quit" => "Use quit() or Ctrl-D (i.e. EOF) to exit",
        _ if crate::evaluator::is_type(name) => return Some(format!("<class '{name}'>")),
        _ if !name.contains('.') => return Some(format!("<built-in function {name}>")),
        _ => return None,
    };
    Some(text.to_owned())
}
