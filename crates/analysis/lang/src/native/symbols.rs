//! Imported symbols that stand for a capability.

use foretaste_model::facts::{Resolution, Use, UseKind};
use foretaste_model::{Capability, Span};

/// The part of the table for one capability.
type Group = (Capability, &'static [&'static str]);

/// Lower case; a Windows function matches with and without its `A` or `W`.
const TABLE: &[Group] = &[
    (
        Capability::ProcessShell,
        &[
            "system",
            "popen",
            "wsystem",
            "shellexecute",
            "shellexecuteex",
            "winexec",
        ],
    ),
    (
        Capability::ProcessSpawn,
        &[
            "execve",
            "execv",
            "execvp",
            "execvpe",
            "execl",
            "execlp",
            "execle",
            "fexecve",
            "posix_spawn",
            "posix_spawnp",
            "createprocess",
            "createprocessasuser",
            "createprocesswithtoken",
            "createprocesswithlogon",
        ],
    ),
    (
        Capability::ProcessFork,
        &["fork", "vfork", "clone", "daemon", "setsid"],
    ),
    (Capability::ProcessRedirect, &["dup2", "dup3"]),
    (
        Capability::ProcessMemory,
        &[
            "ptrace",
            "process_vm_writev",
            "process_vm_readv",
            "writeprocessmemory",
            "readprocessmemory",
            "createremotethread",
            "createremotethreadex",
            "virtualallocex",
            "ntunmapviewofsection",
            "queueuserapc",
            "ntcreatethreadex",
            "rtlcreateuserthread",
            "setthreadcontext",
            "memfd_create",
            "minidumpwritedump",
            "ntwritevirtualmemory",
            "zwunmapviewofsection",
        ],
    ),
    (
        Capability::ProcessList,
        &[
            "createtoolhelp32snapshot",
            "process32first",
            "process32next",
            "enumprocesses",
        ],
    ),
    (
        Capability::CodeNative,
        &[
            "dlopen",
            "dlsym",
            "loadlibrary",
            "loadlibraryex",
            "getprocaddress",
            "ldrloaddll",
        ],
    ),
    (
        Capability::NetworkSocket,
        &["connect", "wsaconnect", "wsasocket", "sendto"],
    ),
    (Capability::NetworkListen, &["listen", "accept", "accept4"]),
    (
        Capability::NetworkDns,
        &["getaddrinfo", "gethostbyname", "dnsquery", "res_query"],
    ),
    (
        Capability::NetworkHttp,
        &[
            "internetopen",
            "internetopenurl",
            "internetconnect",
            "httpopenrequest",
            "httpsendrequest",
            "winhttpopen",
            "winhttpconnect",
            "winhttpsendrequest",
            "curl_easy_perform",
            "curl_easy_init",
        ],
    ),
    (
        Capability::NetworkDownload,
        &["urldownloadtofile", "urldownloadtocachefile"],
    ),
    (
        Capability::CredentialStore,
        &[
            "cryptunprotectdata",
            "credenumerate",
            "credread",
            "lsaretrieveprivatedata",
            "seckeychainfindgenericpassword",
        ],
    ),
    (
        Capability::Keyboard,
        &[
            "setwindowshookex",
            "getasynckeystate",
            "getkeystate",
            "registerrawinputdevices",
        ],
    ),
    (
        Capability::Clipboard,
        &[
            "getclipboarddata",
            "setclipboarddata",
            "addclipboardformatlistener",
        ],
    ),
    (
        Capability::Screen,
        &["bitblt", "cgdisplaycreateimage", "xgetimage"],
    ),
    (
        Capability::SystemSettings,
        &[
            "regsetvalue",
            "regsetvalueex",
            "regcreatekey",
            "regcreatekeyex",
            "regdeletevalue",
        ],
    ),
    (
        Capability::SystemPersist,
        &["createservice", "startservice"],
    ),
    (
        Capability::SystemPrivilege,
        &[
            "setuid",
            "setgid",
            "setresuid",
            "setreuid",
            "adjusttokenprivileges",
            "chroot",
            "capset",
            "init_module",
        ],
    ),
    (
        Capability::EnvironmentReadAll,
        &["environ", "getenvironmentstrings", "environ_get"],
    ),
    (
        Capability::HostInfo,
        &[
            "gethostname",
            "uname",
            "getcomputername",
            "getadaptersinfo",
            "getvolumeinformation",
        ],
    ),
    (
        Capability::UserInfo,
        &["getpwuid", "getlogin", "getusername"],
    ),
    (
        Capability::DetectAnalysis,
        &[
            "isdebuggerpresent",
            "checkremotedebuggerpresent",
            "ntqueryinformationprocess",
            "outputdebugstring",
        ],
    ),
    (Capability::ProcessControl, &["terminateprocess"]),
    (Capability::NetworkSocket, &["sock_connect", "sock_open"]),
    (Capability::CodeEval, &["exec", "eval", "compile"]),
];

/// The imported names that stand for a capability, without version suffixes.
pub(super) fn telling<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Box<str>> {
    let mut found: Vec<Box<str>> = names
        .map(|name| name.split('@').next().unwrap_or(name))
        .filter(|name| capability(name).is_some())
        .map(|name| name.chars().take(128).collect::<String>().into())
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Names as they are.
pub(super) fn all<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Box<str>> {
    names.map(Into::into).collect()
}

/// The uses that imported symbols stand for. They have no place in a text, and prove presence only, not a call.
pub(super) fn uses(symbols: &[Box<str>]) -> Vec<Use> {
    symbols
        .iter()
        .filter_map(|name| {
            Some(Use {
                capability: capability(name)?,
                api: name.clone(),
                span: Span::default(),
                function: 0,
                resolution: Resolution::Direct,
                kind: UseKind::Read,
                constants: Vec::new(),
            })
        })
        .collect()
}

fn capability(name: &str) -> Option<Capability> {
    if name.len() > 64 {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    let plain = lower.trim_start_matches('_');
    let narrow = name
        .ends_with(['A', 'W'])
        .then(|| plain.strip_suffix(['a', 'w']))
        .flatten();
    TABLE
        .iter()
        .find(|(_, names)| names.iter().any(|n| *n == plain || Some(*n) == narrow))
        .map(|(capability, _)| *capability)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_match_with_their_suffixes() {
        assert_eq!(capability("CreateProcessW"), Some(Capability::ProcessSpawn));
        assert_eq!(
            capability("ShellExecuteExA"),
            Some(Capability::ProcessShell)
        );
        assert_eq!(capability("__libc_start_main"), None);
        assert_eq!(
            &*telling(["execve@GLIBC_2.2.5", "printf"].into_iter())[0],
            "execve"
        );
    }
}
