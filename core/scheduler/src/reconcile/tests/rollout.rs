//! Deployments (32.5) and canaries (32.6).

use super::check_all;

#[test]
fn deployments() {
    check_all(&[
        (
            "D1",
            "job v1 update=destructive\ngroup web count=10 update=4/0\nweb 0-9 v0 running",
            "web Ig6 De4 | replace 0-3
             create \"Deployment is running\"
             with web total 10",
        ),
        (
            "D2",
            "job v1 update=in-place\ngroup web count=10 update=4/0\nweb 0-9 v0 running",
            "web In10 | in-place 0-9
             create \"Deployment is running\"
             with web total 10",
        ),
        (
            "D3",
            "job v0\ngroup web count=10 update=4/0\nweb 0-4 v0 running old-incarnation",
            "web Pl5 Ig5 | place 5-9
             create \"Deployment is running\"
             with web total 5",
        ),
        (
            "D4",
            "job v0\ngroup web count=10 update=4/0\nweb 0-9 v0 running",
            "web Ig10",
        ),
        (
            "D5",
            "job v1 update=destructive\ngroup web count=10 update=4/0\nweb 0-6 v0 running",
            "web Pl3 Ig6 De1 | place 7-9; replace 0
             create \"Deployment is running\"
             with web total 10",
        ),
        (
            "D6, h=0",
            "job v1 update=destructive
             group web count=10 update=4/0
             deployment v1 running web:total=10
             web 0-3 v1 running in
             web 4-9 v0 running",
            "web Ig10",
        ),
        (
            "D6, h=3",
            "job v1 update=destructive
             group web count=10 update=4/0
             deployment v1 running web:total=10,healthy=3
             web 0-2 v1 running in healthy
             web 3 v1 running in
             web 4-9 v0 running",
            "web Ig7 De3 | replace 4-6",
        ),
        (
            "one unhealthy allocation stops the rollout",
            "job v1 update=destructive
             group web count=10 update=4/0
             deployment v1 running web:total=10,healthy=3
             web 0-2 v1 running in healthy
             web 3 v1 running in unhealthy
             web 4-9 v0 running",
            "web Ig10",
        ),
        (
            "D7",
            "job v1 update=destructive
             group web count=30 update=4/0
             deployment v1 running web:total=30
             web 0-19 v1 running in
             web 20-29 v0 running",
            "web Ig30",
        ),
        (
            "D8",
            "job v1 update=destructive
             group web count=10 update=4/0
             deployment v1 running web:total=10,healthy=8
             web 0 v1 running in healthy on=down
             web 1-2 v1 running in healthy on=draining migrate
             web 3-7 v1 running in healthy
             web 8-9 v0 running",
            "web Pl1 St1 Ig5 De2 Mi2 | move 0-2; replace 8-9; lost 0; migrating 1-2",
        ),
        (
            "D9",
            "job v1 update=destructive
             group web count=10 update=4/0
             deployment v1 failed web:total=10,healthy=4
             web 0 v1 running in healthy on=down
             web 1 v1 running in healthy on=draining migrate
             web 2-3 v1 running in healthy
             web 4-9 v0 running",
            "web Pl1 St1 Ig8 Mi1 | move 0-1; lost 0; migrating 1",
        ),
        (
            "D10",
            "job v1
             group web count=15 update=4/0
             deployment v1 paused web:total=15
             web 0-9 v1 running in",
            "web Ig10",
        ),
        (
            "D11",
            "job v1 update=destructive
             group web count=10 update=4/0
             deployment v1 failed web:total=10
             web 0 v1 running in
             web 1-9 v0 running",
            "web Ig10",
        ),
        (
            "D12",
            "job v1
             group web count=10 update=4/0
             deployment v1 successful web:total=10,healthy=10
             web 0-9 v1 running in healthy",
            "web Ig10",
        ),
        (
            "D13",
            "job v1
             group web count=10 update=4/0
             deployment v1 running web:total=10,healthy=10
             web 0-9 v1 running in healthy
             web 0-9 v1 failed stop in unhealthy",
            "web Ig10
             set successful \"Deployment completed successfully\"",
        ),
        (
            "one that has failed is told so too, and stays failed",
            "job v1
             group web count=10 update=4/0
             deployment v1 failed web:total=10,healthy=10
             web 0-9 v1 running in healthy",
            "web Ig10
             set successful \"Deployment completed successfully\"",
        ),
        (
            "D15",
            "job v100 update=destructive
             group web count=10 update=4/0
             deployment v0 failed web:total=10
             web 0-9 v0 running in",
            "web Ig6 De4 | replace 0-3
             create \"Deployment is running\"
             with web total 10",
        ),
        (
            "D16",
            "job v1 stopped
             group web count=10 update=4/0
             deployment v0 running web:total=10
             web 0-9 v0 running in",
            "web St10 | stop 0-9
             set cancelled \"Cancelled because job is stopped\"",
        ),
        (
            "D16: the job is gone",
            "job v0 absent
             group web count=10 update=4/0
             deployment v0 running web:total=10
             web 0-9 v0 running in",
            "web St10 | stop 0-9
             set cancelled \"Cancelled because job is stopped\"",
        ),
        (
            "D17",
            "job v1 stopped
             group web count=10 update=4/0
             deployment v0 failed web:total=10
             web 0-9 v0 running in",
            "web St10 | stop 0-9",
        ),
        (
            "D18",
            "job v1
             group web count=10
             deployment v0 running web:total=10
             web 0-9 v0 running in",
            "web Ig10
             set cancelled \"Cancelled due to newer version of job\"",
        ),
        (
            "D19",
            "job v1
             group web count=10
             deployment v0 failed web:total=10
             web 0-9 v0 running in",
            "web Ig10",
        ),
    ]);
}

