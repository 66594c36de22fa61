//! What a file of a world may say: the blocks, their fields and how far values may go. The one
//! place that knows a name.

use yurt_engine::NODES_MAX;

/// What a value is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Text.
    Text,
    /// Several texts.
    Texts,
    /// A whole number between two others, both allowed.
    Whole(i64, i64),
    /// A length of time such as `"1m30s"`, up to a year.
    Duration,
    /// Yes or no.
    Flag,
    /// Texts by name, as a map or as a block; a list of texts goes round by node.
    Map,
}

/// A block, or the file itself.
pub(super) struct Shape {
    /// What messages call it.
    pub(super) name: &'static str,
    /// How many labels it has.
    pub(super) labels: usize,
    /// Its attributes.
    pub(super) fields: &'static [(&'static str, Kind)],
    /// The blocks in it.
    pub(super) blocks: &'static [&'static Shape],
    /// There may be several beside each other.
    pub(super) is_many: bool,
}

/// Large enough for any machine, small enough for sums of them.
const MUCH: i64 = 1 << 40;

/// Ports are below this.
const PORT_MAX: i64 = 65_535;

const fn block(
    name: &'static str,
    labels: usize,
    fields: &'static [(&'static str, Kind)],
    blocks: &'static [&'static Shape],
) -> Shape {
    Shape {
        name,
        labels,
        fields,
        blocks,
        is_many: labels > 0,
    }
}

/// The file.
pub(super) static WORLD: Shape = block(
    "world",
    0,
    &[
        ("collects_garbage", Kind::Flag),
        ("release", Kind::Text),
        ("seed", Kind::Whole(0, i64::MAX)),
        ("start", Kind::Text),
    ],
    &[&HEARTBEAT, &IMAGE, &NODE, &SCHEDULER],
);

/// How the scheduler is configured.
pub(super) static SCHEDULER: Shape = block(
    "scheduler",
    0,
    &[
        ("algorithm", Kind::Text),
        ("memory_oversubscription", Kind::Flag),
        ("preempt_batch", Kind::Flag),
        ("preempt_service", Kind::Flag),
        ("preempt_sysbatch", Kind::Flag),
        ("preempt_system", Kind::Flag),
    ],
    &[],
);

/// How often nodes report, and how long servers wait beyond that.
pub(super) static HEARTBEAT: Shape = block(
    "heartbeat",
    0,
    &[("grace", Kind::Duration), ("interval", Kind::Duration)],
    &[],
);

/// Nodes that are alike; the label is their name, or what it begins with.
pub(super) static NODE: Shape = block(
    "node",
    1,
    &[
        ("attributes", Kind::Map),
        ("cores", Kind::Whole(1, 4_096)),
        ("count", Kind::Whole(0, NODES_MAX as i64)),
        ("cpu_mhz", Kind::Whole(1, MUCH)),
        ("datacenter", Kind::Text),
        ("disk_mb", Kind::Whole(0, MUCH)),
        ("drivers", Kind::Texts),
        ("eligible", Kind::Flag),
        ("max_dynamic_port", Kind::Whole(1, PORT_MAX)),
        ("memory_mb", Kind::Whole(1, MUCH)),
        ("meta", Kind::Map),
        ("min_dynamic_port", Kind::Whole(1, PORT_MAX)),
        ("node_class", Kind::Text),
        ("node_pool", Kind::Text),
    ],
    &[&DEVICE, &HOST_VOLUME, &NETWORK, &RESERVED],
);

/// Equal devices of a node; the label is `vendor/type/name`.
pub(super) static DEVICE: Shape = block(
    "device",
    1,
    &[("attributes", Kind::Map), ("count", Kind::Whole(1, 1_024))],
    &[],
);

/// A volume of the host; the label is its name.
pub(super) static HOST_VOLUME: Shape = block("host_volume", 1, &[("read_only", Kind::Flag)], &[]);

/// A network of a node; the label is the alias that a port's `host_network` names.
pub(super) static NETWORK: Shape = block(
    "network",
    1,
    &[
        ("address", Kind::Text),
        ("device", Kind::Text),
        ("mbits", Kind::Whole(0, MUCH)),
        ("mode", Kind::Text),
        ("reserved_ports", Kind::Text),
    ],
    &[],
);

/// What a node keeps from jobs.
pub(super) static RESERVED: Shape = block(
    "reserved",
    0,
    &[
        ("cpu_mhz", Kind::Whole(0, MUCH)),
        ("disk_mb", Kind::Whole(0, MUCH)),
        ("memory_mb", Kind::Whole(0, MUCH)),
        ("ports", Kind::Text),
    ],
    &[],
);

/// What an image does; the label is its name with its tag.
pub(super) static IMAGE: Shape = block(
    "image",
    1,
    &[
        ("exit_code", Kind::Whole(0, 255)),
        ("exit_signal", Kind::Whole(0, 64)),
        ("out_of_memory", Kind::Flag),
        ("pull", Kind::Duration),
        ("recoverable", Kind::Flag),
        ("runs_for", Kind::Duration),
        ("start", Kind::Duration),
        ("start_error", Kind::Text),
        ("stops_in", Kind::Duration),
    ],
    &[&CHECK, &LOG, &MEMORY, &TRAFFIC],
);

/// From when on its checks find something.
pub(super) static CHECK: Shape = Shape {
    is_many: true,
    ..block(
        "check",
        0,
        &[("after", Kind::Duration), ("status", Kind::Text)],
        &[],
    )
};

/// Something that it writes; the label is the line.
pub(super) static LOG: Shape = block(
    "log",
    1,
    &[
        ("after", Kind::Duration),
        ("every", Kind::Duration),
        ("stderr", Kind::Flag),
        ("times", Kind::Whole(1, u32::MAX as i64)),
    ],
    &[],
);

/// How much of its memory it uses.
pub(super) static MEMORY: Shape = block(
    "memory",
    0,
    &[
        ("end_percent", Kind::Whole(0, 100)),
        ("grows_for", Kind::Duration),
        ("start_percent", Kind::Whole(0, 100)),
    ],
    &[],
);

/// How it answers.
pub(super) static TRAFFIC: Shape = block(
    "traffic",
    0,
    &[
        ("error_percent", Kind::Whole(0, 100)),
        ("latency", Kind::Duration),
    ],
    &[],
);
