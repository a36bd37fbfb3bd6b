//! A file on its way to a client, whatever the ecosystem: admission, the log, and the answer.

use std::sync::Arc;

use axum::http::{HeaderMap, Method, header};
use axum::response::Response;

use crate::admit::Admission;
use crate::candidate::Candidate;
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

impl Gate {
    /// Answers with a file, or says why not.
    pub(crate) async fn deliver(
        self: &Arc<Self>,
        candidate: &Candidate,
        to: &Delivery<'_>,
    ) -> Response {
        match self.admit(candidate, to.caller.team(self)).await {
            Err(error) => web::trouble(&error.to_string()),
            Ok(Admission::Later(reason)) => web::trouble(&reason),
            Ok(Admission::Gone(reason)) => (to.absent)(&reason),
            Ok(Admission::Turned(ruling)) => self.turn_away(candidate, &ruling, to).await,
            Ok(Admission::Serve(blob, ruling)) => {
                // a part of a file, or its headers, is no download of its own
                if *to.method == Method::GET && !to.headers.contains_key(header::RANGE) {
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
