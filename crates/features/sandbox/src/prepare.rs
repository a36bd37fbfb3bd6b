//! From a request and a policy to a plan.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::canaries::Canaries;
use crate::contained::backend;
use crate::contained::plan::Plan;
use crate::error::RunError;
use crate::host::Host;
use crate::overlay::folders::{RunFolder, Tree, TreeKind};
use crate::policy::Policy;
use crate::policy::preset::{Preset, Registry};
use crate::rootfs::plan::Step;
use crate::rootfs::{etc, home, system};

/// What the machine is called inside.
const HOSTNAME: &str = "build";
/// Where names are asked for: any address would do.
pub(crate) const RESOLVER: std::net::Ipv4Addr = std::net::Ipv4Addr::new(198, 18, 0, 53);
/// Bytes of one bundle of certificate authorities; the largest real ones have a few hundred KiB.
pub(crate) const MAX_BUNDLE: u64 = 16 << 20;
/// Bundles of certificate authorities that programs read.
const BUNDLES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
];
/// The run's own authority, alone.
const AUTHORITY: &str = "/etc/foretaste/authority.pem";

/// The run's own authority, after all that are trusted without it.
const ALL_AUTHORITIES: &str = "/etc/foretaste/authorities.pem";
/// Variables by which programs are told where all authorities stand.
const OF_AUTHORITIES: &[&str] = &[
    "SSL_CERT_FILE",
    "PIP_CERT",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "CARGO_HTTP_CAINFO",
    "GIT_SSL_CAINFO",
    "BUNDLE_SSL_CA_CERT",
];
/// The program that plays a CI runner, and what it is called.
const RUNNER: (&str, &str) = ("/usr/bin/cat", "/srv/actions-runner/bin/Runner.Worker");
/// The variable by which Node is told of further ones.
const OF_NODE: &str = "NODE_EXTRA_CA_CERTS";

/// A plan with what belongs to it outside.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) plan: Plan,
    pub(crate) trees: Vec<Tree>,
    /// What the user should know about this plan.
    pub(crate) notes: Vec<String>,
}

/// Makes the plan.
///
/// # Errors
/// The project's folder does not exist, or the run's folders cannot be made.
pub(crate) fn prepare(
    commands: &[Vec<OsString>],
    policy: &Policy,
    host: &Host,
    folder: &RunFolder,
    authority: Option<&str>,
    canaries: Option<&Canaries>,
) -> Result<Prepared, RunError> {
    let mut notes = Vec::new();
    let project = project(host, &mut notes);
    let words: Vec<&OsString> = commands.iter().flatten().collect();
    let shown = shown(&words, policy, host, project.as_deref());
    let mut trees = Vec::new();
    for (number, (path, kind)) in outermost(shown.write).into_iter().enumerate() {
        trees.push(folder.tree(number, &path, kind)?);
    }
    let backend = backend::of(policy.isolation);
    let who = etc::Identity {
        user: &host.user,
        uid: host.uid,
        gid: host.gid,
        home: &host.home,
        hostname: HOSTNAME,
        resolver: RESOLVER,
    };
    let mut steps = system::steps(policy.limits.disk, backend.nested());
    steps.extend(etc::steps(&who));
    if let Some(pem) = authority {
        steps.extend(trusted(pem, policy, host));
    }
    steps.push(Step::Memory {
        to: host.home.clone(),
        size: policy.limits.disk,
        mode: 0o700,
    });
    let mut bound: Vec<Step> = trees.iter().map(overlay).collect();
    let covered = |path: &Path| trees.iter().any(|tree| path.starts_with(&tree.lower));
    bound.extend(
        shown
            .read
            .iter()
            .filter(|path| !covered(path))
            .map(|path| Step::ReadOnly {
                from: path.clone(),
                to: path.clone(),
            }),
    );
    // outer ones first, so that inner ones are laid over them
    bound.sort_by_key(|step| match step {
        Step::Overlay { to, .. } | Step::ReadOnly { to, .. } => to.components().count(),
        _ => 0,
    });
    steps.extend(bound);
    steps.extend(configuration(host, &trees));
    // a `cat` that is a file of its own is nobody else under another name
    let has_runner = std::fs::symlink_metadata(RUNNER.0).is_ok_and(|meta| meta.is_file());
    if let Some(canaries) = canaries {
        let covered = |step: &Step| matches!(step, Step::File { to, .. } if trees.iter().any(|tree| to.starts_with(&tree.lower)));
        steps.extend(has_runner.then(|| Step::ReadOnly {
            from: RUNNER.0.into(),
            to: RUNNER.1.into(),
        }));
        steps.extend(
            canaries
                .steps(&host.home)
                .into_iter()
                .filter(|step| !covered(step)),
        );
    }
    let secrets = home::SECRETS.iter().map(|s| host.home.join(s));
    let secrets = secrets.chain(etc::SECRETS.iter().map(|s| Path::new("/etc").join(s)));
    let named = policy.files.hide.iter().map(|path| resolve(path, host));
    for path in secrets.chain(named) {
        steps.extend(hidden(&path));
    }
    let mut writable: Vec<PathBuf> = ["/tmp", system::SHARED_MEMORY, "/dev", "/proc"]
        .map(PathBuf::from)
        .to_vec();
    writable.push(host.home.clone());
    writable.extend(trees.iter().map(|tree| tree.lower.clone()));
    let mut variables = environment(policy, host, authority.is_some());
    if let Some(canaries) = canaries {
        canaries.set(&mut variables);
    }
    notes.extend(backend.notes().iter().map(ToString::to_string));
    let plan = Plan {
        commands: commands.to_vec(),
        directory: project.unwrap_or_else(|| host.home.clone()),
        environment: variables,
        root: folder.root(),
        steps,
        writable,
        hostname: HOSTNAME.to_owned(),
        limits: policy.limits.clone(),
        watch: policy.record.watch,
        skip_sleeps: policy.record.skip_sleeps,
        ports: ports(policy),
        isolation: policy.isolation,
        decoy: canaries
            .filter(|_| has_runner)
            .and_then(|canaries| canaries.decoy(Path::new(RUNNER.1))),
    };
    Ok(Prepared { plan, trees, notes })
}

