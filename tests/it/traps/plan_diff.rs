//! The traps of a plan's difference (spec: plan-diff 15), each by its number.

use yurt_model::Duration;
use yurt_workbench::session::{Printed, Session};

const FILE: &str = "docs.nomad.hcl";
const IMAGE: &str = "config {\nimage = \"echo:1\"\n}";
const OTHER_IMAGE: &str = "config {\nimage = \"echo:2\"\n}";

/// A job of one group and one task, with text in each.
fn job(job: &str, group: &str, task: &str) -> String {
    format!(
        "job \"docs\" {{\n{job}\ngroup \"api\" {{\n{group}\ntask \"server\" {{\ndriver = \
         \"docker\"\n{task}\n}}\n}}\n}}\n"
    )
}

/// Three allocations of one image.
fn base() -> String {
    job("", "count = 3", IMAGE)
}

/// A cluster, and what the last plan there printed.
struct Desk {
    session: Session,
    text: String,
    status: i32,
}

impl Desk {
    fn new() -> Self {
        Self {
            session: Session::new(1, yurt_model::Release::V2_0),
            text: String::new(),
            status: -1,
        }
    }

    /// A cluster where this job has been running for a while.
    fn running(source: &str) -> Self {
        let mut desk = Self::new();
        assert_eq!(desk.run(source).status, Some(0));
        desk.pass(900);
        desk
    }

    fn run(&mut self, source: &str) -> Printed {
        self.session.files.write(FILE, source);
        self.session
            .execute(&format!("nomad job run -detach {FILE}"))
    }

    fn pass(&mut self, seconds: i64) {
        let until = self.session.now() + Duration::from_secs(seconds);
        self.session.advance_to(until);
    }

    fn plan(mut self, source: &str) -> Self {
        self.plan_with("", source);
        self
    }

    fn plan_with(&mut self, flags: &str, source: &str) {
        self.session.files.write(FILE, source);
        let printed = self
            .session
            .execute(&format!("nomad job plan {flags} {FILE}"));
        let lines: Vec<String> = printed.document.iter().map(|line| line.text()).collect();
        self.text = lines.join("\n").replace('\u{1b}', "^[");
        self.status = printed.status.unwrap_or(-1);
    }

    fn has(&self, text: &str) -> &Self {
        assert!(self.text.contains(text), "no {text}\n{}", self.text);
        self
    }

    fn lacks(&self, text: &str) -> &Self {
        assert!(!self.text.contains(text), "there is {text}\n{}", self.text);
        self
    }

    fn ends_with(&self, status: i32) -> &Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    fn allocs(&self) -> usize {
        self.session.store().allocs().count()
    }
}

/// The plan of one job where the other runs.
fn plan(old: &str, new: &str) -> Desk {
    Desk::running(old).plan(new)
}

/// The plan of a job nobody has submitted.
fn new(source: &str) -> Desk {
    Desk::new().plan(source)
}

#[test]
fn trap_1_the_counter_is_what_happens_now() {
    plan(&base(), &job("", "count = 3", OTHER_IMAGE)).has("(1 create/destroy update, 2 ignore)");
    let canary = "count = 3\nupdate {\ncanary = 1\n}";
    plan(&base(), &job("", canary, OTHER_IMAGE)).has("(1 canary, 3 ignore)");
}

#[test]
fn trap_2_a_first_registration_shows_no_canaries() {
    new(&job("", "count = 5\nupdate {\ncanary = 5\n}", IMAGE))
        .has("(5 create)")
        .lacks("canary");
}

#[test]
fn trap_3_more_are_ignored_than_the_count_while_canaries_run() {
    let group = "count = 3\nupdate {\ncanary = 2\n}";
    let mut desk = Desk::running(&job("", group, IMAGE));
    desk.run(&job("", group, OTHER_IMAGE));
    desk.pass(60);
    desk.plan(&job("", group, OTHER_IMAGE))
        .has("(5 ignore)")
        .ends_with(0);
}

#[test]
fn trap_4_scaling_up_changes_what_runs_in_place() {
    plan(&base(), &job("", "count = 5", IMAGE))
        .has("(2 create, 3 in-place update)")
        .ends_with(1);
    plan(&base(), &job("", "count = 5", OTHER_IMAGE)).has("(2 create, 3 ignore)");
}

#[test]
fn trap_5_groups_nobody_touched_change_in_place() {
    plan(&base(), &job("priority = 60", "count = 3", IMAGE))
        .has("\n    Task Group: \"api\" (3 in-place update)\n");
    let more = "group \"more\" {\ntask \"t\" {\ndriver = \"docker\"\n}\n}";
    plan(&base(), &job(more, "count = 3", IMAGE))
        .has("\n  Task Group: \"api\" (3 in-place update)\n");
}

