//! `nomad operator scheduler get-config`.

use std::fmt;

use yurt_model::SchedulerConfiguration;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::part::plain;
use super::{CommandError, Emulated, Execution, Lines, columns, gaps};
use crate::world::World;

/// Shows how the cluster schedules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorSchedulerGetConfig {
    /// The flags that every command has.
    pub common: Common,
}

impl Emulated for OperatorSchedulerGetConfig {
    const NAME: &'static str = "operator scheduler get-config";
    const USAGE: &'static str = "[options]";
    const ABOUT: &'static str = "Shows how the cluster schedules.";
    const FLAGS: &'static [Flag] = &[switch("json"), valued("t")];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        if arguments.is_on("json") {
            return Err(UsageError::new(gaps::no_json(Self::NAME)));
        }
        if arguments.value("t").is_some() {
            return Err(UsageError::new(gaps::no_template(Self::NAME)));
        }
        if !arguments.words.is_empty() {
            return Err(UsageError::new("This command takes no arguments"));
        }
        Ok(Self {
            common: Common::of(&arguments),
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let store = world.scene().store;
        let configuration = store.scheduler_configuration();
        Ok(Execution::done(render(configuration, store.scheduler_index())))
    }
}

fn render(configuration: &SchedulerConfiguration, index: u64) -> Lines {
    let preemption = &configuration.preemption;
    // A cluster that was never told otherwise shows no limit, and uses the one of a fresh cluster.
    let fresh = SchedulerConfiguration::of_a_fresh_cluster();
    let limit = configuration.node_limit_for_feasibility_checks;
    let limit = if limit == fresh.node_limit_for_feasibility_checks {
        0
    } else {
        limit
    };
    let pairs = [
        ("Scheduler Algorithm", configuration.algorithm.as_str().to_string()),
        (
            "Memory Oversubscription",
            configuration.memory_oversubscription.to_string(),
        ),
        ("Reject Job Registration", "false".into()),
        (
            "Pause Eval Broker",
            configuration.pause_eval_broker.to_string(),
        ),
        ("Preemption System Scheduler", preemption.system.to_string()),
        ("Preemption Service Scheduler", preemption.service.to_string()),
        ("Preemption Batch Scheduler", preemption.batch.to_string()),
        ("Preemption SysBatch Scheduler", preemption.sysbatch.to_string()),
        ("Node Limit For Feasibility Checks", limit.to_string()),
        ("Modify Index", index.to_string()),
    ];
    plain(columns::pairs(&pairs))
}

impl fmt::Display for OperatorSchedulerGetConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&CommandLine::new(Self::NAME, &self.common).words([]))
    }
}
