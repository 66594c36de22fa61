// The terminal as a shell: what was typed comes back, and Tab completes what the engine knows.

import assert from "node:assert/strict";

async function history({ withScreen }) {
  await withScreen(async (screen) => {
    await screen.ready();
    await screen.type("nomad node status");
    await screen.type("nomad job status docs");
    await screen.page.reload();
    await screen.ready();
    await screen.command.click();
    await screen.page.keyboard.press("ArrowUp");
    await screen.page.keyboard.press("ArrowUp");
    assert.equal(await screen.command.inputValue(), "nomad node status");
    await screen.page.keyboard.press("ArrowDown");
    assert.equal(await screen.command.inputValue(), "nomad job status docs");
  });
}

async function completion({ withScreen }) {
  await withScreen(async (screen) => {
    await screen.ready();
    const { command, page } = screen;
    const completes = async (typed, want) => {
      await command.fill(typed);
      await page.keyboard.press("Tab");
      const until = Date.now() + 5_000;
      while ((await command.inputValue()) !== want && Date.now() < until) {
        await page.waitForTimeout(20);
      }
      assert.equal(await command.inputValue(), want);
    };
    await command.click();
    await completes("nomad dep", "nomad deployment ");
    await completes("nomad job run -check", "nomad job run -check-index=");
    await completes("nomad job plan d", "nomad job plan docs.nomad.hcl ");
    await completes("nomad job periodic f", "nomad job periodic force ");
    const id = await screen.region("Cluster").locator(".allocation").first().getAttribute("data-id");
    await completes(`nomad alloc status ${id.slice(0, 7)}`, `nomad alloc status ${id} `);
    await completes("nomad job p", "nomad job p");
    const choices = page.getByRole("status", { name: "Completions" });
    await screen.says(choices, /periodic\s+plan\s+promote/);
    // Told everything there is, Tab goes on.
    await page.keyboard.press("Tab");
    assert.ok(!(await command.evaluate((node) => node === document.activeElement)));
  });
}

/** A clock that is paused says what waits for it, whoever started that. */
async function somethingWaits({ withScreen }) {
  await withScreen(async (screen) => {
    await screen.ready();
    await screen.button("Pause").click();
    const stands = screen.region("Time stands still");
    assert.equal(await stands.count(), 0, "nothing waits");
    await screen.type("nomad job scale -detach docs api 8");
    await screen.says(stands, "1 evaluation waits for the scheduler.");
    await screen.button("One step").click();
    await screen.says(stands, /Still to come: 3 allocations to start\./);
    await screen.button("Play time").click();
    await stands.waitFor({ state: "detached" });
  });
}

/** What an allocation uses is drawn once one looks at it, and goes on with the clock. */
async function use({ withScreen }) {
  await withScreen(async (screen) => {
    await screen.ready();
    const cluster = screen.region("Cluster");
    await cluster.getByRole("button", { name: "docs.api[0]" }).click();
    const use = cluster.getByRole("list", { name: "Use of docs.api[0]" });
    await screen.says(use, /CPU \d+ of \d+ MHz.*Memory \d+ of \d+ MiB/s);
    const before = await use.textContent();
    assert.deepEqual(await screen.look("42 use of an allocation"), []);
    await screen.setSpeed("60x");
    for (let patience = 100; (await use.textContent()) === before && patience > 0; patience -= 1) {
      await screen.page.waitForTimeout(50);
    }
    assert.notEqual(await use.textContent(), before);
  });
}

export const cases = [
  { name: "history over a reload", run: history },
  { name: "completion", run: completion },
  { name: "something waits for a paused clock", run: somethingWaits },
  { name: "use of an allocation", run: use },
];