#[test]
fn trap_6_status_0_although_something_would_be_made() {
    plan(&base(), &job("priority = 60", "count = 3", IMAGE)).ends_with(0);
    let apart = job(
        "",
        "count = 5\nconstraint {\ndistinct_hosts = true\n}",
        IMAGE,
    );
    let mut desk = Desk::running(&apart);
    assert!(desk.session.set_node_up("node-1", false));
    desk.pass(60);
    desk.plan(&apart).has("(1 create, 4 ignore)").ends_with(0);
}

#[test]
fn trap_7_signs_with_nothing_below() {
    let spread = "count = 3\nspread {\nattribute = \"${meta.rack}\"\n}";
    plan(&base(), &job("", spread, IMAGE))
        .has("+/- Task Group: \"api\" (3 in-place update)\n  Task: \"server\"\n\nScheduler");
    let restart = format!("{IMAGE}\nrestart {{\nattempts = 9\n}}");
    plan(&base(), &job("", "count = 3", &restart))
        .has("\n  +/- Task: \"server\" (forces in-place update)\n\nScheduler");
}

#[test]
fn trap_8_one_for_one_is_an_edit_and_two_need_likeness() {
    let service = |name: &str, port: u8| {
        format!("service {{\nname = \"{name}\"\nport = \"{port}\"\nprovider = \"nomad\"\n}}\n")
    };
    let group = |services: &str| job("", &format!("count = 3\n{services}"), IMAGE);
    plan(&group(&service("a", 1)), &group(&service("b", 2)))
        .has("+/- Service {")
        .has("\"a\" => \"b\"");
    let two = |name, port| group(&(service("x", 9) + &service(name, port)));
    plan(&two("a", 1), &two("b", 2))
        .has("\n  + Service {")
        .has("\n  - Service {")
        .lacks("+/- Service");
}

#[test]
fn trap_9_networks_are_never_edited() {
    let group = |ports: &str| job("", &format!("count = 3\nnetwork {{\n{ports}\n}}"), IMAGE);
    let (web, db) = ("port \"web\" {\n}\n", "port \"db\" {\n}\n");
    let desk = plan(&group(web), &group(&format!("{web}{db}")));
    desk.lacks("+/- Network");
    let order = [
        "+ Network {",
        "+ Label:       \"db\"",
        "+ Label:       \"web\"",
        "- Network {",
    ];
    let places: Vec<_> = order.iter().map(|text| desk.text.find(text)).collect();
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{places:?}"
    );
}

#[test]
fn trap_10_a_groups_shutdown_delay_is_added_or_unseen() {
    let delayed = job("", "count = 3\nshutdown_delay = \"5s\"", IMAGE);
    plan(&base(), &delayed).has("  + ShutdownDelay: \"5000000000\"");
    let mut desk = Desk::new();
    desk.plan_with("-verbose", &delayed);
    // The task has one of its own.
    assert_eq!(
        desk.text.matches("ShutdownDelay").count(),
        1,
        "{}",
        desk.text
    );
}

#[test]
fn trap_11_only_the_count_is_annotated_and_tasks_follow_their_group() {
    let meta = "count = 4\nmeta {\nk = \"v\"\n}";
    let side = "task \"side\" {\ndriver = \"docker\"\n}";
    plan(&base(), &job("", &format!("{meta}\n{side}"), IMAGE))
        .has("Count:   \"3\" => \"4\" (forces create)")
        .has("Meta[k]: \"v\"\n")
        .has("Task: \"side\" (forces create/destroy update)");
}

#[test]
fn trap_12_numbers_of_config_are_floats() {
    let task = "config {\nimage = \"echo:1\"\nshm_size = 67108864\nn = 999999\n}\n\
                resources {\nmemory_max = 1000000\n}";
    plan(&base(), &job("", "count = 3", task))
        .has("shm_size: \"6.7108864e+07\"")
        .has("n:        \"999999\"")
        .has("MemoryMaxMB: \"0\" => \"1000000\"");
}

#[test]
fn trap_13_tags_are_eaten_without_colours_too() {
    let task = format!("{IMAGE}\nenv = {{\n\"red\" = \"x\"\n\"b\" = \"y\"\n}}");
    plan(&base(), &job("", "count = 3", &task))
        .has("+ Env: \"x\"")
        .has("+ Env[b]:   \"y\"");
}

#[test]
fn trap_14_constraints_nobody_wrote() {
    let task = format!("{IMAGE}\nkill_signal = \"SIGINT\"");
    plan(&base(), &job("", "count = 3", &task))
        .has("Constraint {")
        .has("\"${attr.os.signals}\"")
        .has("\"set_contains\"");
}

