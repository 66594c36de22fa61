// Plans of every kind, as pictures: what is there now, what would be there after.

import assert from "node:assert/strict";

import { job } from "../lib/jobs.mjs";

const ROLLING = "update {\n      max_parallel = 1\n    }";
const BIG = "resources {\n        cpu = 500\n        memory = 6000\n      }";
const HUGE = "resources {\n        memory = 60000\n      }";
const LINUX = 'constraint {\n        attribute = "${attr.kernel.name}"\n        value = "linux"\n      }';
const PLAN9 = 'constraint {\n      attribute = "${attr.kernel.name}"\n      value = "plan9"\n    }';
const PERIODIC = 'type = "batch"\n  periodic {\n    crons = ["*/15 * * * *"]\n  }';
const NEW = "api-server:1.4";

/**
 * What is done before (job files to run, commands to type), what is planned, and what the plan
 * says: its sentence, and what its rows say of each group.
 */
const KINDS = {
  "periodic job": {
    text: job({ id: "clean", head: PERIODIC, groups: [{ count: 1 }] }),
    says: [/Nothing starts now\. Each launch: 1 created\./, /Next launch \S+T\S+ \(\S+ from now\)/],
    rows: { Launch: ["1 created"] },
  },
  preemption: {
    before: [
      "nomad operator scheduler set-config -preempt-service-scheduler=true",
      job({ id: "low", head: "priority = 20", groups: [{ task: BIG }] }),
    ],
    text: job({ id: "high", head: "priority = 90", groups: [{ count: 3, task: BIG }] }),
    says: [/^3 created\./m, "low.api makes room."],
    rows: { Now: ["none", "3 preempted"], After: ["3 created", "none"] },
  },
  "failed placement": {
    text: job({ groups: [{ task: HUGE }] }),
    says: ["Not everything finds a place.", /Dimension "memory" exhausted on 5 nodes/],
    rows: { Now: ["4 left alone 1 replaced"], After: ["4 left alone 1 kept, no place for the new"] },
  },
  "constraint that no node meets": {
    text: job({ id: "other", groups: [{ count: 3, lines: PLAN9 }] }),
    says: ["Not everything finds a place."],
    rows: { Now: ["none"], After: ["3 without a place"] },
  },
  "system job": {
    before: [job({ id: "agent", head: 'type = "system"', groups: [{ count: null }] })],
    text: job({ id: "agent", head: 'type = "system"', groups: [{ count: null, image: NEW }] }),
    says: [/^5 replaced\./m, "5 create, 5 create/destroy update"],
    rows: { Now: ["5 replaced"], After: ["5 replaced"] },
  },
  "rolling update": {
    before: [job({ groups: [{ lines: ROLLING }] })],
    text: job({ groups: [{ lines: ROLLING, image: NEW }] }),
    says: [/^1 replaced, 4 left alone\./m],
    rows: { Now: ["4 left alone 1 replaced"], After: ["4 left alone 1 replaced"] },
  },
  "scaling down": {
    text: job({ groups: [{ count: 2 }] }),
    says: ["2 updated in place, 3 stopped."],
    rows: { Now: ["2 updated in place 3 stopped"], After: ["2 updated in place"] },
  },
  "in-place update": {
    before: [job()],
    text: job({ groups: [{ task: LINUX }] }),
    says: [/^5 updated in place\./m, "forces in-place update"],
    rows: { Now: ["5 updated in place"], After: ["5 updated in place"] },
  },
  "stopped job": {
    before: [job(), "nomad job stop docs"],
    text: job(),
    says: [/^5 created\./m, 'Stop: "true" => "false"'],
    rows: { Now: ["none"], After: ["5 created"] },
  },
  "several groups": {
    before: [job({ groups: [{ count: 2 }, { name: "work", count: 3 }, { name: "old", count: 1 }] })],
    text: job({ groups: [{ count: 4 }, { name: "work", count: 3, image: NEW }, { name: "new", count: 1 }] }),
    says: ["3 created, 1 replaced, 2 updated in place, 1 stopped, 2 left alone."],
    rows: {
      Now: ["2 updated in place", "2 left alone 1 replaced", "none", "1 stopped"],
      After: ["2 updated in place 2 created", "2 left alone 1 replaced", "1 created", "none"],
    },
  },
};

/** Runs a job file and waits for what comes of it. */
async function run(screen, text) {
  await screen.write(text);
  await screen.button("Run").click();
  await screen.says(screen.region("Deployment"), /successful|No deployment yet/, 60_000);
  await screen.button("Stop following").waitFor({ state: "detached", timeout: 60_000 });
}

function kind(name) {
  return async ({ withScreen }) => {
    await withScreen(async (screen) => {
      const { before = [], text, says, rows } = KINDS[name];
      await screen.ready();
      await screen.setSpeed("60x");
      for (const step of before) {
        if (!step.startsWith("nomad")) {
          await run(screen, step);
          continue;
        }
        await screen.type(step);
        const following = screen.button("Stop following");
        await following.waitFor({ state: "detached", timeout: 60_000 });
      }
      await screen.write(text);
      await screen.button("Plan").click();
      const plan = screen.region("Plan");
      for (const words of says) await screen.says(plan, words);
      for (const [label, want] of Object.entries(rows)) {
        const lists = await plan.getByRole("list", { name: label, exact: true }).all();
        const found = await Promise.all(
          lists.map(async (list) => {
            const words = await list.locator("li > span:last-child, li.muted").allInnerTexts();
            return words.join(" ");
          }),
        );
        assert.deepEqual(found, want, label);
      }
      await screen.inspect(`20 ${name}`);
    });
  };
}

export const cases = Object.keys(KINDS).map((name) => ({ name, run: kind(name) }));
