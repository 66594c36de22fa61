//! The page: joins the bridge, the screen and the parts.
//!
//! Belongs here: which part gets what. Not here: how a part looks (`components`).

mod engine;
mod file;
mod keys;
mod next;

use yew::{
    Callback, Html, NodeRef, Properties, UseReducerHandle, UseStateHandle, component, hook, html,
    use_effect_with, use_memo, use_node_ref, use_reducer, use_state,
};
use yurt_workbench::protocol::Action;
use yurt_workbench::view::{WorldView, world};

use crate::bridge::{Bridge, Connect, Pace};
use crate::components::{
    ClusterMap, CrashNotice, DeploymentPanel, Filed, Help, JobBar, JobFile, Pane, PlanPanel,
    Terminal, TopBar, pane_bar, stands_still, top_bar, world_notice, worlds,
};
use crate::guide;
use crate::host::{clipboard, storage, theme::Theme};
use crate::screen::{Event, Screen};
use crate::ui::{Button, Weight};
use engine::{FIRST_PACE, Travel, first_world, use_bridge, use_command, use_travel};
use file::{File, use_file, use_formatted};
use keys::use_single_keys;
use next::{Next, has_errors, next_action, stale};

/// Speed above which nothing on the screen moves by itself: it would only flicker.
const MOTION_SPEED_MAX: u32 = 10;

/// The properties.
#[derive(Clone, PartialEq, Properties)]
pub struct AppProps {
    /// How to start an engine.
    pub connect: Connect,
}

/// Everything a part or a key may ask for.
#[derive(Clone, PartialEq)]
struct Controls {
    command: Callback<String>,
    plan: Callback<()>,
    run: Callback<()>,
    pace: Callback<Pace>,
    step: Callback<()>,
    interrupt: Callback<()>,
    clear: Callback<()>,
    theme: Callback<()>,
    help: Callback<bool>,
    worlds: Callback<bool>,
    world: Callback<&'static WorldView>,
    filed: Callback<Filed>,
    complete: Callback<String>,
    pane: Callback<Pane>,
    journal: Callback<()>,
    crash_read: Callback<()>,
}

/// What belongs to the page alone.
#[derive(Clone, PartialEq)]
struct Local {
    pace: UseStateHandle<Pace>,
    theme: UseStateHandle<Theme>,
    pane: UseStateHandle<Pane>,
    help: UseStateHandle<bool>,
    worlds: UseStateHandle<bool>,
    input: NodeRef,
}

/// The page.
#[component]
pub fn App(props: &AppProps) -> Html {
    let screen = use_reducer(Screen::default);
    let bridge = use_bridge(&props.connect, &screen);
    let here = world(&screen.world).unwrap_or_else(first_world);
    let file = use_file(&bridge, here);
    let travel = use_travel(&bridge, &file, here);
    use_formatted(&file, screen.formatted.clone());
    let local = use_local();
    let controls = use_controls(&screen, &bridge, &file, &local, &travel);
    let single_keys = use_single_keys(&screen, &controls, &local);
    use_pause_after_crash(&screen, &controls, &local);
    let waiting = screen
        .deployment
        .as_ref()
        .is_some_and(|view| view.waiting_for_person);
    let still = local.pace.speed > MOTION_SPEED_MAX;
    html! {
        <div class="page" data-pane={local.pane.class()} data-waiting={waiting.then_some("yes")}
            data-motion={still.then_some("none")}>
            { top(&screen, &local, &controls, here) }
            if travel.can_go_back {
                { world_notice(here, &travel.back, &travel.forget) }
            }
            <Main screen={(*screen).clone()} {file} {here} controls={controls.clone()}
                input={local.input.clone()} theme={*local.theme} />
            <footer class="foot">
                { "Yurt is unofficial, not affiliated with HashiCorp." }
            </footer>
            { pane_bar(*local.pane, waiting, &controls.pane) }
            { worlds(*local.worlds, here, &controls.world, controls.worlds.reform(|()| false)) }
            <Help open={*local.help} single_keys={*single_keys}
                on_close={controls.help.reform(|()| false)}
                on_journal={controls.journal.clone()}
                on_single_keys={Callback::from(move |on: bool| {
                    storage::save(storage::key::SINGLE_KEYS, (!on).then_some("off"));
                    single_keys.set(on);
                })} />
            <p class="visually-hidden" role="status" aria-label="News">{ &*screen.announcement }</p>
        </div>
    }
}

