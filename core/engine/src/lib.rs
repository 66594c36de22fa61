//! The simulated cluster: servers, clients, their clock and their journal.
//!
//! Belongs here: what makes a store and a scheduler live. `event` is every message between the
//! parts; `server` is what Nomad servers do; `client` is what Nomad clients do; `sim` owns them all
//! and drains what they ask for. May import: model, jobspec, diff, state, scheduler.
//!
//! ```text
//! Input ──► sim::Cluster ──► server::endpoint ──► Change ──► Store ──► Touched
//!              ▲   ▲                                                    │
//!        timers│   └── client effects ◄── client ◄──────────────────────┤
//!              └── server wishes ◄── watcher, broker, scheduler ◄───────┘
//! ```

#![forbid(unsafe_code)]

pub mod client;
pub mod event;
mod server;
pub mod sim;

pub use client::{
    CheckPhase, CheckResult, CheckStatus, ImageBehaviour, ImageCatalogue, LogLine, Logged,
    MemoryUse, RunEnd, StartFailure, TaskUsage, Traffic, task_logs, task_usage,
};
pub use event::{
    ClientOrder, DrainRequest, Fault, Input, JobDispatch, JobRegister, Refusal, Reply, Request,
    RestartScope, Timer,
};
pub use sim::{
    Cluster, ClusterConfig, Handled, Journal, JournalError, NODES_MAX, PlanOutcome, Processed,
    Snapshot, Violation, Wakeup,
};

// The same unit tests run as wasm: see CONTRIBUTING.md.
#[cfg(all(test, target_arch = "wasm32"))]
#[macro_use]
extern crate yurt_everywhere;
