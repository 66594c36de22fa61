//! What was written of late, for rows of which parts are the same whenever they were written.
//!
//! Belongs here: which parts of a row those are. May import: `yurt_model`.

use std::collections::BTreeMap;
use std::rc::Rc;

use yurt_model::{
    AllocatedResources, Allocation, CommonAlloc, Evaluation, Name, PlanAnnotations, Recent,
    RecentCounts,
};

/// Parts of rows of late. Nothing is kept alive by it, and no answer depends on it.
#[derive(Clone, Debug, Default)]
pub(crate) struct RecentParts {
    common: Recent<CommonAlloc>,
    resources: Recent<AllocatedResources>,
    counts: RecentCounts,
    annotations: Recent<PlanAnnotations>,
    queued: Recent<BTreeMap<Name, i64>>,
    classes: Recent<BTreeMap<u64, bool>>,
}

impl RecentParts {
    /// An allocation is about to be written, perhaps for the first time.
    pub(crate) fn share_alloc(&mut self, alloc: &mut Allocation, is_new: bool) {
        self.common
            .share(&mut Rc::make_mut(&mut alloc.shared).common);
        if is_new {
            self.resources.share(&mut alloc.resources);
            if let Some(metrics) = Rc::get_mut(&mut alloc.metrics) {
                metrics.share_counts(&mut self.counts);
            }
        }
    }

    /// An evaluation is about to be written.
    pub(crate) fn share_eval(&mut self, eval: &mut Evaluation) {
        if let Some(annotations) = &mut eval.annotations {
            self.annotations.share(annotations);
        }
        self.queued.share(&mut eval.queued);
        self.classes.share(&mut eval.class_eligibility);
    }
}
