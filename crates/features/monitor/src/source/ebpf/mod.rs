//! Programs in the kernel that tell what happens where it happens, and stop what is not allowed. They need root, a kernel
//! of 5.8 or later with its own type information (BTF), and control groups of version 2. Their source is
//! `bpf/monitor.bpf.c`.

mod event;
mod pins;
mod tracefs;

use std::fs::File;
use std::path::{Path, PathBuf};

use aya::maps::lpm_trie::Key;
use aya::maps::{Array, LpmTrie, MapData, RingBuf};
use aya::programs::cgroup_sock::CgroupSockLink;
use aya::programs::cgroup_sock_addr::CgroupSockAddrLink;
use aya::programs::links::FdLink;
use aya::programs::raw_trace_point::RawTracePointLink;
use aya::programs::{CgroupAttachMode, CgroupSock, CgroupSockAddr, RawTracePoint, TracePoint};
use foretaste_io::files;

use self::pins::Pins;
pub use self::pins::sweep;
use super::{About, Outlet, Source, SourceError, Stop};
use crate::observation::Observation;

/// The object, as `bpf/build.sh` makes it.
static OBJECT: &[u8] = aya::include_bytes_aligned!("../../../bpf/monitor.bpf.o");
const WHAT: &str = "eBPF";
/// The process namespace that the kernel began with: the numbers in it are those that programs in the kernel see.
const FIRST_NAMESPACE: &str = "pid:[4026531836]";
const RAW: [(&str, &str); 3] = [
    ("on_fork", "sched_process_fork"),
    ("on_exit", "sched_process_exit"),
    ("on_exec", "sched_process_exec"),
];
const CALLS: [(&str, &str); 6] = [
    ("on_openat", "sys_enter_openat"),
    ("on_openat2", "sys_enter_openat2"),
    ("on_ptrace", "sys_enter_ptrace"),
    ("on_vm_readv", "sys_enter_process_vm_readv"),
    ("on_socket", "sys_enter_socket"),
    ("on_connect_call", "sys_enter_connect"),
];
const HOOKS: [&str; 6] = [
    "on_connect4",
    "on_connect6",
    "on_sendmsg4",
    "on_sendmsg6",
    "on_recvmsg4",
    "on_recvmsg6",
];

/// What the programs are told to do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Orders {
    /// Every process counts, not only what this one starts.
    pub whole: bool,
    /// What is not allowed is stopped.
    pub block: bool,
    /// The ports of the monitor's name server on 127.0.0.1 and ::1; 0 for none.
    pub names: (u16, u16),
}

/// The list of networks that may be reached, in the kernel.
#[derive(Debug)]
pub struct AllowList(LpmTrie<MapData, [u8; 20], u32>);

impl AllowList {
    /// Adds a network: its address, the length of its prefix, and a port; 0 for every port.
    pub fn add(
        &mut self,
        address: std::net::IpAddr,
        bits: u8,
        port: u16,
    ) -> Result<(), SourceError> {
        let mut data = [0_u8; 20];
        let family: u16 = match address {
            std::net::IpAddr::V4(four) => {
                data[4..8].copy_from_slice(&four.octets());
                2
            }
            std::net::IpAddr::V6(six) => {
                data[4..20].copy_from_slice(&six.octets());
                10
            }
        };
        data[..2].copy_from_slice(&family.to_ne_bytes());
        data[2..4].copy_from_slice(&port.to_ne_bytes());
        let key = Key::new(32 + u32::from(bits), data);
        self.0
            .insert(&key, 1, 0)
            .map_err(SourceError::of("the allow-list in the kernel"))
    }
}

/// The source.
pub struct Ebpf {
    /// Programs end with it.
    programs: aya::Ebpf,
    ring: RingBuf<MapData>,
    lost: Array<MapData, u64>,
    pins: Pins,
    blind: Vec<String>,
}