fn overlay(tree: &Tree) -> Step {
    Step::Overlay {
        lower: tree.lower.clone(),
        upper: tree.upper.clone(),
        work: tree.work.clone(),
        to: tree.lower.clone(),
    }
}

/// The working folder, unless it is one that holds everything.
fn project(host: &Host, notes: &mut Vec<String>) -> Option<PathBuf> {
    let folder = host.environment.working_dir().canonicalize().ok()?;
    if host.home.starts_with(&folder) || is_system(&folder) {
        notes.push(format!(
            "{} is not shown to the command: change to the project's folder to have it work there",
            folder.display()
        ));
        return None;
    }
    Some(folder)
}

/// True for folders that are shown anyway, or that hold what is nobody's project. What lies in shared memory is files
/// like others.
fn is_system(folder: &Path) -> bool {
    let within = ["/proc", "/sys", "/dev", "/etc", "/run", "/boot"];
    let is_in_memory = folder
        .parent()
        .is_some_and(|above| above.starts_with(system::SHARED_MEMORY));
    let is_below = || within.iter().any(|top| folder.starts_with(top));
    folder.components().count() < 2 || !is_in_memory && is_below()
}

#[derive(Default)]
struct Shown {
    read: Vec<PathBuf>,
    write: Vec<(PathBuf, TreeKind)>,
}

/// Which folders of the host are shown: the project, tools, caches, what the command line names, what the policy names.
fn shown(words: &[&OsString], policy: &Policy, host: &Host, project: Option<&Path>) -> Shown {
    let mut shown = Shown::default();
    shown
        .write
        .extend(project.map(|folder| (folder.to_owned(), TreeKind::Project)));
    shown.write.extend(
        policy
            .files
            .write
            .iter()
            .map(|path| (resolve(path, host), TreeKind::Project)),
    );
    shown
        .read
        .extend(policy.files.read.iter().map(|path| resolve(path, host)));
    let kinds = [
        (home::TOOLS, TreeKind::Tools),
        (home::CACHES, TreeKind::Cache),
    ];
    for (names, kind) in kinds {
        shown.write.extend(
            home::present(&host.home, names)
                .into_iter()
                .map(|path| (path, kind)),
        );
    }
    for name in ["VIRTUAL_ENV", "CONDA_PREFIX", "PYENV_ROOT"] {
        if let Some(path) = host.environment.var(name) {
            virtual_environment(PathBuf::from(path), &mut shown);
        }
    }
    let path = host.environment.var("PATH").unwrap_or_default();
    for folder in std::env::split_paths(path).filter(|folder| folder.is_absolute()) {
        match folder.parent() {
            Some(parent) if parent.join("pyvenv.cfg").is_file() => {
                virtual_environment(parent.to_owned(), &mut shown);
            }
            // npm's programs are links into the packages beside them
            Some(packages) if folder.ends_with("node_modules/.bin") => {
                shown.read.push(packages.to_owned());
            }
            _ => shown.read.push(folder),
        }
    }
    for word in words {
        named(Path::new(word), host, &mut shown);
    }
    let usable = |path: PathBuf| {
        path.canonicalize()
            .ok()
            .filter(|path| may_be_shown(path, host))
    };
    shown.read = shown.read.drain(..).filter_map(usable).collect();
    shown.read.sort();
    shown.read.dedup();
    let kept: Vec<_> = shown
        .read
        .iter()
        .filter(|path| {
            !shown
                .read
                .iter()
                .any(|other| *path != other && path.starts_with(other))
        })
        .cloned()
        .collect();
    shown.read = kept;
    shown.write = shown
        .write
        .drain(..)
        .filter_map(|(path, kind)| usable(path).filter(|p| p.is_dir()).map(|path| (path, kind)))
        .collect();
    shown
}

