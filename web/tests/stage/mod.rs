//! What the tests share: a place to mount, hands to press keys with, and an engine's double.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::timers::future::TimeoutFuture;
use wasm_bindgen::JsCast;
use web_sys::{
    Element, Event, EventInit, HtmlElement, HtmlInputElement, InputEvent, InputEventInit,
    KeyboardEvent, KeyboardEventInit,
};
use yew::{BaseComponent, Callback};
use yurt_web::app::{App, AppProps};
use yurt_web::bridge::{Connect, Link, Message};
use yurt_workbench::protocol::{Action, Batch, Reaction};

pub mod sample;

/// Longest that a test waits for something, in tens of milliseconds.
const PATIENCE: u32 = 300;

/// Lets the page do what is due.
pub async fn calm() {
    TimeoutFuture::new(20).await;
}

/// Waits until something holds that a busy machine may take its time for.
pub async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..PATIENCE {
        if holds() {
            return;
        }
        TimeoutFuture::new(10).await;
    }
    panic!("in vain: {what}");
}

/// A mounted part; it leaves the document when dropped.
pub struct Stage {
    root: Element,
    unmount: Option<Box<dyn FnOnce()>>,
}

impl Stage {
    pub async fn mount<C: BaseComponent>(props: C::Properties) -> Self {
        let document = gloo::utils::document();
        let root = document.create_element("div").unwrap();
        document.body().unwrap().append_child(&root).unwrap();
        let handle = yew::Renderer::<C>::with_root_and_props(root.clone(), props).render();
        calm().await;
        Self {
            root,
            unmount: Some(Box::new(move || handle.destroy())),
        }
    }

    pub async fn mount_app(double: &Double) -> Self {
        Self::mount::<App>(AppProps {
            connect: double.connect(),
        })
        .await
    }

    /// The same with an engine that is ready and has answered the first batch.
    pub async fn mount_served_app(double: &Double) -> Self {
        let stage = Self::mount_app(double).await;
        double.say_ready().await;
        let first = double.next_batch(1).await;
        double.acknowledge(&first);
        stage
    }

    pub fn text(&self) -> String {
        self.root.text_content().unwrap_or_default()
    }

    pub fn all(&self, selector: &str) -> Vec<HtmlElement> {
        let list = self.root.query_selector_all(selector).unwrap();
        (0..list.length())
            .filter_map(|index| list.get(index)?.dyn_into().ok())
            .collect()
    }

    /// The button of that name, shown or not.
    pub fn button(&self, name: &str) -> HtmlElement {
        self.all("button")
            .into_iter()
            .find(|button| {
                let label = button.get_attribute("aria-label");
                label.or_else(|| button.text_content()).as_deref() == Some(name)
            })
            .unwrap_or_else(|| panic!("there is no button {name} in {}", self.root.inner_html()))
    }

    pub fn input(&self, selector: &str) -> HtmlInputElement {
        self.all(selector)[0].clone().unchecked_into()
    }

    pub async fn type_into(&self, input: &HtmlInputElement, text: &str) {
        input.set_value(text);
        let init = InputEventInit::new();
        init.set_bubbles(true);
        let event = InputEvent::new_with_event_init_dict("input", &init).unwrap();
        input.dispatch_event(&event).unwrap();
        calm().await;
    }

    pub fn press(&self, target: &HtmlElement, key: &str) {
        let init = KeyboardEventInit::new();
        init.set_bubbles(true);
        init.set_cancelable(true);
        init.set_key(key);
        let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
        target.dispatch_event(&event).unwrap();
    }

    pub async fn submit(&self, form: &str) {
        let init = EventInit::new();
        init.set_bubbles(true);
        init.set_cancelable(true);
        let event = Event::new_with_event_init_dict("submit", &init).unwrap();
        self.all(form)[0].dispatch_event(&event).unwrap();
        calm().await;
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(unmount) = self.unmount.take() {
            unmount();
        }
        self.root.remove();
    }
}

/// What a part said through its callback.
#[derive(Clone)]
pub struct Heard(Rc<RefCell<Vec<String>>>);

impl Heard {
    pub fn new() -> Self {
        Self(Rc::default())
    }

    pub fn callback(&self) -> Callback<String> {
        let list = self.0.clone();
        Callback::from(move |line| list.borrow_mut().push(line))
    }

    pub fn all(&self) -> Vec<String> {
        self.0.borrow().clone()
    }
}

/// An engine that keeps what it is sent.
#[derive(Clone)]
pub struct Double(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    starts: usize,
    /// Batches since the last start.
    batches: Vec<Batch>,
    tell: Option<Callback<Message>>,
}

struct Wire(Rc<RefCell<State>>);

impl Link for Wire {
    fn post(&self, batch: &Batch) {
        self.0.borrow_mut().batches.push(batch.clone());
    }
}

impl Double {
    pub fn new() -> Self {
        Self(Rc::default())
    }

    pub fn connect(&self) -> Connect {
        let state = self.0.clone();
        Connect(Rc::new(move |tell| {
            let mut inner = state.borrow_mut();
            inner.starts += 1;
            inner.batches.clear();
            inner.tell = Some(tell.clone());
            Some(Box::new(Wire(state.clone())))
        }))
    }

    pub fn starts(&self) -> usize {
        self.0.borrow().starts
    }

    fn tell(&self, message: Message) {
        let tell = self.0.borrow().tell.clone().expect("started");
        tell.emit(message);
    }

    pub async fn say_ready(&self) {
        self.wait_for_start(1).await;
        self.answer(Reaction::default());
    }

    pub fn answer(&self, reaction: Reaction) {
        self.tell(Message::Reaction(Box::new(reaction)));
    }

    pub fn acknowledge(&self, batch: &Batch) {
        self.answer(Reaction {
            sequence: batch.sequence,
            ..Reaction::default()
        });
    }

    pub fn die(&self, why: &str) {
        self.tell(Message::Death(why.into()));
    }

    pub async fn wait_for_start(&self, count: usize) {
        for _ in 0..PATIENCE {
            if self.starts() >= count {
                return;
            }
            TimeoutFuture::new(10).await;
        }
        panic!(
            "the engine was started {} times, not {count}",
            self.starts()
        );
    }

    /// The batch with that number since the last start, counted from 1.
    pub async fn next_batch(&self, number: usize) -> Batch {
        for _ in 0..PATIENCE {
            if let Some(batch) = self.0.borrow().batches.get(number - 1) {
                return batch.clone();
            }
            TimeoutFuture::new(10).await;
        }
        panic!("batch {number} never came");
    }

    /// The batch that holds an action; those before it are acknowledged.
    pub async fn wait_for(&self, action: &Action) -> Batch {
        let mut number = 1;
        loop {
            let batch = self.next_batch(number).await;
            if batch.actions.contains(action) {
                return batch;
            }
            self.acknowledge(&batch);
            number += 1;
        }
    }
}
