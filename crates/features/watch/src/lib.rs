//! Tells later: what became of dependencies that were accepted before.
//!
//! A [`Book`] keeps what is watched, how each stood when it was last judged, and what is still to be told. Whoever judges
//! (the app, with the auditor) gives [`Contents::record`] a report; what is worse, better or new becomes a [`Message`] for
//! each [`Sink`], in the same atomic write as the new state. [`deliver`] sends what is due and strikes it out one by one:
//! a message is delivered at least once, and carries an id by which a receiver can tell a second copy.

mod book;
mod deliver;
mod event;
mod message;
mod quiet;
mod schedule;
mod sink;
mod state;

pub use book::{Book, BookError, Contents, Pending, Watched};
pub use deliver::{Delivered, Failure, deliver};
pub use event::{Event, EventKind, compare};
pub use message::Message;
pub use quiet::{QuietHours, QuietHoursError};
pub use schedule::{KEPT_VARIABLES, Variable, cron_line, systemd_service, systemd_timer};
pub use sink::{MailSink, Place, SendError, Sender, Sink, SinkKind};
pub use state::{ReleaseState, State};
