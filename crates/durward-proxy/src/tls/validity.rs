//! When a certificate is valid: the one field of X.509 (RFC 5280 section 4.1.2.5) that the TLS library does not show of
//! one's own certificate.

/// Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    not_before: i64,
    not_after: i64,
}

impl Period {
    /// Why the certificate cannot be used at this time.
    pub(crate) fn problem_at(self, unix: u64) -> Option<String> {
        let now = i64::try_from(unix).unwrap_or(i64::MAX);
        let days = |seconds: i64| match seconds / 86_400 {
            0 => "today".to_owned(),
            1 => "1 day".to_owned(),
            n => format!("{n} days"),
        };
        if now > self.not_after {
            return Some(match days(now - self.not_after).as_str() {
                "today" => "expired today".to_owned(),
                ago => format!("expired {ago} ago"),
            });
        }
        if now < self.not_before {
            return Some(match days(self.not_before - now).as_str() {
                "today" => "is not valid yet (it begins within a day)".to_owned(),
                ahead => format!("is not valid yet (it begins in {ahead})"),
            });
        }
        None
    }
}

/// Reads the validity of a DER certificate.
pub(crate) fn period(certificate: &[u8]) -> Option<Period> {
    let (outer, _) = value(certificate, SEQUENCE)?;
    let (mut rest, _) = value(outer, SEQUENCE)?;
    if let Some((_, after)) = value(rest, EXPLICIT_VERSION) {
        rest = after;
    }
    let (_, rest) = value(rest, INTEGER)?;
    let (_, rest) = value(rest, SEQUENCE)?;
    let (_, rest) = value(rest, SEQUENCE)?;
    let (validity, _) = value(rest, SEQUENCE)?;
    let (not_before, validity) = time(validity)?;
    let (not_after, _) = time(validity)?;
    Some(Period { not_before, not_after })
}

/// The content of the first element, which must have this tag, and what follows it.
fn value(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    if found != tag {
        return None;
    }
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x0f))?;
            (digits.iter().fold(0usize, |sum, digit| sum << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// A `UTCTime` or `GeneralizedTime`, always in `Z` in certificates.
fn time(der: &[u8]) -> Option<(i64, &[u8])> {
    let (text, rest, century_digits) = match value(der, UTC_TIME) {
        Some((text, rest)) => (text, rest, 0),
        None => value(der, GENERALIZED_TIME).map(|(text, rest)| (text, rest, 2))?,
    };
    let text = text.strip_suffix(b"Z")?;
    let (year, text) = text.split_at_checked(century_digits + 2)?;
    let year = match (number(year)?, century_digits) {
        (short @ 0..50, 0) => 2000 + short,
        (short, 0) => 1900 + short,
        (full, _) => full,
    };
    let mut fields = text.chunks_exact(2).map(number);
    let mut next = || fields.next().flatten();
    let (month, day, hour, minute, second) = (next()?, next()?, next()?, next()?, next()?);
    Some((days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second, rest))
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0i64, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
}

/// Days since 1970-01-01 in the Gregorian calendar.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const EXPLICIT_VERSION: u8 = 0xa0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_is_right() {
        for (date, unix) in [((1970, 1, 1), 0), ((2000, 3, 1), 951_868_800), ((2026, 11, 25), 1_795_564_800)] {
            assert_eq!(days(date.0, date.1, date.2) * 86_400, unix, "{date:?}");
        }
    }

    #[test]
    fn a_certificate_tells_its_period() {
        let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2001, 2, 3);
        params.not_after = rcgen::date_time_ymd(2061, 4, 5);
        let certificate = params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();
        let period = period(certificate.der()).unwrap();
        assert_eq!(period, Period { not_before: days(2001, 2, 3) * 86_400, not_after: days(2061, 4, 5) * 86_400 });
        assert_eq!(period.problem_at(1_795_564_800), None);
        let after = u64::try_from(period.not_after).unwrap() + 3 * 86_400;
        assert_eq!(period.problem_at(after).as_deref(), Some("expired 3 days ago"));
        assert!(period.problem_at(0).unwrap().contains("not valid yet"));
    }

    #[test]
    fn nothing_else_is_a_certificate() {
        for der in [&b""[..], b"\x30", b"\x30\x84\xff\xff\xff\xff", b"\x30\x02\x30\x00", b"hello"] {
            assert_eq!(period(der), None);
        }
    }
}
