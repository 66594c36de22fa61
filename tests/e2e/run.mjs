// Runs the cases one after the other and says how many passed. `node run.mjs NAME` runs those that
// contain NAME.

import { readdir } from "node:fs/promises";

import { openBench } from "./lib/bench.mjs";

const wanted = process.argv[2] ?? "";
const folder = new URL("./cases/", import.meta.url);
const files = (await readdir(folder)).filter((name) => name.endsWith(".mjs")).sort();
const cases = [];
for (const file of files) {
  const topic = file.slice(0, -".mjs".length);
  const module = await import(new URL(file, folder));
  cases.push(...module.cases.map(({ name, run }) => ({ name: `${topic}: ${name}`, run })));
}

const bench = await openBench();
let passed = 0;
let failed = 0;
for (const { name, run } of cases.filter((each) => each.name.includes(wanted))) {
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  try {
    const note = await run(bench);
    passed += 1;
    console.log(`ok      ${name} (${seconds()})${note ? `: ${note}` : ""}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name} (${seconds()})\n${error.stack}`);
  }
}
await bench.close();
if (passed + failed === 0) {
  console.log(`no case is called ${wanted}`);
  failed = 1;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
