// What can be done with a job beside its rollout: launch, dispatch, scale, stop; each is a command.

import assert from "node:assert/strict";

import { job } from "../lib/jobs.mjs";

const PARAMETERIZED = `type = "batch"
  parameterized {
    meta_required = ["who"]
    meta_optional = ["colour"]
    payload = "optional"
  }`;

async function registered(screen, text) {
  await screen.ready();
  await screen.setSpeed("60x");
  await screen.write(text);
  await screen.button("Run").click();
  const row = screen.region("Job");
  await screen.says(row, "0 children");
  return row;
}

async function launchNow({ withScreen }) {
  await withScreen(async (screen) => {
    const head = 'type = "batch"\n  periodic {\n    crons = ["0 3 * * *"]\n  }';
    const row = await registered(screen, job({ id: "night", head, groups: [{ count: 1 }] }));
    await screen.says(row, /next launch \S+T03:00:00Z/);
    await screen.button("Launch now").click();
    await screen.says(screen.region("Terminal"), "nomad job periodic force night");
    await screen.says(row, "1 child");
    await screen.inspect("40 launched");
  });
}

async function dispatch({ withScreen }) {
  await withScreen(async (screen) => {
    const row = await registered(
      screen,
      job({ id: "mail", head: PARAMETERIZED, groups: [{ count: 1, image: "batch:1" }] }),
    );
    await screen.button("Dispatch…").click();
    const form = screen.page.getByRole("dialog", { name: "Dispatch mail" });
    await form.waitFor();
    const found = await screen.look("41 dispatch form");
    assert.deepEqual(found, []);
    await screen.stir();
    await form.getByLabel("Meta who").fill("it's me");
    await form.getByLabel("Payload").fill("hello\n");
    await form.getByRole("button", { name: "Dispatch", exact: true }).click();
    const line = String.raw`nomad job dispatch -meta 'who=it'\''s me' mail payload`;
    await screen.says(screen.region("Terminal"), line);
    await screen.says(screen.region("Terminal"), /Dispatched Job ID += mail\/dispatch-/);
    await screen.says(row, "1 child");
  });
}

async function scaleStopStart({ withScreen }) {
  await withScreen(async (screen) => {
    await screen.ready();
    await screen.setSpeed("60x");
    await screen.button("Scale…").click();
    const form = screen.page.getByRole("dialog", { name: "Scale docs" });
    await form.getByLabel("Count of api").fill("6");
    await screen.page.keyboard.press("Enter");
    await screen.says(screen.region("Terminal"), "nomad job scale docs api 6");
    await screen.says(screen.region("Cluster"), "6 allocations running", 60_000);
    await screen.button("Stop job").click();
    await screen.says(screen.region("Terminal"), "nomad job stop docs");
    await screen.says(screen.region("Job"), "is stopped");
    await screen.button("Start job").click();
    await screen.says(screen.region("Terminal"), "nomad job start docs");
    await screen.says(screen.region("Cluster"), "6 allocations running", 60_000);
  });
}

export const cases = [
  { name: "launch a periodic job now", run: launchNow },
  { name: "dispatch with meta and a payload", run: dispatch },
  { name: "scale, stop and start", run: scaleStopStart },
];
