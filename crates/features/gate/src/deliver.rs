//! A file on its way to a client, whatever the ecosystem: admission, the log, and the answer.

use std::sync::Arc;

use axum::http::{HeaderMap, Method, header};
use axum::response::Response;
use tokio::time::sleep;

use crate::admit::{Admission, FileFlight};
use crate::arriving::{self, Arriving, HELD, pour};
use crate::candidate::Candidate;
use crate::database::DatabaseError;
use crate::decide::Ruling;
use crate::gate::Gate;
use crate::web::{self, Caller};

/// Who wants a file, and how this ecosystem's clients are told things.
pub(crate) struct Delivery<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) method: &'a Method,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) content_type: &'static str,
    /// "No", in the channel that the client shows.
    pub(crate) refuse: fn(&str) -> Response,
    /// "There is none", likewise.
    pub(crate) absent: fn(&str) -> Response,
}

/// How a client is answered.
enum Answer {
    /// With all that there is to say.
    Now(Admission),
    /// With what comes of a file, of which the length may be known.
    AsItComes(FileFlight, Option<u64>),
}

impl Gate {
    /// Answers with a file, or says why not.
    pub(crate) async fn deliver(
        self: &Arc<Self>,
        candidate: &Candidate,
        to: &Delivery<'_>,
    ) -> Response {
        // a part of a file, or its headers, is no download of its own
        let whole = *to.method == Method::GET && !to.headers.contains_key(header::RANGE);
        let team = to.caller.team(self);
        let admitted = if whole && arriving::takes_a_cut_well(to.headers) {
            self.admit_or_stream(candidate, team).await
        } else {
            self.admit(candidate, team).await.map(Answer::Now)
        };
        let admission = match admitted {
            Err(error) => return web::outage(&error),
            Ok(Answer::AsItComes(flight, length)) => {
                let arriving = Arriving {
                    candidate: candidate.clone(),
                    flight,
                    length,
                    caller: to.caller.clone(),
                    team: team.to_owned(),
                };
                let body = pour(Arc::clone(self), arriving);
                let tag = candidate.published_sha256();
                return web::arriving(body, length, to.content_type, tag);
            }
            Ok(Answer::Now(admission)) => admission,
        };
        match admission {
            Admission::Later(reason) => web::trouble(&reason),
            Admission::Gone(reason) => (to.absent)(&reason),
            Admission::Turned(ruling) => self.turn_away(candidate, &ruling, to).await,
            Admission::Serve(blob, ruling) => {
                if whole {
                    self.log_download(&ruling, &candidate.release, to.caller)
                        .await;
                }
                let blob = if *to.method == Method::GET {
                    self.blobs.warm(blob).await
                } else {
                    blob
                };
                let mut response = web::file(&blob, to.content_type, to.method, to.headers).await;
                web::decision_headers(&mut response, &ruling);
                response
            }
        }
    }

    /// Brings a file to where it can be served or says why not, unless that takes long and a good part of it is there.
    async fn admit_or_stream(
        self: &Arc<Self>,
        candidate: &Candidate,
        team: &str,
    ) -> Result<Answer, DatabaseError> {
        if let Some(admission) = self.admit_known(candidate, team).await? {
            return Ok(Answer::Now(admission));
        }
        let mut flight = self.begin(candidate, team);
        let mut news = flight.progress.subscribe();
        let begun = async {
            sleep(self.settings().decide.stream_after()).await;
            // no error: the flight tells it for as long as it is held here
            let arrived = news.wait_for(|a| a.as_ref().is_some_and(|a| a.written > HELD));
            arrived.await.ok().and_then(|a| a.as_ref()?.length)
        };
        let landed = tokio::select! {
            landed = self.wait_for(&mut flight, candidate) => landed,
            length = begun => return Ok(Answer::AsItComes(flight, length)),
        };
        let admission = self.admit_landed(candidate, team, landed).await?;
        Ok(Answer::Now(admission))
    }

    /// Says why a file is not served, and writes it down.
    pub(crate) async fn turn_away(
        &self,
        candidate: &Candidate,
        ruling: &Ruling,
        to: &Delivery<'_>,
    ) -> Response {
        self.log_download(ruling, &candidate.release, to.caller)
            .await;
        let mut response = (to.refuse)(&ruling.line());
        web::decision_headers(&mut response, ruling);
        response
    }
}
