//! Rescheduling (32.4): what is replaced now and later, and how delays grow.

use std::rc::Rc;

use yurt_model::{Duration, RescheduleTracker};

use super::super::reschedule::{next_time, tracker_of_replacement};
use super::check_all;
use super::scene::{NOW, failed_alloc};

#[test]
fn now_later_or_never() {
    check_all(&[
        (
            "R1",
            "job v0 batch
             group web count=4 reschedule=3/24h,15s,constant,0
             web 2 v0 failed finished=3h next
             web 2 v0 failed finished=2h next
             web 2 v0 failed finished=0s events=2h/15s,1h/15s
             web 3-4 v0 running
             web 5 v0 complete done",
            "web Ig4 RL1 | note 2
             later 15s alloc-reschedule",
        ),
        (
            "R2",
            "job v0 batch
             group web count=10 reschedule=1/24h,15s,constant,0
             web 0-4 v0 failed finished=0s
             web 5-6 v0 failed finished=-10s
             web 7-9 v0 running",
            "web Ig10 RL7 | note 0-6
             later 15s alloc-reschedule
             later 25s alloc-failure without description",
        ),
        (
            "R3",
            "job v0 batch
             group web count=4 reschedule=3/24h,5s,constant,0
             web 2 v0 failed finished=5s events=2h/5s,1h/5s
             web 3-4 v0 running
             web 5 v0 complete done",
            "web Pl1 St1 Ig3 | again 2; rescheduled 2",
        ),
        (
            "R4",
            "job v0
             group web count=5 reschedule=1/24h,15s,constant,0
             web 0 v0 failed finished=10s events=1h/15s
             web 1 v0 failed finished=0s
             web 2-3 v0 running
             web 4 v0 running stop",
            "web Pl1 Ig4 RL1 | place 4; note 1
             later 15s alloc-reschedule",
        ),
        (
            "R5",
            "job v0\ngroup web count=5\nweb 0-3 v0 running\nweb 4 v0 complete done",
            "web Pl1 Ig4 | place 4",
        ),
        (
            "R6",
            "job v0
             group web count=5 reschedule=unlimited,5s,constant,0
             web 0-3 v0 running
             web 4 v0 failed stop finished=10s",
            "web Pl1 Ig4 | place 4",
        ),
        (
            "R7",
            "job v0
             group web count=5 update=4/0 reschedule=1/24h,5s,constant,0
             web 0 v0 failed finished=10s events=1h/5s
             web 1 v0 failed finished=10s
             web 2-3 v0 running
             web 4 v0 running stop",
            "web Pl2 St1 Ig3 | place 4; again 1; rescheduled 1",
        ),
        (
            "R8",
            "job v0
             group web count=5 reschedule=unlimited,5s,constant,0
             web 0-3 v0 running
             web 4 v0 failed finished=4s",
            "web Pl1 St1 Ig4 | again 4; rescheduled 4",
        ),
        (
            "R9",
            "job v0
             group web count=5 reschedule=unlimited,5s,constant,0
             web 0-3 v0 running
             web 4 v0 failed finished=-30s mine",
            "web Pl1 St1 Ig4 | again 4; rescheduled 4",
        ),
        (
            "R10",
            "job v0
             group web count=5 reschedule=0/0,0,constant,0
             web 0-1 v0 failed finished=10s
             web 2-3 v0 running
             web 4 v0 running stop",
            "web Pl1 Ig4 | place 4",
        ),
        (
            "R11: what was replaced is not replaced again",
            "job v0
             group web count=5 reschedule=unlimited,5s,constant,0
             web 1 v0 failed finished=1h next
             web 1-4 v0 running
             web 0 v0 running stop",
            "web Pl1 Ig4 | place 0",
        ),
        (
            "R12",
            "job v0
             group web count=5 reschedule=1/24h,5s,constant,0
             web 0 v0 failed finished=10s events=1h/5s force
             web 1-4 v0 running",
            "web Pl1 St1 Ig4 | again 0; rescheduled 0",
        ),
        (
            "another follow-up is under way",
            "job v0
             group web count=1 reschedule=unlimited,30s,constant,0
             web 0 v0 failed finished=10s follow-up",
            "web Ig1",
        ),
        (
            "R13: failed ones of the old version, while canaries wait",
            "job v1 update=destructive
             group web count=5 update=4/2 reschedule=1/24h,5s,constant,0
             deployment v1 running web:total=5,canaries=2
             web 0 v0 failed finished=10s events=1h/5s
             web 1 v0 failed finished=10s
             web 2-3 v0 running
             web 4 v0 failed finished=10s
             web 0-1 v1 running canary",
            "web Pl2 St2 Ig5 | again 1,4; rescheduled 1,4",
        ),
        (
            "R14: both canaries failed and may be replaced",
            "job v1 update=destructive
             group web count=5 update=4/2 reschedule=unlimited,5s,constant,0
             deployment v1 running web:total=5,canaries=2
             web 0-4 v0 running
             web 0,0 v1 running next canary
             web 1,1 v1 running next canary
             web 0-1 v1 failed finished=10s canary resched",
            "web Pl2 St2 Ig9 | canary 0-1; rescheduled 0-1",
        ),
        (
            "R16",
            "job v0
             group web count=4 update=4/0 reschedule=unlimited,5s,constant,0
             deployment v0 failed web:total=4
             web 0-1 v0 running in
             web 2-3 v0 failed finished=10s in",
            "web Ig2",
        ),
        (
            "R17",
            "job v0
             group web count=10 update=4/0 reschedule=unlimited,5s,constant,0
             deployment v0 running web:total=10
             web 0-4 v0 failed finished=10s in resched
             web 5-9 v0 failed finished=10s in",
            "web Pl5 St5 Ig5 | again 0-4; rescheduled 0-4",
        ),
        (
            "R18",
            "job v0
             group web count=10 update=4/0 reschedule=unlimited,5s,constant,0
             deployment v0 successful web:total=10,healthy=10
             web 0-9 v0 failed finished=10s in",
            "web Pl10 St10 | again 0-9; rescheduled 0-9",
        ),
        (
            "R19",
            "job v0 batch
             group web count=4 reschedule=0/0,5s,constant,0
             web 0 v0 failed finished=1h next
             web 0 v0 failed finished=10s
             web 1-2 v0 running
             web 3 v0 complete done",
            "web Ig4",
        ),
    ]);
}

