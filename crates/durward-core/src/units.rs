//! Units as people write them: `16KiB`, `30s`, `60/min`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that is not the unit it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitError(String);

impl fmt::Display for UnitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UnitError {}

fn split(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at_checked(end)?;
    Some((digits.parse().ok()?, unit.trim()))
}

/// A number of bytes: `512`, `64KiB`, `1MiB`, `2GiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(u64);

impl ByteSize {
    /// `n` bytes.
    #[must_use]
    pub const fn bytes(n: u64) -> Self {
        Self(n)
    }

    /// `n` kibibytes.
    #[must_use]
    pub const fn kib(n: u64) -> Self {
        Self(n * 1024)
    }

    /// `n` mebibytes.
    #[must_use]
    pub const fn mib(n: u64) -> Self {
        Self(n * 1024 * 1024)
    }

    /// The number of bytes.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// The number of bytes as a length in memory.
    #[must_use]
    pub fn as_usize(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl FromStr for ByteSize {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let wrong = || UnitError(format!("`{text}` is not a size; write one like `64KiB`, `1MiB` or `2GiB`"));
        let (number, unit) = split(text).ok_or_else(wrong)?;
        let factor: u64 = match unit {
            "" | "B" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            "kB" | "KB" => 1_000,
            "MB" => 1_000_000,
            "GB" => 1_000_000_000,
            _ => return Err(wrong()),
        };
        number.checked_mul(factor).map(Self).ok_or_else(wrong)
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            n if n != 0 && n % (1 << 30) == 0 => write!(f, "{}GiB", n >> 30),
            n if n != 0 && n % (1 << 20) == 0 => write!(f, "{}MiB", n >> 20),
            n if n != 0 && n % (1 << 10) == 0 => write!(f, "{}KiB", n >> 10),
            n => write!(f, "{n}B"),
        }
    }
}

/// A length of time: `250ms`, `30s`, `5min`, `1h`, `7d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lapse(Duration);

impl Lapse {
    /// A length of time in seconds.
    #[must_use]
    pub const fn seconds(n: u64) -> Self {
        Self(Duration::from_secs(n))
    }

    /// A length of time in milliseconds.
    #[must_use]
    pub const fn millis(n: u64) -> Self {
        Self(Duration::from_millis(n))
    }

    /// As the standard type.
    #[must_use]
    pub const fn duration(self) -> Duration {
        self.0
    }
}

fn time_unit_millis(unit: &str) -> Option<u64> {
    Some(match unit {
        "ms" => 1,
        "s" | "sec" | "second" => 1_000,
        "m" | "min" | "minute" => 60_000,
        "h" | "hour" => 3_600_000,
        "d" | "day" => 86_400_000,
        _ => return None,
    })
}

impl FromStr for Lapse {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let wrong =
            || UnitError(format!("`{text}` is not a length of time; write one like `250ms`, `30s`, `5min` or `1h`"));
        let (number, unit) = split(text).ok_or_else(wrong)?;
        let millis = time_unit_millis(unit).and_then(|factor| number.checked_mul(factor)).ok_or_else(wrong)?;
        Ok(Self(Duration::from_millis(millis)))
    }
}

impl fmt::Display for Lapse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_millis() {
            n if n != 0 && n % 86_400_000 == 0 => write!(f, "{}d", n / 86_400_000),
            n if n != 0 && n % 3_600_000 == 0 => write!(f, "{}h", n / 3_600_000),
            n if n != 0 && n % 60_000 == 0 => write!(f, "{}min", n / 60_000),
            n if n % 1_000 == 0 => write!(f, "{}s", n / 1_000),
            n => write!(f, "{n}ms"),
        }
    }
}

/// A rate: `60/min`, `10/s`, `8000/day`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    count: u64,
    period: Duration,
}

impl Rate {
    /// `count` per `period`; `None` when either is zero.
    #[must_use]
    pub const fn new(count: u64, period: Duration) -> Option<Self> {
        if count == 0 || period.is_zero() { None } else { Some(Self { count, period }) }
    }

    /// How many in one period.
    #[must_use]
    pub const fn count(self) -> u64 {
        self.count
    }

    /// The period.
    #[must_use]
    pub const fn period(self) -> Duration {
        self.period
    }
}

impl FromStr for Rate {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let wrong = || UnitError(format!("`{text}` is not a rate; write one like `10/s`, `60/min` or `8000/day`"));
        let (count, unit) = text.split_once('/').ok_or_else(wrong)?;
        let count: u64 = count.trim().parse().map_err(|_| wrong())?;
        let millis = time_unit_millis(unit.trim()).ok_or_else(wrong)?;
        Self::new(count, Duration::from_millis(millis)).ok_or_else(wrong)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.period.as_millis() {
            1_000 => "s",
            60_000 => "min",
            3_600_000 => "h",
            86_400_000 => "day",
            n => return write!(f, "{}/{n}ms", self.count),
        };
        write!(f, "{}/{unit}", self.count)
    }
}

macro_rules! as_text {
    ($($name:ty),+) => { $(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )+ };
}

as_text!(ByteSize, Lapse, Rate);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_read_what_they_write() {
        for text in ["64KiB", "1MiB", "2GiB", "17B"] {
            assert_eq!(text.parse::<ByteSize>().map(|size| size.to_string()), Ok(text.to_owned()));
        }
        for text in ["250ms", "30s", "5min", "1h", "7d"] {
            assert_eq!(text.parse::<Lapse>().map(|lapse| lapse.to_string()), Ok(text.to_owned()));
        }
        for text in ["60/min", "10/s", "8000/day"] {
            assert_eq!(text.parse::<Rate>().map(|rate| rate.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "x", "60", "0/s", "5/fortnight", "/min"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
        for text in ["1TiB", "-1", "18446744073709551615GiB"] {
            assert!(text.parse::<ByteSize>().is_err(), "{text}");
        }
    }
}
