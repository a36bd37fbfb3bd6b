//! The wire: the first packet of every connection and what the name service says, from a packet socket with a filter in the
//! kernel. It needs `CAP_NET_RAW`. Who sent a packet is found by the socket that has its port.

use nix::errno::Errno;
use nix::sys::socket::{LinkAddr, recvfrom};
use socket2::{Domain, Protocol, Socket, Type};

use std::os::fd::AsRawFd;

use super::dns::{self, Told};
use super::packet::{self, Packet};
use super::sockets::Sockets;
use super::{About, Outlet, Source, SourceError, Stop, filter};
use crate::observation::{Connect, Observation};

/// `ETH_P_ALL` in the order of the wire.
const EVERY_PROTOCOL: i32 = 0x0300;
/// `PACKET_OUTGOING`
const OUTGOING: u8 = 4;
/// Bytes of packets that may wait in the kernel.
const BUFFER: usize = 8 << 20;

/// The source.
#[derive(Debug)]
pub struct Packets {
    socket: Socket,
    /// Finds who sent a packet.
    sockets: Sockets,
    /// True unless another source tells who connects.
    attribute: bool,
}

impl Packets {
    /// Begins to listen on every interface. With `attribute`, senders are looked up and every datagram is seen; without,
    /// another source tells who connects, and this one adds names, and what the other did not see.
    ///
    /// # Errors
    /// The process lacks the right.
    pub fn open(attribute: bool) -> Result<Self, SourceError> {
        let what = "a packet socket";
        let protocol = Some(Protocol::from(EVERY_PROTOCOL));
        let socket =
            Socket::new(Domain::PACKET, Type::DGRAM, protocol).map_err(SourceError::of(what))?;
        socket
            .attach_filter(&filter::program(attribute))
            .map_err(SourceError::of("the filter of a packet socket"))?;
        socket
            .set_nonblocking(true)
            .map_err(SourceError::of(what))?;
        // a smaller buffer is no reason to do without
        let _ = socket.set_recv_buffer_size(BUFFER);
        Ok(Self {
            socket,
            sockets: Sockets::default(),
            attribute,
        })
    }

    fn drain(&mut self, out: &Outlet) {
        let mut buffer = vec![0_u8; 1 << 16];
        loop {
            match recvfrom::<LinkAddr>(self.socket.as_raw_fd(), &mut buffer) {
                Ok((length, from)) => {
                    let outgoing = from.is_some_and(|link| link.pkttype() == OUTGOING);
                    let bytes = buffer.get(..length).unwrap_or(&buffer);
                    if let Some(packet) = packet::read(bytes) {
                        self.tell(&packet, outgoing, out);
                    }
                }
                Err(Errno::EINTR) => {}
                Err(_) => return,
            }
        }
    }

    fn tell(&mut self, packet: &Packet<'_>, outgoing: bool, out: &Outlet) {
        let is_names = packet.from.1 == 53 || packet.to.1 == 53;
        if is_names && !packet.payload.is_empty() {
            let told = if packet.protocol == "tcp" {
                dns::read_segment(packet.payload)
            } else {
                dns::read(packet.payload)
            };
            match told {
                Some(Told::Question { name, kind }) if outgoing => {
                    out.tell(Observation::Query {
                        pid: self.owner(packet),
                        name,
                        kind,
                        resolver: packet.to.0,
                        protocol: packet.protocol,
                        denied: false,
                    });
                }
                Some(Told::Answer { name, addresses }) if !addresses.is_empty() => {
                    out.tell(Observation::Answer { name, addresses });
                }
                _ => {}
            }
        }
        let is_new = match packet.protocol {
            "tcp" => packet.begins,
            _ => packet.from.1 != 53,
        };
        if outgoing && is_new {
            out.tell(Observation::Connect(Connect {
                pid: if self.attribute {
                    self.owner(packet)
                } else {
                    None
                },
                address: packet.to.0,
                port: packet.to.1,
                protocol: packet.protocol,
                denied: false,
                redirected: false,
                on_wire: true,
            }));
        }
    }

    fn owner(&mut self, packet: &Packet<'_>) -> Option<u32> {
        self.sockets.owner(packet.protocol, packet.from, packet.to)
    }
}

impl Source for Packets {
    fn about(&self) -> About {
        let mut blind = vec![
            "names that were looked up over HTTPS, TLS or QUIC, from the hosts file or a cache, and TCP name service in more than one segment"
                .to_owned(),
        ];
        if self.attribute {
            blind.push(
                "who sent a packet whose socket was closed at once, or lies in another network namespace".to_owned(),
            );
            blind.push(
                "connections inside another network namespace that do not pass through this one"
                    .to_owned(),
            );
        }
        About {
            name: "a packet socket",
            sees: "the first packet of every TCP connection, datagrams, other protocols, and the name service over UDP and TCP",
            blind,
        }
    }

    fn run(&mut self, out: &Outlet, stop: &Stop) {
        loop {
            let goes_on = {
                let socket = &self.socket;
                stop.wait(socket)
            };
            self.drain(out);
            if !goes_on {
                return;
            }
        }
    }
}
