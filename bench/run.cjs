// Runs the bench as wasm: `node bench/run.cjs BOUND_JS [FAMILY]`; see `cargo xtask bench`.

const { readFileSync } = require("node:fs");
const { resolve } = require("node:path");

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Milliseconds that this thread computed, where Linux tells it. */
globalThis.yurtBenchNow = () => {
  try {
    // A short sleep makes the system count up to now.
    Atomics.wait(sleeper, 0, 0, 0.01);
    return Number(readFileSync("/proc/self/schedstat", "utf8").split(" ")[0]) / 1e6;
  } catch {
    return performance.now();
  }
};
globalThis.yurtBenchTell = (line) => console.log(line);

const [bound, family] = process.argv.slice(2);
require(resolve(bound)).measure(family);
