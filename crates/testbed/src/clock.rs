//! Timestamps as AWS writes them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SECONDS_A_DAY: u64 = 86_400;

/// Seconds since 1970.
pub fn epoch_seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

/// `2026-01-02T03:04:05Z`, as STS writes the end of credentials.
pub fn iso8601(time: SystemTime) -> String {
    let seconds = epoch_seconds(time);
    let (year, month, day) = civil_from_days(seconds / SECONDS_A_DAY);
    let of_day = seconds % SECONDS_A_DAY;
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    )
}

/// Reads `20260102T030405Z`, the form of `X-Amz-Date`.
pub fn parse_amz_date(text: &str) -> Option<SystemTime> {
    let bytes = text.as_bytes();
    if bytes.len() != 16 || bytes[8] != b'T' || bytes[15] != b'Z' {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
    let days = days_from_civil(number(0, 4)?, number(4, 6)?, number(6, 8)?)?;
    let seconds = number(9, 11)? * 3600 + number(11, 13)? * 60 + number(13, 15)?;
    Some(UNIX_EPOCH + Duration::from_secs(days * SECONDS_A_DAY + seconds))
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_in(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_in_year(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_from_civil(year: u64, month: u64, day: u64) -> Option<u64> {
    if year < 1970 || !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let years: u64 = (1970..year).map(days_in_year).sum();
    let months: u64 = (1..month).map(|m| days_in(year, m)).sum();
    Some(years + months + day - 1)
}

fn civil_from_days(mut days: u64) -> (u64, u64, u64) {
    let mut year = 1970;
    while days >= days_in_year(year) {
        days -= days_in_year(year);
        year += 1;
    }
    let mut month = 1;
    while days >= days_in(year, month) {
        days -= days_in(year, month);
        month += 1;
    }
    (year, month, days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_name_the_same_moment() {
        for (amz, iso, seconds) in [
            ("19700101T000000Z", "1970-01-01T00:00:00Z", 0),
            ("20000229T235959Z", "2000-02-29T23:59:59Z", 951_868_799),
            ("20260102T030405Z", "2026-01-02T03:04:05Z", 1_767_323_045),
        ] {
            let time = UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(parse_amz_date(amz), Some(time), "{amz}");
            assert_eq!(iso8601(time), iso);
        }
    }

    #[test]
    fn a_date_that_does_not_exist_is_refused() {
        for text in [
            "20260230T000000Z",
            "2026-01-02T03:04:05Z",
            "",
            "20261301T000000Z",
        ] {
            assert_eq!(parse_amz_date(text), None, "{text}");
        }
    }
}
