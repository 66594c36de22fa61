//! Images of a world: how long they take, how they end, what their checks find, what they write.

use yurt_engine::{
    CheckPhase, CheckStatus, ImageBehaviour, ImageCatalogue, LogLine, MemoryUse, RunEnd,
    StartFailure, Traffic,
};
use yurt_jobspec::syntax::tree::Block;
use yurt_model::{Duration, InOrder};

use super::reader::{Reader, Values};
use super::shape;

/// The catalogue with the image of this block.
pub(super) fn read(
    reader: &mut Reader<'_>,
    block: &Block,
    images: ImageCatalogue,
) -> ImageCatalogue {
    let values = reader.fields(&block.body, &shape::IMAGE);
    let name = reader.label(block);
    if images.listed().any(|(listed, _)| *listed == *name) {
        let detail = format!("What \"{name}\" does was said before.");
        reader.error(block.header_range(), "An image is listed once", detail);
    }
    let mut behaviour = ImageBehaviour::well_behaved();
    behaviour.pull_takes = values.duration("pull").unwrap_or_default();
    behaviour.start_takes = values.duration("start").unwrap_or(behaviour.start_takes);
    behaviour.stop_takes = values.duration("stops_in").unwrap_or(behaviour.stop_takes);
    behaviour.start_failure = values.text("start_error").map(|message| StartFailure {
        message: message.to_string().into(),
        is_recoverable: values.flag("recoverable").unwrap_or(true),
    });
    behaviour.end = end(reader, block, &values);
    if let RunEnd::Exits {
        after,
        out_of_memory: true,
        ..
    } = behaviour.end
    {
        behaviour.memory = MemoryUse {
            end_percent: 100,
            grows_for: after,
            ..behaviour.memory
        };
    }
    let mut logs = Vec::new();
    for inner in block.body.blocks() {
        match inner.kind.as_str() {
            "check" => behaviour.checks.extend(check(reader, inner)),
            "log" => logs.push(log(reader, inner)),
            "memory" => behaviour.memory = memory(reader, inner, behaviour.memory),
            "traffic" => behaviour.traffic = Some(traffic(reader, inner)),
            _ => {} // Told by `fields`.
        }
    }
    behaviour.checks.put_in_order_by_key(|phase| phase.from);
    behaviour.logs = Some(logs).filter(|logs| !logs.is_empty());
    images.with(&name, behaviour)
}

/// It ends by itself when something is said about its end.
fn end(reader: &mut Reader<'_>, block: &Block, values: &Values) -> RunEnd {
    let Some(after) = values.duration("runs_for") else {
        if ["exit_code", "exit_signal", "out_of_memory"]
            .into_iter()
            .any(|name| values.has(name))
        {
            let detail = "Say with runs_for how long it runs before it ends so.";
            reader.error(block.header_range(), "An end without a time", detail);
        }
        return RunEnd::Never;
    };
    let out_of_memory = values.flag("out_of_memory").unwrap_or(false);
    let (code, signal) = if out_of_memory { (137, 9) } else { (0, 0) };
    RunEnd::Exits {
        after,
        code: values.whole("exit_code").unwrap_or(code),
        signal: values.whole("exit_signal").unwrap_or(signal),
        out_of_memory,
    }
}

fn check(reader: &mut Reader<'_>, block: &Block) -> Option<CheckPhase> {
    let values = reader.fields(&block.body, &shape::CHECK);
    let status = match values.text("status").as_deref() {
        Some("passing") => CheckStatus::Passing,
        Some("warning") => CheckStatus::Warning,
        Some("failing") => CheckStatus::Failing,
        Some(_) => {
            let detail = "It is \"passing\", \"warning\" or \"failing\".";
            reader.wrong(&values, "status", detail);
            return None;
        }
        None => {
            let detail = "Say what checks find: status = \"failing\".";
            reader.error(block.header_range(), "A check without a status", detail);
            return None;
        }
    };
    let from = values.duration("after").unwrap_or_default();
    Some(CheckPhase { from, status })
}

fn log(reader: &mut Reader<'_>, block: &Block) -> LogLine {
    let values = reader.fields(&block.body, &shape::LOG);
    LogLine {
        after: values.duration("after").unwrap_or_default(),
        every: values
            .duration("every")
            .filter(|every| *every > Duration::ZERO),
        times: values
            .whole("times")
            .and_then(|times| u32::try_from(times).ok()),
        is_error: values.flag("stderr").unwrap_or(false),
        text: reader.label(block).to_string().into(),
    }
}

fn memory(reader: &mut Reader<'_>, block: &Block, usual: MemoryUse) -> MemoryUse {
    let values = reader.fields(&block.body, &shape::MEMORY);
    let percent = |name: &str| {
        values
            .whole(name)
            .and_then(|percent| u32::try_from(percent).ok())
    };
    MemoryUse {
        start_percent: percent("start_percent").unwrap_or(usual.start_percent),
        end_percent: percent("end_percent").unwrap_or(usual.end_percent),
        grows_for: values.duration("grows_for").unwrap_or(usual.grows_for),
    }
}

fn traffic(reader: &mut Reader<'_>, block: &Block) -> Traffic {
    let values = reader.fields(&block.body, &shape::TRAFFIC);
    Traffic {
        error_percent: values.whole("error_percent").unwrap_or(0).unsigned_abs(),
        latency: values
            .duration("latency")
            .unwrap_or(Duration::from_millis(20)),
    }
}
