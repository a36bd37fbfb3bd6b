//! String constants worth keeping.

use serde::{Deserialize, Serialize};

use crate::Span;

/// A string constant that can matter to a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Literal {
    /// What it looks like.
    pub kind: LiteralKind,
    /// The folded value, cut at 512 characters.
    pub value: Box<str>,
    /// Its full length in characters.
    pub length: u32,
    /// Where.
    pub span: Span,
    /// The function in which it stands (0 where there are no functions).
    pub function: u32,
}

/// What a string constant looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LiteralKind {
    /// A URL with a scheme.
    Url,
    /// A bare host name.
    Host,
    /// An IP address, with or without a port.
    IpAddress,
    /// A path where secrets or other users' data are kept (`~/.ssh/id_rsa`, `/etc/shadow`, browser stores, wallets).
    SecretPath,
    /// A path that makes code run again (shell rc, cron, systemd, Startup folder, git hooks, editor and agent settings).
    PersistencePath,
    /// A command line that starts a shell, an interpreter or a downloader.
    Command,
    /// A long text in a text encoding (base16/32/64/85, escapes).
    Encoded,
    /// A long text of high entropy that no known encoding explains.
    Opaque,
    /// A cryptocurrency address.
    WalletAddress,
    /// A token in a published format (webhook secrets, bot tokens, API keys).
    Token,
    /// A regular expression that finds keys or addresses of cryptocurrencies.
    WalletPattern,
    /// Text that speaks to a language model, with what stands around it.
    Instruction,
    /// A public key of SSH: whoever holds the other half is let in where it is listed.
    PublicKey,
}
