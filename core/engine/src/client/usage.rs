//! What tasks use of what they were given, over time: computed from what an image does and from how
//! long the task has run, so that nothing has to be kept.

use yurt_model::{AllocatedTask, Allocation, Duration, Name, Rng, TaskPhase, Time};

use super::image::{ImageBehaviour, ImageCatalogue, RunEnd};

/// How much of its memory a task uses: more and more from the start on, up to a level that it
/// keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryUse {
    /// At the start, in percent of what the task may have.
    pub start_percent: u32,
    /// In the end, in percent of what the task may have.
    pub end_percent: u32,
    /// From the start to that level.
    pub grows_for: Duration,
}

/// What a running task uses at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskUsage {
    /// The task.
    pub task: Name,
    /// Processor in MHz.
    pub cpu_mhz: i64,
    /// Processor in hundredths of a percent of what it may have.
    pub cpu_hundredths: i64,
    /// Memory in KiB.
    pub memory_kib: i64,
    /// The most memory since its start, in KiB.
    pub memory_max_kib: i64,
}

/// Processor use goes up and down around this, in hundredths of a percent of what was given.
const CPU_MIDDLE: i64 = 1_200;

/// By at most so much.
const CPU_SWING: i64 = 800;

/// From one peak of the processor use to the next, in seconds.
const CPU_PERIOD: i64 = 60;

/// What the running tasks of an allocation use at `now`, in the order of the job file; at an
/// earlier time, what those used that run now and ran already.
pub fn task_usage(images: &ImageCatalogue, alloc: &Allocation, now: Time) -> Vec<TaskUsage> {
    let mut usage = Vec::new();
    for state in &alloc.task_states {
        let start = state
            .started_at
            .filter(|start| state.phase == TaskPhase::Running && *start <= now);
        let definition = alloc.task_group().and_then(|group| group.task(&state.name));
        let given = alloc
            .resources
            .tasks
            .iter()
            .find(|given| given.name == state.name);
        let (Some(start), Some(definition), Some(given)) = (start, definition, given) else {
            continue;
        };
        let since = (now - start).max(Duration::ZERO);
        let cpu_hundredths = cpu_hundredths(alloc, &state.name, since);
        let behaviour = images.behaviour(definition, &mut Rng::new(0)); // No chance is in memory.
        let memory_kib = memory_kib(&behaviour, given, since);
        usage.push(TaskUsage {
            task: state.name.clone(),
            cpu_mhz: given.cpu_mhz * cpu_hundredths / 10_000,
            cpu_hundredths,
            memory_kib,
            memory_max_kib: memory_kib, // It never falls while a task runs.
        });
    }
    usage
}

/// A triangle over time; where it begins differs from task to task and is the same every time.
fn cpu_hundredths(alloc: &Allocation, task: &str, since: Duration) -> i64 {
    let mixed = task.bytes().fold(alloc.id.0.0 as u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let offset = i64::try_from(mixed >> 33).unwrap_or(0);
    let at = (since.nanos() / 1_000_000_000 + offset).rem_euclid(CPU_PERIOD);
    let from_middle = (at - CPU_PERIOD / 2).abs() - CPU_PERIOD / 4;
    CPU_MIDDLE + CPU_SWING * from_middle / (CPU_PERIOD / 4)
}

fn memory_kib(behaviour: &ImageBehaviour, given: &AllocatedTask, since: Duration) -> i64 {
    let memory = behaviour.memory;
    let span = (memory.grows_for.nanos() / 1_000).max(1);
    // What wants more and more goes on to its limit; the rest stays at its level.
    let most = if runs_out(behaviour) {
        runs_out_after(memory, given).map_or(span * 5, |after| after.nanos() / 1_000)
    } else {
        span
    };
    let done = (since.nanos() / 1_000).clamp(0, most.max(1));
    let (start, end) = (
        i64::from(memory.start_percent),
        i64::from(memory.end_percent),
    );
    // Hundredths of a percent, so that slow growth shows.
    let hundredths = start * 100 + (end - start) * (done * 100 / span);
    given.memory_mb * 1024 * hundredths / 10_000
}

/// Whether an image wants more and more memory until there is none left.
fn runs_out(behaviour: &ImageBehaviour) -> bool {
    matches!(
        behaviour.end,
        RunEnd::Exits {
            out_of_memory: true,
            ..
        }
    )
}

/// When a task that wants more and more memory is killed: at what it asked for or, where it may
/// use more than that (`memory_max`), there; never where it may use all there is.
pub(super) fn runs_out_after(memory: MemoryUse, given: &AllocatedTask) -> Option<Duration> {
    let most = match given.memory_max_mb {
        max if max < 0 => return None,
        max => max.max(given.memory_mb),
    };
    let limit_percent = (most.saturating_mul(100) / given.memory_mb.max(1)).min(100_000);
    let start = i64::from(memory.start_percent);
    let grows = (i64::from(memory.end_percent) - start).max(1);
    Some(Duration(
        (memory.grows_for.nanos() / grows).saturating_mul(limit_percent - start),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_grows_to_its_level_and_stays() {
        let memory = MemoryUse {
            start_percent: 20,
            end_percent: 100,
            grows_for: Duration::from_secs(4),
        };
        let level = ImageBehaviour {
            memory,
            ..ImageBehaviour::well_behaved()
        };
        let hungry = ImageBehaviour {
            end: RunEnd::Exits {
                after: Duration::from_secs(4),
                code: 137,
                signal: 9,
                out_of_memory: true,
            },
            ..level.clone()
        };
        // What it may use at most; the second; percent of what it asked for; killed after.
        let cases = [
            (
                &level,
                0,
                [(0, 20), (1, 40), (2, 60), (4, 100), (400, 100)],
                Some(4),
            ),
            (
                &hungry,
                0,
                [(0, 20), (1, 40), (2, 60), (4, 100), (400, 100)],
                Some(4),
            ),
            (
                &hungry,
                200,
                [(0, 20), (1, 40), (4, 100), (9, 200), (400, 200)],
                Some(9),
            ),
            (
                &hungry,
                -1,
                [(0, 20), (1, 40), (4, 100), (9, 200), (400, 420)],
                None,
            ),
        ];
        for (behaviour, memory_max_mb, uses, killed) in cases {
            let given = AllocatedTask {
                name: "web".into(),
                cpu_mhz: 100,
                cores: Vec::new(),
                memory_mb: 100,
                memory_max_mb,
                devices: Vec::new(),
            };
            for (seconds, percent) in uses {
                let kib = memory_kib(behaviour, &given, Duration::from_secs(seconds));
                assert_eq!(kib, percent * 1024, "{memory_max_mb} after {seconds} s");
            }
            let after = runs_out_after(memory, &given);
            assert_eq!(after, killed.map(Duration::from_secs), "{memory_max_mb}");
        }
    }
}
