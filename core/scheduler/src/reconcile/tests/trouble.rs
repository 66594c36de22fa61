//! Lost and draining nodes (32.2, 32.3) and disconnects (32.7).

use super::check_all;

#[test]
fn lost_and_draining_nodes() {
    check_all(&[
        (
            "L1",
            "job v0\ngroup web count=10\nweb 0-1 v0 running on=down\nweb 2-9 v0 running",
            "web Pl2 St2 Ig8 | move 0-1; lost 0-1",
        ),
        (
            "L2",
            "job v0\ngroup web count=15\nweb 0-1 v0 running on=down\nweb 2-9 v0 running",
            "web Pl7 St2 Ig8 | place 10-14; move 0-1; lost 0-1",
        ),
        (
            "L3",
            "job v0\ngroup web count=5\nweb 0-1 v0 running on=down\nweb 2-9 v0 running",
            "web St5 Ig5 | stop 7-9; lost 0-1",
        ),
        (
            "L4",
            "job v0
             group web count=10
             web 0-1 v0 running on=draining migrate
             web 2-9 v0 running",
            "web Ig8 Mi2 | move 0-1; migrating 0-1",
        ),
        (
            "L5",
            "job v0
             group web count=15
             web 0-1 v0 running on=draining migrate
             web 2-9 v0 running",
            "web Pl5 Ig8 Mi2 | place 10-14; move 0-1; migrating 0-1",
        ),
        (
            "L6",
            "job v0
             group web count=8
             web 0-2 v0 running on=draining migrate
             web 3-9 v0 running",
            "web St2 Ig7 Mi1 | move 0; stop 1-2; migrating 0",
        ),
        (
            "draining alone moves nothing",
            "job v0\ngroup web count=2\nweb 0-1 v0 running on=draining",
            "web Ig2",
        ),
        (
            "L11: the wait for the client is over",
            "job v0
             group web count=1 stop_after=1s
             web 0 v0 running on=down lost-since=10s",
            "web Pl1 St1 | move 0; lost 0",
        ),
        (
            "L12: it holds up the whole group",
            "job v0
             group web count=3 stop_after=1s
             web 0 v0 running on=down
             web 1 v0 running",
            "web St1 Ig1 | lost 0
             later 6s alloc-failure",
        ),
    ]);
}

/// Which bucket an allocation falls into shows in what is done with it.
#[test]
fn buckets() {
    check_all(&[
        (
            "K1: reconnecting, and failed",
            "job v0
             group web count=1 lost_after=5m
             web 0 v0 failed unknown-since=10s",
            "web Pl1 St1 | place 0; rescheduled 0",
        ),
        (
            "K2: ignore",
            "job v0\ngroup web count=1\nweb 0 v0 running stop",
            "web Pl1 | place 0",
        ),
        (
            "K3: a finished canary migrates",
            "job v0
             group web count=2 update=1/1
             deployment v0 successful web:total=2,canaries=1,promoted
             web 0 v0 complete canary migrate
             web 1 v0 running",
            "web Ig1 Mi1 | canary 0; migrating 0",
        ),
        (
            "K5: expiring",
            "job v0
             group web count=1 lost_after=1s
             web 0 v0 unknown unknown-since=10s",
            "web Pl1 St1 | move 0; lost 0",
        ),
        (
            "K7: untainted",
            "job v0
             group web count=1 lost_after=5m
             web 0 v0 unknown unknown-since=10s on=disconnected follow-up",
            "web Ig1",
        ),
        (
            "K8: lost",
            "job v0\ngroup web count=1 lost_after=5m\nweb 0 v0 pending on=disconnected",
            "web Pl1 St1 | move 0; lost 0",
        ),
        (
            "K9: lost where no disconnect block allows for it",
            "job v0\ngroup web count=1\nweb 0 v0 running on=disconnected",
            "web Pl1 St1 | move 0; lost 0",
        ),
        (
            "K11: migrate",
            "job v0\ngroup web count=1\nweb 0 v0 pending migrate",
            "web Mi1 | move 0; migrating 0",
        ),
        (
            "K12: reconnecting",
            "job v0\ngroup web count=1 lost_after=5m\nweb 0 v0 running unknown-since=10s",
            "web Ig1 Re1 | back 0",
        ),
        (
            "K14: lost",
            "job v0\ngroup web count=1\nweb 0 v0 running on=missing",
            "web Pl1 St1 | move 0; lost 0",
        ),
        (
            "K15: untainted",
            "job v0
             group web count=1 lost_after=5m replace=false
             web 0 v0 unknown unknown-since=10s on=down follow-up",
            "web Ig1",
        ),
        (
            "K16: disconnecting",
            "job v0
             group web count=1 lost_after=5m replace=false
             web 0 v0 running on=down",
            "web Ig1 Di1 | unknown 0
             later 5m0s max-disconnect-timeout",
        ),
        (
            "K17: lost",
            "job v0\ngroup web count=1 lost_after=5m\nweb 0 v0 pending on=down",
            "web Pl1 St1 | move 0; lost 0",
        ),
        (
            "K18: untainted",
            "job v0\ngroup web count=1\nweb 0 v0 pending on=initializing",
            "web Ig1",
        ),
    ]);
}

