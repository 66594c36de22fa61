// The page as a person meets it: by role and accessible name.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const AXE = fileURLToPath(new URL("../../../node_modules/axe-core/axe.min.js", import.meta.url));

/** How long anything on the page may take to appear, in milliseconds. */
export const PATIENCE_MS = 20_000;

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 360, height: 740 };

/** What the bar of a narrow screen leads to. */
const NARROW_PLACES = ["Cluster", "Terminal", "More", "Edit"];

/**
 * One open page. Everything it says in the console and every request it makes is kept for the end.
 */
export class Screen {
  constructor(page, shots) {
    this.page = page;
    this.shots = shots;
    this.troubles = [];
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("pageerror", (error) => this.troubles.push(`uncaught: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") this.troubles.push(`console: ${message.text()}`);
    });
    page.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      const own = ["data:", "blob:"].includes(protocol) || origin === new URL(page.url()).origin;
      // The first request is the page itself, asked for from an empty one.
      if (!own && !request.isNavigationRequest()) {
        this.troubles.push(`asked another host: ${request.url()}`);
      }
    });
    page.on("response", (response) => {
      if (response.status() >= 400) this.troubles.push(`${response.status()} ${response.url()}`);
    });
  }

  get jobFile() {
    return this.page.getByRole("textbox", { name: "Job file", exact: true });
  }

  get command() {
    return this.page.getByRole("textbox", { name: "Command", exact: true });
  }

  get speed() {
    return this.page.getByRole("combobox", { name: "Speed", exact: true });
  }

  button(name) {
    return this.page.getByRole("button", { name, exact: true });
  }

  region(name) {
    return this.page.getByRole("region", { name, exact: true });
  }

  /** Waits until the page can be used: the editor holds the guide's job, and it runs. */
  async ready() {
    await this.jobFile.waitFor();
    await this.says(this.jobFile, 'job "docs"');
    await this.says(this.region("Cluster"), "5 allocations running");
  }

  /** Waits until a part of the page says something: a text, or a pattern. */
  async says(part, want, patience = PATIENCE_MS) {
    const until = Date.now() + patience;
    let text = "";
    while (Date.now() < until) {
      // `innerText` leaves out what is hidden, as a person does.
      text = await part.innerText({ timeout: patience }).catch(() => "");
      if (want instanceof RegExp ? want.test(text) : text.includes(want)) return text;
      await this.page.waitForTimeout(100);
    }
    // The end says most; all of it would hide the rest of the report.
    assert.fail(`waited for ${want}; it says (its end):\n${text.slice(-1_500)}`);
  }

  /** Chooses a speed of the clock by its text: "60x". */
  async setSpeed(text) {
    await this.speed.selectOption({ label: text });
  }

  /** Types a command and waits until it is echoed in the terminal. */
  async type(line) {
    await this.command.click();
    await this.command.fill(line);
    await this.command.press("Enter");
    await this.says(this.region("Terminal"), line);
  }

  /** Puts a whole text into the editor. */
  async write(text) {
    await this.jobFile.click();
    await this.page.keyboard.press("Control+a");
    await this.page.keyboard.insertText(text);
    await this.says(this.jobFile, text.trim().split("\n")[0]);
  }

  /**
   * Pastes a whole text into the editor. A long one cannot be put there as if it were typed: the
   * browser would lay out every line of it before the editor cuts it to what is seen.
   */
  async paste(text) {
    await this.page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
    await this.jobFile.click();
    await this.page.keyboard.press("Control+a");
    await this.page.keyboard.press("Control+v");
  }

  /** Where a text stands in the editor: the middle of its last character's right edge. */
  async after(text) {
    const place = await this.jobFile.evaluate((root, wanted) => {
      // Highlighting cuts a line into pieces.
      const at = root.textContent.indexOf(wanted);
      if (at < 0) return null;
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      let left = at + wanted.length;
      let node = walker.nextNode();
      for (; node.length < left; node = walker.nextNode()) left -= node.length;
      const range = document.createRange();
      range.setStart(node, left - 1);
      range.setEnd(node, left);
      const { right, top, bottom } = range.getBoundingClientRect();
      return { x: right - 1, y: (top + bottom) / 2 };
    }, text);
    assert.ok(place, `the editor shows no ${text}`);
    return place;
  }

  /** With the mouse: clicks behind `old`, rubs out its last character and types `last` instead. */
  async replaceLast(old, last) {
    const { x, y } = await this.after(old);
    await this.page.mouse.click(x, y);
    await this.page.keyboard.press("Backspace");
    await this.page.keyboard.type(last);
    await this.says(this.jobFile, old.slice(0, -1) + last);
  }

  /** With the keyboard: Tab until the thing of that role and name has the focus. */
  async tabTo(locator, what) {
    for (let press = 0; press < 120; press += 1) {
      const there = await locator
        .evaluate((node) => node === document.activeElement, undefined, { timeout: 1_000 })
        .catch(() => false);
      if (there) return;
      await this.page.keyboard.press("Tab");
    }
    assert.fail(`120 times Tab did not lead to ${what}`);
  }

  /** What is underlined as wrong in the editor. */
  get underlined() {
    return this.jobFile.locator(".cm-lintRange-error");
  }

  /** axe and a picture, wide and narrow, light and dark; then back to how it was. */
  async inspect(state) {
    const found = [];
    // Before the colours change, so that none of them is on its way.
    await this.settle();
    for (const colorScheme of ["light", "dark"]) {
      await this.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await this.page.setViewportSize(WIDE);
      found.push(...(await this.look(`${state} wide ${colorScheme}`)));
      await this.page.setViewportSize(NARROW);
      for (const place of NARROW_PLACES) {
        if (await this.goTo(place)) {
          found.push(...(await this.look(`${state} narrow ${place} ${colorScheme}`)));
        }
      }
    }
    await this.page.emulateMedia({ colorScheme: "light", reducedMotion: "no-preference" });
    await this.page.setViewportSize(WIDE);
    await this.stir();
    assert.deepEqual(found, [], `axe in state "${state}":\n${found.join("\n")}`);
  }

  /** Follows the bar of a narrow screen; false where it has no such place. */
  async goTo(place) {
    for (const role of ["tab", "button", "link"]) {
      const door = this.page.getByRole(role, { name: place, exact: true });
      if (await door.first().isVisible()) {
        await door.first().click();
        return true;
      }
    }
    return false;
  }

  async look(name) {
    await this.settle();
    await this.shoot(name);
    const overflow = await this.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    if (!(await this.page.evaluate(() => "axe" in window))) {
      await this.page.addScriptTag({ path: AXE });
    }
    const { violations } = await this.page.evaluate(() => window.axe.run());
    const found = violations.flatMap((violation) =>
      violation.nodes.map((node) => `${name}: ${violation.id}: ${node.target} ${node.html}`),
    );
    if (overflow > 0) found.push(`${name}: ${overflow} pixels too wide`);
    return found;
  }

  /** What moves is looked at where it comes to rest: half-way colours are nobody's. */
  async settle() {
    await this.page.evaluate(async () => {
      if (!document.getElementById("at-rest")) {
        const style = document.createElement("style");
        style.id = "at-rest";
        style.textContent = "* { transition: none !important; animation: none !important }";
        document.head.append(style);
      }
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    });
  }

  /** Ends what `settle` began. */
  async stir() {
    await this.page.evaluate(() => document.getElementById("at-rest")?.remove());
  }

  /** A picture, by the name of the state. */
  async shoot(name) {
    await mkdir(this.shots, { recursive: true });
    const file = `${name.replaceAll(/[^a-z0-9]+/gi, "-")}.png`;
    await this.page.screenshot({ path: join(this.shots, file) });
  }
}
