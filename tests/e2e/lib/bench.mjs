// What the cases share: the browser, the served pages, and one fresh page for each.

import assert from "node:assert/strict";
import { resolve } from "node:path";

import { launch } from "./browser.mjs";
import { Screen } from "./screen.mjs";
import { serve } from "./server.mjs";

/** The released page, in a folder, and the page of a test build. */
export const PLACES = { released: "/some/folder/", test: "/test/" };

/** Starts browser and server once for all cases. */
export async function openBench() {
  const shots = resolve(process.env.YURT_SHOTS ?? "target/e2e");
  const server = await serve({
    [PLACES.released]: resolve(process.env.YURT_DIST ?? "dist"),
    [PLACES.test]: resolve(process.env.YURT_TEST_DIST ?? "target/xtask/test-dist"),
  });
  const browser = await launch();
  return {
    browser,
    shots,
    origin: server.origin,
    /** Opens a page of its own, hands it over and closes it; the page may not have complained. */
    async withScreen(work, { place = PLACES.released, query = "", troublesExpected = false } = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      const screen = new Screen(await context.newPage(), shots);
      try {
        await screen.page.goto(server.origin + place + query);
        await work(screen);
        if (!troublesExpected) assert.deepEqual(screen.troubles, []);
      } catch (error) {
        await screen.shoot("failure").catch(() => {});
        error.message += screen.troubles.map((line) => `\n  the page said: ${line}`).join("");
        throw error;
      } finally {
        await context.close();
      }
    },
    async close() {
      await browser.close();
      await server.stop();
    },
  };
}
