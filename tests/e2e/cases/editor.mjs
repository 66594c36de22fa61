// Help in the editor: completion, what a word means, fixes, the layout.

import assert from "node:assert/strict";

/** A new line behind a text, with the cursor on it. */
async function newLineBehind(screen, text) {
  const { x, y } = await screen.after(text);
  await screen.page.mouse.click(x, y);
  await screen.page.keyboard.press("End");
  await screen.page.keyboard.press("Enter");
}

async function completion({ withScreen }) {
  await withScreen(async (screen) => {
    await screen.ready();
    await newLineBehind(screen, "count = 5");
    await screen.page.keyboard.type("resc", { delay: 30 });
    const choice = screen.page.getByRole("option", { name: /^reschedule/ });
    await choice.waitFor();
    const found = await screen.look("8 completion");
    assert.deepEqual(found, [], found.join("\n"));
    // Choosing waits a moment, so that a list that has just opened does not catch a key.
    await screen.page.waitForTimeout(150);
    await screen.page.keyboard.press("Enter");
    await screen.says(screen.jobFile, /reschedule \{/);
    await choice.waitFor({ state: "detached" });
    // Inside the new block, its own attributes; in quotes, their values.
    await screen.page.keyboard.type("delay_f", { delay: 30 });
    await screen.page.getByRole("option", { name: /^delay_function/ }).waitFor();
    await screen.page.waitForTimeout(150);
    await screen.page.keyboard.press("Enter");
    await screen.says(screen.jobFile, /delay_function = "/);
    await screen.page.keyboard.type("fib", { delay: 30 });
    await screen.page.getByRole("option", { name: /^fibonacci/ }).waitFor();
    await screen.page.waitForTimeout(150);
    await screen.page.keyboard.press("Enter");
    await screen.says(screen.jobFile, /delay_function = "fibonacci"/);
  });
}

/** Escape closes what is open; then Tab leaves the editor, as the page says. */
async function leaving({ withScreen }) {
  await withScreen(async (screen) => {
    await screen.ready();
    await newLineBehind(screen, "count = 5");
    await screen.page.keyboard.type("resc", { delay: 30 });
    const choice = screen.page.getByRole("option", { name: /^reschedule/ });
    await choice.waitFor();
    await screen.page.keyboard.press("Escape");
    await choice.waitFor({ state: "detached" });
    await screen.tabTo(screen.button("Format"), "Format");
  });
}

async function whatAWordMeans({ withScreen }) {
  await withScreen(async (screen) => {
    await screen.ready();
    const { x, y } = await screen.after("canar");
    await screen.page.mouse.move(x, y);
    const tooltip = screen.page.locator(".cm-word");
    await tooltip.waitFor();
    await screen.says(tooltip, /whole number, default 0/);
    const found = await screen.look("9 word");
    assert.deepEqual(found, [], found.join("\n"));
    // The same with keys.
    await screen.page.mouse.click(x, y);
    await screen.page.mouse.move(1, 1);
    await tooltip.waitFor({ state: "detached" });
    await screen.page.keyboard.press("Control+k");
    await screen.page.keyboard.press("Control+i");
    await screen.says(tooltip, /whole number, default 0/);
    await screen.page.keyboard.press("Escape");
    await tooltip.waitFor({ state: "detached" });
  });
}

async function fixInTheText({ withScreen }) {
  await withScreen(async (screen) => {
    await screen.ready();
    await screen.replaceLast("canar", "x");
    await screen.underlined.first().waitFor();
    await screen.underlined.first().hover();
    await screen.page.locator(".cm-tooltip").getByRole("button", { name: "Change to canary" }).click();
    await screen.says(screen.jobFile, /canary +=/);
    await screen.underlined.first().waitFor({ state: "detached" });
  });
}

async function layout({ withScreen }) {
  await withScreen(async (screen) => {
    await screen.ready();
    const before = await screen.jobFile.innerText();
    await newLineBehind(screen, "count = 5");
    await screen.page.keyboard.type("shutdown_delay    =\"1s\"");
    await screen.button("Format").click();
    await screen.says(screen.jobFile, '\n    shutdown_delay = "1s"\n');
    await screen.says(screen.jobFile, '\n    count          = 5\n');
    await screen.page.keyboard.press("Shift+Alt+f");
    const after = await screen.jobFile.innerText();
    const lines = after.split("\n").filter((line) => !/shutdown_delay|count/.test(line));
    assert.deepEqual(lines, before.split("\n").filter((line) => !/count/.test(line)));
  });
}

export const cases = [
  { name: "completion", run: completion },
  { name: "leaving", run: leaving },
  { name: "what a word means", run: whatAWordMeans },
  { name: "a fix in the text", run: fixInTheText },
  { name: "layout", run: layout },
];
