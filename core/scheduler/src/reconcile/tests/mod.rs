//! The scenario tables of deployments 32, row by row. The first column of each row is its number
//! there.

mod rescheduling;
mod rollout;
mod scaling;
mod scene;
mod trouble;

use scene::check_reconcile;

/// Rows of (number, scene, what comes of it).
type Rows = &'static [(&'static str, &'static str, &'static str)];

fn check_all(rows: Rows) {
    for (case, scene, expected) in rows {
        check_reconcile(case, scene, expected);
    }
}
