//! One number for a whole store: the same bits natively and in wasm, today and next year.

use std::fmt::Write;

use yurt_model::Job;
use yurt_state::Store;

/// A hash of everything that people can see in the store, row by row in the order of ids. Two
/// clusters with the same digest show the same screens.
pub fn digest(store: &Store) -> u64 {
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    // Writing to `Fnv` cannot fail.
    let _ = write_rows(store, &mut hash);
    hash.0
}

fn write_rows(store: &Store, out: &mut Fnv) -> std::fmt::Result {
    writeln!(out, "index {}", store.index())?;
    for job in store.jobs() {
        for version in store.job_versions(&job.key()) {
            writeln!(
                out,
                "job {} {} {} {} {} {} {} {} {} {:?}",
                version.spec.namespace,
                version.spec.id,
                version.version,
                version.status,
                version.stop,
                version.stable,
                version.create_index,
                version.modify_index,
                version.job_modify_index,
                version.submit_time,
            )?;
            writeln!(out, "{}", version.spec.document)?;
        }
        writeln!(out, "{:?}", store.job_summary(&job.key()))?;
        write_children_and_scaling(store, job, out)?;
    }
    for eval in store.evals() {
        writeln!(out, "{eval:?}")?;
    }
    for deployment in store.deployments() {
        writeln!(out, "{deployment:?}")?;
    }
    for node in store.nodes() {
        writeln!(out, "{node:?}")?;
    }
    for (alloc, service) in store.deregistered_services() {
        writeln!(out, "without {alloc} {service}")?;
    }
    for alloc in store.allocs() {
        writeln!(
            out,
            "alloc {} {} {} {} {} {:?} {:?} {} {} {:?} \
             {} {} {:?} {:?} {:?} {:?} {:?} {:?} {} {} {}",
            alloc.id,
            alloc.name(),
            alloc.job.version,
            alloc.eval_id,
            alloc.node_id,
            alloc.deployment_id,
            alloc.deployment_status,
            alloc.desired_status,
            alloc.desired_description,
            alloc.desired_transition,
            alloc.client_status,
            alloc.client_description,
            alloc.task_states,
            alloc.links.previous_allocation,
            alloc.links.next_allocation,
            alloc.links.follow_up_eval,
            alloc.links.reschedule_tracker,
            alloc.resources,
            alloc.create_index,
            alloc.modify_index,
            alloc.alloc_modify_index,
        )?;
        writeln!(
            out,
            "{:?} {:?} {:?}",
            alloc.create_time, alloc.modify_time, alloc.metrics
        )?;
    }
    Ok(())
}

/// What dispatch and scaling keep with a job.
fn write_children_and_scaling(store: &Store, job: &Job, out: &mut Fnv) -> std::fmt::Result {
    if job.parent.is_some() || job.payload.is_some() {
        let (token, payload) = (&job.dispatch_token, &job.payload);
        writeln!(
            out,
            "{:?} {} {token:?} {payload:?}",
            job.parent, job.dispatched
        )?;
    }
    if let Some(events) = store.scaling_events(&job.key()) {
        writeln!(out, "{events:?}")?;
    }
    Ok(())
}

struct Fnv(u64);

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Ok(())
    }
}