#[test]
fn disconnects() {
    check_all(&[
        (
            "N1",
            "job v0
             group web count=3 lost_after=5m reschedule=unlimited,0s,constant,0
             web 0 v0 running
             web 1-2 v0 running on=disconnected",
            "web Pl2 Ig1 Di2 RN2 | again 1-2; unknown 1-2
             later 5m0s max-disconnect-timeout",
        ),
        (
            "SC-101: the replacement waits as its policy says",
            "job v0
             group web count=1 lost_after=5m reschedule=unlimited,30s,exponential,1h
             web 0 v0 running on=disconnected",
            "web Ig1 Di1 RL1 | unknown 0
             later 5m0s max-disconnect-timeout
             later 30s alloc-reschedule",
        ),
        (
            "N3",
            "job v0
             group web count=4 lost_after=5m
             web 0-1 v0 running unknown-since=10s
             web 2-3 v0 running",
            "web Ig4 Re2 | back 0-1",
        ),
        (
            "N4",
            "job v0
             group web count=3 lost_after=5m reconcile=keep_original
             web 0 v0 running unknown-since=10s next=4
             web 1-2 v0 running
             web 0 v0 running",
            "web St1 Ig3 Re1 | rejoined 0; back 0",
        ),
        (
            "N5",
            "job v0
             group web count=4 lost_after=5m
             web 0 v0 failed unknown-since=10s next=5
             web 1 v0 failed unknown-since=10s next=6
             web 2-3 v0 running
             web 0-1 v0 running",
            "web St2 Ig4 | rescheduled 0-1",
        ),
        (
            "N6",
            "job v0
             group web count=4 lost_after=5m
             web 0-1 v0 failed unknown-since=10s
             web 2-3 v0 running",
            "web Pl2 St2 Ig2 | place 0-1; rescheduled 0-1",
        ),
        (
            "N7",
            "job v0
             group web count=5 lost_after=5m reschedule=unlimited,5s,constant,0
             web 0 v0 failed unknown-since=10s next=6
             web 1 v0 failed unknown-since=10s next=7
             web 2-4 v0 running
             web 0-1 v0 failed finished=10s",
            "web Pl2 St4 Ig3 | again 0-1; rescheduled 0-1,0-1",
        ),
        (
            "N8",
            "job v0
             group web count=5 lost_after=5m reconcile=keep_original
             web 0 v0 running unknown-since=10s next=6
             web 1 v0 running unknown-since=10s next=7
             web 2-4 v0 running
             web 0 v0 failed stop next=8
             web 1 v0 failed stop next=9
             web 0-1 v0 running",
            "web St2 Ig5 Re2 | rejoined 0-1; back 0-1",
        ),
        (
            "N9",
            "job v0
             group web count=2 lost_after=5m
             web 0 v0 pending on=disconnected next=3
             web 1 v0 running
             web 0 v0 running",
            "web St1 Ig2 | lost 0",
        ),
        (
            "N10",
            "job v0
             group web count=5 lost_after=1s
             web 0-1 v0 unknown unknown-since=10s on=disconnected
             web 2-4 v0 running
             web 0-1 v0 running",
            "web St2 Ig5 | lost 0-1",
        ),
        (
            "N11",
            "job v0 batch
             group web count=2 lost_after=5m
             web 0-1 v0 complete done unknown-since=10s",
            "web Ig2",
        ),
        (
            "N16: both run, the replacement scores higher",
            "job v0
             group web count=1 lost_after=5m
             web 0 v0 running unknown-since=10s next=2 score=10
             web 0 v0 running score=20",
            "web St1 Ig1 | stop 0",
        ),
        (
            "N16: the replacement does not run yet",
            "job v0
             group web count=1 lost_after=5m
             web 0 v0 running unknown-since=10s next=2 score=10
             web 0 v0 pending score=20",
            "web St1 Ig1 Re1 | rejoined 0; back 0",
        ),
        (
            "N17",
            "job v0
             group web count=1 lost_after=5m
             web 0 v0 running unknown-since=10s next=2 score=20
             web 0 v0 running score=10",
            "web St1 Ig1 Re1 | rejoined 0; back 0",
        ),
        (
            "N18: the newer version stays, whatever the strategy",
            "job v0
             group web count=1 lost_after=5m reconcile=keep_original
             web 0 v0 running unknown-since=10s next=2
             web 0 v1 running",
            "web St1 Ig1 | stop 0",
        ),
        (
            "longest_running: the earlier start",
            "job v0
             group web count=1 lost_after=5m reconcile=longest_running
             web 0 v0 running unknown-since=10s next=2 started=1h
             web 0 v0 running started=1m",
            "web St1 Ig1 Re1 | rejoined 0; back 0",
        ),
        (
            "N13",
            "job v1 update=destructive
             group web count=6 update=4/1 lost_after=5m reschedule=unlimited,0s,constant,0
             deployment v1 running web:total=6,canaries=1
             web 0-1 v0 complete stop
             web 2 v0 running stop
             web 4 v0 running
             web 3,5 v0 running on=disconnected
             web 0 v1 running listed-canary
             web 2 v1 pending listed-canary
             web 1 v1 running listed-canary on=disconnected",
            "web Pl3 Ig3 Di3 RN3 | again 3,5; canary 1; unknown 3,5,1
             later 5m0s max-disconnect-timeout",
        ),
        (
            "N14",
            "job v1 update=destructive
             group web count=6 update=4/1 lost_after=5m reschedule=unlimited,0s,constant,0
             deployment v1 running web:total=6,canaries=1
             web 0-1 v0 complete stop
             web 2 v0 running stop
             web 4 v0 running
             web 3,5 v0 running on=disconnected
             web 0 v1 running listed-canary
             web 2 v1 pending listed-canary
             web 1 v1 unknown unknown-since=10s listed-canary on=disconnected follow-up",
            "web Pl2 Ig4 Di2 RN2 | again 3,5; unknown 3,5
             later 5m0s max-disconnect-timeout",
        ),
    ]);
}
