//! Numbers of the language: decimals of 155 digits, which is what the reference's 512-bit floats
//! show of themselves. Whole numbers up to there are exact and print every digit.

use std::cmp::Ordering;
use std::fmt;

/// Digits that are kept.
const PRECISION: usize = 155;
/// Numbers beyond ten to this power are infinite, those below its inverse zero.
const MAXIMUM_EXPONENT: i64 = 4096;

/// A number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    negative: bool,
    /// Most significant first, no zeros at either end; empty means zero.
    digits: Vec<u8>,
    /// The value is the digits as a whole number times ten to this power.
    exponent: i64,
    infinite: bool,
}

impl Number {
    fn build(negative: bool, mut digits: Vec<u8>, mut exponent: i64) -> Self {
        let zeros = digits.iter().take_while(|&&digit| digit == 0).count();
        digits.drain(..zeros);
        if digits.len() > PRECISION {
            exponent += (digits.len() - PRECISION) as i64;
            let up = digits[PRECISION] >= 5;
            digits.truncate(PRECISION);
            if up && increment(&mut digits) {
                digits.insert(0, 1);
            }
        }
        while digits.last() == Some(&0) {
            digits.pop();
            exponent += 1;
        }
        if digits.is_empty() || exponent < -MAXIMUM_EXPONENT {
            return Self {
                negative: false,
                digits: Vec::new(),
                exponent: 0,
                infinite: false,
            };
        }
        if exponent + digits.len() as i64 > MAXIMUM_EXPONENT {
            return Self::infinity(negative);
        }
        Self {
            negative,
            digits,
            exponent,
            infinite: false,
        }
    }

    /// Infinity, which division by zero gives.
    pub fn infinity(negative: bool) -> Self {
        Self {
            negative,
            digits: Vec::new(),
            exponent: 0,
            infinite: true,
        }
    }

    /// Reads `-12.5e3` and the like.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match rest.find(['e', 'E']) {
            Some(at) => (&rest[..at], rest[at + 1..].parse::<i32>().ok()?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let mut digits = Vec::with_capacity(mantissa.len());
        for byte in whole.bytes().chain(fraction.bytes()) {
            digits.push(byte.is_ascii_digit().then(|| byte - b'0')?);
        }
        Some(Self::build(
            negative,
            digits,
            i64::from(exponent) - fraction.len() as i64,
        ))
    }

    /// A whole number of 64 bits, when it is one.
    pub fn to_i64(&self) -> Option<i64> {
        self.to_i128()?.try_into().ok()
    }

    /// A whole number of 128 bits, when it is one.
    pub fn to_i128(&self) -> Option<i128> {
        if !self.is_whole() || self.exponent + self.digits.len() as i64 > 38 {
            return None;
        }
        let digits = self
            .digits
            .iter()
            .fold(0i128, |sum, &digit| sum * 10 + i128::from(digit));
        let value = digits * 10i128.pow(u32::try_from(self.exponent).ok()?);
        Some(if self.negative { -value } else { value })
    }

    /// The nearest floating point number.
    pub fn to_f64(&self) -> f64 {
        if self.infinite {
            return if self.negative {
                f64::NEG_INFINITY
            } else {
                f64::INFINITY
            };
        }
        self.to_string().parse().unwrap_or(0.0)
    }

    /// The shortest decimal of a floating point number.
    pub fn from_f64(value: f64) -> Option<Self> {
        if value.is_infinite() {
            return Some(Self::infinity(value < 0.0));
        }
        Self::parse(&format!("{value:e}"))
    }

    /// No fraction, and finite?
    pub fn is_whole(&self) -> bool {
        !self.infinite && self.exponent >= 0
    }

    /// Is it zero?
    pub fn is_zero(&self) -> bool {
        !self.infinite && self.digits.is_empty()
    }

    /// Is it infinite?
    pub fn is_infinite(&self) -> bool {
        self.infinite
    }

    /// Is it below zero?
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// The number with the other sign.
    pub fn negated(&self) -> Self {
        let negative = !self.negative && !self.is_zero();
        Self {
            negative,
            ..self.clone()
        }
    }

    /// Towards zero.
    pub fn truncated(&self) -> Self {
        if self.infinite || self.exponent >= 0 {
            return self.clone();
        }
        let keep = (self.digits.len() as i64 + self.exponent).max(0) as usize;
        Self::build(self.negative, self.digits[..keep].to_vec(), 0)
    }

