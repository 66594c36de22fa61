//! What only submitting a job asks (spec: jobspec 2.1, 17), and what becomes of an unchanged job:
//! pairs of job files on a simulated cluster. Plans and validation take the second file all the
//! same.

use yurt_model::{JobKey, Release};
use yurt_workbench::session::Session;

use crate::terminal::type_line;

const SERVICE: &str = "type = \"service\"";
const BATCH: &str = "type = \"batch\"";
const PERIODIC: &str = "type = \"batch\"\nperiodic {\n  crons = [\"@daily\"]\n}";
const PARAMETERIZED: &str = "type = \"batch\"\nparameterized {\n}";

fn job(inside: &str) -> String {
    format!(
        "job \"docs\" {{\n{inside}\ngroup \"api\" {{\ntask \"server\" {{\ndriver = \
         \"docker\"\nconfig {{\nimage = \"a-batch:1\"\n}}\n}}\n}}\n}}\n"
    )
}

fn submit(session: &mut Session, text: &str) -> String {
    session.files.write("job.hcl", text);
    type_line(session, "nomad job run -detach job.hcl")
}

fn version(session: &Session) -> u64 {
    let key = JobKey::in_default("docs");
    session.store().job(&key).expect("a job").version
}

#[test]
fn a_job_stays_what_it_is() {
    let cases = [
        (
            SERVICE,
            BATCH,
            "cannot update job from type \"service\" to \"batch\"",
        ),
        (
            PERIODIC,
            BATCH,
            "cannot update periodic job to being non-periodic",
        ),
        (
            BATCH,
            PERIODIC,
            "cannot update non-periodic job to being periodic",
        ),
        (
            PARAMETERIZED,
            BATCH,
            "cannot update parameterized job to being non-parameterized",
        ),
        (
            BATCH,
            PARAMETERIZED,
            "cannot update non-parameterized job to being parameterized",
        ),
    ];
    for (old, new, text) in cases {
        let mut session = Session::new(3, Release::V2_0);
        submit(&mut session, &job(old));
        assert_eq!(
            submit(&mut session, &job(new)),
            format!("Error submitting job: Unexpected response code: 500 ({text})\n= 1")
        );
        assert_eq!(version(&session), 0, "{text}");
        let validated = type_line(&mut session, "nomad job validate job.hcl");
        assert!(validated.ends_with("Job validation successful"), "{text}");
        let plan = type_line(&mut session, "nomad job plan job.hcl");
        assert!(plan.contains("+/- Job: \"docs\""), "{text}\n{plan}");
        assert!(plan.contains("Job Modify Index: "), "{text}\n{plan}");
    }
}

#[test]
fn an_unchanged_job_is_evaluated_but_has_no_new_version() {
    let cases = [(SERVICE, 1), (BATCH, 1), (PERIODIC, 0), (PARAMETERIZED, 0)];
    for (inside, evaluations) in cases {
        let mut session = Session::new(3, Release::V2_0);
        submit(&mut session, &job(inside));
        let key = JobKey::in_default("docs");
        let count = |session: &Session| session.store().evals_of_job(&key).count();
        let before = count(&session);
        let printed = submit(&mut session, &format!("# a remark\n{}", job(inside)));
        assert_eq!(version(&session), 0, "{inside}");
        assert_eq!(count(&session) - before, evaluations, "{inside}");
        let mentioned = usize::from(printed.contains("Evaluation ID: "));
        assert_eq!(mentioned, evaluations, "{inside}");
        submit(&mut session, &job(&format!("{inside}\npriority = 51")));
        assert_eq!(version(&session), 1, "{inside}");
    }
}

#[test]
fn system_jobs_are_not_scaled() {
    let mut session = Session::new(3, Release::V2_0);
    let text = job("type = \"system\"")
        .replace("task \"server\"", "scaling {\nmax = 3\n}\ntask \"server\"");
    assert_eq!(
        submit(&mut session, &text),
        "Error submitting job: Unexpected response code: 400 (Task groups with job type system do \
         not support scaling blocks)\n= 1"
    );
    for line in ["nomad job validate job.hcl", "nomad job plan job.hcl"] {
        let printed = type_line(&mut session, line);
        assert!(!printed.contains("Error"), "{printed}");
    }
}

#[test]
fn a_long_text_is_not_kept() {
    let mut session = Session::new(3, Release::V2_0);
    let padded = format!("{}\n#{}", job(SERVICE), "x".repeat(1_200_000));
    let printed = submit(&mut session, &padded);
    let warning = "* job source size of 1.2 MB exceeds maximum of 1.0 MB and will be discarded";
    assert!(printed.contains(warning), "{printed}");
    let key = JobKey::in_default("docs");
    assert!(session.store().submission(&key, 0).is_none());
    submit(&mut session, &job("type = \"service\"\npriority = 51"));
    assert!(session.store().submission(&key, 1).is_some());
}
