//! Ports of a host, and how lists of them are written (spec: scheduling 8.3).

use crate::InOrder;

/// How many ports an address has.
pub const PORTS: usize = 65_536;

/// Reads a list of ports and ranges: `22,80,8500-8600`; sorted, each once.
pub fn parse_ports(text: &str) -> Result<Vec<u16>, String> {
    let mut ports = Vec::new();
    if text.trim().is_empty() {
        return Ok(ports);
    }
    for part in text.split(',') {
        let part = part.trim();
        match part.split_once('-') {
            None => ports.push(parse_port(part)?),
            Some((start, end)) => {
                let (start, end) = (parse_port(start.trim())?, parse_port(end.trim())?);
                if end < start {
                    return Err(format!(
                        "invalid range: ending value ({end}) less than starting ({start}) value"
                    ));
                }
                ports.extend(start..=end);
            }
        }
        if ports.len() > PORTS {
            return Err(format!("maximum of {PORTS} ports can be reserved"));
        }
    }
    ports.put_in_order_by_key(|port| *port);
    ports.dedup();
    Ok(ports)
}

fn parse_port(text: &str) -> Result<u16, String> {
    if text.is_empty() {
        return Err("can't specify empty port".to_owned());
    }
    let number: u64 = text.parse().map_err(|_| format!("invalid port {text:?}"))?;
    match u16::try_from(number) {
        Ok(0) => Err("port must be > 0".to_owned()),
        Ok(port) => Ok(port),
        Err(_) => Err(format!("port must be < 65536 but found {number}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_ports() {
        let ok = |text: &str| parse_ports(text).unwrap();
        assert_eq!(ok("1-3,5"), [1, 2, 3, 5]);
        assert_eq!(ok(" 80, 22 ,80"), [22, 80]);
        assert!(ok("").is_empty());
        for (text, error) in [
            (
                "3-1",
                "invalid range: ending value (1) less than starting (3) value",
            ),
            ("0", "port must be > 0"),
            ("65536", "port must be < 65536 but found 65536"),
            ("1,,2", "can't specify empty port"),
        ] {
            assert_eq!(parse_ports(text).unwrap_err(), error, "{text}");
        }
    }
}
