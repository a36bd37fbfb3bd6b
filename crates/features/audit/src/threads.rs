//! The threads on which files are read: with the stack that the deep observers need.

use std::sync::OnceLock;

use rayon::ThreadPool;
use rayon::prelude::*;

/// Threads that are made when they are first needed.
#[derive(Debug, Default)]
pub(crate) struct Threads {
    /// None if they cannot be had.
    pool: OnceLock<Option<ThreadPool>>,
}

impl Threads {
    /// Works on the caller's own pool if it is called inside one, else on these threads, else where it is called.
    pub(crate) fn spread<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match self.pool() {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }

    /// Does something with each item: on several threads, or here if it is little work and the stack allows it.
    pub(crate) fn each<I: Send, O: Send>(
        &self,
        items: Vec<I>,
        is_small: bool,
        act: impl Fn(I) -> O + Send + Sync,
    ) -> Vec<O> {
        if is_small && foretaste_lang::is_large_stack() {
            return items.into_iter().map(act).collect();
        }
        match self.pool() {
            Some(pool) => each_on(pool, items, &act),
            None => items.into_par_iter().map(act).collect(),
        }
    }

    /// These threads; none for a caller on a pool of its own.
    fn pool(&self) -> Option<&ThreadPool> {
        if rayon::current_thread_index().is_some() {
            return None;
        }
        let pool = self.pool.get_or_init(|| {
            rayon::ThreadPoolBuilder::new()
                .stack_size(foretaste_lang::STACK_BYTES)
                .thread_name(|index| format!("taste-{index}"))
                .start_handler(|_| foretaste_lang::has_large_stack())
                .build()
                .ok()
        });
        pool.as_ref()
    }
}

/// Does something with each item on the threads of a pool, in this order, while the caller waits outside of it.
///
/// A thread of the pool that waits for others begins another artifact's file meanwhile: the first artifact would then wait
/// for that file, and have nothing to do for the other threads.
fn each_on<I: Send, O: Send>(
    pool: &ThreadPool,
    items: Vec<I>,
    act: &(impl Fn(I) -> O + Sync),
) -> Vec<O> {
    let mut done: Vec<Option<O>> = items.iter().map(|_| None).collect();
    pool.in_place_scope_fifo(|scope| {
        for (item, slot) in items.into_iter().zip(&mut done) {
            scope.spawn_fifo(move |_| *slot = Some(act(item)));
        }
    });
    done.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[test]
    fn results_stand_in_the_order_of_the_items() {
        let threads = Threads::default();
        let items: Vec<u32> = (0..500).collect();
        let squares = threads.each(items.clone(), false, |n| n * n);
        assert_eq!(squares, items.iter().map(|n| n * n).collect::<Vec<_>>());
    }

    #[test]
    fn nobody_waits_for_the_file_of_another() {
        let threads = Threads::default();
        let (release, held) = mpsc::channel::<()>();
        let held = std::sync::Mutex::new(held);
        std::thread::scope(|scope| {
            let long = scope.spawn(|| {
                threads.each(vec![()], false, |()| {
                    held.lock()
                        .unwrap()
                        .recv_timeout(Duration::from_mins(1))
                        .is_ok()
                })
            });
            if rayon::current_num_threads() > 1 {
                let short = threads.each((0..64).collect(), false, |n: u32| n);
                assert_eq!(short.len(), 64);
            }
            release.send(()).unwrap();
            assert_eq!(long.join().unwrap(), [true]);
        });
    }
}
