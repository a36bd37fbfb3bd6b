//! Work that several clients want at once is done once, and goes on when they leave.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::trace;

/// Work under way: how it ended, once it has, and how far it is.
#[derive(Clone, Debug)]
pub(crate) struct Flight<V, P> {
    landing: watch::Receiver<Option<V>>,
    /// What the work tells while it goes on.
    pub(crate) progress: P,
}

impl<V: Clone, P> Flight<V, P> {
    /// The result; `None` if the work broke off.
    pub(crate) async fn landed(&mut self) -> Option<V> {
        let landed = self.landing.wait_for(Option::is_some).await.ok()?;
        landed.clone()
    }
}

/// Running work by key.
#[derive(Debug)]
pub(crate) struct Flights<K, V, P = ()> {
    running: Arc<Mutex<HashMap<K, Flight<V, P>>>>,
}

impl<K, V, P> Default for Flights<K, V, P> {
    fn default() -> Self {
        Self {
            running: Arc::default(),
        }
    }
}

impl<K, V, P> Flights<K, V, P>
where
    K: Eq + Hash + Clone + Send + 'static,
    V: Clone + Send + Sync + 'static,
    P: Clone + Default + Send + 'static,
{
    /// The result of the work under `key`: that of a running one, or of `begin`. `None` if the work broke off.
    pub(crate) async fn join<F>(&self, key: K, begin: impl FnOnce() -> F) -> Option<V>
    where
        F: Future<Output = V> + Send + 'static,
    {
        self.board(key, |_| begin()).landed().await
    }

    /// The work under `key`: a running one, or `begin`.
    pub(crate) fn board<F>(&self, key: K, begin: impl FnOnce(P) -> F) -> Flight<V, P>
    where
        F: Future<Output = V> + Send + 'static,
    {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = running.get(&key) {
            return flight.clone();
        }
        let (done, landing) = watch::channel(None);
        let progress = P::default();
        let flight = Flight {
            landing,
            progress: progress.clone(),
        };
        running.insert(key.clone(), flight.clone());
        let (work, all) = (begin(progress), Arc::clone(&self.running));
        tokio::spawn(trace::inherit(async move {
            // taken out also if the work panics, so that the next client can begin anew
            let _out = TakeOut { key, all };
            let result = work.await;
            let _ = done.send(Some(result));
        }));
        flight
    }
}

struct TakeOut<K: Eq + Hash, V, P> {
    key: K,
    all: Arc<Mutex<HashMap<K, Flight<V, P>>>>,
}

impl<K: Eq + Hash, V, P> Drop for TakeOut<K, V, P> {
    fn drop(&mut self) {
        let mut running = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        running.remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn two_who_want_the_same_cause_one_work() {
        let flights: Flights<&str, u32> = Flights::default();
        let count = Arc::new(AtomicU32::new(0));
        let work = || {
            let count = Arc::clone(&count);
            async move {
                tokio::task::yield_now().await;
                count.fetch_add(1, Ordering::SeqCst) + 1
            }
        };
        let both = tokio::join!(flights.join("x", work), flights.join("x", work));
        assert_eq!(both, (Some(1), Some(1)));
        assert_eq!(flights.join("x", work).await, Some(2));
    }

    #[tokio::test]
    async fn work_that_breaks_off_leaves_nobody_waiting() {
        let flights: Flights<&str, u32> = Flights::default();
        let broken = flights.join("x", || async { panic!("on purpose") }).await;
        assert_eq!(broken, None);
        assert_eq!(flights.join("x", || async { 7 }).await, Some(7));
    }
}
