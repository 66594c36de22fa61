//! `nomad operator scheduler set-config`.

use std::fmt;

use yurt_model::SchedulerAlgorithm;

use super::flags::{Arguments, Common, CommandLine, Flag, UsageError, switch, valued};
use super::{CommandError, Emulated, Execution};
use crate::world::World;

/// Changes how the cluster schedules; what is not named stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorSchedulerSetConfig {
    /// `binpack` or `spread`.
    pub algorithm: Option<String>,
    /// The switches by name, as given.
    pub switches: Vec<(String, bool)>,
    /// The flags that every command has.
    pub common: Common,
}

const SWITCHES: [&str; 6] = [
    "memory-oversubscription",
    "preempt-system-scheduler",
    "preempt-sysbatch-scheduler",
    "preempt-batch-scheduler",
    "preempt-service-scheduler",
    "pause-eval-broker",
];

impl Emulated for OperatorSchedulerSetConfig {
    const NAME: &'static str = "operator scheduler set-config";
    const USAGE: &'static str = "[options]";
    const ABOUT: &'static str = "Changes how the cluster schedules; what is not named stays.";
    const FLAGS: &'static [Flag] = &[
        valued("scheduler-algorithm"),
        switch(SWITCHES[0]),
        switch(SWITCHES[1]),
        switch(SWITCHES[2]),
        switch(SWITCHES[3]),
        switch(SWITCHES[4]),
        switch(SWITCHES[5]),
    ];

    fn parse(arguments: Arguments) -> Result<Self, UsageError> {
        if !arguments.words.is_empty() {
            return Err(UsageError::new("This command takes no arguments"));
        }
        let given = arguments.given(&SWITCHES).into_iter();
        Ok(Self {
            algorithm: arguments.text("scheduler-algorithm"),
            switches: given
                .map(|(name, value)| (name.to_string(), value == "true"))
                .collect(),
            common: Common::of(&arguments),
        })
    }

    fn execute(&self, world: &mut World<'_>) -> Result<Execution, CommandError> {
        let mut configuration = world.scene().store.scheduler_configuration().clone();
        match self.algorithm.as_deref() {
            None => (),
            Some("binpack") => configuration.algorithm = SchedulerAlgorithm::Binpack,
            Some("spread") => configuration.algorithm = SchedulerAlgorithm::Spread,
            Some(other) => {
                return Err(CommandError::new(format!(
                    "Error setting scheduler configuration: Unexpected response code: 400 \
                     (invalid scheduler algorithm: {other})"
                )));
            }
        }
        for (name, on) in &self.switches {
            let preemption = &mut configuration.preemption;
            match name.as_str() {
                "memory-oversubscription" => configuration.memory_oversubscription = *on,
                "preempt-system-scheduler" => preemption.system = *on,
                "preempt-sysbatch-scheduler" => preemption.sysbatch = *on,
                "preempt-batch-scheduler" => preemption.batch = *on,
                "pause-eval-broker" => configuration.pause_eval_broker = *on,
                _ => preemption.service = *on,
            }
        }
        world.configure_scheduler(configuration).map_err(|text| {
            CommandError::new(format!("Error setting scheduler configuration: {text}"))
        })?;
        Ok(Execution::line("Scheduler configuration updated!"))
    }
}

impl fmt::Display for OperatorSchedulerSetConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = CommandLine::new(Self::NAME, &self.common)
            .value("scheduler-algorithm", self.algorithm.as_deref());
        for (name, on) in &self.switches {
            line = line.switch(name, *on).switched_off(name, !*on);
        }
        f.write_str(&line.words([]))
    }
}
