//! The few functions whose last bit must be the same natively and in wasm, whatever the width of
//! the machine.
//!
//! `f64::powf` differs between the two by one unit in the last place for about a tenth of the free
//! fractions that bin-packing sees; `libm` gives the same bits on both.

/// How many things a number asks for: none below zero, and what is beyond 32 bits is as much as 32
/// bits can tell, so that no machine's width decides. (Nothing here has four billion of anything.)
pub fn how_many(number: i64) -> usize {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX) as usize
}

/// `base` to the power of `exponent`, the same bits on every target.
pub fn pow(base: f64, exponent: f64) -> f64 {
    libm::pow(base, exponent)
}

/// `e` to the power of `exponent`, the same bits on every target.
pub fn exp(exponent: f64) -> f64 {
    libm::exp(exponent)
}

/// The smallest whole number of doublings that reaches `n`: 0 for 0 and 1, 1 for 2, 2 for 3 and 4.
pub fn log2_ceil(n: usize) -> u32 {
    if n <= 1 {
        0
    } else {
        usize::BITS - (n - 1).leading_zeros()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doublings() {
        for (n, want) in [
            (0, 0),
            (1, 0),
            (2, 1),
            (3, 2),
            (4, 2),
            (5, 3),
            (8, 3),
            (10, 4),
            (100, 7),
        ] {
            assert_eq!(log2_ceil(n), want, "log2_ceil({n})");
        }
    }
}
