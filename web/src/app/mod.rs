//! The page: joins the bridge, the screen and the parts.
//!
//! Belongs here: which part gets what. Not here: how a part looks (`components`).

mod engine;
mod file;
mod keys;
mod next;

use yew::{
    Callback, Html, NodeRef, Properties, UseReducerHandle, UseStateHandle, component, hook, html,
    use_callback, use_effect_with, use_node_ref, use_reducer, use_state,
};
use yurt_workbench::protocol::Action;
use yurt_workbench::view::{WorldView, world};

use crate::bridge::{Bridge, Connect, Pace};
use crate::components::{
    ClusterMap, CrashNotice, DeploymentPanel, Filed, Help, JobBar, JobFile, Pane, PaneBar,
    PlanPanel, Terminal, TopBar, stands_still, world_notice, worlds,
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
            <PaneBar pane={*local.pane} {waiting} on_pane={controls.pane.clone()} />
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
        <TopBar pace={*local.pace}
            elapsed_ns={whole_seconds(screen) - screen.started_ns}
            now_text={screen.now_text.clone()} theme={*local.theme}
            on_pace={controls.pace.clone()} on_step={controls.step.clone()}
            on_theme={controls.theme.clone()} on_help={controls.help.reform(|()| true)}
            world={here.title} on_worlds={controls.worlds.reform(|()| true)} />
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
            <ClusterMap cluster={screen.cluster.clone()} on_command={controls.command.clone()} />
            <JobBar job={screen.job.clone()} on_command={controls.filed.clone()} />
            <DeploymentPanel deployment={screen.deployment.clone()} now_ns={whole_seconds(screen)}
                on_command={controls.command.clone()} />
            <Terminal lines={screen.terminal.clone()} following={screen.following}
                completed={screen.completed_line.clone()}
                on_complete={controls.complete.clone()} input={props.input.clone()} on_command={controls.command.clone()}
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
                <Button label={format!("World: {}", here.title)}
                    on_press={controls.worlds.reform(|()| true)} />
                <Button label={format!("Colours: {}", theme.name())}
                    on_press={controls.theme.clone()} />
                <Button label="Help and keys" on_press={controls.help.reform(|()| true)} />
                <Button label="Copy journal" title="Everything you did, as text"
                    on_press={controls.journal.clone()} />
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

#[hook]
fn use_controls(
    screen: &UseReducerHandle<Screen>,
    bridge: &Bridge,
    file: &File,
    local: &Local,
    travel: &Travel,
) -> Controls {
    let filed = use_command(bridge, file, &local.pane);
    let command = use_callback(filed.clone(), |line, filed| filed.emit((line, None)));
    let on_file = |verb: &str| format!("nomad job {verb} {}", guide::FILE_NAME);
    let (plan_line, run_line) = (on_file("plan"), on_file("run"));
    Controls {
        plan: use_callback(command.clone(), move |(), command| {
            command.emit(plan_line.clone());
        }),
        run: use_callback(command.clone(), move |(), command| {
            command.emit(run_line.clone());
        }),
        pace: use_callback(
            (bridge.clone(), local.pace.setter()),
            |pace: Pace, (bridge, setter)| {
                bridge.set_pace(pace);
                setter.set(pace);
            },
        ),
        step: use_callback(bridge.clone(), |(), bridge| bridge.send(Action::StepEvent)),
        interrupt: use_callback(bridge.clone(), |(), bridge| bridge.send(Action::Interrupt)),
        clear: use_event(screen, || Event::ClearTerminal),
        crash_read: use_event(screen, || Event::CrashRead),
        theme: use_callback(local.theme.clone(), |(), theme| {
            let next = theme.next();
            next.apply();
            theme.set(next);
        }),
        help: use_callback(local.help.setter(), |open, help| help.set(open)),
        worlds: use_callback(local.worlds.setter(), |open, worlds| worlds.set(open)),
        world: use_callback(
            (local.worlds.setter(), travel.to.clone()),
            |world, (worlds, to)| {
                worlds.set(false);
                to.emit(world);
            },
        ),
        filed,
        complete: use_callback(bridge.clone(), |line, bridge| {
            bridge.send(Action::CompleteLine { line });
        }),
        pane: use_callback(local.pane.setter(), |pane, setter| setter.set(pane)),
        journal: use_callback(bridge.clone(), |(), bridge| {
            clipboard::copy(bridge.journal(), |_| ());
        }),
        command,
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

#[hook]
fn use_event(screen: &UseReducerHandle<Screen>, event: fn() -> Event) -> Callback<()> {
    use_callback(screen.dispatcher(), move |(), screen| {
        screen.dispatch(event());
    })
}
