//! The engine's worker, and the wire to it.

use std::rc::Rc;

use gloo::timers::callback::Timeout;
use js_sys::{Array, Function, Reflect, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, MessageEvent, Worker};
use yew::Callback;
use yurt_workbench::protocol::{Batch, Reaction};

use super::address;
use crate::bridge::{Connect, Link, Message};

/// The script that starts the worker, where `index.html` does not say.
const DEFAULT_SCRIPT: &str = "yurt-worker_loader.js";

/// A worker; dropping it ends it.
struct EngineWorker {
    worker: Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

/// How the real page reaches its engine.
pub fn connect_to_worker() -> Connect {
    Connect(Rc::new(|tell| match EngineWorker::start(tell.clone()) {
        Ok(worker) => Some(Box::new(worker) as Box<dyn Link>),
        Err(why) => {
            tell.emit(Message::Death(why));
            None
        }
    }))
}

impl EngineWorker {
    fn start(tell: Callback<Message>) -> Result<Self, String> {
        let (worker, said) = match early() {
            Some(early) => early,
            None => (start_worker()?, Array::new()),
        };
        let on_message = {
            let tell = tell.clone();
            Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
                let bytes = Uint8Array::new(&event.data()).to_vec();
                tell.emit(match postcard::from_bytes::<Reaction>(&bytes) {
                    Ok(reaction) => Message::Reaction(Box::new(reaction)),
                    Err(error) => {
                        Message::Death(format!("The engine's answer made no sense: {error}"))
                    }
                });
            })
        };
        let on_error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            event.prevent_default();
            tell.emit(Message::Death(event.message()));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        repeat(said, on_message.as_ref(), on_error.as_ref());
        Ok(Self {
            worker,
            _on_message: on_message,
            _on_error: on_error,
        })
    }
}

fn start_worker() -> Result<Worker, String> {
    let script = address::meta("yurt-worker").unwrap_or_else(|| DEFAULT_SCRIPT.into());
    Worker::new(&format!("./{script}"))
        .map_err(|_| "This browser did not start the engine's worker.".to_string())
}

/// The worker that `index.html` of a built page starts before this program is there, so that both
/// load side by side, and the events that nobody has heard yet. Once: the next worker is started
/// here.
fn early() -> Option<(Worker, Array)> {
    let (window, name) = (gloo::utils::window(), JsValue::from_str("yurtEngine"));
    let engine = Reflect::get(&window, &name)
        .ok()
        .filter(JsValue::is_object)?;
    Reflect::delete_property(&window, &name).ok()?;
    let worker = Reflect::get(&engine, &"worker".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let said = Reflect::get(&engine, &"said".into())
        .ok()?
        .dyn_into()
        .ok()?;
    Some((worker, said))
}

/// Hands on what a worker said before anyone listened; in a moment of its own, as any event comes.
fn repeat(said: Array, on_message: &JsValue, on_error: &JsValue) {
    let (on_message, on_error) = (on_message.clone(), on_error.clone());
    Timeout::new(0, move || {
        for event in said.iter() {
            let listener = if event.is_instance_of::<ErrorEvent>() {
                &on_error
            } else {
                &on_message
            };
            // A listener that is gone belonged to a worker that is gone.
            let _ = listener
                .unchecked_ref::<Function>()
                .call1(&JsValue::NULL, &event);
        }
    })
    .forget();
}

impl Link for EngineWorker {
    fn post(&self, batch: &Batch) {
        // Text and numbers always encode.
        let bytes = postcard::to_allocvec(batch).unwrap_or_default();
        let array = Uint8Array::from(bytes.as_slice());
        let buffer = array.buffer();
        // A worker that is gone tells so by `onerror`.
        let _ = self
            .worker
            .post_message_with_transfer(&array, &Array::of1(&buffer));
    }
}

impl Drop for EngineWorker {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}