    /// Down to a whole number.
    pub fn floor(&self) -> Self {
        let truncated = self.truncated();
        match self.negative && !self.is_whole() && !self.infinite {
            true => truncated.plus(&Self::from(-1)),
            false => truncated,
        }
    }

    /// Up to a whole number.
    pub fn ceiling(&self) -> Self {
        self.negated().floor().negated()
    }

    /// Sum; `None` for infinity minus infinity.
    pub fn checked_add(&self, other: &Self) -> Option<Self> {
        match (self.infinite, other.infinite) {
            (true, true) if self.negative != other.negative => None,
            (true, _) => Some(self.clone()),
            (_, true) => Some(other.clone()),
            _ => Some(self.plus(other)),
        }
    }

    fn plus(&self, other: &Self) -> Self {
        let exponent = self.exponent.min(other.exponent);
        let (left, right) = (self.aligned(exponent), other.aligned(exponent));
        if self.negative == other.negative {
            return Self::build(self.negative, add(&left, &right), exponent);
        }
        match compare(&left, &right) {
            Ordering::Less => Self::build(other.negative, subtract(&right, &left), exponent),
            _ => Self::build(self.negative, subtract(&left, &right), exponent),
        }
    }

    /// The digits when the exponent is lowered to `exponent`.
    fn aligned(&self, exponent: i64) -> Vec<u8> {
        let mut digits = self.digits.clone();
        if !digits.is_empty() {
            let zeros = (self.exponent - exponent).clamp(0, 2 * MAXIMUM_EXPONENT) as usize;
            digits.resize(digits.len() + zeros, 0);
        }
        digits
    }

    /// Difference.
    pub fn checked_sub(&self, other: &Self) -> Option<Self> {
        self.checked_add(&other.negated())
    }

    /// Product; `None` for zero times infinity.
    pub fn checked_mul(&self, other: &Self) -> Option<Self> {
        let negative = self.negative != other.negative;
        if self.infinite || other.infinite {
            let undefined = self.is_zero() || other.is_zero();
            return (!undefined).then(|| Self::infinity(negative));
        }
        let mut sums = vec![0u32; self.digits.len() + other.digits.len()];
        for (i, &a) in self.digits.iter().enumerate() {
            for (j, &b) in other.digits.iter().enumerate() {
                sums[i + j + 1] += u32::from(a) * u32::from(b);
            }
        }
        let mut carry = 0;
        let mut digits = vec![0u8; sums.len()];
        for index in (0..sums.len()).rev() {
            let sum = sums[index] + carry;
            digits[index] = (sum % 10) as u8;
            carry = sum / 10;
        }
        Some(Self::build(
            negative,
            digits,
            self.exponent + other.exponent,
        ))
    }

    /// Quotient; infinite for division by zero, `None` for zero by zero.
    pub fn checked_div(&self, other: &Self) -> Option<Self> {
        let negative = self.negative != other.negative;
        if (self.is_zero() && other.is_zero()) || (self.infinite && other.infinite) {
            return None;
        }
        if self.infinite || other.is_zero() {
            return Some(Self::infinity(negative));
        }
        if other.infinite || self.is_zero() {
            return Some(Self::from(0));
        }
        let mut dividend = self.digits.clone();
        let wanted = PRECISION + 1 + other.digits.len();
        let zeros = wanted.saturating_sub(dividend.len());
        dividend.resize(dividend.len() + zeros, 0);
        let digits = divide(&dividend, &other.digits);
        Some(Self::build(
            negative,
            digits,
            self.exponent - zeros as i64 - other.exponent,
        ))
    }

    /// Remainder of division, with the sign of the dividend; `None` where undefined.
    pub fn checked_rem(&self, other: &Self) -> Option<Self> {
        if self.infinite || other.is_zero() {
            return None;
        }
        let times = self.checked_div(other)?.truncated();
        self.checked_sub(&times.checked_mul(other)?)
    }
}

fn increment(digits: &mut [u8]) -> bool {
    for digit in digits.iter_mut().rev() {
        if *digit < 9 {
            *digit += 1;
            return false;
        }
        *digit = 0;
    }
    true
}

