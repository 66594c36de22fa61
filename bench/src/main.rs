//! Measures and prints lines for `cargo xtask bench`, which runs it natively and as wasm in Node.
//!
//! Belongs here: the clock of either. Not here: workloads (`yurt_bench`), judging (`xtask`).
//! May import: `yurt_bench`, and wasm-bindgen in wasm.
//!
//! The clock counts the time that this thread computed, where Linux tells it: on a machine that
//! does other things too, the time on the wall says how busy it is.

/// The file in which Linux counts the nanoseconds that a process' first thread computed.
#[cfg(not(target_arch = "wasm32"))]
const COMPUTED: &str = "/proc/self/schedstat";

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    let start = std::time::Instant::now();
    let clock = || {
        // Giving way makes the system count up to now.
        std::thread::yield_now();
        let computed = std::fs::read_to_string(COMPUTED).ok();
        let nanoseconds = computed.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
        nanoseconds.map_or_else(
            || start.elapsed().as_secs_f64() * 1e3,
            |nanoseconds| nanoseconds / 1e6,
        )
    };
    let family = std::env::args().nth(1);
    yurt_bench::measure(&clock, family.as_deref(), &mut |row| {
        println!("{}", row.to_line());
    });
}

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(target_arch = "wasm32")]
mod node {
    use wasm_bindgen::prelude::wasm_bindgen;

    #[wasm_bindgen]
    extern "C" {
        /// Milliseconds that were computed, by `bench/run.cjs`.
        #[wasm_bindgen(js_namespace = globalThis, js_name = yurtBenchNow)]
        fn now() -> f64;
        /// Prints a line.
        #[wasm_bindgen(js_namespace = globalThis, js_name = yurtBenchTell)]
        fn tell(line: &str);
    }

    /// Measures one family, or all; called by `bench/run.cjs`.
    #[wasm_bindgen]
    pub fn measure(family: Option<String>) {
        yurt_bench::measure(&now, family.as_deref(), &mut |row| tell(&row.to_line()));
    }
}
