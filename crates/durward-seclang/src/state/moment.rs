//! Points in time, and what the clock variables say about them. All in UTC, so that a rule means the same everywhere.

use super::number;

/// A point in time, handed in by the caller: this crate reads no clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Moment {
    /// Microseconds since 1970.
    pub unix_micros: u64,
}

impl Moment {
    /// So many seconds after 1970.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        Self { unix_micros: seconds.saturating_mul(1_000_000) }
    }

    /// Whole seconds since 1970.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.unix_micros / 1_000_000
    }

    /// The date and time of day.
    #[must_use]
    pub const fn civil(self) -> Civil {
        let seconds = self.seconds();
        let (days, rest) = (seconds / 86_400, seconds % 86_400);
        // The proleptic Gregorian calendar in eras of 400 years that begin on 1 March, so that the leap day is the last day
        // of a year. (Hinnant, "chrono-compatible low-level date algorithms".)
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        let year = era * 400 + year_of_era + (month <= 2) as u64;
        Civil {
            year,
            month: month as u8,
            day: day as u8,
            // 1 January 1970 was a Thursday; Monday is 1, as `strftime` says with `%u`.
            weekday: ((days + 3) % 7 + 1) as u8,
            hour: (rest / 3_600) as u8,
            minute: (rest / 60 % 60) as u8,
            second: (rest % 60) as u8,
        }
    }
}

/// A date and a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    /// `TIME_YEAR`.
    pub year: u64,
    /// 1 to 12; `TIME_MON` is one less.
    pub month: u8,
    /// `TIME_DAY`, 1 to 31.
    pub day: u8,
    /// `TIME_WDAY`, 1 (Monday) to 7.
    pub weekday: u8,
    /// `TIME_HOUR`, 0 to 23.
    pub hour: u8,
    /// `TIME_MIN`, 0 to 59.
    pub minute: u8,
    /// `TIME_SEC`, 0 to 59.
    pub second: u8,
}

impl Civil {
    /// Appends `TIME`: `hh:mm:ss`.
    pub fn write_time(self, out: &mut super::Buffer) {
        number::write_two_digits(self.hour, out);
        out.push(b':');
        number::write_two_digits(self.minute, out);
        out.push(b':');
        number::write_two_digits(self.second, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_dates() {
        for (seconds, year, month, day, weekday, (hour, minute, second)) in [
            (0, 1970, 1, 1, 4, (0, 0, 0)),
            (951_782_399, 2000, 2, 28, 1, (23, 59, 59)),
            (951_782_400, 2000, 2, 29, 2, (0, 0, 0)),
            (951_868_800, 2000, 3, 1, 3, (0, 0, 0)),
            (1_709_210_096, 2024, 2, 29, 4, (12, 34, 56)),
            (1_735_689_599, 2024, 12, 31, 2, (23, 59, 59)),
            (4_102_444_800, 2100, 1, 1, 5, (0, 0, 0)),
            (4_107_542_400, 2100, 3, 1, 1, (0, 0, 0)),
        ] {
            let expected = Civil { year, month, day, weekday, hour, minute, second };
            assert_eq!(Moment::from_seconds(seconds).civil(), expected, "{seconds}");
        }
        // The farthest moment is no overflow.
        let _ = Moment { unix_micros: u64::MAX }.civil();
    }
}
