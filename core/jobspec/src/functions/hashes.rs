//! Digests and identifiers. Written out here: four short functions need no crate.

use super::{Call, Failure, Function, Kind, failed, function, parameter, unsuitable};
use crate::expression::Value;

const TEXT: super::Parameter = parameter("str", Kind::String);

pub(super) static TABLE: &[Function] = &[
    function(
        "md5",
        &[TEXT],
        None,
        "The MD5 digest in hexadecimal.",
        |call| Ok(hexadecimal(&md5(call.text(0).as_bytes()))),
    ),
    function(
        "sha1",
        &[TEXT],
        None,
        "The SHA-1 digest in hexadecimal.",
        |call| Ok(hexadecimal(&sha1(call.text(0).as_bytes()))),
    ),
    function(
        "sha256",
        &[TEXT],
        None,
        "The SHA-256 digest in hexadecimal.",
        |call| Ok(hexadecimal(&sha256(call.text(0).as_bytes()))),
    ),
    function(
        "sha512",
        &[TEXT],
        None,
        "The SHA-512 digest in hexadecimal.",
        |call| Ok(hexadecimal(&sha512(call.text(0).as_bytes()))),
    ),
    function(
        "uuidv4",
        &[],
        None,
        "A random identifier; here it follows from the job file, so that a history repeats.",
        |call| {
            let digest = sha1(call.nonce.as_bytes());
            Ok(Value::String(uuid(&digest, 4)))
        },
    ),
    function(
        "uuidv5",
        &[
            parameter("namespace", Kind::String),
            parameter("name", Kind::String),
        ],
        None,
        "The identifier that belongs to a name in a namespace.",
        name_uuid,
    ),
    function(
        "bcrypt",
        &[TEXT],
        Some(parameter("cost", Kind::Number)),
        "A salted password digest; refused, as chance would change the job on every reading.",
        |_| {
            failed(
                "bcrypt is not available here: its random salt would change the job on every \
                 reading",
            )
        },
    ),
    function(
        "rsadecrypt",
        &[
            parameter("ciphertext", Kind::String),
            parameter("privatekey", Kind::String),
        ],
        None,
        "Decrypts with a private key; refused here, where no private key belongs.",
        |_| failed("rsadecrypt is not available here: no private key belongs into a playground"),
    ),
];

fn hexadecimal(bytes: &[u8]) -> Value {
    Value::String(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn uuid(digest: &[u8], version: u8) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = bytes[6] & 0x0f | version << 4;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hexadecimal: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| &hexadecimal[range]);
    parts.join("-")
}

fn name_uuid(call: &Call<'_>) -> Result<Value, Failure> {
    let namespace = match call.text(0) {
        "dns" => "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "url" => "6ba7b811-9dad-11d1-80b4-00c04fd430c8",
        "oid" => "6ba7b812-9dad-11d1-80b4-00c04fd430c8",
        "x500" => "6ba7b814-9dad-11d1-80b4-00c04fd430c8",
        other => other,
    };
    let digits: Vec<u8> = namespace
        .chars()
        .filter(|&each| each != '-')
        .filter_map(|each| each.to_digit(16).map(|digit| digit as u8))
        .collect();
    if digits.len() != 32 || namespace.len() != 36 {
        let reason = "uuidv5() doesn't support namespace ".to_owned() + namespace;
        return unsuitable(0, "namespace", reason);
    }
    let mut bytes: Vec<u8> = digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect();
    bytes.extend(call.text(1).bytes());
    Ok(Value::String(uuid(&sha1(&bytes), 5)))
}

/// The message with its padding: a one bit, zeros, and the length in bits.
fn padded(message: &[u8], block: usize, big_endian: bool) -> Vec<u8> {
    let length_bytes = block / 8;
    let mut bytes = message.to_vec();
    bytes.push(0x80);
    while bytes.len() % block != block - length_bytes {
        bytes.push(0);
    }
    let bits = (message.len() as u128) * 8;
    let mut length = bits.to_be_bytes()[16 - length_bytes..].to_vec();
    if !big_endian {
        length.reverse();
    }
    bytes.extend(length);
    bytes
}

