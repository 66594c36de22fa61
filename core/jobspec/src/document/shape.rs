//! Which members the objects of a job have, under the HTTP API's names.
//!
//! Pointers of the API that may stay unset after admission are `optional_…`: they stay null. All
//! others become the zero of their kind. The order is that of the API's answers.

/// What a member holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// A text; `""` when unset.
    Text,
    /// A whole number; 0 when unset.
    Int,
    /// A whole number that may stay null.
    OptionalInt,
    /// Nanoseconds; 0 when unset. A text such as `30s` is read as well.
    Span,
    /// Nanoseconds that may stay null.
    OptionalSpan,
    /// A truth value; false when unset.
    Flag,
    /// A list of texts; null when empty.
    Texts,
    /// A map of texts; null when empty.
    Map,
    /// Anything, kept word for word; null when it is an empty map.
    Free,
    /// Inert settings: kept, without what is null or empty at any depth.
    Inert,
    /// An object that may be null.
    Object(&'static [Member]),
    /// A list of objects; null when empty.
    Objects(&'static [Member]),
    /// Objects by name; null when empty.
    Keyed(&'static [Member]),
}

/// One member of an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    /// The name in the HTTP API.
    pub(super) name: &'static str,
    /// What it holds.
    pub(super) kind: Kind,
    /// Only people send it: admission uses it up, and the stored job lacks it.
    pub(super) request_only: bool,
}

const fn of(name: &'static str, kind: Kind) -> Member {
    Member {
        name,
        kind,
        request_only: false,
    }
}

const fn request(name: &'static str, kind: Kind) -> Member {
    Member {
        name,
        kind,
        request_only: true,
    }
}

use Kind::{
    Flag, Free, Inert, Int, Keyed, Map, Object, Objects, OptionalInt, OptionalSpan, Span, Text,
    Texts,
};

/// The job itself, without what servers assign.
pub(super) const JOB: &[Member] = &[
    of("Affinities", Objects(AFFINITY)),
    of("AllAtOnce", Flag),
    of("Constraints", Objects(CONSTRAINT)),
    of("ConsulNamespace", Text),
    of("Datacenters", Texts),
    of("ID", Text),
    of("Meta", Map),
    request("Migrate", Object(MIGRATE)),
    of("Multiregion", Inert),
    of("Name", Text),
    of("Namespace", Text),
    of("NodePool", Text),
    of("ParameterizedJob", Object(PARAMETERIZED)),
    of("Periodic", Object(PERIODIC)),
    of("Priority", Int),
    of("Region", Text),
    request("Reschedule", Object(RESCHEDULE)),
    of("Spreads", Objects(SPREAD)),
    of("TaskGroups", Objects(GROUP)),
    of("Type", Text),
    of("UI", Object(UI)),
    of("Update", Object(UPDATE)),
    of("VaultNamespace", Text),
];

const AFFINITY: &[Member] = &[
    of("LTarget", Text),
    of("Operand", Text),
    of("RTarget", Text),
    of("Weight", Int),
];

const CONSTRAINT: &[Member] = &[
    of("LTarget", Text),
    of("Operand", Text),
    of("RTarget", Text),
];

const SPREAD: &[Member] = &[
    of("Attribute", Text),
    of(
        "SpreadTarget",
        Objects(&[of("Percent", Int), of("Value", Text)]),
    ),
    of("Weight", Int),
];

const PARAMETERIZED: &[Member] = &[
    of("MetaOptional", Texts),
    of("MetaRequired", Texts),
    of("Payload", Text),
];

const PERIODIC: &[Member] = &[
    of("Enabled", Flag),
    of("ProhibitOverlap", Flag),
    of("Spec", Text),
    of("SpecType", Text),
    of("Specs", Texts),
    of("TimeZone", Text),
];

const UI: &[Member] = &[
    of("Description", Text),
    of("Links", Objects(&[of("Label", Text), of("Url", Text)])),
];

const UPDATE: &[Member] = &[
    of("AutoPromote", Flag),
    of("AutoRevert", Flag),
    of("Canary", Int),
    of("HealthCheck", Text),
    of("HealthyDeadline", Span),
    of("MaxParallel", Int),
    of("MinHealthyTime", Span),
    of("ProgressDeadline", Span),
    of("Stagger", Span),
];

const MIGRATE: &[Member] = &[
    of("HealthCheck", Text),
    of("HealthyDeadline", Span),
    of("MaxParallel", Int),
    of("MinHealthyTime", Span),
];

const RESCHEDULE: &[Member] = &[
    of("Attempts", Int),
    of("Delay", Span),
    of("DelayFunction", Text),
    of("Interval", Span),
    of("MaxDelay", Span),
    of("Unlimited", Flag),
];

const RESTART: &[Member] = &[
    of("Attempts", Int),
    of("Delay", Span),
    of("Interval", Span),
    of("Mode", Text),
    of("RenderTemplates", Flag),
];

const GROUP: &[Member] = &[
    of("Affinities", Objects(AFFINITY)),
    of("Constraints", Objects(CONSTRAINT)),
    of("Consul", Object(CONSUL)),
    of("Count", Int),
    of(
        "Disconnect",
        Object(&[
            of("LostAfter", Span),
            of("Reconcile", Text),
            of("Replace", Flag),
            of("StopOnClientAfter", OptionalSpan),
        ]),
    ),
    of(
        "EphemeralDisk",
        Object(&[of("Migrate", Flag), of("SizeMB", Int), of("Sticky", Flag)]),
    ),
    of("MaxClientDisconnect", OptionalSpan),
    of("MaxRunDuration", OptionalSpan),
    of("Meta", Map),
    of("Migrate", Object(MIGRATE)),
    of("Name", Text),
    of("Networks", Objects(NETWORK)),
    of("PreventRescheduleOnLost", Flag),
    of("ReschedulePolicy", Object(RESCHEDULE)),
    of("RestartPolicy", Object(RESTART)),
    of("Scaling", Object(SCALING)),
    of("Services", Objects(SERVICE)),
    of("ShutdownDelay", OptionalSpan),
    of("Spreads", Objects(SPREAD)),
    of("StopAfterClientDisconnect", OptionalSpan),
    of("Tasks", Objects(TASK)),
    of("Update", Object(UPDATE)),
    of("Volumes", Keyed(VOLUME)),
];

const CONSUL: &[Member] = &[
    of("Cluster", Text),
    of("Namespace", Text),
    of("Partition", Text),
];

const SCALING: &[Member] = &[
    of("Enabled", Flag),
    of("Max", OptionalInt),
    of("Min", OptionalInt),
    of("Policy", Free),
    of("Target", Map),
    of("Type", Text),
];

const VOLUME: &[Member] = &[
    of("AccessMode", Text),
    of("AttachmentMode", Text),
    of(
        "MountOptions",
        Object(&[of("FSType", Text), of("MountFlags", Texts)]),
    ),
    of("Name", Text),
    of("PerAlloc", Flag),
    of("ReadOnly", Flag),
    of("Source", Text),
    of("Sticky", Flag),
    of("Type", Text),
];

const NETWORK: &[Member] = &[
    of("CIDR", Text),
    of("CNI", Object(&[of("Args", Map)])),
    of(
        "DNS",
        Object(&[
            of("Options", Texts),
            of("Searches", Texts),
            of("Servers", Texts),
        ]),
    ),
    of("Device", Text),
    of("DynamicPorts", Objects(PORT)),
    of("Hostname", Text),
    of("IP", Text),
    of("MBits", Int),
    of("Mode", Text),
    of("ReservedPorts", Objects(PORT)),
];

const PORT: &[Member] = &[
    of("HostNetwork", Text),
    of("IgnoreCollision", Flag),
    of("Label", Text),
    of("To", Int),
    of("Value", Int),
];

const SERVICE: &[Member] = &[
    of("Address", Text),
    of("AddressMode", Text),
    of("CanaryMeta", Map),
    of("CanaryTags", Texts),
    request("CheckRestart", Object(CHECK_RESTART)),
    of("Checks", Objects(CHECK)),
    of("Cluster", Text),
    of("Connect", Inert),
    of("EnableTagOverride", Flag),
    of("Identity", Object(IDENTITY)),
    of("Kind", Text),
    of("Meta", Map),
    of("Name", Text),
    of("Namespace", Text),
    of("OnUpdate", Text),
    of("PortLabel", Text),
    of("Provider", Text),
    of("TaggedAddresses", Map),
    of("Tags", Texts),
    of("TaskName", Text),
    of("Weights", Object(&[of("Passing", Int), of("Warning", Int)])),
];

const CHECK_RESTART: &[Member] = &[
    of("Grace", Span),
    of("IgnoreWarnings", Flag),
    of("Limit", Int),
];

const CHECK: &[Member] = &[
    of("AddressMode", Text),
    of("Args", Texts),
    of("Body", Text),
    of("CheckRestart", Object(CHECK_RESTART)),
    of("Command", Text),
    of("Expose", Flag),
    of("FailuresBeforeCritical", Int),
    of("FailuresBeforeWarning", Int),
    of("GRPCService", Text),
    of("GRPCUseTLS", Flag),
    of("Header", Free),
    of("InitialStatus", Text),
    of("Interval", Span),
    of("Method", Text),
    of("Name", Text),
    of("Notes", Text),
    of("OnUpdate", Text),
    of("Path", Text),
    of("PortLabel", Text),
    of("Protocol", Text),
    of("SuccessBeforePassing", Int),
    of("TLSServerName", Text),
    of("TLSSkipVerify", Flag),
    of("TaskName", Text),
    of("Timeout", Span),
    of("Type", Text),
];

const IDENTITY: &[Member] = &[
    of("Audience", Texts),
    of("ChangeMode", Text),
    of("ChangeSignal", Text),
    of("Env", Flag),
    of("ExtraClaims", Map),
    of("File", Flag),
    of("Filepath", Text),
    of("Name", Text),
    of("ServiceName", Text),
    of("TTL", Span),
];

const TASK: &[Member] = &[
    of(
        "Actions",
        Objects(&[of("Args", Texts), of("Command", Text), of("Name", Text)]),
    ),
    of("Affinities", Objects(AFFINITY)),
    of("Artifacts", Objects(ARTIFACT)),
    of(
        "CSIPluginConfig",
        Object(&[
            of("HealthTimeout", Span),
            of("ID", Text),
            of("MountDir", Text),
            of("StagePublishBaseDir", Text),
            of("Type", Text),
        ]),
    ),
    of("Config", Free),
    of("Constraints", Objects(CONSTRAINT)),
    of("Consul", Object(CONSUL)),
    of("DispatchPayload", Object(&[of("File", Text)])),
    of("Driver", Text),
    of("Env", Map),
    of("Identities", Objects(IDENTITY)),
    of("Identity", Object(IDENTITY)),
    of("KillSignal", Text),
    of("KillTimeout", Span),
    of("Kind", Text),
    of("Leader", Flag),
    of(
        "Lifecycle",
        Object(&[of("Hook", Text), of("Sidecar", Flag)]),
    ),
    of(
        "LogConfig",
        Object(&[
            of("Disabled", Flag),
            of("MaxFileSizeMB", Int),
            of("MaxFiles", Int),
        ]),
    ),
    of("Meta", Map),
    of("Name", Text),
    of("Resources", Object(RESOURCES)),
    of("RestartPolicy", Object(RESTART)),
    of("ScalingPolicies", Objects(SCALING)),
    of(
        "Schedule",
        Object(&[of(
            "Cron",
            Object(&[of("End", Text), of("Start", Text), of("Timezone", Text)]),
        )]),
    ),
    of("Secrets", Objects(SECRET)),
    of("Services", Objects(SERVICE)),
    of("ShutdownDelay", Span),
    of("Templates", Objects(TEMPLATE)),
    of("User", Text),
    of("Vault", Object(VAULT)),
    of("VolumeMounts", Objects(VOLUME_MOUNT)),
];

const ARTIFACT: &[Member] = &[
    of("Chown", Flag),
    of("GetterHeaders", Map),
    of("GetterInsecure", Flag),
    of("GetterMode", Text),
    of("GetterOptions", Map),
    of("GetterSource", Text),
    of("RelativeDest", Text),
];

const RESOURCES: &[Member] = &[
    of("CPU", Int),
    of("Cores", Int),
    of(
        "Devices",
        Objects(&[
            of("Affinities", Objects(AFFINITY)),
            of("Constraints", Objects(CONSTRAINT)),
            of("Count", Int),
            of("Name", Text),
        ]),
    ),
    of("DiskMB", Int),
    of("IOPS", Int),
    of("MemoryMB", Int),
    of("MemoryMaxMB", Int),
    of(
        "NUMA",
        Object(&[of("Affinity", Text), of("Devices", Texts)]),
    ),
    of("Networks", Objects(NETWORK)),
    of("SecretsMB", Int),
];

const SECRET: &[Member] = &[
    of("Config", Free),
    of("Env", Map),
    of("Name", Text),
    of("Path", Text),
    of("Provider", Text),
];

const TEMPLATE: &[Member] = &[
    of("ChangeMode", Text),
    of(
        "ChangeScript",
        Object(&[
            of("Args", Texts),
            of("Command", Text),
            of("FailOnError", Flag),
            of("RunOnFirstRender", Flag),
            of("Timeout", Span),
        ]),
    ),
    of("ChangeSignal", Text),
    of("DestPath", Text),
    of("EmbeddedTmpl", Text),
    of("Envvars", Flag),
    of("ErrMissingKey", Flag),
    of("Gid", OptionalInt),
    of("LeftDelim", Text),
    of("Once", Flag),
    of("Perms", Text),
    of("RightDelim", Text),
    of("SourcePath", Text),
    of("Splay", Span),
    of("Uid", OptionalInt),
    of("VaultGrace", Span),
    of(
        "Wait",
        Object(&[of("Max", OptionalSpan), of("Min", OptionalSpan)]),
    ),
];

const VAULT: &[Member] = &[
    of("AllowTokenExpiration", Flag),
    of("ChangeMode", Text),
    of("ChangeSignal", Text),
    of("Cluster", Text),
    of("DisableFile", Flag),
    of("Env", Flag),
    of("Namespace", Text),
    of("Role", Text),
];

const VOLUME_MOUNT: &[Member] = &[
    of("Destination", Text),
    of("PropagationMode", Text),
    of("ReadOnly", Flag),
    of("SELinuxLabel", Text),
    of("Volume", Text),
];