/// A file or folder that the user names on the command line, and the folder of the program.
fn named(word: &Path, host: &Host, shown: &mut Shown) {
    let Ok(path) = host.environment.working_dir().join(word).canonicalize() else {
        return;
    };
    if path.is_dir() {
        // a folder is built in place
        shown.write.push((path, TreeKind::Project));
    } else if let Some(venv) = path
        .parent()
        .and_then(Path::parent)
        .filter(|venv| venv.join("pyvenv.cfg").is_file())
    {
        virtual_environment(venv.to_owned(), shown);
    } else {
        shown.read.push(path);
    }
}

/// A folder of tools; of a virtual environment also the Python that it was made with.
fn virtual_environment(path: PathBuf, shown: &mut Shown) {
    let config = foretaste_io::files::read_text(&path.join("pyvenv.cfg"), 1 << 16);
    let config = config.unwrap_or_default();
    let home = config.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "home").then(|| Path::new(value.trim()))
    });
    let bin = home.filter(|home| home.is_absolute() && home.ends_with("bin"));
    if let Some(python) = bin.and_then(Path::parent) {
        shown.read.push(python.to_owned());
    }
    shown.write.push((path, TreeKind::Tools));
}

/// The whole home, the root, what the system shows anyway and what is secret are never shown by name.
fn may_be_shown(path: &Path, host: &Host) -> bool {
    let system = [
        "/usr",
        "/opt",
        "/bin",
        "/sbin",
        "/lib",
        "/lib64",
        "/nix/store",
        "/gnu/store",
    ];
    let is_shown_anyway = system.iter().any(|top| path.starts_with(top));
    let holds_home = host.home.starts_with(path);
    let hidden = path.strip_prefix(&host.home).is_ok_and(|rest| {
        rest.components()
            .next()
            .is_some_and(|first| first.as_os_str().to_string_lossy().starts_with('.'))
            && !home::TOOLS.iter().chain(home::CACHES).any(|tool| {
                rest.starts_with(tool)
                    || Path::new(tool).starts_with(rest) && rest.components().count() > 1
            })
    });
    !is_shown_anyway && !holds_home && !hidden && !is_system(path)
}

/// Folders that lie in no other one; of two the same, the one that is reviewed.
fn outermost(mut paths: Vec<(PathBuf, TreeKind)>) -> Vec<(PathBuf, TreeKind)> {
    paths.sort();
    let mut kept: Vec<(PathBuf, TreeKind)> = Vec::new();
    for (path, kind) in paths {
        if !kept.iter().any(|(outer, _)| path.starts_with(outer)) {
            kept.push((path, kind));
        }
    }
    kept
}

/// Package managers' configuration without its secrets, where no tree shows the real one.
fn configuration(host: &Host, trees: &[Tree]) -> Vec<Step> {
    home::CONFIGURATION
        .iter()
        .map(|name| host.home.join(name))
        .filter(|path| !trees.iter().any(|tree| path.starts_with(&tree.lower)))
        .filter_map(|path| {
            let content = home::cleaned(&path)?.into_bytes();
            Some(Step::File {
                to: path,
                content,
                mode: 0o600,
                over: false,
            })
        })
        .collect()
}

