// What people get wrong: an error in the job, a command that is not there, a promotion too early.

import assert from "node:assert/strict";

async function brokenJob({ withScreen }) {
  await withScreen(async (screen) => {
    await screen.ready();
    const before = await screen.region("Cluster").innerText();
    // `count = 5` becomes `count = `: the line lacks its value.
    await screen.replaceLast("count = 5", "");
    await screen.underlined.first().waitFor();
    await screen.button("Plan").click();
    await screen.says(screen.region("Terminal"), /docs\.nomad\.hcl:\d+,\d+/);
    await screen.inspect("6 broken job");
    await screen.button("Run").click();
    await screen.says(screen.region("Terminal"), "nomad job run docs.nomad.hcl");
    assert.equal(await screen.region("Cluster").innerText(), before, "nothing else changed");
    // Mended, it is no longer underlined.
    await screen.replaceLast("count =", "= 5");
    await screen.underlined.first().waitFor({ state: "detached" });
  });
}

async function unknownCommand({ withScreen }) {
  await withScreen(async (screen) => {
    await screen.ready();
    await screen.type("nomad job plann docs.nomad.hcl");
    await screen.says(screen.region("Terminal"), /job plan\b/);
    await screen.type("nomad alloc fs 00000000");
    await screen.says(screen.region("Terminal"), /not emulated.*nomad alloc status/);
    // The page goes on: the next command answers.
    await screen.type("nomad node status");
    await screen.says(screen.region("Terminal"), /ready/);
  });
}

async function promoteTooEarly({ withScreen }) {
  await withScreen(async (screen) => {
    await screen.ready();
    await screen.button("Pause").click();
    await screen.replaceLast("api-server:1.3", "4");
    await screen.button("Run").click();
    // While time stands still nobody looks at the evaluation: let it go on to that moment.
    for (let step = 0; step < 20; step += 1) {
      if (/0 of 5/.test(await screen.region("Deployment").innerText())) break;
      await screen.button("Step").click();
      await screen.page.waitForTimeout(100);
    }
    await screen.says(screen.region("Deployment"), /0 of 5/);
    assert.ok(!(await screen.button("Promote").isEnabled()), "Promote waits for the canaries");
    const id = (await screen.region("Deployment").innerText()).match(/\b[0-9a-f]{8}\b/)?.[0];
    assert.ok(id, "the panel names the deployment");
    await screen.type(`nomad deployment promote ${id}`);
    await screen.says(screen.region("Terminal"), 'Task group "api" has 0/5 healthy allocations');
    await screen.inspect("7 too early");
  });
}

/** Typed nonsense of every kind; the page has to stay as it is. */
async function nonsense({ withScreen }) {
  await withScreen(async (screen) => {
    await screen.ready();
    const bare = ["nomad", "nomad job", "nomad job plan", "nomad job run nofile.hcl"];
    for (const line of [...bare, "ls -la", "é🎉\"'`$(x)"]) await screen.type(line);
    await screen.type("nomad job status");
    await screen.says(screen.region("Terminal"), /docs +service/);
  });
}

export const cases = [
  { name: "broken job", run: brokenJob },
  { name: "unknown command", run: unknownCommand },
  { name: "promote too early", run: promoteTooEarly },
  { name: "nonsense", run: nonsense },
];
