//! Functions on address blocks.

use super::{Call, Failure, Function, Kind, failed, function, parameter, unsuitable};
use crate::expression::{Type, Value};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const PREFIX: super::Parameter = parameter("prefix", Kind::String);

pub(super) static TABLE: &[Function] = &[
    function(
        "cidrhost",
        &[PREFIX, parameter("hostnum", Kind::Number)],
        None,
        "The address with a number inside the block.",
        host,
    ),
    function(
        "cidrnetmask",
        &[PREFIX],
        None,
        "The block's netmask.",
        |call| {
            let block = Block::parse(call)?;
            match block.bits {
                32 => Ok(Value::String(
                    Ipv4Addr::from(!0u32 ^ low_bits(32 - block.prefix) as u32).to_string(),
                )),
                _ => failed(
                    "IPv6 addresses cannot have a netmask: \"".to_owned() + call.text(0) + "\"",
                ),
            }
        },
    ),
    function(
        "cidrsubnet",
        &[
            PREFIX,
            parameter("newbits", Kind::Number),
            parameter("netnum", Kind::Number),
        ],
        None,
        "A smaller block inside the block.",
        subnet,
    ),
    function(
        "cidrsubnets",
        &[PREFIX],
        Some(parameter("newbits", Kind::Number)),
        "Smaller blocks inside the block, one after the other.",
        subnets,
    ),
];

struct Block {
    address: u128,
    prefix: u32,
    bits: u32,
}

fn low_bits(count: u32) -> u128 {
    if count >= 128 {
        u128::MAX
    } else {
        (1 << count) - 1
    }
}

impl Block {
    fn parse(call: &Call<'_>) -> Result<Self, Failure> {
        let text = call.text(0);
        let invalid = || {
            failed(format!(
                "invalid CIDR expression: invalid CIDR address: {text}"
            ))
        };
        let Some((address, prefix)) = text.split_once('/') else {
            return invalid();
        };
        let (Ok(address), Ok(prefix)) = (address.parse::<IpAddr>(), prefix.parse::<u32>()) else {
            return invalid();
        };
        let (address, bits) = match address {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        if prefix > bits {
            return invalid();
        }
        let address = address & !low_bits(bits - prefix);
        Ok(Self {
            address,
            prefix,
            bits,
        })
    }

    fn text(&self, address: u128) -> String {
        match self.bits {
            32 => Ipv4Addr::from(address as u32).to_string(),
            _ => Ipv6Addr::from(address).to_string(),
        }
    }

    /// `prefix + new_bits`, when the block has that many.
    fn extended(&self, new_bits: i64, at: usize) -> Result<u32, Failure> {
        let extended = i64::from(self.prefix) + new_bits;
        if new_bits < 1 && at > 0 {
            return unsuitable(at, "newbits", "must extend prefix by at least one bit");
        }
        match u32::try_from(extended) {
            Ok(extended) if extended <= self.bits => Ok(extended),
            _ => failed(format!(
                "insufficient address space to extend prefix of {} by {new_bits}",
                self.prefix
            )),
        }
    }
}

fn host(call: &Call<'_>) -> Result<Value, Failure> {
    let block = Block::parse(call)?;
    let number = call.whole(1, "hostnum")?;
    let room = block.bits - block.prefix;
    let offset = match number {
        0.. => number as u128,
        _ => low_bits(room)
            .wrapping_add(1)
            .wrapping_sub(u128::from(number.unsigned_abs())),
    };
    if offset > low_bits(room) {
        let prefix = block.prefix;
        return failed(format!(
            "prefix of {prefix} does not accommodate a host numbered {number}"
        ));
    }
    Ok(Value::String(block.text(block.address | offset)))
}

fn subnet(call: &Call<'_>) -> Result<Value, Failure> {
    let block = Block::parse(call)?;
    let (new_bits, number) = (call.whole(1, "newbits")?, call.whole(2, "netnum")?);
    let prefix = block.extended(new_bits, 0)?;
    let largest = low_bits(u32::try_from(new_bits).unwrap_or(0));
    if number < 0 || number as u128 > largest {
        return failed(format!(
            "prefix extension of {new_bits} does not accommodate a subnet numbered {number}"
        ));
    }
    let shift = block.bits - prefix;
    let offset = if shift >= 128 {
        0
    } else {
        (number as u128) << shift
    };
    Ok(Value::String(format!(
        "{}/{prefix}",
        block.text(block.address | offset)
    )))
}

fn subnets(call: &Call<'_>) -> Result<Value, Failure> {
    let block = Block::parse(call)?;
    let mut next = block.address;
    let mut texts = Vec::new();
    let last = block.address | low_bits(block.bits - block.prefix);
    for at in 1..call.arguments.len() {
        let prefix = block.extended(call.whole(at, "newbits")?, at)?;
        let size = low_bits(block.bits - prefix);
        let start = match next & size {
            0 => next,
            _ => (next | size).wrapping_add(1),
        };
        if start < block.address || start > last || last - start < size {
            let reason = format!(
                "not enough remaining address space for a subnet with a prefix of {prefix} bits"
            );
            return unsuitable(at, "newbits", reason);
        }
        texts.push(Value::String(format!("{}/{prefix}", block.text(start))));
        next = start.saturating_add(size).saturating_add(1);
    }
    Ok(Value::List(texts, Box::new(Type::String)))
}