#[test]
fn canaries() {
    check_all(&[
        (
            "C1",
            "job v1 update=destructive\ngroup web count=10 update=2/2\nweb 0-9 v0 running",
            "web Ig10 Ca2 | canary 0-1
             create \"Deployment is running but requires manual promotion\"
             with web total 10 canaries 2",
        ),
        (
            "C1, and they promote themselves",
            "job v1 update=destructive
             group web count=10 update=2/2 auto_promote
             web 0-9 v0 running",
            "web Ig10 Ca2 | canary 0-1
             create \"Deployment is running pending automatic promotion\"
             with web total 10 canaries 2",
        ),
        (
            "C2",
            "job v1 update=destructive\ngroup web count=15 update=2/2\nweb 0-9 v0 running",
            "web Ig10 Ca2 | canary 0-1
             create \"Deployment is running but requires manual promotion\"
             with web total 15 canaries 2",
        ),
        (
            "C3",
            "job v1 update=destructive\ngroup web count=5 update=2/2\nweb 0-9 v0 running",
            "web St5 Ig5 Ca2 | canary 0-1; stop 5-9
             create \"Deployment is running but requires manual promotion\"
             with web total 5 canaries 2",
        ),
        (
            "C4",
            "job v1 update=destructive\ngroup web count=3 update=2/7\nweb 0-2 v0 running",
            "web Pl3 Ig3 Ca7 | canary 0-2
             create \"Deployment is running but requires manual promotion\"
             with web total 3 canaries 7",
        ),
        (
            "C5",
            "job v1 update=destructive
             group one count=10 update=2/2
             group two count=10 update=2/2
             one 0-9 v0 running
             two 0-9 v0 running",
            "one Ig10 Ca2 | canary 0-1
             two Ig10 Ca2 | canary 0-1
             create \"Deployment is running but requires manual promotion\"
             with one total 10 canaries 2
             with two total 10 canaries 2",
        ),
        (
            "C6",
            "job v1 update=destructive
             group web count=10 update=4/4
             deployment v1 running web:total=10,canaries=4
             web 0-9 v0 running
             web 0,3 v1 running canary",
            "web Ig12 Ca2 | canary 1-2",
        ),
        (
            "C7",
            "job v2 update=destructive
             group web count=10 update=2/2
             deployment v1 running web:total=10,canaries=2
             web 0-9 v0 running
             web 0-1 v1 running canary",
            "web St2 Ig10 Ca2 | canary 0-1; stop 0-1
             create \"Deployment is running but requires manual promotion\"
             with web total 10 canaries 2
             set cancelled \"Cancelled due to newer version of job\"",
        ),
        (
            "C8",
            "job v1 update=destructive
             group web count=10 update=2/2
             deployment v1 paused web:total=10,canaries=2
             web 0-9 v0 running
             web 0 v1 running canary",
            "web Ig11",
        ),
        (
            "C9",
            "job v1 update=destructive
             group web count=10 update=2/2
             deployment v1 failed web:total=10,canaries=2
             web 0-9 v0 running
             web 0 v1 running canary",
            "web St1 Ig10 | stop 0",
        ),
        (
            "C10",
            "job v1 update=destructive
             group web count=10 update=2/2
             deployment v1 running web:total=10,canaries=2
             web 0-9 v0 running
             web 0-1 v1 running canary on=draining migrate",
            "web Ig10 Ca2 | canary 0-1; migrating 0-1",
        ),
        (
            "C11",
            "job v1 update=destructive
             group web count=10 update=2/2
             deployment v1 running web:total=10,canaries=2
             web 0-9 v0 running
             web 0 v1 running canary
             web 1 v1 running canary on=down",
            "web Ig11 Ca1 | canary 1; lost 1",
        ),
        (
            "C12",
            "job v1 update=destructive
             group web count=10 update=2/2
             deployment v1 running web:total=10,canaries=2,promoted,healthy=2
             web 0-9 v0 running
             web 0-1 v1 running placed-canary healthy",
            "web St2 Ig8 De2 | replace 2-3; stop 0-1",
        ),
        (
            "C13",
            "job v1 update=destructive
             group web count=2 update=2/2
             deployment v1 running web:total=2,canaries=2,promoted,healthy=2
             web 0-1 v0 running
             web 0-1 v1 running placed-canary healthy",
            "web St2 Ig2 | stop 0-1
             set successful \"Deployment completed successfully\"",
        ),
        (
            "C14",
            "job v1 update=destructive
             group one count=10 update=4/2
             group two count=10 update=4/2
             deployment v1 failed one:total=10,canaries=2,promoted two:total=10,canaries=2
             one 0-1 v1 running placed-canary healthy
             one 2-3 v1 running in healthy
             one 4-9 v0 running
             two 0-7 v0 running
             two 0-1 v1 running canary",
            "one Ig10\ntwo St2 Ig8 | stop 0-1",
        ),
        (
            "C15",
            "job v2
             group web count=3 update=1/1
             deployment v2 running web:total=3,canaries=1,promoted,healthy=3
             web 0-2 v1 running stop
             web 0 v2 running placed-canary healthy
             web 1-2 v2 running in healthy",
            "web Ig3
             set successful \"Deployment completed successfully\"",
        ),
        (
            "promotion needs every canary that was asked for",
            "job v1 update=destructive
             group web count=2 update=1/2
             deployment v1 running web:total=2,canaries=2,healthy=2
             web 0-1 v0 running
             web 0-1 v1 running canary healthy",
            "web Ig4",
        ),
    ]);
}
