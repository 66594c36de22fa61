//! A stand-in for the workbench while it is being written; draws the guide's story on rails.

use yurt_workbench::protocol::{Action, Reaction, Respond};
use yurt_workbench::view::*;

struct Alloc {
    node: usize,
    index: u32,
    version: u64,
    started: i64,
    stopped: Option<i64>,
    canary: bool,
}
struct Dep {
    version: u64,
    status: &'static str,
    promoted: bool,
    by: i64,
}
pub struct FakeWorkbench {
    now: i64,
    allocs: Vec<Alloc>,
    dep: Dep,
    newest: u64,
    stable: u64,
    lines: Vec<Line>,
    text: String,
    plan: Option<Option<PlanView>>,
    diags: Option<Vec<DiagnosticView>>,
    sent: Option<(ClusterView, DeploymentView, JobView)>,
    following: bool,
}

const S: i64 = 1_000_000_000;
const START: i64 = 1_795_000_000 * S;

impl FakeWorkbench {
    pub fn new() -> Self {
        let allocs = (0..5)
            .map(|i| Alloc {
                node: i as usize,
                index: i,
                version: 0,
                started: START,
                stopped: None,
                canary: false,
            })
            .collect();
        Self {
            now: START + 40 * S,
            allocs,
            dep: Dep {
                version: 0,
                status: "successful",
                promoted: false,
                by: START,
            },
            newest: 0,
            stable: 0,
            lines: vec![],
            text: String::new(),
            plan: None,
            diags: None,
            sent: None,
            following: false,
        }
    }
    fn healthy(&self, a: &Alloc) -> bool {
        self.now - a.started > 32 * S + a.index as i64 * 2 * S
    }
    fn say(&mut self, t: &str) {
        for l in t.lines() {
            self.lines.push(Line::plain(l));
        }
    }
    fn tick(&mut self) {
        for a in &self.allocs {
            let _ = a;
        }
        if self.dep.promoted
            && self.dep.status == "running"
            && self
                .allocs
                .iter()
                .filter(|a| a.version == self.dep.version)
                .all(|a| self.healthy(a))
        {
            let v = self.dep.version;
            for a in &mut self.allocs {
                if a.version != v && a.stopped.is_none() {
                    a.stopped = Some(self.now);
                } else {
                    a.canary = false;
                }
            }
            self.dep.status = "successful";
            self.stable = v;
            self.following = false;
        }
    }
    fn run(&mut self) {
        self.newest += 1;
        let v = self.newest;
        self.dep = Dep {
            version: v,
            status: "running",
            promoted: false,
            by: self.now + 900 * S,
        };
        for i in 0..5u32 {
            self.allocs.push(Alloc {
                node: ((i * 2) % 5) as usize,
                index: i,
                version: v,
                started: self.now,
                stopped: None,
                canary: true,
            });
        }
        self.following = true;
        self.say("==> 2026-11-23T09:42:11Z: Monitoring evaluation \"61ac2be5\"\n    2026-11-23T09:42:11Z: Evaluation triggered by job \"docs\"\n    2026-11-23T09:42:12Z: Allocation \"6d8eec42\" created: node \"087852e2\", group \"api\"\n    2026-11-23T09:42:12Z: Evaluation status changed: \"pending\" -> \"complete\"\n==> 2026-11-23T09:42:12Z: Evaluation \"61ac2be5\" finished with status \"complete\"");
    }
    fn views(&self) -> (ClusterView, DeploymentView, JobView) {
        let role = |v: u64| {
            if v == self.stable {
                VersionRole::Stable
            } else if v == self.newest {
                VersionRole::Newest
            } else {
                VersionRole::Other((v % 4) as u8)
            }
        };
        let nodes = (0..5)
            .map(|n| NodeView {
                id: format!("node{n}"),
                short_id: format!("0878{n}2e2"),
                name: format!("node-{}", n + 1),
                datacenter: "dc1".into(),
                status: "ready".into(),
                eligibility: "eligible".into(),
                draining: false,
                ready: true,
                cpu_mhz: MeterView {
                    used: 300 * (n as i64 + 1),
                    total: 4000,
                },
                memory_mb: MeterView {
                    used: 900,
                    total: 8192,
                },
                allocations: self
                    .allocs
                    .iter()
                    .enumerate()
                    .filter(|(_, a)| a.node == n)
                    .map(|(id, a)| {
                        let healthy = self.healthy(a);
                        let terminal = a.stopped.is_some();
                        AllocationView {
                            id: format!("a{id}"),
                            short_id: format!("6d8eec{id:02}"),
                            name: format!("docs.api[{}]", a.index),
                            job_id: "docs".into(),
                            group: "api".into(),
                            name_index: a.index,
                            job_version: a.version,
                            role: role(a.version),
                            client_status: if terminal {
                                "complete"
                            } else if self.now - a.started < 3 * S {
                                "pending"
                            } else {
                                "running"
                            }
                            .into(),
                            desired_status: "run".into(),
                            health: if healthy {
                                Health::Healthy
                            } else {
                                Health::Unknown
                            },
                            canary: a.canary && !terminal,
                            stopping: false,
                            terminal,
                            failed: false,
                            description: format!(
                                "docs.api[{}], version {}, running, healthy",
                                a.index, a.version
                            ),
                            status_command: format!("nomad alloc status 6d8eec{id:02}"),
                        }
                    })
                    .collect(),
                hidden_terminal: 0,
                status_command: format!("nomad node status 0878{n}2e2"),
            })
            .collect();
        let mut versions = vec![VersionView {
            job_id: "docs".into(),
            version: self.stable,
            role: VersionRole::Stable,
            image: "api-server:1.3".into(),
            live: 5,
        }];
        if self.newest != self.stable {
            versions.insert(
                0,
                VersionView {
                    job_id: "docs".into(),
                    version: self.newest,
                    role: VersionRole::Newest,
                    image: "api-server:1.4".into(),
                    live: 5,
                },
            );
        }
        let h = self
            .allocs
            .iter()
            .filter(|a| a.version == self.dep.version && self.healthy(a))
            .count() as i64;
        let active = self.dep.status == "running";
        let wait = active && h == 5 && !self.dep.promoted;
        let id = format!("32a080c{}", self.dep.version);
        let b = |verb: &str, ok: bool| ButtonView {
            command: ok.then(|| format!("nomad deployment {verb} {id}")),
            why_not: if ok {
                String::new()
            } else if active {
                format!("{h} of 5 canaries are healthy yet.")
            } else {
                "It is over.".into()
            },
        };
        let dep = DeploymentView {
            id: id.clone(),
            short_id: id.clone(),
            job_id: "docs".into(),
            job_version: self.dep.version,
            status: self.dep.status.into(),
            description: "Deployment is running".into(),
            active,
            sentence: if wait {
                "5 of 5 canaries healthy. Waiting for you.".into()
            } else if active {
                format!("{h} of 5 canaries healthy.")
            } else {
                "Version 0 is out: 5 of 5 healthy.".into()
            },
            waiting_for_person: wait,
            groups: vec![DeploymentGroupView {
                name: "api".into(),
                desired: 5,
                canaries: Some(5),
                placed_canaries: 5,
                healthy_canaries: h,
                placed: 5,
                healthy: h,
                unhealthy: 0,
                promoted: Some(self.dep.promoted),
                auto_revert: Some(true),
                progress_due_ns: active.then_some(self.dep.by),
            }],
            deadlines: if active {
                vec![DeadlineView {
                    label: "progress deadline of api".into(),
                    due_ns: self.dep.by,
                }]
            } else {
                vec![]
            },
            promote: b("promote", wait),
            fail: b("fail", active),
            pause: b("pause", active),
            resume: b("resume", false),
            status_command: format!("nomad deployment status {id}"),
        };
        let job = JobView {
            id: "docs".into(),
            kind: "service".into(),
            version: self.newest,
            status: "running".into(),
            stable: true,
            stopped: false,
            sentence: format!("version {} runs", self.stable),
        };
        (
            ClusterView {
                sentence: format!(
                    "5 nodes ready, {} allocations running.",
                    self.allocs.iter().filter(|a| a.stopped.is_none()).count()
                ),
                nodes,
                versions,
            },
            dep,
            job,
        )
    }
}

