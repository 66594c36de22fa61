//! Tasks: what their images do, what they need, and where in the lifecycle they stand.

use serde_json::{Value, json};
use yurt_model::Rng;

use super::{SECOND, one_in, pick, policies, seconds};

/// Images by what their names say; good ones come first, for they are taken more often.
const IMAGES: [&str; 11] = [
    "web:1",
    "web:2",
    "web:3",
    "web:4",
    "web:5-slow",
    "web:6-flaky",
    "web:7-crash",
    "web:8-unhealthy",
    "web:9-oom",
    "web:10-missing",
    "batch:1",
];

/// Images whose tasks end by themselves, or fail to begin.
const ENDING: [&str; 7] = [
    "batch:1",
    "batch:2",
    "batch:3-slow",
    "batch:4-flaky",
    "work:5-crash",
    "work:6-oom",
    "work:7-missing",
];

/// The tasks beside the main ones: name, hook, whether a sidecar.
const HOOKED: [(&str, &str, bool); 5] = [
    ("prepare", "prestart", false),
    ("proxy", "prestart", true),
    ("announce", "poststart", false),
    ("watch", "poststart", true),
    ("clean", "poststop", false),
];

/// The tasks of a group: a main one, at times a second, at times some around them.
pub(super) fn tasks(scheduler: &str, has_port: bool, is_calm: bool, rng: &mut Rng) -> Vec<Value> {
    let ends = scheduler.ends_with("batch") && !one_in(rng, 4);
    if is_calm && !one_in(rng, 6) {
        let images: &[&str] = if ends { &ENDING[..2] } else { &IMAGES[..4] };
        let mut main = task("main", ends, has_port, rng);
        main["Driver"] = json!("docker");
        main["Config"] = json!({ "image": pick(rng, images) });
        return vec![main];
    }
    let mut tasks = vec![task("main", ends, has_port, rng)];
    if one_in(rng, 6) {
        tasks.push(task("second", ends, has_port, rng));
    }
    if one_in(rng, 5) {
        let leader = rng.below(tasks.len() as u32) as usize;
        tasks[leader]["Leader"] = json!(true);
    }
    if one_in(rng, 3) {
        for _ in 0..=rng.below(3) {
            let (name, hook, sidecar) = pick(rng, &HOOKED);
            if tasks.iter().any(|task| task["Name"] == name) {
                continue;
            }
            let mut hooked = task(name, !sidecar && !one_in(rng, 8), has_port, rng);
            hooked["Lifecycle"] = json!({ "Hook": hook, "Sidecar": sidecar });
            let place = rng.below(tasks.len() as u32 + 1) as usize;
            tasks.insert(place, hooked);
        }
    }
    tasks
}

fn task(name: &str, ends: bool, has_port: bool, rng: &mut Rng) -> Value {
    let (driver, config) = program(ends, rng);
    let mut task = json!({
        "Name": name,
        "Driver": driver,
        "Config": config,
        "KillTimeout": seconds(rng, 0, 20),
        "Resources": resources(rng),
    });
    if one_in(rng, 10) {
        task["KillTimeout"] = json!(40 * SECOND);
    }
    if one_in(rng, 8) {
        task["KillSignal"] = json!(pick(rng, &["SIGINT", "SIGKILL", "SIGUSR1"]));
    }
    if one_in(rng, 5) {
        task["ShutdownDelay"] = json!(seconds(rng, 0, 15));
    }
    if one_in(rng, 6) {
        task["RestartPolicy"] = policies::restart(rng);
    }
    if one_in(rng, 10) {
        task["Artifacts"] = json!([artifact(rng)]);
    }
    if one_in(rng, 7) {
        task["Templates"] = json!([template(rng)]);
    }
    if has_port && one_in(rng, 3) {
        let of_task = service(name, "", rng);
        task["Services"] = json!([of_task]);
    }
    task
}

/// A driver and its settings: an image, or a process whose every move is said.
fn program(ends: bool, rng: &mut Rng) -> (&'static str, Value) {
    if one_in(rng, 6) {
        return ("mock_driver", mock(ends, rng));
    }
    let images: &[&str] = if ends { &ENDING } else { &IMAGES };
    // The good ones come first and more often.
    let last = 1 + rng.below(images.len() as u32);
    let image = images[rng.below(last) as usize];
    ("docker", json!({ "image": image }))
}

