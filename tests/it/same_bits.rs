//! Arithmetic and chance give the same bits natively and in wasm: these constants hold in both.

use yurt_model::{Rng, math};

/// Folds bits into one number, so that a single constant stands for thousands of results.
fn fold(results: impl Iterator<Item = u64>) -> u64 {
    results.fold(0xcbf2_9ce4_8422_2325, |hash, bits| {
        (hash ^ bits)
            .wrapping_mul(0x0000_0100_0000_01b3)
            .rotate_left(17)
    })
}

#[test]
fn powers_have_fixed_bits() {
    // Powers of ten are what bin-packing scores by; the platforms' own `powf` differs for one in
    // ten.
    let powers = (0..10_000).map(|step| math::pow(10.0, f64::from(step) / 10_000.0).to_bits());
    assert_eq!(fold(powers), 11_141_869_578_082_653_846);
}

#[test]
fn chance_has_fixed_bits() {
    let mut stream = Rng::new(7).child("node", 3);
    assert_eq!(
        fold((0..1_000).map(|_| stream.next_u64())),
        6_664_293_352_659_532_565
    );
}
