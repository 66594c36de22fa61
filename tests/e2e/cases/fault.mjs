// Our own bug: the engine panics (a test build can be made to), and the page recovers.

import { PLACES } from "../lib/bench.mjs";

async function recovers({ withScreen }) {
  const options = { place: PLACES.test, query: "?fault=panic", troublesExpected: true };
  await withScreen(async (screen) => {
    await screen.ready();
    await screen.replaceLast("api-server:1.3", "4");
    await screen.type("nomad job status docs");
    // A page that dies at a command has nothing to echo.
    await screen.command.fill("fault panic");
    await screen.command.press("Enter");
    // It says so, keeps what was typed, and offers the journal.
    await screen.page.getByRole("alert").first().waitFor();
    await screen.says(screen.jobFile, "api-server:1.4");
    await screen.inspect("8 recovered");
    await screen.page.getByRole("button", { name: /journal/i }).first().click();
    const journal = await screen.page.evaluate(() => navigator.clipboard.readText());
    if (!journal.startsWith("# Yurt journal")) throw new Error(`the clipboard holds ${journal}`);
    // The worker is back where it was: version 0 runs, and commands answer.
    await screen.type("nomad job status docs");
    await screen.says(screen.region("Terminal"), /Status +(= )?running/);
    await screen.button("Plan").click();
    await screen.says(screen.region("Plan"), "api-server:1.4");
  }, options);
}

export const cases = [{ name: "a panic of the engine", run: recovers }];
