//! The server: routes, health, and a graceful end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::AbortOnDropHandle;

use crate::database::EventKind;
use crate::explain::asking;
use crate::gate::{Gate, GateError};
use crate::tls::{self, TlsListener};
use crate::web;
use crate::{admin, api, cargo, explain, npm, oidc, pypi, rejudge, trace};

/// A gate that listens.
pub struct Server {
    gate: Arc<Gate>,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    upkeep: bool,
}

impl Server {
    /// Listens where the settings say; port 0 means a free one.
    ///
    /// # Errors
    /// The address, or the certificate, cannot be used.
    pub async fn bind(gate: Arc<Gate>) -> Result<Self, GateError> {
        let text = &gate.settings().listen;
        let address: SocketAddr = text
            .parse()
            .map_err(|_| GateError::Unfit(format!("`{text}` is no address")))?;
        let tls = gate
            .settings()
            .tls
            .as_ref()
            .map(tls::acceptor)
            .transpose()?;
        let listener = foretaste_io::listen(address).await?;
        Ok(Self {
            gate,
            listener,
            tls,
            upkeep: false,
        })
    }

    /// Judges outdated verdicts anew while it serves. A gate for one command has no time for that.
    #[must_use]
    pub const fn with_upkeep(mut self) -> Self {
        self.upkeep = true;
        self
    }

    /// How its URL begins.
    pub const fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The socket does not tell.
    pub fn address(&self) -> Result<SocketAddr, GateError> {
        self.listener
            .local_addr()
            .map_err(|e| GateError::Serve(e.to_string()))
    }

    /// Serves until `stop` is done, and then until the answers that have begun are sent.
    ///
    /// # Errors
    /// Serving broke off.
    pub async fn run(
        self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), GateError> {
        let again = self
            .upkeep
            .then(|| AbortOnDropHandle::new(tokio::spawn(rejudge::run(Arc::clone(&self.gate)))));
        let sweeping = AbortOnDropHandle::new(tokio::spawn(sweep(Arc::clone(&self.gate))));
        let routes = router(&self.gate).into_make_service_with_connect_info::<SocketAddr>();
        let done = if let Some(acceptor) = self.tls {
            let listener = TlsListener::start(self.listener, acceptor).tap_io(|_| {});
            axum::serve(listener, routes)
                .with_graceful_shutdown(stop)
                .await
        } else {
            let listener = self.listener.tap_io(|socket| {
                // small answers leave at once; where that cannot be set, they leave a little later
                let _ = socket.set_nodelay(true);
            });
            axum::serve(listener, routes)
                .with_graceful_shutdown(stop)
                .await
        };
        drop((again, sweeping));
        self.gate.close().await;
        done.map_err(|e| GateError::Serve(e.to_string()))
    }
}

/// How often what is out of date is let go of.
const SWEEP_EVERY: Duration = Duration::from_secs(20);

/// Keeps a gate that nobody asks from holding what it was asked for last.
async fn sweep(gate: Arc<Gate>) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        gate.sweep();
    }
}

fn router(gate: &Arc<Gate>) -> Router {
    let routes = Router::new()
        .nest("/pypi", pypi::routes())
        .nest("/npm", npm::routes())
        .nest("/cargo", cargo::routes())
        .merge(admin::routes())
        .merge(api::routes())
        .route("/admin", get(root))
        .route("/", get(root))
        .route("/_/oidc/audience", get(oidc::audience))
        .route("/_/oidc/mint-token", post(oidc::mint))
        .route("/health", get(async || "ok\n"))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
        .route("/explain/{ecosystem}/{*package}", get(explain::explain))
        .route("/request/{ecosystem}/{*package}", post(asking::request))
        .fallback(elsewhere);
    trace::layer(gate, routes).with_state(Arc::clone(gate))
}

/// Whoever takes the gate for a proxy is told that there is no way past it; whatever else is asked for is not here.
async fn elsewhere(State(gate): State<Arc<Gate>>, method: Method, uri: Uri) -> Response {
    if method != Method::CONNECT && uri.authority().is_none() {
        return web::text(StatusCode::NOT_FOUND, "there is nothing here");
    }
    let host = uri.authority().map_or("", |a| a.as_str());
    let reason = format!("a connection past the gate, to {host}");
    gate.log(EventKind::Alert, None, "refused", &reason, "")
        .await;
    let message = format!("blocked by foretaste: only the gate is reached from here, not {host}");
    web::text(StatusCode::FORBIDDEN, &message)
}

async fn root() -> Response {
    axum::response::Redirect::to("/admin/").into_response()
}

/// Ready is who can reach its database, and write down what happens.
async fn ready(State(gate): State<Arc<Gate>>) -> Response {
    if let Err(error) = gate.database.ping().await {
        return web::outage(&error);
    }
    match gate.journal.trouble() {
        None => "ready\n".into_response(),
        Some(reason) => web::trouble(&reason),
    }
}

async fn metrics(State(gate): State<Arc<Gate>>) -> Response {
    let traces = gate.traces.as_ref().map(|traces| traces.counts());
    let text = gate.metrics.text(gate.journal.lines(), traces);
    ([("content-type", "text/plain; version=0.0.4")], text).into_response()
}
