//! What holds whatever happens: invariants after every input, promotions that had enough healthy
//! canaries, and dry runs that change nothing and find nothing to do in a job that has settled.

use proptest::prelude::*;
use yurt_engine::sim::{digest, invariants};
use yurt_engine::{Cluster, Input, JobRegister, Request};
use yurt_model::{DeploymentStatus, DesiredUpdates, Duration, EvalStatus};

use crate::walks::{self, Event, Version};

fn sound(cluster: &Cluster) -> Result<(), TestCaseError> {
    let violations = invariants::check(cluster.store());
    prop_assert!(
        violations.is_empty(),
        "at {:?}: {violations:#?}",
        cluster.now()
    );
    Ok(())
}

/// Healthy live canaries of the newest deployment, and how many are needed.
fn canaries(cluster: &Cluster) -> Option<(i64, i64)> {
    let store = cluster.store();
    let deployment = store.latest_deployment(&walks::key())?;
    let group = deployment.group("api")?;
    let healthy = group
        .placed_canaries
        .iter()
        .filter_map(|id| store.alloc(*id))
        .filter(|alloc| !alloc.is_terminal() && alloc.is_healthy())
        .count();
    Some((i64::try_from(healthy).ok()?, group.desired_canaries))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn a_walk_never_breaks_an_invariant(events in walks::walk()) {
        let mut cluster = Cluster::new(walks::world()).expect("the world is in order");
        for event in &events {
            let before = canaries(&cluster);
            let handled = walks::happen(&mut cluster, event);
            sound(&cluster)?;
            if let (Event::Promote, Some(handled), Some((healthy, desired))) =
                (event, handled, before)
                && handled.reply.is_ok()
            {
                prop_assert!(healthy >= desired, "promoted with {healthy} of {desired}");
            }
        }
        let end = cluster.now() + Duration::from_hours(2);
        cluster.run_until(end);
        sound(&cluster)?;
        // With everything still up, no evaluation is left in line, but for one of a launch at this
        // very moment: schedulers look a little later.
        cluster.run_until(end + Duration::from_secs(1));
        let waiting = cluster.store().evals().filter(|eval| {
            eval.status == EvalStatus::Pending
                && eval.wait_until.is_none()
                && eval.create_time <= end
        });
        prop_assert_eq!(waiting.count(), 0);
    }

    #[test]
    fn a_dry_run_changes_nothing_and_says_the_same_twice(
        events in walks::walk(),
        image in 0..5usize,
    ) {
        let mut cluster = Cluster::new(walks::world()).expect("the world is in order");
        for event in &events {
            walks::happen(&mut cluster, event);
        }
        let before = digest(cluster.store());
        let version = Version {
            image,
            count: 3,
            max_parallel: 1,
            canary: 1,
            auto_promote: false,
            auto_revert: true,
        };
        let snapshot = cluster.snapshot();
        let first = snapshot.plan(version.spec(), None).expect("a plan needs no permission");
        let second = snapshot.plan(version.spec(), None).expect("nor does the next");
        prop_assert_eq!(first.annotations, second.annotations);
        prop_assert_eq!(digest(cluster.store()), before);
        prop_assert_eq!(digest(&snapshot.store), before);
    }
}

#[test]
fn a_job_that_has_settled_has_nothing_to_do() {
    for (count, canary, max_parallel) in [(1, 0, 1), (5, 0, 2), (5, 1, 1), (3, 3, 1), (4, 0, 0)] {
        let mut cluster = Cluster::new(walks::world()).expect("the world is in order");
        for image in 0..2 {
            let version = Version {
                image,
                count,
                max_parallel,
                canary,
                auto_promote: true,
                auto_revert: false,
            };
            let spec = version.spec();
            let register = Request::JobRegister(JobRegister::of(spec.clone()));
            let at = cluster.now();
            let handled = cluster.handle(at, Input::Request(register));
            assert!(handled.reply.is_ok(), "{:?}", handled.reply);
            cluster.run_until(at + Duration::from_minutes(10));
            let deployment = cluster.store().latest_deployment(&walks::key());
            if let Some(deployment) = deployment {
                assert_eq!(
                    deployment.status,
                    DeploymentStatus::Successful,
                    "{version:?}"
                );
            }
            let plan = cluster.snapshot().plan(spec, None).expect("a plan");
            let updates = &plan.annotations.desired_updates["api"];
            let idle = DesiredUpdates {
                ignore: u64::try_from(count).expect("a small count"),
                ..DesiredUpdates::default()
            };
            assert_eq!(*updates, idle, "{version:?}");
        }
    }
}