fn md5(message: &[u8]) -> Vec<u8> {
    const SHIFTS: [u32; 16] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
    let mut state: [u32; 4] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
    for block in padded(message, 64, false).chunks_exact(64) {
        let words: Vec<u32> = block
            .chunks_exact(4)
            .map(|word| u32::from_le_bytes(word.try_into().unwrap_or_default()))
            .collect();
        let [mut a, mut b, mut c, mut d] = state;
        for i in 0..64 {
            let (mix, at) = match i / 16 {
                0 => (b & c | !b & d, i),
                1 => (d & b | !d & c, (5 * i + 1) % 16),
                2 => (b ^ c ^ d, (3 * i + 5) % 16),
                _ => (c ^ (b | !d), 7 * i % 16),
            };
            let constant = (libm::fabs(libm::sin(i as f64 + 1.0)) * 4_294_967_296.0) as u32;
            let sum = a
                .wrapping_add(mix)
                .wrapping_add(constant)
                .wrapping_add(words[at]);
            let rotated = sum.rotate_left(SHIFTS[i / 16 * 4 + i % 4]);
            (a, d, c, b) = (d, c, b, b.wrapping_add(rotated));
        }
        for (old, new) in state.iter_mut().zip([a, b, c, d]) {
            *old = old.wrapping_add(new);
        }
    }
    state.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn sha1(message: &[u8]) -> Vec<u8> {
    let mut state: [u32; 5] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
    for block in padded(message, 64, true).chunks_exact(64) {
        let mut words: Vec<u32> = block
            .chunks_exact(4)
            .map(|word| u32::from_be_bytes(word.try_into().unwrap_or_default()))
            .collect();
        for i in 16..80 {
            let word = words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16];
            words.push(word.rotate_left(1));
        }
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for (i, word) in words.iter().enumerate() {
            let (mix, constant): (u32, u32) = match i / 20 {
                0 => (b & c | !b & d, 0x5a827999),
                1 => (b ^ c ^ d, 0x6ed9eba1),
                2 => (b & c | b & d | c & d, 0x8f1bbcdc),
                _ => (b ^ c ^ d, 0xca62c1d6),
            };
            let sum = a
                .rotate_left(5)
                .wrapping_add(mix)
                .wrapping_add(e)
                .wrapping_add(constant)
                .wrapping_add(*word);
            (e, d, c, b, a) = (d, c, b.rotate_left(30), a, sum);
        }
        for (old, new) in state.iter_mut().zip([a, b, c, d, e]) {
            *old = old.wrapping_add(new);
        }
    }
    state.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// The first primes, from whose roots the constants of SHA-2 come.
fn primes(count: usize) -> Vec<u64> {
    let mut primes: Vec<u64> = Vec::with_capacity(count);
    let mut candidate = 2;
    while primes.len() < count {
        if primes.iter().all(|prime| candidate % prime != 0) {
            primes.push(candidate);
        }
        candidate += 1;
    }
    primes
}

/// The first 64 bits after the point of the square (2) or cube (3) root of a small prime.
fn root_fraction(prime: u64, power: u32) -> u64 {
    // The largest r with r^power <= prime * 2^(64 * power): found bit by bit, with wide products.
    let (mut low, mut high) = (0u128, 1u128 << 70);
    while high - low > 1 {
        let middle = (low + high) / 2;
        if wide_power_at_most(middle, power, prime) {
            low = middle
        } else {
            high = middle
        }
    }
    low as u64
}

/// `value^power <= prime << (64 * power)`, in base 2^32 so that nothing overflows.
fn wide_power_at_most(value: u128, power: u32, prime: u64) -> bool {
    let limbs = |mut number: u128| {
        let mut limbs = Vec::new();
        while number > 0 {
            limbs.push(number as u64 & 0xffff_ffff);
            number >>= 32;
        }
        limbs
    };
    let base = limbs(value);
    let mut product = base.clone();
    for _ in 1..power {
        let mut next = vec![0u64; product.len() + base.len() + 1];
        for (i, a) in product.iter().enumerate() {
            let mut carry = 0;
            for (j, b) in base.iter().enumerate() {
                let sum = next[i + j] + a * b + carry;
                next[i + j] = sum & 0xffff_ffff;
                carry = sum >> 32;
            }
            next[i + base.len()] += carry;
        }
        product = next;
    }
    let mut bound = vec![0u64; 2 * power as usize];
    bound.extend(limbs(u128::from(prime)));
    let length = product.len().max(bound.len());
    product.resize(length, 0);
    bound.resize(length, 0);
    product.iter().rev().le(bound.iter().rev())
}

fn sha256(message: &[u8]) -> Vec<u8> {
    let primes = primes(64);
    let upper = |fraction: u64| (fraction >> 32) as u32;
    let constants: Vec<u32> = primes
        .iter()
        .map(|&each| upper(root_fraction(each, 3)))
        .collect();
    let mut state: Vec<u32> = primes[..8]
        .iter()
        .map(|&each| upper(root_fraction(each, 2)))
        .collect();
    for block in padded(message, 64, true).chunks_exact(64) {
        let mut words: Vec<u32> = block
            .chunks_exact(4)
            .map(|word| u32::from_be_bytes(word.try_into().unwrap_or_default()))
            .collect();
        for i in 16..64 {
            let (x, y) = (words[i - 15], words[i - 2]);
            let first = x.rotate_right(7) ^ x.rotate_right(18) ^ x >> 3;
            let second = y.rotate_right(17) ^ y.rotate_right(19) ^ y >> 10;
            let sum = words[i - 16].wrapping_add(first).wrapping_add(words[i - 7]);
            words.push(sum.wrapping_add(second));
        }
        let mut now = state.clone();
        for (word, constant) in words.iter().zip(&constants) {
            let (a, e) = (now[0], now[4]);
            let mix_e = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
            let choice = e & now[5] ^ !e & now[6];
            let first = now[7]
                .wrapping_add(mix_e)
                .wrapping_add(choice)
                .wrapping_add(*constant)
                .wrapping_add(*word);
            let mix_a = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
            let majority = a & now[1] ^ a & now[2] ^ now[1] & now[2];
            now.rotate_right(1);
            now[0] = first.wrapping_add(mix_a).wrapping_add(majority);
            now[4] = now[4].wrapping_add(first);
        }
        for (old, new) in state.iter_mut().zip(now) {
            *old = old.wrapping_add(new);
        }
    }
    state.iter().flat_map(|word| word.to_be_bytes()).collect()
}

fn sha512(message: &[u8]) -> Vec<u8> {
    let primes = primes(80);
    let constants: Vec<u64> = primes.iter().map(|&each| root_fraction(each, 3)).collect();
    let mut state: Vec<u64> = primes[..8]
        .iter()
        .map(|&each| root_fraction(each, 2))
        .collect();
    for block in padded(message, 128, true).chunks_exact(128) {
        let mut words: Vec<u64> = block
            .chunks_exact(8)
            .map(|word| u64::from_be_bytes(word.try_into().unwrap_or_default()))
            .collect();
        for i in 16..80 {
            let (x, y) = (words[i - 15], words[i - 2]);
            let first = x.rotate_right(1) ^ x.rotate_right(8) ^ x >> 7;
            let second = y.rotate_right(19) ^ y.rotate_right(61) ^ y >> 6;
            let sum = words[i - 16].wrapping_add(first).wrapping_add(words[i - 7]);
            words.push(sum.wrapping_add(second));
        }
        let mut now = state.clone();
        for (word, constant) in words.iter().zip(&constants) {
            let (a, e) = (now[0], now[4]);
            let mix_e = e.rotate_right(14) ^ e.rotate_right(18) ^ e.rotate_right(41);
            let choice = e & now[5] ^ !e & now[6];
            let first = now[7]
                .wrapping_add(mix_e)
                .wrapping_add(choice)
                .wrapping_add(*constant)
                .wrapping_add(*word);
            let mix_a = a.rotate_right(28) ^ a.rotate_right(34) ^ a.rotate_right(39);
            let majority = a & now[1] ^ a & now[2] ^ now[1] & now[2];
            now.rotate_right(1);
            now[0] = first.wrapping_add(mix_a).wrapping_add(majority);
            now[4] = now[4].wrapping_add(first);
        }
        for (old, new) in state.iter_mut().zip(now) {
            *old = old.wrapping_add(new);
        }
    }
    state.iter().flat_map(|word| word.to_be_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_of_abc() {
        let text = |bytes: Vec<u8>| match hexadecimal(&bytes) {
            Value::String(text) => text,
            _ => String::new(),
        };
        assert_eq!(text(md5(b"abc")), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(
            text(sha1(b"abc")),
            "a9993e364706816aba3e25717850c26c9cd0d89d"
        );
        assert_eq!(
            text(sha256(b"abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert!(text(sha512(b"abc")).starts_with("ddaf35a193617abacc417349ae204131"));
    }
}