impl Respond for FakeWorkbench {
    fn dispatch(&mut self, action: Action) {
        match action {
            Action::Advance { milliseconds } => {
                self.now += milliseconds as i64 * 1_000_000;
            }
            Action::StepEvent => self.now += 7 * S,
            Action::SetFile { text, .. } => self.text = text,
            Action::Check { text, .. } => {
                let opens = text.matches('{').count();
                let closes = text.matches('}').count();
                self.diags = Some(if opens == closes {
                    vec![]
                } else {
                    let at = text.find("group").unwrap_or(0) as u32;
                    vec![DiagnosticView { severity: Severity::Error, summary: "Unclosed configuration block".into(), detail: "There is no closing brace for this block before the end of the file. This may be caused by incorrect brace nesting elsewhere in this file.".into(), start_byte: at, end_byte: at + 5, line: 2, column: 3, fixes: vec![] }]
                });
            }
            Action::Interrupt => {
                self.following = false;
                self.say("^C");
            }
            Action::Execute { line } => {
                self.lines.push(Line::echo(&line));
                if line.starts_with("nomad job plan") {
                    let d = |kind, label, text: &str| DiffLineView {
                        kind,
                        line: Line::of(label, text),
                    };
                    let diff = vec![
                        d(DiffKind::Edited, Label::DiffEdited, "+/- Job: \"docs\""),
                        d(
                            DiffKind::Edited,
                            Label::DiffEdited,
                            "+/- Task Group: \"api\" (5 canary, 5 ignore)",
                        ),
                        d(
                            DiffKind::Edited,
                            Label::DiffEdited,
                            "  +/- Task: \"api-server\" (forces create/destroy update)",
                        ),
                        d(DiffKind::Edited, Label::DiffEdited, "    +/- Config {"),
                        d(
                            DiffKind::Edited,
                            Label::DiffEdited,
                            "      +/- image: \"api-server:1.3\" => \"api-server:1.4\"",
                        ),
                        d(DiffKind::Added, Label::DiffAdded, "      + port:  \"8080\""),
                        d(
                            DiffKind::Removed,
                            Label::DiffRemoved,
                            "      - args:  \"-v\"",
                        ),
                        d(DiffKind::Same, Label::Plain, "        }"),
                    ];
                    for l in &diff {
                        self.lines.push(l.line.clone());
                    }
                    self.say("\nScheduler dry-run:");
                    self.lines
                        .push(Line::of(Label::Good, "- All tasks successfully allocated."));
                    self.say("\nJob Modify Index: 7\nTo submit the job with version verification run:\n\nnomad job run -check-index 7 docs.nomad.hcl\n\nWhen running the job with the check-index flag, the job will only be run if the\njob modify index given matches the server-side version. If the index has\nchanged, another user has modified the job and the plan's results are\npotentially invalid.");
                    self.plan = Some(Some(PlanView {
                        file: "docs.nomad.hcl".into(),
                        job_id: "docs".into(),
                        sentence: "5 canaries, 5 left alone.".into(),
                        empty: false,
                        groups: vec![PlanGroupView {
                            name: "api".into(),
                            counters: vec![
                                CounterView {
                                    name: "canary".into(),
                                    count: 5,
                                },
                                CounterView {
                                    name: "ignore".into(),
                                    count: 5,
                                },
                            ],
                        }],
                        diff,
                        warnings: vec![],
                        failures: vec![],
                        job_modify_index: 7,
                        run_command: "nomad job run -check-index 7 docs.nomad.hcl".into(),
                    }));
                } else if line.starts_with("nomad job run") {
                    self.run();
                } else if line.contains("promote") {
                    self.dep.promoted = true;
                    self.say("==> Monitoring evaluation \"61ac2be5\"\n    Evaluation status changed: \"pending\" -> \"complete\"");
                } else if line.contains("deployment fail") {
                    self.dep.status = "failed";
                    let v = self.dep.version;
                    for a in &mut self.allocs {
                        if a.version == v {
                            a.stopped = Some(self.now);
                        }
                    }
                    self.say("Deployment failed");
                } else {
                    self.lines.push(Line::of(
                        Label::Error,
                        "This command is not emulated; the nearest that is: nomad job status",
                    ));
                }
            }
            _ => {}
        }
        self.tick();
    }
    fn take_reaction(&mut self) -> Reaction {
        let views = self.views();
        let (c, d, j) = views.clone();
        let old = self.sent.replace(views);
        let (oc, od, oj) = match old {
            Some((a, b, c)) => (Some(a), Some(b), Some(c)),
            None => (None, None, None),
        };
        Reaction {
            now_ns: self.now,
            now_text: "2026-11-23T09:42:11Z".into(),
            started_ns: START,
            terminal: std::mem::take(&mut self.lines),
            following: self.following,
            cluster: (oc.as_ref() != Some(&c)).then_some(c),
            deployment: (od.as_ref() != Some(&d)).then_some(Some(d)),
            job: (oj.as_ref() != Some(&j)).then_some(Some(j)),
            plan: self.plan.take(),
            diagnostics: self.diags.take(),
            ..Reaction::default()
        }
    }
}