/// The wait before the next move, counted from the failure; `None` when there will be none.
#[test]
fn delays() {
    let table: [(&str, &str, &str, &str, Option<&str>); 10] = [
        (
            "R22",
            "unlimited,5s,fibonacci,240s",
            "10m/65s,5m/105s",
            "0s",
            Some("170s"),
        ),
        (
            "R24",
            "unlimited,5s,exponential,90s",
            "40s/80s",
            "15s",
            Some("90s"),
        ),
        (
            "R25",
            "unlimited,5s,exponential,90s",
            "1h/90s",
            "15m",
            Some("5s"),
        ),
        (
            "R26",
            "unlimited,5s,fibonacci,50s",
            "10m/40s,9m/50s,8m/5s",
            "0s",
            Some("5s"),
        ),
        ("R27", "2/10m,5s,constant,0", "3m/5s,2m/5s", "0s", None),
        (
            "SC-99",
            "unlimited,5s,exponential,60s",
            "40s/40s",
            "0s",
            Some("60s"),
        ),
        (
            "SC-99: later",
            "unlimited,5s,exponential,60s",
            "70s/40s",
            "0s",
            Some("5s"),
        ),
        (
            "the first",
            "unlimited,5s,exponential,60s",
            "",
            "0s",
            Some("5s"),
        ),
        (
            "one event",
            "unlimited,5s,fibonacci,60s",
            "10s/5s",
            "0s",
            Some("5s"),
        ),
        (
            "longer than the interval",
            "1/10s,30s,constant,0",
            "1h/30s",
            "0s",
            None,
        ),
    ];
    for (case, policy, events, failed_ago, want) in table {
        let alloc = failed_alloc(policy, events, failed_ago);
        let failed_at = alloc.failure_time();
        let got = next_time(&alloc, false).map(|time| time - failed_at);
        assert_eq!(got, want.map(super::scene::duration), "{case}");
    }
}

/// What a replacement remembers of the moves before it.
#[test]
fn trackers() {
    let of = |policy: &str, events: &str| -> RescheduleTracker {
        tracker_of_replacement(&Rc::new(failed_alloc(policy, events, "0s")), NOW)
    };
    let six = "1h/5s,50m/10s,40m/20s,30m/40s,20m/80s,10m/160s";
    let tracker = of("unlimited,5s,exponential,0", six);
    let delays: Vec<Duration> = tracker.events.iter().map(|event| event.delay).collect();
    let want = ["10s", "20s", "40s", "80s", "160s", "320s"].map(super::scene::duration);
    assert_eq!(delays, want, "R21");

    let tracker = of("5/1h,5s,exponential,0", "2h/5s,70m/10s,30m/20s,10m/40s");
    let delays: Vec<Duration> = tracker.events.iter().map(|event| event.delay).collect();
    assert_eq!(
        delays,
        ["20s", "40s", "80s"].map(super::scene::duration),
        "R23"
    );
}
