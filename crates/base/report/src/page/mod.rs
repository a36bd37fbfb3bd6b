//! Pages that stand alone: no scripts, nothing loaded from elsewhere, readable in print and in the dark.

pub mod plot;

use crate::escape;

/// The beginning of a page, up to and with the opening of its body. End it with [`END`].
pub fn begin(title: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n",
        escape::html(title),
        include_str!("style.css")
    )
}

/// The end of a page.
pub const END: &str = "</body>\n</html>\n";
