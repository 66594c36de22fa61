//! Convergence and scaling (32.1) and batch jobs (32.8).

use super::check_all;

#[test]
fn convergence_and_scaling() {
    check_all(&[
        ("B1", "job v0\ngroup web count=10", "web Pl10 | place 0-9"),
        ("B2", "job v0\ngroup web count=10\nweb 0-4 v0", "web Pl5 Ig5 | place 5-9"),
        ("B3", "job v0\ngroup web count=10\nweb 0-19 v0", "web St10 Ig10 | stop 10-19"),
        ("B4", "job v0\ngroup web count=0\nweb 0-19 v0", "web St20 | stop 0-19"),
        (
            "B5",
            "job v0
             group web count=0
             web 0,0,0,0,0,0,0,0,0,0 v0
             web 1,1,1,1,1,1,1,1,1,1 v0",
            "web St20 | stop 0,0,0,0,0,0,0,0,0,0-1,1,1,1,1,1,1,1,1,1",
        ),
        (
            "B6",
            "job v1 update=in-place\ngroup web count=10\nweb 0-9 v0",
            "web In10 | in-place 0-9",
        ),
        (
            "B7",
            "job v1 update=in-place\ngroup web count=15\nweb 0-9 v0",
            "web Pl5 In10 | place 10-14; in-place 0-9",
        ),
        (
            "B8",
            "job v1 update=in-place\ngroup web count=5\nweb 0-9 v0",
            "web St5 In5 | in-place 0-4; stop 5-9",
        ),
        (
            "B9",
            "job v1 update=destructive\ngroup web count=10\nweb 0-9 v0",
            "web De10 | replace 0-9",
        ),
        (
            "B10",
            "job v1 update=destructive\ngroup web count=10 update=0/0\nweb 0-9 v0",
            "web De10 | replace 0-9",
        ),
        (
            "B11",
            "job v1 update=destructive\ngroup web count=15\nweb 0-9 v0",
            "web Pl5 De10 | place 10-14; replace 0-9",
        ),
        (
            "B12",
            "job v1 update=destructive\ngroup web count=5\nweb 0-9 v0",
            "web St5 De5 | replace 0-4; stop 5-9",
        ),
        (
            "B13: a group is renamed",
            "job v1\ngroup new count=10\nold 0-9 v0",
            "new Pl10 | place 0-9\nold St10 | stop 0-9",
        ),
        (
            "B14",
            "job v0\ngroup one count=10\ngroup two count=10\none 0-1 v0",
            "one Pl8 Ig2 | place 2-9\ntwo Pl10 | place 0-9",
        ),
        (
            "B15: healthy 0 of 10, so nothing is over",
            "job v0
             group one count=10 update=4/0
             group two count=10
             deployment v0 running one:total=10
             one 0-9 v0
             two 0-9 v0",
            "one Ig10\ntwo Ig10",
        ),
        (
            "B16",
            "job v1 stopped\ngroup one count=10\ngroup two count=10\none 0-4 v0\ntwo 0-4 v0",
            "one St5 | stop 0-4\ntwo St5 | stop 0-4",
        ),
        ("B17", "job v0 absent\ngroup web count=10\nweb 0-9 v0", "web St10 | stop 0-9"),
        (
            "B18",
            "job v1 stopped\ngroup web count=10\nweb 0-4 v0 stop\nweb 5-9 v0 failed",
            "web -",
        ),
        (
            "B19",
            "job v0\ngroup web count=0\nweb 0-4 v0 running\nweb 5-9 v0 failed\nweb 10-14 v0 stop",
            "web St10 | stop 0-9",
        ),
        (
            "B20",
            "job v1 update=destructive
             group web count=4 reschedule=unlimited,1h,exponential,0
             web 0 v0 running update=in-place
             web 1 v0 failed finished=10m
             web 2 v0 failed finished=2h",
            "web Pl2 St1 De1 In1 RL1 | place 3; again 2; replace 1; in-place 0; rescheduled 2; note 1
             later 50m0s alloc-reschedule",
        ),
        (
            "B21",
            "job v0
             group web count=5 reschedule=unlimited,5s,constant,0
             web 0-2,4-5 v0 running
             web 3 v0 failed finished=10m",
            "web Pl1 St1 Ig5 | again 3; rescheduled 3",
        ),
        (
            "B22",
            "job v0
             group web count=2 update=4/0 reschedule=unlimited,5s,constant,0
             deployment v0 running web:total=3
             web 0-1 v0 running in
             web 2 v0 failed finished=10m in",
            "web St1 Ig2 | stop 2",
        ),
        (
            "B23",
            "job v0 batch
             group web count=5
             web 0-4 v0 running
             web 5 v0 complete done
             web 6 v0 complete done stop",
            "web St1 Ig6 | stop 5",
        ),
    ]);
}

#[test]
fn batch_jobs() {
    check_all(&[
        (
            "T1",
            "job v0 batch
             group web count=10
             web 0-1 v0 running migrate on=draining
             web 2-9 v0 running",
            "web Ig8 Mi2 | move 0-1; migrating 0-1",
        ),
        (
            "T2",
            "job v0 batch
             group web count=10
             web 0-1 v0 running migrate no-place on=draining
             web 2-9 v0 running",
            "web Ig8 Mi2 | migrating 0-1",
        ),
        (
            "T3",
            "job v0 batch
             group web count=10
             web 0-1 v0 running stop migrate no-place on=draining
             web 2-9 v0 running",
            "web Ig10",
        ),
        (
            "T4",
            "job v0 batch
             group web count=10 reschedule=0/0,5s,constant,0
             web 0-1 v0 running migrate resched
             web 2-9 v0 running",
            "web Ig8 Mi2 | migrating 0-1",
        ),
        (
            "T5",
            "job v0 batch
             group web count=10 reschedule=1/24h,0s,constant,0
             web 0-1 v0 running migrate resched
             web 2-9 v0 running",
            "web Pl2 Ig8 Mi2 | again 0-1; migrating 0-1",
        ),
        (
            "T6",
            "job v0 batch
             group web count=10 reschedule=1/24h,30s,constant,0
             web 0-1 v0 running migrate resched
             web 2-9 v0 running",
            "web Ig8 Mi2 RL2 | migrating 0-1
             later 30s alloc-reschedule",
        ),
        (
            "T7",
            "job v0 batch\ngroup web count=10\nweb 0-9 v0 complete done old-incarnation",
            "web Pl10 Ig10 | place 0-9",
        ),
        (
            "T8",
            "job v0 batch\ngroup web count=1\nweb 0 v0 complete done",
            "web Ig1",
        ),
        (
            "T9",
            "job v0 batch
             group web count=1 reschedule=1/24h,5s,constant,0
             web 0 v0 failed finished=10s",
            "web Pl1 St1 | again 0; rescheduled 0",
        ),
        (
            "T10: the one that was stopped unsuccessfully does not count",
            "job v0 batch
             group web count=3
             web 0-1 v0 running
             web 1 v0 complete stop",
            "web Pl1 Ig3 | place 2",
        ),
        (
            "T11",
            "job v1 batch\ngroup web count=10\nweb 0-9 v0 complete done\nweb 0-9 v1 complete done",
            "web Ig20",
        ),
        (
            "T13: five with one name, and one is wanted",
            "job v1 batch update=in-place\ngroup web count=1\nweb 0,0,0,0,0 v0 running",
            "web St4 In1 | in-place 0; stop 0,0,0,0",
        ),
    ]);
}