impl std::fmt::Debug for Ebpf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ebpf")
            .field("pins", &self.pins)
            .finish_non_exhaustive()
    }
}

impl Ebpf {
    /// Loads the programs and lets them begin.
    ///
    /// # Errors
    /// The kernel lacks something, or does not let this process load programs.
    pub fn open(orders: Orders) -> Result<(Self, AllowList), SourceError> {
        let namespace = super::proc::link(Path::new("/proc/self/ns/pid"));
        if namespace.as_deref() != Some(FIRST_NAMESPACE) {
            return Err(SourceError {
                what: WHAT,
                why: "this process is in a process namespace of its own, such as a container's"
                    .to_owned(),
            });
        }
        let cgroup = cgroup()?;
        // `Ebpf::load` reads the kernel's types twice
        let programs = aya::EbpfLoader::new().load(OBJECT);
        let mut programs = programs.map_err(|error| SourceError {
            what: WHAT,
            why: deepest(&error),
        })?;
        set(&mut programs, orders)?;
        let mut blind = vec![
            "what a connection carries, and the host that it names: an allowed address can serve other hosts too".to_owned(),
        ];
        let mut pins = Pins::default();
        if orders.block {
            pins = Pins::make()?;
        }
        for (name, point) in RAW {
            let program: &mut RawTracePoint = program(&mut programs, name)?;
            program.load().map_err(kernel("eBPF tracepoints"))?;
            let id = program.attach(point).map_err(kernel("eBPF tracepoints"))?;
            if orders.block {
                let link: RawTracePointLink = program.take_link(id).map_err(kernel(WHAT))?;
                pins.keep(name, FdLink::from(link))?;
            }
        }
        for name in HOOKS {
            let program: &mut CgroupSockAddr = program(&mut programs, name)?;
            program.load().map_err(kernel("eBPF hooks for addresses"))?;
            let id = program
                // a link stands beside those of others by itself
                .attach(&cgroup, CgroupAttachMode::Single)
                .map_err(kernel("eBPF hooks for addresses"))?;
            if orders.block {
                let link: CgroupSockAddrLink = program.take_link(id).map_err(kernel(WHAT))?;
                pins.keep(
                    name,
                    FdLink::try_from(link).map_err(kernel("keeping a hook"))?,
                )?;
            }
        }
        if orders.block {
            let name = "on_sock_create";
            let program: &mut CgroupSock = program(&mut programs, name)?;
            program
                .load()
                .map_err(kernel("the eBPF hook for sockets"))?;
            let id = program
                .attach(&cgroup, CgroupAttachMode::Single)
                .map_err(kernel("the eBPF hook for sockets"))?;
            let link: CgroupSockLink = program.take_link(id).map_err(kernel(WHAT))?;
            pins.keep(
                name,
                FdLink::try_from(link).map_err(kernel("keeping a hook"))?,
            )?;
            blind.push(
                "what is sent through packet sockets (they need root) is told, not stopped"
                    .to_owned(),
            );
        }
        let mounted = tracefs::mount();
        for (name, point) in CALLS {
            let program: &mut TracePoint = program(&mut programs, name)?;
            let attached = program
                .load()
                .and_then(|()| program.attach("syscalls", point).map(|_| ()));
            if let Err(error) = attached {
                blind.push(format!(
                    "the call {} ({})",
                    point.trim_start_matches("sys_enter_"),
                    deepest(&error)
                ));
            }
        }
        drop(mounted);
        let ring = RingBuf::try_from(map(&mut programs, "EVENTS")?).map_err(kernel(WHAT))?;
        let lost = Array::try_from(map(&mut programs, "LOST")?).map_err(kernel(WHAT))?;
        let allow = LpmTrie::try_from(map(&mut programs, "ALLOW")?).map_err(kernel(WHAT))?;
        Ok((
            Self {
                programs,
                ring,
                lost,
                pins,
                blind,
            },
            AllowList(allow),
        ))
    }