fn hidden(path: &Path) -> Option<Step> {
    if path.is_dir() {
        Some(Step::Memory {
            to: path.to_owned(),
            size: 1 << 20,
            mode: 0o700,
        })
    } else {
        path.exists().then(|| Step::File {
            to: path.to_owned(),
            content: Vec::new(),
            mode: 0o600,
            over: true,
        })
    }
}

fn resolve(path: &Path, host: &Host) -> PathBuf {
    path.strip_prefix("~").map_or_else(
        |_| host.environment.working_dir().join(path),
        |rest| host.home.join(rest),
    )
}

/// The system's bundle of certificate authorities.
pub(crate) fn bundle() -> Option<&'static str> {
    BUNDLES
        .iter()
        .copied()
        .find(|path| Path::new(path).exists())
}

/// Has the run trust its authority besides the usual ones, and those that the user's configuration names.
fn trusted(pem: &str, policy: &Policy, host: &Host) -> Vec<Step> {
    let read = |path: &Path| foretaste_io::files::read(path, MAX_BUNDLE).unwrap_or_default();
    let of = |variable: &&str| host.environment.var(variable).map(Path::new);
    let own = policy.network.registries.bundles.iter();
    // several variables often name one and the same bundle, which every program would read as often
    let mut all: Vec<&Path> = Vec::new();
    for path in (bundle().map(Path::new).into_iter())
        .chain(own.map(PathBuf::as_path))
        .chain(OF_AUTHORITIES.iter().filter_map(of))
    {
        if !all.contains(&path) {
            all.push(path);
        }
    }
    let file = |to: &str, named: &[&Path]| {
        let mut parts: Vec<Vec<u8>> = named.iter().map(|path| read(path)).collect();
        parts.push(pem.as_bytes().to_vec());
        Step::File {
            to: to.into(),
            content: parts.join(&b'\n'),
            mode: 0o644,
            over: false,
        }
    };
    let of_node: Vec<&Path> = of(&OF_NODE).into_iter().collect();
    let mut steps = vec![file(AUTHORITY, &of_node), file(ALL_AUTHORITIES, &all)];
    for bundle in BUNDLES.iter().map(Path::new).filter(|path| path.exists()) {
        if let Ok(usual) = foretaste_io::files::read(bundle, MAX_BUNDLE) {
            let content = [&usual[..], b"\n", pem.as_bytes()].concat();
            let to = bundle.canonicalize().unwrap_or_else(|_| bundle.to_owned());
            steps.push(Step::File {
                to,
                content,
                mode: 0o644,
                over: true,
            });
        }
    }
    steps
}

/// The ports on which connections are taken: those of the web and of DNS, to see what is tried, and those of the policy.
fn ports(policy: &Policy) -> Vec<u16> {
    let mut ports = vec![443, 80, 53, 853];
    ports.extend(
        policy
            .network
            .allow
            .iter()
            .chain(&policy.network.build)
            .chain(&policy.network.registries.hosts)
            .filter_map(crate::policy::hosts::HostPattern::port),
    );
    ports.sort_unstable();
    ports.dedup();
    ports
}

fn environment(policy: &Policy, host: &Host, has_authority: bool) -> Vec<(OsString, OsString)> {
    let mut variables: Vec<(OsString, OsString)> = host
        .environment
        .vars()
        .filter_map(|(name, value)| {
            let value = policy.environment.passed(name, value)?;
            Some((name.into(), value.into_owned().into()))
        })
        .collect();
    let mut set = |name: &str, value: OsString| {
        variables.retain(|(own, _)| own != name);
        variables.push((name.into(), value));
    };
    set("HOME", host.home.clone().into());
    set("USER", (&host.user).into());
    set("LOGNAME", (&host.user).into());
    set("TMPDIR", "/tmp".into());
    set("SHELL", "/bin/sh".into());
    if has_authority {
        for name in OF_AUTHORITIES {
            set(name, ALL_AUTHORITIES.into());
        }
        set(OF_NODE, AUTHORITY.into());
        // which Node does not look at where npm names its own
        let is_npm = policy.preset.map(Preset::registry) == Some(Registry::Npm);
        if is_npm && !policy.network.registries.bundles.is_empty() {
            set("npm_config_cafile", ALL_AUTHORITIES.into());
        }
    }
    for (name, value) in &policy.environment.set {
        set(name, value.into());
    }
    variables
}
