//! Views of the guide's story.

use std::collections::VecDeque;
use std::rc::Rc;

use yurt_web::screen::NumberedLine;
use yurt_workbench::view::{
    AllocationView, ButtonView, ClusterView, CounterView, DeadlineView, DeploymentGroupView,
    DeploymentView, DiffKind, DiffLineView, DispatchView, Fate, FateView, Health, JobGroupView,
    JobView, Label, Line, MeterView, NodeView, Occasion, PictureView, PlanGroupView, PlanView,
    UsageLine, UsageView, VersionRole, VersionView,
};

fn button(verb: &str) -> ButtonView {
    ButtonView {
        command: Some(format!("nomad deployment {verb} 32a080c1")),
        why_not: String::new(),
    }
}

pub fn usage() -> UsageView {
    UsageView {
        name: "docs.api[0]".into(),
        lines: vec![UsageLine {
            text: "CPU 12 of 100 MHz, at most 20 in the last 5 minutes".into(),
            points: "58,16 59,13 60,14 ".into(),
        }],
    }
}

pub fn waiting_deployment() -> DeploymentView {
    DeploymentView {
        id: "32a080c1-0000-0000-0000-000000000000".into(),
        short_id: "32a080c1".into(),
        job_id: "docs".into(),
        job_version: 1,
        status: "running".into(),
        description: "Deployment is running but requires manual promotion".into(),
        active: true,
        sentence: "5 of 5 canaries healthy. Waiting for you.".into(),
        waiting_for_person: true,
        groups: vec![DeploymentGroupView {
            name: "api".into(),
            desired: 5,
            canaries: Some(5),
            placed_canaries: 5,
            healthy_canaries: 5,
            placed: 5,
            healthy: 5,
            unhealthy: 0,
            allocations: vec![("6d8eec42".into(), Health::Healthy)],
            promoted: Some(false),
            auto_revert: Some(true),
            progress_due_ns: Some(792_000_000_000),
        }],
        deadlines: vec![DeadlineView {
            allocation: None,
            label: "progress deadline of api".into(),
            due_ns: 792_000_000_000,
        }],
        promote: button("promote"),
        fail: button("fail"),
        pause: button("pause"),
        resume: ButtonView::default(),
        status_command: "nomad deployment status 32a080c1".into(),
    }
}

fn allocation(short_id: &str, version: u64, role: VersionRole, canary: bool) -> AllocationView {
    let mark = if canary { ", canary" } else { "" };
    AllocationView {
        id: format!("{short_id}-0000-0000-0000-000000000000"),
        short_id: short_id.into(),
        name: "docs.api[0]".into(),
        job_id: "docs".into(),
        group: "api".into(),
        name_index: 0,
        job_version: version,
        role,
        client_status: "running".into(),
        desired_status: "run".into(),
        health: Health::Healthy,
        canary,
        stopping: false,
        terminal: false,
        failed: false,
        description: format!("docs.api[0], version {version}{mark}, running, healthy"),
        status_command: format!("nomad alloc status {short_id}"),
    }
}

pub fn cluster() -> ClusterView {
    let version = |version, role, image: &str| VersionView {
        job_id: "docs".into(),
        version,
        role,
        image: image.into(),
        live: 1,
    };
    ClusterView {
        sentence: "5 nodes ready, 2 allocations running.".into(),
        nodes: vec![NodeView {
            id: "087852e2-0000-0000-0000-000000000000".into(),
            short_id: "087852e2".into(),
            name: "node-1".into(),
            datacenter: "dc1".into(),
            status: "ready".into(),
            eligibility: "eligible".into(),
            draining: false,
            ready: true,
            cpu_mhz: MeterView {
                used: 200,
                total: 4000,
            },
            memory_mb: MeterView {
                used: 600,
                total: 8192,
            },
            allocations: vec![
                allocation("3ac3fe05", 0, VersionRole::Stable, false),
                allocation("6d8eec42", 1, VersionRole::Newest, true),
            ],
            hidden_terminal: 0,
            status_command: "nomad node status 087852e2".into(),
        }],
        versions: vec![
            version(1, VersionRole::Newest, "api-server:1.4"),
            version(0, VersionRole::Stable, "api-server:1.3"),
        ],
        waiting: String::new(),
    }
}

/// A cluster of so many nodes like the first, with two allocations each.
pub fn large_cluster(nodes: u32) -> ClusterView {
    let mut view = cluster();
    let template = view.nodes.remove(0);
    view.nodes = (1..=nodes)
        .map(|number| NodeView {
            id: format!("{number:08x}-0000-0000-0000-000000000000"),
            short_id: format!("{number:08x}"),
            name: format!("node-{number}"),
            status_command: format!("nomad node status {number:08x}"),
            ..template.clone()
        })
        .collect();
    view
}

/// A periodic and parameterized job that runs nothing by itself.
pub fn job() -> JobView {
    let button = |line: &str| ButtonView {
        command: Some(line.into()),
        why_not: String::new(),
    };
    JobView {
        id: "docs".into(),
        kind: "batch".into(),
        version: 0,
        status: "running".into(),
        stable: false,
        stopped: false,
        sentence: "version 0, 0 children".into(),
        groups: vec![JobGroupView {
            name: "api".into(),
            count: 5,
        }],
        scale: button("nomad job scale docs"),
        force: Some(button("nomad job periodic force docs")),
        dispatch: Some(DispatchView {
            button: button("nomad job dispatch docs"),
            required: vec!["who".into()],
            optional: vec!["colour".into()],
            takes_payload: true,
            needs_payload: false,
        }),
        stop: button("nomad job stop docs"),
        start: ButtonView::default(),
    }
}

pub fn plan() -> PlanView {
    let line = |kind, label, text: &str| DiffLineView {
        kind,
        line: Line::of(label, text),
        place: None,
        notes: Vec::new(),
    };
    let fate = |fate, count, words: &str| FateView {
        fate,
        count,
        text: format!("{count} {words}"),
    };
    let counter = |name: &str, count| CounterView {
        name: name.into(),
        count,
    };
    PlanView {
        file: "docs.nomad.hcl".into(),
        job_id: "docs".into(),
        sentence: "5 canaries, 5 left alone.".into(),
        empty: false,
        occasion: Occasion::Now,
        groups: vec![PlanGroupView {
            name: "api".into(),
            sentence: "5 canaries, 5 left alone.".into(),
            counters: vec![counter("canary", 5), counter("ignore", 5)],
            picture: PictureView {
                now: vec![fate(Fate::LeftAlone, 5, "left alone")],
                after: vec![
                    fate(Fate::LeftAlone, 5, "left alone"),
                    fate(Fate::Canary, 5, "canaries"),
                ],
            },
        }],
        diff: vec![
            line(
                DiffKind::Edited,
                Label::DiffEdited,
                "      +/- image: \"api-server:1.3\" => \"api-server:1.4\"",
            ),
            line(DiffKind::Added, Label::DiffAdded, "      + port: \"8080\""),
        ],
        warnings: Vec::new(),
        outcome: Vec::new(),
        failed: false,
        preempted: Vec::new(),
        text: Vec::new(),
        job_modify_index: 7,
        run_command: "nomad job run -check-index 7 docs.nomad.hcl".into(),
    }
}

pub fn numbered(lines: Vec<Line>) -> VecDeque<Rc<NumberedLine>> {
    (1..)
        .zip(lines)
        .map(|(number, line)| Rc::new(NumberedLine { number, line }))
        .collect()
}
