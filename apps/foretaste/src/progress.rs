//! Progress bars: one line for each target in work, on a terminal only.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use foretaste_audit::Progress;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// Targets that have a line; of more, each that is begun while fewer are shown.
const MOST_LINES: usize = 8;

/// Bars on standard error.
#[derive(Debug, Default)]
pub(crate) struct Bars {
    multi: MultiProgress,
    bars: Mutex<HashMap<String, ProgressBar>>,
}

impl Bars {
    fn with<R>(&self, act: impl FnOnce(&mut HashMap<String, ProgressBar>) -> R) -> Option<R> {
        self.bars.lock().ok().map(|mut bars| act(&mut bars))
    }
}

impl Progress for Bars {
    fn begin(&self, target: &str) {
        // more lines than that tell nobody anything
        if self.with(|bars| bars.len() >= MOST_LINES) == Some(true) {
            return;
        }
        let bar = self.multi.add(ProgressBar::new_spinner());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}  {wide_msg:.dim}") {
            bar.set_style(style);
        }
        bar.set_prefix(target.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        self.with(|bars| bars.insert(target.to_owned(), bar));
    }

    fn stage(&self, target: &str, stage: &str) {
        self.with(|bars| {
            if let Some(bar) = bars.get(target) {
                bar.set_message(stage.to_owned());
            }
        });
    }

    fn done(&self, target: &str) {
        self.with(|bars| {
            if let Some(bar) = bars.remove(target) {
                bar.finish_and_clear();
            }
        });
    }
}