fn mock(ends: bool, rng: &mut Rng) -> Value {
    let run_for = if ends {
        1 + rng.below(60)
    } else {
        10 + rng.below(10_000)
    };
    let mut config = json!({
        "run_for": format!("{run_for}s"),
        "exit_code": pick(rng, &[0, 0, 1]),
        "kill_after": format!("{}s", rng.below(40)),
    });
    if one_in(rng, 6) {
        config["start_error"] = json!("it does not start");
        config["start_error_recoverable"] = json!(one_in(rng, 2));
    }
    if one_in(rng, 6) {
        config["start_block_for"] = json!("10s");
    }
    if one_in(rng, 10) {
        config["exit_signal"] = json!(9);
    }
    config
}

fn resources(rng: &mut Rng) -> Value {
    let mut resources = json!({ "MemoryMB": pick(rng, &[64, 256, 900]) });
    if one_in(rng, 10) {
        resources["Cores"] = json!(1 + rng.below(2));
    } else {
        resources["CPU"] = json!(pick(rng, &[100, 500, 1300]));
    }
    if one_in(rng, 8) {
        resources["MemoryMaxMB"] = json!(1024);
    }
    if one_in(rng, 12) {
        let name = pick(rng, &["gpu", "nvidia/gpu"]);
        resources["Devices"] = json!([{ "Name": name, "Count": 1 + rng.below(2) }]);
    }
    resources
}

fn artifact(rng: &mut Rng) -> Value {
    let file = pick(rng, &["data.tar.gz", "data.tar.gz", "data-missing.tar.gz"]);
    json!({ "GetterSource": format!("https://example.com/{file}"), "RelativeDest": "local/" })
}

/// Most read services that come and go; one waits for a variable that nobody writes.
fn template(rng: &mut Rng) -> Value {
    let text = pick(
        rng,
        &[
            "{{ range nomadService \"of-main\" }}{{ .Address }}{{ end }}",
            "{{ range nomadService \"of-group\" }}{{ .Port }}{{ end }}",
            "{{ env \"NOMAD_ALLOC_ID\" }}",
        ],
    );
    let text = if one_in(rng, 12) {
        "{{ with nomadVar \"nomad/jobs\" }}{{ .key }}{{ end }}"
    } else {
        text
    };
    let mode = pick(rng, &["noop", "restart", "restart", "signal", "script"]);
    let mut template = json!({
        "EmbeddedTmpl": text,
        "DestPath": "local/file",
        "ChangeMode": mode,
        "Splay": seconds(rng, 0, 8),
    });
    match mode {
        "signal" => template["ChangeSignal"] = json!(pick(rng, &["SIGHUP", "SIGTERM"])),
        "script" => template["ChangeScript"] = json!({ "Command": "/bin/look", "Timeout": SECOND }),
        _ => {}
    }
    template
}

/// A service that the servers keep, with checks that may restart the task.
pub(super) fn service(owner: &str, answered_by: &str, rng: &mut Rng) -> Value {
    let mut check = json!({
        "Name": "alive",
        "Type": "http",
        "Path": "/",
        "Interval": seconds(rng, 2, 10),
        "Timeout": SECOND,
        "TaskName": answered_by,
        "OnUpdate": pick(rng, &["require_healthy", "require_healthy", "ignore"]),
    });
    // What updates do not look at restarts nobody.
    if check["OnUpdate"] != "ignore" && one_in(rng, 2) {
        let grace = seconds(rng, 0, 20);
        check["CheckRestart"] = json!({ "Limit": 1 + rng.below(3), "Grace": grace });
    }
    let checks = if one_in(rng, 4) {
        json!([])
    } else {
        json!([check])
    };
    json!({
        "Name": format!("of-{owner}"),
        "Provider": "nomad",
        "PortLabel": "web",
        "Tags": [pick(rng, &["blue", "green"])],
        "Checks": checks,
    })
}