fn top(screen: &Screen, local: &Local, controls: &Controls, here: &'static WorldView) -> Html {
    let waiting = screen
        .cluster
        .as_ref()
        .map(|cluster| cluster.waiting.clone());
    let waiting = waiting.unwrap_or_default();
    html! { <>
        { top_bar(&TopBar {
            pace: *local.pace,
            elapsed_ns: whole_seconds(screen) - screen.started_ns,
            now_text: screen.now_text.clone(),
            theme: *local.theme,
            on_pace: controls.pace.clone(),
            on_step: controls.step.clone(),
            on_theme: controls.theme.clone(),
            on_help: controls.help.reform(|()| true),
            world: here.title,
            on_worlds: controls.worlds.reform(|()| true),
        }) }
        if !local.pace.playing && (screen.following || !waiting.is_empty()) {
            { stands_still(&waiting, controls.pace.reform({
                let pace = *local.pace;
                move |()| Pace { playing: true, ..pace }
            }), &controls.step) }
        }
        if let Some(crash) = &screen.crash {
            <CrashNotice crash={crash.clone()} on_close={controls.crash_read.clone()} />
        }
    </> }
}

/// Countdowns show seconds, so drawing them once a second is enough.
fn whole_seconds(screen: &Screen) -> i64 {
    screen.now_ns - screen.now_ns.rem_euclid(1_000_000_000)
}

#[derive(Clone, PartialEq, Properties)]
struct MainProps {
    screen: Screen,
    file: File,
    here: &'static WorldView,
    controls: Controls,
    input: NodeRef,
    theme: Theme,
}

/// The panels.
#[component]
fn Main(props: &MainProps) -> Html {
    let MainProps {
        screen,
        file,
        controls,
        ..
    } = props;
    // Counted: the same place may be wanted twice.
    let revealed = use_state(|| (0, 0));
    let (reveals, reveal) = (
        revealed.0,
        Callback::from({
            let setter = revealed.setter();
            move |place: (u32, u32)| setter.set(place)
        }),
    );
    let next = next_action(screen, file);
    let weight = |what: Next| {
        if next == what {
            Weight::Next
        } else {
            Weight::Normal
        }
    };
    html! {
        <main>
            <JobFile name={guide::FILE_NAME} text={file.text.clone()}
                diagnostics={screen.diagnostics.clone()} edited={*file.text != *props.here.job}
                restored={file.restored} ready={screen.ready} plan_weight={weight(Next::Plan)}
                run_weight={weight(Next::Run)} on_change={file.on_change.clone()}
                on_plan={controls.plan.clone()} on_run={controls.run.clone()}
                on_world={controls.worlds.reform(|_: String| true)}
                on_reset={file.on_reset.clone()} on_format={file.on_format.clone()}
                on_ask={file.on_ask.clone()} completions={screen.completions.clone()}
                hover={screen.hover.clone()} reveal={*revealed} />
            <PlanPanel plan={screen.plan.clone()} stale={stale(screen, file)}
                broken={has_errors(screen)} on_plan={controls.plan.clone()}
                on_reveal={reveal.reform(move |byte| (reveals + 1, byte))} />
            <ClusterMap cluster={screen.cluster.clone()} usage={screen.usage.clone()}
                on_command={controls.command.clone()} />
            <JobBar job={screen.job.clone()} on_command={controls.filed.clone()} />
            <DeploymentPanel deployment={screen.deployment.clone()} now_ns={whole_seconds(screen)}
                on_command={controls.command.clone()} />
            <Terminal lines={screen.terminal.clone()} following={screen.following}
                completed={screen.completed_line.clone()}
                on_complete={controls.complete.clone()} input={props.input.clone()}
                on_command={controls.command.clone()}
                on_interrupt={controls.interrupt.clone()} on_clear={controls.clear.clone()} />
            { more(props.theme, props.here, controls) }
        </main>
    }
}

