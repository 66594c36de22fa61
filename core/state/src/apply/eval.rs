//! Writing evaluations (spec: scheduling 2.4).

use std::rc::Rc;

use yurt_model::{EvalId, EvalStatus, Evaluation, JobKey, Name};

use super::Write;
use crate::Store;

impl Store {
    /// Stores evaluations by the evaluation path: the status of their jobs follows.
    pub(crate) fn put_evals(
        &mut self,
        write: &mut Write,
        evals: impl IntoIterator<Item = Evaluation>,
    ) {
        for eval in evals {
            let key = eval.job_key();
            self.put_eval(write, eval);
            self.derive_job_status(write, &key);
        }
    }

    /// Stores one evaluation without looking at its job's status: evaluations that come with a
    /// deployment's or a transition's write leave it alone (spec: deployments 26).
    pub(crate) fn put_eval(&mut self, write: &mut Write, mut eval: Evaluation) {
        let key = eval.job_key();
        match self.evals.get(&eval.id) {
            Some(old) => {
                eval.create_index = old.create_index;
                eval.create_time = old.create_time;
            }
            None => {
                eval.create_index = write.index;
                self.evals_by_job.link(&key, eval.id);
            }
        }
        eval.modify_index = write.index;
        eval.modify_time = write.at;
        self.take_over_queued(write, &key, &eval);
        let is_clean = eval.status == EvalStatus::Complete && eval.failed_groups.is_empty();
        let id = eval.id;
        Write::touch(&mut write.touched.evals, id);
        self.share_eval(&key, &mut eval);
        self.evals.insert(id, Rc::new(eval));
        if is_clean {
            self.cancel_blocked(write, &key, id);
        }
    }

    /// Lets an evaluation share what is the same for the newest of its job.
    fn share_eval(&self, key: &JobKey, eval: &mut Evaluation) {
        let newest = self.evals_of_job(key).rev();
        for other in newest.filter(|other| other.id != eval.id).take(2) {
            if other.queued == eval.queued {
                eval.queued = other.queued.clone();
            }
            if other.annotations == eval.annotations {
                eval.annotations.clone_from(&other.annotations);
            }
        }
    }

    /// The queued counts of a stored evaluation overwrite those of the job's summary.
    fn take_over_queued(&mut self, write: &Write, key: &JobKey, eval: &Evaluation) {
        if eval.queued.is_empty() {
            return;
        }
        if let Some(row) = self.summaries.get_mut(key) {
            let summary = Rc::make_mut(row);
            for (group, queued) in eval.queued.iter() {
                summary.group_mut(group).queued = *queued;
            }
            summary.modify_index = write.index;
        }
    }

    /// A clean end of one evaluation makes the job's blocked ones needless.
    fn cancel_blocked(&mut self, write: &mut Write, key: &JobKey, by: EvalId) {
        let blocked: Vec<EvalId> = self
            .evals_of_job(key)
            .filter(|eval| eval.status == EvalStatus::Blocked)
            .map(|eval| eval.id)
            .collect();
        for id in blocked {
            self.end_eval(
                write,
                id,
                EvalStatus::Canceled,
                &format!("evaluation \"{by}\" successful"),
            );
        }
    }

    /// Ends an evaluation with a status and a description.
    pub(crate) fn end_eval(
        &mut self,
        write: &mut Write,
        id: EvalId,
        status: EvalStatus,
        description: &str,
    ) {
        if let Some(row) = self.evals.get_mut(&id) {
            let eval = Rc::make_mut(row);
            eval.status = status;
            eval.status_description = Name::from(description);
            eval.modify_index = write.index;
            eval.modify_time = write.at;
            Write::touch(&mut write.touched.evals, id);
        }
    }

    /// Forgets an evaluation.
    pub(crate) fn remove_eval(&mut self, write: &mut Write, id: EvalId) {
        if let Some(eval) = self.evals.remove(&id) {
            self.evals_by_job.unlink(&eval.job_key(), id);
            Write::touch(&mut write.touched.evals, id);
        }
    }
}
