// The clock: it stands still when told to, goes one event at a time, and has its speeds.

import assert from "node:assert/strict";

async function pauseAndStep({ withScreen }) {
  await withScreen(async (screen) => {
    await screen.ready();
    await screen.button("Pause").click();
    await screen.button("Play").waitFor();
    await screen.replaceLast("api-server:1.3", "4");
    await screen.button("Run").click();
    await screen.says(screen.region("Terminal"), "nomad job run docs.nomad.hcl");
    // Nothing becomes healthy while time stands still.
    await screen.page.waitForTimeout(500);
    const still = await screen.region("Deployment").innerText();
    assert.doesNotMatch(still, /5 of 5 canaries healthy/);
    let steps = 0;
    while (!/5 of 5 canaries healthy/.test(await screen.region("Deployment").innerText())) {
      assert.ok((steps += 1) < 200, "200 steps are enough for five canaries");
      await screen.button("Step").click();
      await screen.page.waitForTimeout(50);
    }
    return `${steps} steps`;
  });
}

async function speeds({ withScreen }) {
  await withScreen(async (screen) => {
    await screen.ready();
    const labels = await screen.speed.locator("option").allInnerTexts();
    for (const speed of ["1x", "10x", "60x", "600x"]) assert.ok(labels.includes(speed), speed);
  });
}

export const cases = [
  { name: "pause and step", run: pauseAndStep },
  { name: "speeds", run: speeds },
];
