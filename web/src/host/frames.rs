//! The browser's frames, one call each until dropped.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::render::{AnimationFrame, request_animation_frame};

/// Longest step that a frame may report: a page that was hidden for an hour does not jump an hour.
const STEP_MAX_MS: f64 = 250.0;

/// Calls back once a frame; dropping it ends that.
pub struct Frames {
    pending: Rc<RefCell<Option<AnimationFrame>>>,
}

impl Frames {
    /// Starts; the callback gets the milliseconds since its last call.
    pub fn start(on_frame: impl Fn(f64) + 'static) -> Self {
        let pending = Rc::new(RefCell::new(None));
        request_next(&pending, Rc::new(on_frame), None);
        Self { pending }
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        self.pending.borrow_mut().take();
    }
}

fn request_next(
    pending: &Rc<RefCell<Option<AnimationFrame>>>,
    on_frame: Rc<dyn Fn(f64)>,
    last: Option<f64>,
) {
    // Held weakly: the frame belongs to `pending`, and dropping that must end the chain.
    let weak = Rc::downgrade(pending);
    let frame = request_animation_frame(move |now| {
        let Some(pending) = weak.upgrade() else {
            return;
        };
        let step = last.map_or(0.0, |last| now - last);
        on_frame(step.clamp(0.0, STEP_MAX_MS));
        request_next(&pending, on_frame, Some(now));
    });
    *pending.borrow_mut() = Some(frame);
}