/// The last pane of a narrow screen; wide ones have all of it elsewhere.
fn more(theme: Theme, here: &'static WorldView, controls: &Controls) -> Html {
    html! {
        <section class="panel more" aria-label="More">
            <header class="panel-head"><h2>{ "More" }</h2></header>
            <div class="actions">
                { (Button {
                    label: format!("World: {}", here.title).into(),
                    on_press: controls.worlds.reform(|()| true),
                    ..Button::default()
                }).view() }
                { (Button {
                    label: format!("Colours: {}", theme.name()).into(),
                    on_press: controls.theme.clone(),
                    ..Button::default()
                }).view() }
                { (Button {
                    label: "Help and keys".into(),
                    on_press: controls.help.reform(|()| true),
                    ..Button::default()
                }).view() }
                { (Button {
                    label: "Copy journal".into(),
                    title: Some("Everything you did, as text".into()),
                    on_press: controls.journal.clone(),
                    ..Button::default()
                }).view() }
            </div>
            <p class="muted">
                { "A whole Nomad cluster, simulated in this tab: nothing is sent anywhere. Yurt is \
                   unofficial, not affiliated with HashiCorp." }
            </p>
        </section>
    }
}

#[hook]
fn use_local() -> Local {
    Local {
        pace: use_state(|| FIRST_PACE),
        theme: use_state(Theme::load),
        pane: use_state(|| Pane::Edit),
        help: use_state(|| false),
        worlds: use_state(|| false),
        input: use_node_ref(),
    }
}

/// Two memos rather than one for each callback: what never changes, and what follows the file.
#[hook]
fn use_controls(
    screen: &UseReducerHandle<Screen>,
    bridge: &Bridge,
    file: &File,
    local: &Local,
    travel: &Travel,
) -> Controls {
    let filed = use_command(bridge, file, &local.pane);
    let fixed = use_memo(bridge.clone(), |bridge| fixed(screen, bridge, local));
    let following = use_memo((filed, travel.to.clone()), |(filed, to)| {
        let command = filed.reform(|line| (line, None));
        let on_file = |verb: &str| {
            let line = format!("nomad job {verb} {}", guide::FILE_NAME);
            command.reform(move |()| line.clone())
        };
        let worlds = local.worlds.setter();
        Controls {
            plan: on_file("plan"),
            run: on_file("run"),
            world: to.reform(move |world| {
                worlds.set(false);
                world
            }),
            filed: filed.clone(),
            command: command.clone(),
            ..(*fixed).clone()
        }
    });
    (*following).clone()
}

/// The controls that never change; the others do nothing yet.
fn fixed(screen: &UseReducerHandle<Screen>, bridge: &Bridge, local: &Local) -> Controls {
    let send = |action: fn() -> Action| {
        let bridge = bridge.clone();
        Callback::from(move |()| bridge.send(action()))
    };
    let tell = |event: fn() -> Event| {
        let screen = screen.dispatcher();
        Callback::from(move |()| screen.dispatch(event()))
    };
    let opens = |state: &UseStateHandle<bool>| {
        let state = state.setter();
        Callback::from(move |open| state.set(open))
    };
    let (theme, pace, pane) = (
        local.theme.setter(),
        local.pace.setter(),
        local.pane.setter(),
    );
    let (paced, asked, told) = (bridge.clone(), bridge.clone(), bridge.clone());
    Controls {
        step: send(|| Action::StepEvent),
        interrupt: send(|| Action::Interrupt),
        clear: tell(|| Event::ClearTerminal),
        crash_read: tell(|| Event::CrashRead),
        help: opens(&local.help),
        worlds: opens(&local.worlds),
        theme: Callback::from(move |()| {
            let next = Theme::load().next();
            next.apply();
            theme.set(next);
        }),
        pace: Callback::from(move |new: Pace| {
            paced.set_pace(new);
            pace.set(new);
        }),
        pane: Callback::from(move |new| pane.set(new)),
        complete: Callback::from(move |line| asked.send(Action::CompleteLine { line })),
        journal: Callback::from(move |()| clipboard::copy(told.journal(), |_| ())),
        plan: Callback::noop(),
        run: Callback::noop(),
        world: Callback::noop(),
        filed: Callback::noop(),
        command: Callback::noop(),
    }
}

/// When time alone killed the engine, it would do so again: the clock stops, for a person to
/// decide.
#[hook]
fn use_pause_after_crash(screen: &UseReducerHandle<Screen>, controls: &Controls, local: &Local) {
    let (pace, speed) = (controls.pace.clone(), local.pace.speed);
    use_effect_with(screen.crash.clone(), move |crash| {
        if crash.as_ref().is_some_and(|crash| crash.lost.is_empty()) {
            pace.emit(Pace {
                playing: false,
                speed,
            });
        }
    });
}
