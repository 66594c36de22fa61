//! Services of groups and tasks, with their checks.

use yurt_jobspec::schema;

use super::task::IDENTITY;
use super::*;

/// `Services` of a group or task.
pub(super) const SERVICES: Part = many("Services", &SERVICE, Match::Service);

static SERVICE: Shape = shape(
    "Service",
    &schema::SERVICE,
    &[
        text("Address"),
        text("AddressMode"),
        map("CanaryMeta"),
        text("Cluster"),
        flag("EnableTagOverride"),
        text("Kind"),
        map("Meta"),
        text("Name"),
        text("Namespace"),
        text("OnUpdate"),
        text("PortLabel"),
        text("Provider"),
        map("TaggedAddresses"),
        text("TaskName"),
    ],
    &[
        set("CanaryTags"),
        set("Tags"),
        many("Checks", &CHECK, Match::By(&["Name"])),
        part("Connect", Child::Generic(&schema::CONNECT)),
        one("Identity", &IDENTITY),
        one("Weights", &WEIGHTS),
    ],
)
.hiding(&["CheckRestart"]);

static WEIGHTS: Shape = shape(
    "Weights",
    &schema::WEIGHTS,
    &[whole("Passing"), whole("Warning")],
    &[],
);

static CHECK: Shape = shape(
    "Check",
    &schema::CHECK,
    &[
        text("AddressMode"),
        text("Body"),
        text("Command"),
        flag("Expose"),
        whole("FailuresBeforeCritical"),
        whole("FailuresBeforeWarning"),
        text("GRPCService"),
        flag("GRPCUseTLS"),
        text("InitialStatus"),
        whole("Interval"),
        text("Method"),
        text("Name"),
        text("Notes"),
        text("OnUpdate"),
        text("Path"),
        text("PortLabel"),
        text("Protocol"),
        whole("SuccessBeforePassing"),
        text("TLSServerName"),
        flag("TLSSkipVerify"),
        text("TaskName"),
        whole("Timeout"),
        text("Type"),
    ],
    &[one("Header", &HEADER), one("CheckRestart", &CHECK_RESTART)],
)
.hiding(&["Args", "Advertise"]);

static HEADER: Shape = Shape::free("Header");

static CHECK_RESTART: Shape = shape(
    "CheckRestart",
    &schema::CHECK_RESTART,
    &[whole("Grace"), flag("IgnoreWarnings"), whole("Limit")],
    &[],
);
