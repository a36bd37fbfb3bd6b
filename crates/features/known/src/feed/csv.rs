//! Feeds in CSV: a header that says what the columns are, and one entry a row.

use super::Reader;
use super::entry::{Entry, Field};

impl Reader<'_> {
    /// Reads CSV, or values with tabs or semicolons between them.
    pub(super) fn csv(&mut self, file: &str, text: &str) {
        let header = text
            .lines()
            .find(|l| !l.trim().is_empty() && !l.starts_with('#'))
            .unwrap_or_default();
        let count = |c: char| header.matches(c).count();
        let delimiter = [',', '\t', ';']
            .into_iter()
            .max_by_key(|c| (count(*c), *c == ','))
            .unwrap_or(',');
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter as u8)
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .flexible(false)
            .from_reader(text.as_bytes());
        let fields: Vec<Option<Field>> = match reader.headers() {
            Ok(header) => header.iter().map(Field::of).collect(),
            Err(error) => return self.row_error(file, &error),
        };
        let says_something = fields.iter().flatten().any(|f| {
            !matches!(
                f,
                Field::Version
                    | Field::Ecosystem
                    | Field::Id
                    | Field::Summary
                    | Field::Class
                    | Field::Kind
            )
        });
        if !says_something {
            let message = format!(
                "no column names a package or an indicator; the first line must name the columns, such as: {}",
                Field::NAMES
            );
            return self.problem(file, 1, message);
        }
        for row in reader.records() {
            match row {
                Ok(row) => {
                    let line = row.position().map_or(0, csv::Position::line);
                    let mut entry = Entry::new();
                    for (value, field) in row.iter().zip(&fields) {
                        if let Some(field) = field
                            && !value.is_empty()
                        {
                            entry
                                .entry(*field)
                                .or_default()
                                .extend(split(*field, value));
                        }
                    }
                    self.entry(file, line, &entry);
                }
                Err(error) => self.row_error(file, &error),
            }
            if self.is_full() {
                return;
            }
        }
    }

    fn row_error(&mut self, file: &str, error: &csv::Error) {
        let line = error.position().map_or(1, csv::Position::line);
        let message = match error.kind() {
            csv::ErrorKind::UnequalLengths {
                expected_len, len, ..
            } => {
                format!("the row has {len} values, the header {expected_len}")
            }
            _ => error.to_string(),
        };
        self.problem(file, line, message);
    }
}

/// Several values in one cell.
fn split(field: Field, value: &str) -> Vec<String> {
    match field {
        Field::Version | Field::Domain | Field::Ip | Field::Sha256 => value
            .split([' ', ';', '|', ','])
            .filter(|v| !v.is_empty())
            .map(str::to_owned)
            .collect(),
        _ => vec![value.to_owned()],
    }
}
