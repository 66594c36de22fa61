// Clicks and keys at random, by a fixed seed: nothing that a person does may stop the page.

import assert from "node:assert/strict";

const SEED = 20;
const ACTIONS = 150;

const COMMANDS = [
  "nomad job run docs.nomad.hcl",
  "nomad job plan docs.nomad.hcl",
  "nomad job stop docs",
  "nomad job stop -purge docs",
  "nomad job revert docs 0",
  "nomad job scale docs api 3",
  "nomad job status docs",
  "nomad deployment list",
  "nomad node status",
  "nomad node drain -enable -yes node-1",
  "nomad alloc status 00000000",
  "nomad eval status -",
  "nomad job run -var x= docs.nomad.hcl",
  '"unclosed',
];

const TEXTS = ["}", "{", '"', "count = -1", "${", "\n", "é🎉", "canary = 9999999999999999999\n"];

/** Numbers below `n`, the same in every run (a linear congruence; good enough for clicking). */
function dice(seed) {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

async function play(screen) {
  const { page } = screen;
  const roll = dice(SEED);
  const pick = (list) => list[roll(list.length)];
  for (let action = 0; action < ACTIONS; action += 1) {
    const kind = roll(4);
    if (kind === 0) {
      const buttons = await page.getByRole("button", { disabled: false }).all();
      // A button may go while it is being aimed at; then the click is a miss, as in life.
      await pick(buttons).click({ timeout: 500 }).catch(() => {});
    } else if (kind === 1) {
      await screen.command.fill(pick(COMMANDS), { timeout: 500 }).catch(() => {});
      await page.keyboard.press("Enter");
    } else if (kind === 2) {
      await screen.jobFile.focus({ timeout: 500 }).catch(() => {});
      for (let step = roll(8); step > 0; step -= 1) await page.keyboard.press("ArrowDown");
      await page.keyboard.insertText(pick(TEXTS));
    } else {
      await page.keyboard.press(pick(["Escape", "Tab", "Enter", "Control+z", "Control+c", "?"]));
    }
    const crash = await page.getByRole("alert").filter({ hasText: "bug of ours" }).count();
    assert.equal(crash, 0, `the engine stopped at action ${action} of seed ${SEED}`);
  }
  await page.keyboard.press("Escape");
  await screen.type("nomad node status");
  await screen.says(screen.region("Terminal"), /ready/);
}

export const cases = [
  { name: "150 actions at random", run: ({ withScreen }) => withScreen(play) },
];
