//! A name server on the loopback interface (RFC 1035).

use std::net::SocketAddr;

use tokio::net::UdpSocket;

/// What it says about a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Say {
    /// A record of the type that is asked for.
    Has,
    /// No such record.
    Empty,
    /// No such name.
    NxDomain,
    /// It cannot say.
    ServFail,
    /// Nothing at all.
    Silence,
}

/// Starts one that answers from a function of name (lower case, without the last dot) and type number.
pub(crate) async fn start(say: impl Fn(&str, u16) -> Say + Send + 'static) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
    let address = socket.local_addr().expect("an address");
    tokio::spawn(async move {
        let mut buffer = [0_u8; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            if let Some(answer) = answer(&buffer[..length], &say) {
                let _ = socket.send_to(&answer, from).await;
            }
        }
    });
    address
}

fn answer(query: &[u8], say: &impl Fn(&str, u16) -> Say) -> Option<Vec<u8>> {
    let mut at = 12;
    let mut labels = Vec::new();
    while query[at] != 0 {
        let end = at + 1 + usize::from(query[at]);
        labels.push(String::from_utf8_lossy(&query[at + 1..end]).to_ascii_lowercase());
        at = end;
    }
    let question = &query[12..at + 5];
    let kind = u16::from_be_bytes([query[at + 1], query[at + 2]]);
    let verdict = say(&labels.join("."), kind);
    let code = match verdict {
        Say::Has | Say::Empty => 0,
        Say::ServFail => 2,
        Say::NxDomain => 3,
        Say::Silence => return None,
    };
    let data: &[u8] = match kind {
        1 => &[127, 0, 0, 1],
        28 => &[0; 16],
        15 => &[0, 10, 1, b'm', 0],
        _ => &[1, b'n', 0],
    };
    let mut out = query[..2].to_vec();
    out.extend([0x85, 0x80 | code]);
    let answers = u8::from(verdict == Say::Has);
    // with an authority record, as caches of negative answers want it
    let authorities = u8::from(matches!(verdict, Say::Empty | Say::NxDomain));
    out.extend([0, 1, 0, answers, 0, authorities, 0, 0]);
    out.extend(question);
    let life: u8 = if labels.first().is_some_and(|l| l == "brief") {
        0
    } else {
        60
    };
    if answers == 1 {
        out.extend([0xc0, 12]);
        out.extend(kind.to_be_bytes());
        out.extend([0, 1, 0, 0, 0, life]);
        out.extend(u16::try_from(data.len()).expect("short").to_be_bytes());
        out.extend(data);
    }
    if authorities == 1 {
        out.extend([0, 0, 6, 0, 1, 0, 0, 0, life, 0, 22, 0, 0]);
        for number in [1_u32, 60, 60, 60, life.into()] {
            out.extend(number.to_be_bytes());
        }
    }
    Some(out)
}
