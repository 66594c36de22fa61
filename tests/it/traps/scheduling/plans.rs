//! Plans that are refused, whole or in part (spec: scheduling 15).

use yurt_model::{Duration, Plan};

use crate::traps::play::{Play, Text, change, id, node, service, with_meta};

const EXHAUSTED: &str = "maximum attempts reached (5)";

fn rack(rack: &str) -> String {
    format!("constraint {{\nattribute = \"${{meta.rack}}\"\nvalue = \"{rack}\"\n}}")
}

/// A group on each of two nodes. Servers take a second before they look.
fn two_racks(docs: &dyn Fn(usize) -> Text) -> Play {
    let nodes = [with_meta(1, "rack", "r1"), with_meta(2, "rack", "r2")];
    let mut play = Play::with(nodes, |config| {
        config.scheduling_delay = Duration::from_secs(1);
    });
    play.run(&docs(2)).wait(3).settle().wait(5);
    play.did();
    play
}

/// Section 15 and 12.1: the note of a failed allocation is no update of a live one, so a node that
/// is not eligible takes nothing of the plan that holds it.
#[test]
fn trap_46_a_node_that_is_refused_keeps_what_was_to_stop() {
    let docs = |count| {
        let web = service().group(&rack("r1")).count(count);
        web.and("api").group(&rack("r2"))
    };
    let mut play = two_racks(&docs);
    let live = play.live("docs");
    let on_first: Vec<_> = live.iter().filter(|a| a.node_id == id(1)).collect();
    assert_eq!((on_first[0].name_index, on_first[1].name_index), (0, 1));
    play.eligible(id(1), false).wait(3).did();
    play.report(&[on_first[0].id], "failed", None);
    play.run(&docs(1)).wait(3);
    let all = play.cluster.take_processed();
    let first = all.first().expect("somebody looked");
    // The first attempt writes the other node's part, so that five more are allowed.
    assert_eq!(first.submitted, [false; 6]);
    assert_eq!(first.plans.len(), 1);
    assert_eq!(&*first.after.status_description, EXHAUSTED);
    let nodes = |plan: &Plan| {
        let allocs = plan.allocations.iter();
        allocs.map(|alloc| alloc.node_id).collect::<Vec<_>>()
    };
    assert_eq!(nodes(&first.plans[0]), [id(2)]);
    assert!(first.plans[0].stops.is_empty());
    assert_eq!(play.told(on_first[1].id), "run running");
}

/// Section 15 steps 1, 3 and 6, SC-126 and SC-127.
#[test]
fn trap_47_what_is_not_eligible_takes_updates_and_what_is_disconnected_only_unknown() {
    let mut play = Play::on([node(1), change(node(2), |node| node.drivers.clear())]);
    play.run(&service().count(2)).settle();
    play.eligible(id(1), false).did();
    play.run(&service().count(2).priority(60)).settle();
    play.run(&service().count(1).priority(60));
    assert_eq!(
        play.did(),
        ["job-register: not needed [1]; ~[0]"],
        "one more version"
    );

    let block = "disconnect {\nlost_after = \"5m\"\n}";
    let disconnected = |one_fails: bool| {
        let mut play = Play::with([node(1)], |config| {
            config.scheduling_delay = Duration::from_secs(1);
        });
        let docs = service().count(2).group(block);
        play.run(&docs).wait(3).settle().wait(5);
        play.did();
        let ids = play.ids("docs");
        if one_fails {
            play.report(&ids[..1], "failed", None);
        }
        play.miss_heartbeat(id(1));
        play.wait(1);
        let all = play.cluster.take_processed();
        let submitted = all.first().expect("somebody looked").submitted.clone();
        (submitted, play.told(ids[1]))
    };
    assert_eq!(disconnected(false), (vec![true], "run unknown".into()));
    // The note of the failed one is not `unknown`.
    assert_eq!(
        disconnected(true),
        (vec![false; 5], "run running".to_owned())
    );
}
