//! Tables: templates, artifacts, mounts and storage plugins of a task.

use super::short::*;
use super::{BlockSchema, Labels};

/// `template`.
pub static TEMPLATE: BlockSchema = BlockSchema {
    name: "template",
    api_name: "Template",
    labels: Labels::None,
    doc: "A file that is rendered into the task's directory.",
    fields: &[
        string("source", "SourcePath", "File that holds the template.").inert(),
        string("destination", "DestPath", "Where the result is written.").inert(),
        string("data", "EmbeddedTmpl", "The template itself.").inert(),
        string(
            "change_mode",
            "ChangeMode",
            "What a new result does to the task.",
        )
        .or("restart")
        .one_of(&["noop", "signal", "script", "restart"])
        .inert(),
        one("change_script", "ChangeScript", &CHANGE_SCRIPT).inert(),
        string(
            "change_signal",
            "ChangeSignal",
            "Signal for the mode `signal`.",
        )
        .inert(),
        boolean("once", "Once", "Render once and never again.")
            .or("false")
            .inert(),
        duration(
            "splay",
            "Splay",
            "Random wait before a change takes effect.",
        )
        .or("5s")
        .inert(),
        string("perms", "Perms", "Permissions of the file.")
            .or("0644")
            .inert(),
        integer("uid", "Uid", "Owner of the file.").inert(),
        integer("gid", "Gid", "Group of the file.").inert(),
        string("left_delimiter", "LeftDelim", "Opens an action.")
            .or("{{")
            .inert(),
        string("right_delimiter", "RightDelim", "Closes an action.")
            .or("}}")
            .inert(),
        boolean(
            "env",
            "Envvars",
            "Read the result as environment variables.",
        )
        .or("false")
        .inert(),
        duration("vault_grace", "VaultGrace", "Deprecated.").inert(),
        one("wait", "Wait", &WAIT).inert(),
        boolean(
            "error_on_missing_key",
            "ErrMissingKey",
            "A missing key fails the rendering.",
        )
        .or("false")
        .inert(),
    ],
};

static CHANGE_SCRIPT: BlockSchema = BlockSchema {
    name: "change_script",
    api_name: "ChangeScript",
    labels: Labels::None,
    doc: "The command that a new result runs.",
    fields: &[
        string("command", "Command", "Program to run.").inert(),
        strings("args", "Args", "Its arguments.").inert(),
        duration("timeout", "Timeout", "How long it may run.")
            .or("5s")
            .inert(),
        boolean(
            "fail_on_error",
            "FailOnError",
            "Its failure fails the task.",
        )
        .or("false")
        .inert(),
        boolean(
            "run_on_first_render",
            "RunOnFirstRender",
            "Run it at the start too.",
        )
        .or("false")
        .inert(),
    ],
};

static WAIT: BlockSchema = BlockSchema {
    name: "wait",
    api_name: "Wait",
    labels: Labels::None,
    doc: "How long to gather changes before rendering.",
    fields: &[
        duration("min", "Min", "At least this long.").inert(),
        duration("max", "Max", "At most this long.").inert(),
    ],
};

/// `artifact`.
pub static ARTIFACT: BlockSchema = BlockSchema {
    name: "artifact",
    api_name: "Artifact",
    labels: Labels::None,
    doc: "A file or archive that is fetched before the task starts.",
    fields: &[
        string("source", "GetterSource", "Address to fetch.").inert(),
        map("options", "GetterOptions", "Options of the fetch.").inert(),
        map("headers", "GetterHeaders", "HTTP headers of the fetch.").inert(),
        string(
            "mode",
            "GetterMode",
            "Treat it as a file, a directory, or guess.",
        )
        .or("any")
        .one_of(&["any", "file", "dir"])
        .inert(),
        boolean("insecure", "GetterInsecure", "Do not verify certificates.")
            .or("false")
            .inert(),
        string("destination", "RelativeDest", "Directory for the result.")
            .or("local/")
            .inert(),
        boolean("chown", "Chown", "Give the result to the task's user.")
            .plain()
            .or("false")
            .inert(),
    ],
};

/// `volume_mount`.
pub static VOLUME_MOUNT: BlockSchema = BlockSchema {
    name: "volume_mount",
    api_name: "VolumeMount",
    labels: Labels::None,
    doc: "Where the task sees a volume of its group.",
    fields: &[
        string("volume", "Volume", "Label of the group's volume."),
        string("destination", "Destination", "Path inside the task."),
        boolean("read_only", "ReadOnly", "The task may only read.").or("false"),
        string(
            "propagation_mode",
            "PropagationMode",
            "How mounts pass between host and task.",
        )
        .or("private")
        .one_of(&["private", "host-to-task", "bidirectional"])
        .inert(),
        string(
            "selinux_label",
            "SELinuxLabel",
            "SELinux label of the mount.",
        )
        .inert(),
    ],
};

/// `csi_plugin`.
pub static CSI_PLUGIN: BlockSchema = BlockSchema {
    name: "csi_plugin",
    api_name: "CSIPluginConfig",
    labels: Labels::None,
    doc: "Says that the task is a storage plugin.",
    fields: &[
        string("id", "ID", "Name of the plugin.").plain().inert(),
        string("type", "Type", "Part that the task plays.")
            .plain()
            .one_of(&["controller", "node", "monolith"])
            .inert(),
        string("mount_dir", "MountDir", "Where the plugin's socket is.")
            .plain()
            .or("/csi")
            .inert(),
        string(
            "stage_publish_base_dir",
            "StagePublishBaseDir",
            "Where volumes are staged.",
        )
        .plain()
        .or("/local/csi")
        .inert(),
        duration(
            "health_timeout",
            "HealthTimeout",
            "How long the plugin may take to answer.",
        )
        .plain()
        .or("30s")
        .inert(),
    ],
};