    fn drain(&mut self, out: &Outlet) {
        while let Some(item) = self.ring.next() {
            if let Some(observation) = event::read(&item) {
                out.tell(observation);
            }
        }
    }
}

impl Source for Ebpf {
    fn about(&self) -> About {
        About {
            name: WHAT,
            sees: "every fork, exec with its arguments, exit, connection and datagram of every process and container, raw sockets, and reads of other processes' memory",
            blind: self.blind.clone(),
        }
    }

    fn run(&mut self, out: &Outlet, stop: &Stop) {
        while stop.wait(&self.ring) {
            self.drain(out);
        }
        self.drain(out);
        if let Ok(lost @ 1..) = self.lost.get(&0, 0) {
            out.tell(Observation::Lost(lost));
        }
        self.pins.release();
        tracing::debug!(
            programs = self.programs.programs().count(),
            "the programs in the kernel end"
        );
    }
}

fn program<'a, T>(programs: &'a mut aya::Ebpf, name: &str) -> Result<&'a mut T, SourceError>
where
    &'a mut T: TryFrom<&'a mut aya::programs::Program, Error = aya::programs::ProgramError>,
{
    let missing = || SourceError {
        what: WHAT,
        why: format!("the object holds no program `{name}`"),
    };
    programs
        .program_mut(name)
        .ok_or_else(missing)?
        .try_into()
        .map_err(kernel(WHAT))
}

fn map(programs: &mut aya::Ebpf, name: &str) -> Result<aya::maps::Map, SourceError> {
    let missing = || SourceError {
        what: WHAT,
        why: format!("the object holds no map `{name}`"),
    };
    programs.take_map(name).ok_or_else(missing)
}

fn set(programs: &mut aya::Ebpf, orders: Orders) -> Result<(), SourceError> {
    let port = |port: u16| u32::from(port.to_be());
    let settings = [
        std::process::id(),
        u32::from(orders.whole),
        u32::from(orders.block),
        port(orders.names.0),
        port(orders.names.1),
        0,
    ];
    let missing = || SourceError {
        what: WHAT,
        why: "the object holds no settings".to_owned(),
    };
    // it stays with the programs, which find it when they are loaded
    let map = programs.map_mut("SETTINGS").ok_or_else(missing)?;
    let mut array: Array<&mut MapData, [u32; 6]> = Array::try_from(map).map_err(kernel(WHAT))?;
    array.set(0, settings, 0).map_err(kernel(WHAT))
}

/// The root of the control groups of version 2.
fn cgroup() -> Result<File, SourceError> {
    let what = "control groups of version 2";
    let text = files::read_start(Path::new("/proc/self/mounts"), 4 << 20)
        .map(|(bytes, _)| String::from_utf8_lossy(&bytes).into_owned())
        .map_err(SourceError::of(what))?;
    let place = text
        .lines()
        .find_map(|line| {
            let mut words = line.split(' ');
            let (_, place, kind) = (words.next()?, words.next()?, words.next()?);
            (kind == "cgroup2").then(|| PathBuf::from(place))
        })
        .ok_or_else(|| SourceError {
            what,
            why: "none is mounted".to_owned(),
        })?;
    let flags =
        rustix::fs::OFlags::RDONLY | rustix::fs::OFlags::DIRECTORY | rustix::fs::OFlags::CLOEXEC;
    rustix::fs::open(&place, flags, rustix::fs::Mode::empty())
        .map(File::from)
        .map_err(SourceError::of(what))
}

fn kernel<E: std::error::Error + 'static>(what: &'static str) -> impl FnOnce(E) -> SourceError {
    move |error| SourceError {
        what,
        why: deepest(&error),
    }
}

/// The last cause of an error: what the kernel said.
fn deepest(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    let (first, last) = (error.to_string(), last.to_string());
    // a verifier's log fills pages
    let text = if first == last {
        first
    } else {
        format!("{first}: {last}")
    };
    text.chars().take(300).collect()
}
