// The guide to blue/green deployments, as a person does it: by mouse, by keyboard alone, and gone
// wrong.

import assert from "node:assert/strict";

/**
 * Ten minutes of the clock in ten seconds of ours: the canaries must be healthy for thirty seconds.
 */
const SPEED = "60x";

/** What a person types to see how the job is doing; its text is the real command line's. */
async function status(screen) {
  await screen.type("nomad job status docs");
  return screen.says(screen.region("Terminal"), /Latest Deployment[\s\S]*Allocations/);
}

/**
 * A row of the terminal, by its first words, with single spaces; the last one if there are several.
 */
function row(text, start) {
  const rows = text.split("\n").map((line) => line.trim().replaceAll(/\s+/g, " "));
  return rows.filter((line) => line.startsWith(start)).at(-1);
}

async function opened(screen) {
  await screen.ready();
  await screen.says(screen.jobFile, 'image = "api-server:1.3"');
  await screen.region("Cluster").waitFor();
  await screen.region("Terminal").waitFor();
}

async function planned(screen) {
  await screen.says(screen.region("Plan"), "api-server:1.4");
  const plan = await screen.region("Plan").innerText();
  assert.match(plan, /5 canary/);
  assert.match(plan, /5 ignore/);
  assert.match(plan, /api-server:1\.3/);
}

async function canariesWait(screen) {
  await screen.says(screen.region("Deployment"), /5 of 5 canaries healthy/, 60_000);
  assert.ok(await screen.button("Promote").isEnabled(), "Promote can be pressed");
  assert.ok(await screen.button("Fail").isEnabled(), "Fail can be pressed");
}

async function promoted(screen) {
  await screen.says(screen.region("Terminal"), /nomad deployment promote [0-9a-f]{8}/);
  await screen.says(screen.region("Deployment"), /successful/i, 60_000);
  const text = await status(screen);
  // Queued, starting, running, failed, complete, lost, unknown; then what the deployment counted.
  assert.equal(row(text, "Description ="), "Description = Deployment completed successfully");
  // What follows is the progress deadline.
  assert.match(row(text, "api true"), /^api true true 5 5 5 5 0 \S+$/);
  const summary = text.split("\n").find((line) => /^api +0 +0 +5 +0 +5 +0 +0/.test(line.trim()));
  assert.ok(summary, `five run and five are complete:\n${text}`);
}

async function reverted(screen) {
  await screen.says(screen.region("Terminal"), /nomad deployment fail [0-9a-f]{8}/);
  await screen.says(screen.region("Terminal"), "Auto-reverted to job version 0.");
  await screen.says(screen.region("Deployment"), /successful/i, 60_000);
  await screen.type("nomad job deployments docs");
  const text = await screen.says(
    screen.region("Terminal"),
    "Deployment marked as failed - rolling back to job version 0",
  );
  const versions = text.split("\n").filter((line) => /^[0-9a-f]{8} +docs +\d/.test(line.trim()));
  assert.match(versions[0], /docs +2 +successful/);
  assert.match(versions[1], /docs +1 +failed/);
  assert.match(versions[2], /docs +0 +successful/);
}

async function byMouse({ withScreen }) {
  await withScreen(async (screen) => {
    await opened(screen);
    await screen.inspect("1 opened");
    await screen.setSpeed(SPEED);
    await screen.replaceLast("api-server:1.3", "4");
    await screen.button("Plan").click();
    await planned(screen);
    await screen.says(screen.region("Terminal"), "nomad job plan docs.nomad.hcl");
    await screen.inspect("2 planned");
    await screen.button("Run").click();
    await screen.says(screen.region("Terminal"), "nomad job run docs.nomad.hcl");
    await canariesWait(screen);
    await screen.button("Pause").click();
    await screen.inspect("3 canaries wait");
    await screen.button("Play").click();
    await screen.button("Promote").click();
    await promoted(screen);
    await screen.inspect("4 promoted");
  });
}

async function failing({ withScreen }) {
  await withScreen(async (screen) => {
    await opened(screen);
    await screen.setSpeed(SPEED);
    await screen.replaceLast("api-server:1.3", "4");
    await screen.button("Run").click();
    await canariesWait(screen);
    await screen.button("Fail").click();
    await reverted(screen);
    await screen.inspect("5 failed and reverted");
  });
}

async function byKeyboard({ withScreen }) {
  await withScreen(async (screen) => {
    const { page } = screen;
    const press = async (...keys) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await opened(screen);
    await screen.tabTo(screen.speed, "Speed");
    await page.keyboard.type(SPEED);
    await screen.tabTo(screen.jobFile, "Job file");
    // To the line of the image, and to the digit before its closing quote.
    const down = await screen.jobFile.evaluate((root) =>
      [...root.children].findIndex((line) => line.textContent.includes("api-server:1.3")),
    );
    assert.ok(down > 0, "the image has a line");
    await press("Control+Home", ...Array(down).fill("ArrowDown"), "End", "ArrowLeft", "Backspace");
    await page.keyboard.type("4");
    await screen.says(screen.jobFile, "api-server:1.4");
    // Tab may indent in an editor; Escape first always leaves it.
    await press("Escape");
    await screen.tabTo(screen.button("Plan"), "Plan");
    await press("Enter");
    await planned(screen);
    await screen.tabTo(screen.button("Run"), "Run");
    await press("Enter");
    await canariesWait(screen);
    await screen.tabTo(screen.button("Promote"), "Promote");
    await press("Enter");
    await screen.says(screen.region("Deployment"), /successful/i, 60_000);
    await screen.tabTo(screen.command, "Command");
    await page.keyboard.type("nomad job status docs");
    await press("Enter");
    const text = await screen.says(screen.region("Terminal"), "Latest Deployment");
    assert.equal(row(text, "Description ="), "Description = Deployment completed successfully");
  });
}

export const cases = [
  { name: "by mouse", run: byMouse },
  { name: "failing and reverted", run: failing },
  { name: "by keyboard alone", run: byKeyboard },
];
