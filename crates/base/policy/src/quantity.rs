//! Sizes and durations as people write them.

use std::fmt;
use std::time::Duration;

use jiff::SignedDuration;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// A number of bytes: `65536`, `"64 KiB"`, `"512MB"`. `K`, `M`, `G` with `i` are powers of 1024, without it of 1000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

impl ByteSize {
    /// Reads a size of at least one byte.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let digits = text
            .find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_')
            .unwrap_or(text.len());
        let (number, unit) = text.split_at_checked(digits).unwrap_or((text, ""));
        let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
            "" | "b" | "byte" | "bytes" => 1,
            "kb" => 1_000,
            "mb" => 1_000_000,
            "gb" => 1_000_000_000,
            "k" | "kib" => 1 << 10,
            "m" | "mib" => 1 << 20,
            "g" | "gib" => 1 << 30,
            other => return Err(format!("`{other}` is no unit of size")),
        };
        let number = number.replace('_', "");
        let bytes = if number.contains('.') {
            let value: f64 = number.parse().map_err(|_| format!("`{text}` is no size"))?;
            // Saturates; a fraction of a byte is dropped.
            #[expect(clippy::cast_sign_loss, reason = "the digits hold no sign")]
            let bytes = (value * factor as f64) as u64;
            bytes
        } else {
            number
                .parse::<u64>()
                .ok()
                .and_then(|n| n.checked_mul(factor))
                .ok_or_else(|| format!("`{text}` is no size"))?
        };
        if bytes == 0 {
            return Err("a size must be at least one byte".to_owned());
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, bits) in [("GiB", 30), ("MiB", 20), ("KiB", 10)] {
            if self.0 >= 1 << bits && self.0.trailing_zeros() >= bits {
                return write!(f, "{} {unit}", self.0 >> bits);
            }
        }
        write!(f, "{} B", self.0)
    }
}

/// A time: `5` (seconds), `0.5`, `"500 ms"`, `"2 min"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HumanDuration(pub Duration);

impl HumanDuration {
    /// Reads a duration longer than nothing, in jiff's friendly format (<https://docs.rs/jiff/latest/jiff/fmt/friendly>).
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Ok(seconds) = text.parse::<f64>() {
            return Self::seconds(seconds);
        }
        let signed: SignedDuration = text
            .parse()
            .map_err(|_| format!("`{text}` is no duration"))?;
        Self::positive(Duration::try_from(signed).ok())
    }

    /// From a number of seconds.
    pub fn seconds(seconds: f64) -> Result<Self, String> {
        Self::positive(Duration::try_from_secs_f64(seconds).ok())
    }

    fn positive(duration: Option<Duration>) -> Result<Self, String> {
        duration
            .filter(|d| !d.is_zero())
            .map(Self)
            .ok_or_else(|| "a duration must be longer than nothing".to_owned())
    }
}

impl fmt::Display for HumanDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        if millis.is_multiple_of(60_000) {
            write!(f, "{} min", millis / 60_000)
        } else if millis.is_multiple_of(1_000) {
            write!(f, "{} s", millis / 1_000)
        } else {
            write!(f, "{millis} ms")
        }
    }
}

macro_rules! as_text_or_number {
    ($type:ident, $format:literal, $expecting:literal, |$number:ident| $from_number:expr) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Reader;
                impl Visitor<'_> for Reader {
                    type Value = $type;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }

                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$type, E> {
                        $type::parse(text).map_err(E::custom)
                    }

                    fn visit_i64<E: de::Error>(self, number: i64) -> Result<$type, E> {
                        $type::parse(&number.to_string()).map_err(E::custom)
                    }

                    fn visit_u64<E: de::Error>(self, number: u64) -> Result<$type, E> {
                        $type::parse(&number.to_string()).map_err(E::custom)
                    }

                    fn visit_f64<E: de::Error>(self, $number: f64) -> Result<$type, E> {
                        $from_number.map_err(E::custom)
                    }
                }
                deserializer.deserialize_any(Reader)
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": ["string", "number"], "format": $format})
            }
        }
    };
}

as_text_or_number!(
    ByteSize,
    "byte-size",
    "a size such as \"64 MiB\"",
    |number| { Self::Value::parse(&format!("{number}")) }
);
as_text_or_number!(
    HumanDuration,
    "human-duration",
    "a duration such as \"30 s\"",
    |number| Self::Value::seconds(number)
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_sizes_as_people_write_them() {
        for (text, expected) in [
            ("1", Some(1)),
            ("64 KiB", Some(64 << 10)),
            ("64K", Some(64 << 10)),
            ("1.5 GiB", Some(3 << 29)),
            ("2GB", Some(2_000_000_000)),
            ("200_000", Some(200_000)),
            ("0", None),
            ("-1", None),
            ("5 parsecs", None),
            ("", None),
            ("99999999999999999999 GiB", None),
            ("é", None),
        ] {
            assert_eq!(ByteSize::parse(text).ok().map(|s| s.0), expected, "{text}");
        }
    }

    #[test]
    fn reads_durations_as_people_write_them() {
        for (text, expected) in [
            ("5", Some(5_000)),
            ("0.5", Some(500)),
            ("500 ms", Some(500)),
            ("2 min", Some(120_000)),
            ("1m30s", Some(90_000)),
            ("0", None),
            ("-3 s", None),
            ("nan", None),
            ("1e300", None),
            ("soon", None),
        ] {
            let read = HumanDuration::parse(text).ok().map(|d| d.0.as_millis());
            assert_eq!(read, expected, "{text}");
        }
    }

    #[test]
    fn what_is_shown_can_be_read_again() {
        for bytes in [1, 1023, 1024, 64 << 10, 3 << 20, 2 << 30] {
            assert_eq!(
                ByteSize::parse(&ByteSize(bytes).to_string()),
                Ok(ByteSize(bytes))
            );
        }
        for millis in [1, 999, 1_000, 60_000, 90_000] {
            let duration = HumanDuration(Duration::from_millis(millis));
            assert_eq!(HumanDuration::parse(&duration.to_string()), Ok(duration));
        }
    }
}