fn compare(left: &[u8], right: &[u8]) -> Ordering {
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

fn add(left: &[u8], right: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(left.len().max(right.len()) + 1);
    let (mut left, mut right, mut carry) = (left.iter().rev(), right.iter().rev(), 0);
    loop {
        let (a, b) = (left.next(), right.next());
        if a.is_none() && b.is_none() && carry == 0 {
            break;
        }
        let sum = a.unwrap_or(&0) + b.unwrap_or(&0) + carry;
        result.push(sum % 10);
        carry = sum / 10;
    }
    result.reverse();
    result
}

/// `left - right`, which must not be negative.
fn subtract(left: &[u8], right: &[u8]) -> Vec<u8> {
    let mut result = left.to_vec();
    let mut borrow = 0;
    for (index, digit) in result.iter_mut().rev().enumerate() {
        let take = right.len().checked_sub(index + 1).map_or(0, |at| right[at]) + borrow;
        borrow = u8::from(*digit < take);
        *digit = *digit + 10 * borrow - take;
    }
    result
}

fn divide(dividend: &[u8], divisor: &[u8]) -> Vec<u8> {
    let mut remainder: Vec<u8> = Vec::new();
    let mut quotient = Vec::with_capacity(dividend.len());
    for &digit in dividend {
        if !(remainder.is_empty() && digit == 0) {
            remainder.push(digit);
        }
        let mut times = 0;
        while compare(&remainder, divisor) != Ordering::Less {
            remainder = subtract(&remainder, divisor);
            let zeros = remainder.iter().take_while(|&&each| each == 0).count();
            remainder.drain(..zeros);
            times += 1;
        }
        quotient.push(times);
    }
    quotient
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        let digits = value
            .unsigned_abs()
            .to_string()
            .bytes()
            .map(|byte| byte - b'0')
            .collect();
        Self::build(value < 0, digits, 0)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let rank = |number: &Self| match (number.infinite, number.negative) {
            (true, true) => -1,
            (true, false) => 1,
            _ => 0,
        };
        if self.infinite || other.infinite {
            return rank(self).cmp(&rank(other));
        }
        let difference = self.plus(&other.negated());
        match (difference.is_zero(), difference.negative) {
            (true, _) => Ordering::Equal,
            (_, true) => Ordering::Less,
            _ => Ordering::Greater,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.infinite {
            return f.write_str(if self.negative { "-Inf" } else { "+Inf" });
        }
        if self.negative {
            f.write_str("-")?;
        }
        let mut text: String = self
            .digits
            .iter()
            .map(|digit| char::from(b'0' + digit))
            .collect();
        if self.exponent >= 0 {
            text.extend(std::iter::repeat_n('0', self.exponent as usize));
            return f.write_str(if text.is_empty() { "0" } else { &text });
        }
        let places = self.exponent.unsigned_abs() as usize;
        if text.len() <= places {
            text.insert_str(0, &"0".repeat(places + 1 - text.len()));
        }
        text.insert(text.len() - places, '.');
        f.write_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    #[test]
    fn prints_every_digit() {
        for (text, expected) in [
            ("1.50", "1.5"),
            ("1e3", "1000"),
            ("12345678901234567890", "12345678901234567890"),
            ("1e22", "10000000000000000000000"),
            ("0.00012", "0.00012"),
            ("-0", "0"),
            ("0.10", "0.1"),
        ] {
            assert_eq!(number(text).to_string(), expected);
        }
    }

    #[test]
    fn calculates() {
        let (seven, three) = (number("7"), number("3"));
        assert_eq!(seven.checked_rem(&three).unwrap().to_string(), "1");
        assert_eq!(number("-7").checked_rem(&three).unwrap().to_string(), "-1");
        assert_eq!(
            seven.checked_sub(&number("7.5")).unwrap().to_string(),
            "-0.5"
        );
        assert_eq!(
            number("0.1").checked_add(&number("0.2")).unwrap(),
            number("0.3")
        );
        assert_eq!(
            number("99")
                .checked_mul(&number("-1.5"))
                .unwrap()
                .to_string(),
            "-148.5"
        );
        let third = number("1").checked_div(&three).unwrap().to_string();
        assert_eq!(third.len(), PRECISION + 2);
        assert!(third.starts_with("0.333") && third.ends_with("333"));
        assert_eq!(
            number("1").checked_div(&number("0")).unwrap().to_string(),
            "+Inf"
        );
        assert_eq!(number("-1.2").floor().to_string(), "-2");
        assert_eq!(number("1.2").ceiling().to_string(), "2");
        assert_eq!(
            number("9007199254740993").to_i64(),
            Some(9_007_199_254_740_993)
        );
        assert!(number("1.5") > number("1.25") && number("-2") < number("1"));
    }
}
