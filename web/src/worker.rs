//! The worker's program: the engine behind a wire. A batch in, a reaction out, both as postcard.
//!
//! A panic traps and leaves this instance unusable; the page sees it as `onerror` and starts
//! another.

use std::cell::RefCell;

use js_sys::Uint8Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};
use yurt_workbench::protocol::{Action, Batch, Reaction, Respond};
use yurt_workbench::workbench::Workbench;

fn main() {
    console_error_panic_hook::set_once();
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let mut workbench = Workbench::opening();
    // Sequence 0: ready.
    post(&scope, &workbench.take_reaction());
    let workbench = RefCell::new(workbench);
    let answer = {
        let scope = scope.clone();
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let bytes = Uint8Array::new(&event.data()).to_vec();
            let batch: Batch = postcard::from_bytes(&bytes).expect("the page sends batches");
            let mut workbench = workbench.borrow_mut();
            for action in batch.actions {
                if cfg!(feature = "fault") && action == Action::Fault {
                    panic!("the fault that a test asked for");
                }
                workbench.dispatch(action);
            }
            let mut reaction = workbench.take_reaction();
            reaction.sequence = batch.sequence;
            post(&scope, &reaction);
        })
    };
    scope.set_onmessage(Some(answer.as_ref().unchecked_ref()));
    // It lives as long as the worker.
    answer.forget();
}

fn post(scope: &DedicatedWorkerGlobalScope, reaction: &Reaction) {
    let bytes = postcard::to_allocvec(reaction).expect("text and numbers encode");
    let array = Uint8Array::from(bytes.as_slice());
    let transfer = js_sys::Array::of1(&array.buffer());
    scope
        .post_message_with_transfer(&array, &transfer)
        .expect("the page is there");
}