#[test]
fn trap_15_what_running_refuses_is_planned() {
    let batch = job("type = \"batch\"", "count = 3", IMAGE);
    let mut desk = plan(&base(), &batch);
    desk.has("+/- Type: \"service\" => \"batch\"")
        .has("Scheduler dry-run:");
    let refused = desk.run(&batch);
    assert!(refused.status.is_some_and(|status| status != 0));
}

#[test]
fn trap_16_warnings_stand_before_the_index() {
    let warned = job("", "count = 3\nupdate {\nmax_parallel = 9\n}", IMAGE);
    new(&warned).has("allocated.\n\nJob Warnings:\n1 warning:\n\n* Group \"api\"");
    new(&warned).has(".\n\nJob Modify Index: 0\n");
    new("job \"docs\" {")
        .lacks("Scheduler dry-run")
        .lacks("Index")
        .ends_with(255);
}

#[test]
fn trap_17_nodes_are_always_many_and_allocations_may_be_one() {
    let task = format!("{IMAGE}\nresources {{\nmemory = 900000\n}}");
    let one_node = "constraint {\nattribute = \"${node.unique.name}\"\nvalue = \"node-1\"\n}";
    new(&job(one_node, "count = 1", &task))
        .has("(failed to place 1 allocation):")
        .has("exhausted on 1 nodes");
}

#[test]
fn trap_18_filtered_nodes_of_a_system_job_are_no_failure() {
    let on = |name: &str| {
        let only = format!(
            "type = \"system\"\nconstraint {{\nattribute = \"${{node.unique.name}}\"\nvalue = \
             \"{name}\"\n}}"
        );
        new(&job(&only, "", IMAGE))
    };
    on("nowhere")
        .has("+ Task Group: \"api\"\n")
        .has("on all nodes.")
        .ends_with(0);
    on("node-1")
        .has("\"api\" (1 create)")
        .lacks("WARNING")
        .ends_with(1);
}

#[test]
fn trap_19_an_unchanged_system_job_counts_its_nodes_as_created() {
    let system = job("type = \"system\"", "", IMAGE);
    plan(&system, &system)
        .has("(5 create, 5 ignore)")
        .ends_with(0);
}

#[test]
fn trap_20_a_periodic_job_is_planned_as_if_it_ran_now() {
    let source = job(
        "type = \"batch\"\nperiodic {\ncrons = [\"@yearly\"]\n}",
        "",
        IMAGE,
    );
    new(&source).has("(1 create)");
    assert_eq!(Desk::running(&source).allocs(), 0);
}

#[test]
fn trap_21_bold_stays_on() {
    let mut desk = Desk::running(&base());
    desk.plan_with("-force-color", &base());
    desk.has(
        "^[[1mJob: \"docs\"\n^[[1mTask Group: \"api\"^[[0m (^[[0m3 ignore^[[0m)\n  \
         ^[[1mTask: \"server\"^[[0m\n",
    );
}

#[test]
fn trap_22_after_an_auto_revert_the_newest_version_is_the_old_one() {
    let group = "count = 3\nupdate {\nauto_revert = true\n}";
    let good = job("", group, IMAGE);
    let mut desk = Desk::running(&good);
    desk.run(&job("", group, "config {\nimage = \"echo:2-crash\"\n}"));
    desk.pass(3600);
    let desk = desk.plan(&good);
    assert!(desk.text.starts_with("Job: \"docs\"\n"), "{}", desk.text);
}

#[test]
fn trap_23_a_stopped_job_is_started_again() {
    let mut desk = Desk::running(&base());
    desk.session.execute("nomad job stop -detach docs");
    desk.pass(60);
    desk.plan(&base())
        .has("+/- Stop: \"true\" => \"false\"")
        .has("(3 create)");
}

#[test]
fn trap_24_durations_are_nanoseconds() {
    let task = format!("{IMAGE}\nkill_timeout = \"20s\"");
    plan(&base(), &job("", "count = 3", &task)).has("\"5000000000\" => \"20000000000\"");
}

#[test]
fn trap_25_two_that_are_added_have_no_order_of_their_own() {
    let is = |name: &str| {
        format!("constraint {{\nattribute = \"${{attr.{name}}}\"\noperator = \"is_set\"\n}}\n")
    };
    let both = [
        is("os.name") + &is("cpu.arch"),
        is("cpu.arch") + &is("os.name"),
    ];
    for head in both {
        let desk = plan(&base(), &job(&head, "count = 3", IMAGE));
        desk.has("${attr.os.name}").has("${attr.cpu.arch}");
        assert_eq!(desk.text.matches("+ Constraint {").count(), 2);
    }
}
