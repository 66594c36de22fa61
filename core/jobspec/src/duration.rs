//! Durations as texts: `1h30m`, `5s`, `1ms` (spec: jobspec 6.4).

/// Reads a duration into nanoseconds, or says why not in the reference's words.
pub fn parse(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", quote(text));
    let (negative, mut rest) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let number_end = rest
            .find(|each: char| !each.is_ascii_digit())
            .unwrap_or(rest.len());
        let (whole, mut after) = rest.split_at(number_end);
        let mut fraction = "";
        if let Some(behind) = after.strip_prefix('.') {
            let end = behind
                .find(|each: char| !each.is_ascii_digit())
                .unwrap_or(behind.len());
            (fraction, after) = behind.split_at(end);
        }
        if whole.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let unit_end = after
            .find(|each: char| each == '.' || each.is_ascii_digit())
            .unwrap_or(after.len());
        let (unit, next) = after.split_at(unit_end);
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration {}", quote(text)));
        }
        let Some(nanoseconds) = unit_nanoseconds(unit) else {
            let (unit, text) = (quote(unit), quote(text));
            return Err(format!("time: unknown unit {unit} in duration {text}"));
        };
        let amount = match whole {
            "" => 0,
            _ => whole.parse::<i64>().map_err(|_| invalid())?,
        };
        total += i128::from(amount) * i128::from(nanoseconds) + part(fraction, nanoseconds);
        if total > i128::from(i64::MAX) + i128::from(negative) {
            return Err(invalid());
        }
        rest = next;
    }
    i64::try_from(if negative { -total } else { total }).map_err(|_| invalid())
}

fn part(fraction: &str, nanoseconds: i64) -> i128 {
    let digits = &fraction[..fraction.len().min(18)];
    let value: i128 = digits.parse().unwrap_or(0);
    value * i128::from(nanoseconds) / 10_i128.pow(digits.len() as u32)
}

fn unit_nanoseconds(unit: &str) -> Option<i64> {
    Some(match unit {
        "ns" => 1,
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

/// Text in quotation marks; what is not printable ASCII is escaped.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            ' '..='~' => quoted.push(character),
            _ => {
                let mut bytes = [0; 4];
                for byte in character.encode_utf8(&mut bytes).bytes() {
                    quoted.push_str(&format!("\\x{byte:02x}"));
                }
            }
        }
    }
    quoted.push('"');
    quoted
}

/// Prints a duration: the largest unit first and all smaller ones after it, `1m30s`, `250ms`.
pub fn format(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let total = nanoseconds.unsigned_abs();
    if total == 0 {
        return "0s".into();
    }
    if total < 1_000_000_000 {
        let (divisor, unit) = match total {
            0..1_000 => (1, "ns"),
            1_000..1_000_000 => (1_000, "\u{b5}s"),
            _ => (1_000_000, "ms"),
        };
        return format!("{sign}{}{unit}", decimal(total, divisor));
    }
    let seconds = total / 1_000_000_000;
    let rest = decimal(total % 60_000_000_000, 1_000_000_000);
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match (hours, minutes) {
        (0, 0) => format!("{sign}{rest}s"),
        (0, _) => format!("{sign}{minutes}m{rest}s"),
        _ => format!("{sign}{hours}h{minutes}m{rest}s"),
    }
}

fn decimal(value: u64, divisor: u64) -> String {
    let (whole, fraction) = (value / divisor, value % divisor);
    if fraction == 0 {
        return whole.to_string();
    }
    let places = divisor.ilog10() as usize;
    format!(
        "{whole}.{}",
        format!("{fraction:0places$}").trim_end_matches('0')
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_prints() {
        for (text, nanoseconds, printed) in [
            ("1h2m3s4ms", 3_723_004_000_000, "1h2m3.004s"),
            ("90s", 90_000_000_000, "1m30s"),
            ("1.5h", 5_400_000_000_000, "1h30m0s"),
            ("-5s", -5_000_000_000, "-5s"),
            ("0", 0, "0s"),
            ("1500us", 1_500_000, "1.5ms"),
            ("10m", 600_000_000_000, "10m0s"),
        ] {
            assert_eq!(parse(text), Ok(nanoseconds), "{text}");
            assert_eq!(format(nanoseconds), printed, "{text}");
        }
        for (text, reason) in [
            ("10", "time: missing unit in duration \"10\""),
            ("1d", "time: unknown unit \"d\" in duration \"1d\""),
            ("10 s", "time: unknown unit \" s\" in duration \"10 s\""),
            ("", "time: invalid duration \"\""),
            ("abc", "time: invalid duration \"abc\""),
        ] {
            assert_eq!(parse(text), Err(reason.to_owned()));
        }
    }
}
