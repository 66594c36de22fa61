//! The page's parts in a real browser: mount, click, type, read.
//!
//! The engine behind the whole page is a double here: it keeps what it was sent and says what a
//! test lets it say. The real one is met by the end-to-end tests.

#![cfg(target_arch = "wasm32")]

mod stage;

use std::rc::Rc;

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use yew::{Callback, NodeRef};
use yurt_web::components::{
    ClusterMap, ClusterMapProps, DeploymentPanel, DeploymentPanelProps, Filed, JobBar, JobBarProps,
    JobFile, JobFileProps, PlanPanel, PlanPanelProps, Terminal, TerminalProps,
};
use yurt_web::ui::Weight;
use yurt_workbench::protocol::{Action, Reaction};
use yurt_workbench::view::{
    DiagnosticView, FixView, FormattedView, Label, Line, LineCompletionView, Severity,
};
use yurt_workbench::workbench::OPENING_JOB;

use stage::{Double, Heard, Stage, calm, sample, until};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn promote_is_a_command_and_the_next_action() {
    let heard = Heard::new();
    let stage = Stage::mount::<DeploymentPanel>(DeploymentPanelProps {
        deployment: Some(Rc::new(sample::waiting_deployment())),
        now_ns: 0,
        on_command: heard.callback(),
    })
    .await;
    assert!(
        stage
            .text()
            .contains("5 of 5 canaries healthy. Waiting for you.")
    );
    assert!(stage.text().contains("progress deadline of api in 13m 12s"));
    let promote = stage.button("Promote");
    assert!(promote.class_name().contains("next"));
    assert_eq!(stage.all(".button.next").len(), 1);
    promote.click();
    stage.button("Fail").click();
    let commands = [
        "nomad deployment promote 32a080c1",
        "nomad deployment fail 32a080c1",
    ];
    assert_eq!(heard.all(), commands);
}

#[wasm_bindgen_test]
async fn a_button_without_a_command_cannot_be_pressed_and_says_why() {
    let mut view = sample::waiting_deployment();
    view.promote.command = None;
    view.promote.why_not = "Promote needs 5 healthy canaries; 3 are.".into();
    view.waiting_for_person = false;
    let stage = Stage::mount::<DeploymentPanel>(DeploymentPanelProps {
        deployment: Some(Rc::new(view)),
        now_ns: 0,
        on_command: Callback::noop(),
    })
    .await;
    assert!(stage.button("Promote").has_attribute("disabled"));
    assert!(stage.text().contains("3 are."));
    assert!(stage.all(".button.next").is_empty());
}

#[wasm_bindgen_test]
async fn the_difference_is_not_by_colour_alone() {
    let stage = Stage::mount::<PlanPanel>(PlanPanelProps {
        plan: Some(Rc::new(sample::plan())),
        stale: None,
        broken: false,
        on_plan: Callback::noop(),
        on_reveal: Callback::noop(),
    })
    .await;
    let text = stage.text();
    for want in [
        "5 canaries, 5 left alone.",
        "Now=====5 left alone",
        "◆◆◆◆◆5 canaries",
        "edited: ",
        "added: ",
    ] {
        assert!(text.contains(want), "{want} is missing in {text}");
    }
    assert!(text.contains("+/- image: \"api-server:1.3\" => \"api-server:1.4\""));
}

#[wasm_bindgen_test]
async fn allocations_have_names_descriptions_and_arrow_keys() {
    let heard = Heard::new();
    let stage = Stage::mount::<ClusterMap>(ClusterMapProps {
        cluster: Some(Rc::new(sample::cluster().into())),
        usage: Some(Rc::new(sample::usage())),
        on_command: heard.callback(),
    })
    .await;
    let marks = stage.all(".allocation");
    assert_eq!(marks.len(), 2);
    assert_eq!(
        marks[0].get_attribute("aria-label").as_deref(),
        Some("docs.api[0]")
    );
    let described = marks[1].get_attribute("aria-description");
    assert_eq!(
        described.as_deref(),
        Some("docs.api[0], version 1, canary, running, healthy")
    );
    marks[0].focus().unwrap();
    stage.press(&marks[0], "ArrowRight");
    assert_eq!(
        gloo::utils::document().active_element().as_ref(),
        Some(marks[1].as_ref())
    );
    marks[1].click();
    assert_eq!(heard.all(), ["nomad alloc status 6d8eec42"]);
    // What the allocation uses is drawn, and said beside that.
    let usage = &stage.all(".usage")[0];
    let text = usage.text_content().unwrap_or_default();
    assert_eq!(
        text,
        "docs.api[0]CPU 12 of 100 MHz, at most 20 in the last 5 minutes"
    );
    let drawn = usage.inner_html();
    assert!(drawn.contains("points=\"58,16 59,13 60,14 \""), "{drawn}");
    assert!(drawn.contains("aria-hidden=\"true\""), "{drawn}");
}

fn terminal(heard: &Heard, lines: Vec<Line>) -> TerminalProps {
    TerminalProps {
        lines: Rc::new(sample::numbered(lines)),
        following: false,
        completed: None,
        on_complete: heard.callback().reform(|line| format!("complete {line}")),
        input: NodeRef::default(),
        on_command: heard.callback(),
        on_interrupt: Callback::noop(),
        on_clear: Callback::noop(),
    }
}

#[wasm_bindgen_test]
async fn the_terminal_takes_lines_and_remembers_them_at_the_next_visit() {
    let heard = Heard::new();
    let stage = Stage::mount::<Terminal>(terminal(&heard, Vec::new())).await;
    let input = stage.input("#command");
    stage.type_into(&input, "nomad job s").await;
    stage.press(&input, "Tab");
    stage.type_into(&input, "nomad job status").await;
    stage.submit("form").await;
    assert_eq!(heard.all(), ["complete nomad job s", "nomad job status"]);
    assert_eq!(input.value(), "");
    drop(stage);
    let stage = Stage::mount::<Terminal>(terminal(&heard, Vec::new())).await;
    let input = stage.input("#command");
    stage.type_into(&input, "dra").await;
    stage.press(&input, "ArrowUp");
    calm().await;
    assert_eq!(input.value(), "nomad job status");
    stage.press(&input, "ArrowDown");
    calm().await;
    assert_eq!(input.value(), "dra");
}

#[wasm_bindgen_test]
async fn tab_completes_with_what_the_engine_answers() {
    let double = Double::new();
    let stage = Stage::mount_app(&double).await;
    double.say_ready().await;
    calm().await;
    let input = stage.input("#command");
    let ask = async |line: &str, after: &str, choices: &[&str]| {
        stage.type_into(&input, line).await;
        stage.press(&input, "Tab");
        let asked = Action::CompleteLine { line: line.into() };
        let sent = double.wait_for(&asked).await;
        double.answer(Reaction {
            sequence: sent.sequence,
            completed_line: Some(LineCompletionView {
                before: line.into(),
                after: after.into(),
                count: u32::try_from(choices.len()).unwrap(),
                choices: choices.iter().map(ToString::to_string).collect(),
            }),
            ..Reaction::default()
        });
        calm().await;
        input.value()
    };
    assert_eq!(
        ask("nomad job pl", "nomad job plan ", &[]).await,
        "nomad job plan "
    );
    assert_eq!(
        ask("nomad job p", "nomad job p", &["plan", "promote"]).await,
        "nomad job p"
    );
    assert_eq!(stage.all(".choices span").len(), 2);
}

fn job_bar(heard: &Heard) -> JobBarProps {
    JobBarProps {
        job: Some(Rc::new(sample::job())),
        on_command: heard.callback().reform(|(line, file): Filed| match file {
            None => line,
            Some((name, text)) => format!("{line} < {name}: {text}"),
        }),
    }
}

#[wasm_bindgen_test]
async fn a_jobs_buttons_and_forms_are_command_lines() {
    let heard = Heard::new();
    let stage = Stage::mount::<JobBar>(job_bar(&heard)).await;
    stage.button("Launch now").click();
    stage.button("Stop job").click();
    stage.button("Scale…").click();
    calm().await;
    let count = stage.input("input[type=number]");
    stage.type_into(&count, "7").await;
    stage.submit("form").await;
    stage.button("Dispatch…").click();
    calm().await;
    let who = stage.input("input[type=text]");
    stage.type_into(&who, "it's me").await;
    stage.submit("dialog:last-of-type form").await;
    let lines = [
        "nomad job periodic force docs",
        "nomad job stop docs",
        "nomad job scale docs api 7",
        r"nomad job dispatch -meta 'who=it'\''s me' docs",
    ];
    assert_eq!(heard.all(), lines);
}

#[wasm_bindgen_test]
async fn a_large_cluster_is_drawn_and_the_keyboard_reaches_it() {
    let heard = Heard::new();
    let stage = Stage::mount::<ClusterMap>(ClusterMapProps {
        cluster: Some(Rc::new(sample::large_cluster(5000).into())),
        usage: None,
        on_command: heard.callback(),
    })
    .await;
    gloo::timers::future::TimeoutFuture::new(50).await;
    assert_eq!(stage.all("canvas").len(), 1);
    assert!(stage.all("*").len() < 100, "no element for each node");
    let spot = || stage.all(".spot")[0].clone();
    assert_eq!(
        spot().get_attribute("aria-label").as_deref(),
        Some("node-1, ready, 2 allocations")
    );
    spot().focus().unwrap();
    stage.press(&spot(), "ArrowRight");
    calm().await;
    let is_on_allocation = || {
        let label = spot().get_attribute("aria-label").unwrap_or_default();
        label.starts_with("docs.api[0], version 0")
            && gloo::utils::document().active_element().as_ref() == Some(spot().as_ref())
    };
    until("the focus goes to the first allocation", is_on_allocation).await;
    stage.press(&spot(), "End");
    calm().await;
    spot().click();
    assert_eq!(heard.all(), ["nomad node status 00001388"]);
}

#[wasm_bindgen_test]
async fn another_world_is_asked_for_and_the_old_one_can_be_had_back() {
    let double = Double::new();
    let stage = Stage::mount_served_app(&double).await;
    let input = stage.input("#command");
    let line = "nomad job stop docs".to_string();
    stage.type_into(&input, &line).await;
    stage.submit(".prompt").await;
    let sent = double
        .wait_for(&Action::Execute { line: line.clone() })
        .await;
    double.acknowledge(&sent);
    stage.button("Go to Nomad 0.7, five nodes").click();
    let to = |name: &str| Action::OpenWorld { name: name.into() };
    let sent = double.wait_for(&to("0.7")).await;
    double.answer(Reaction {
        sequence: sent.sequence,
        world: "0.7".into(),
        begun_anew: true,
        ..Reaction::default()
    });
    calm().await;
    stage.button("Back to the cluster before").click();
    let sent = double.wait_for(&to("2.0")).await;
    assert!(sent.actions.contains(&Action::Execute { line }));
}

#[wasm_bindgen_test]
async fn labels_become_classes_and_text_stays_text() {
    let mut line = Line::of(Label::DiffAdded, "+ <b>not bold</b>");
    line.push(Label::Plain, " and more");
    let heard = Heard::new();
    let stage = Stage::mount::<Terminal>(terminal(&heard, vec![line])).await;
    let spans = stage.all(".log .text-diff-added");
    assert_eq!(
        spans[0].text_content().as_deref(),
        Some("+ <b>not bold</b>")
    );
    let lines = stage.all(".log .line");
    assert_eq!(
        lines[0].text_content().as_deref(),
        Some("+ <b>not bold</b> and more")
    );
}

fn job_file(heard: &Heard, text: &str, diagnostics: Vec<DiagnosticView>) -> JobFileProps {
    JobFileProps {
        name: "docs.nomad.hcl".into(),
        text: text.into(),
        diagnostics: Rc::new(diagnostics),
        on_world: Callback::noop(),
        edited: false,
        restored: false,
        plan_weight: Weight::Normal,
        run_weight: Weight::Normal,
        ready: true,
        on_change: heard.callback().reform(|text: Rc<str>| text.to_string()),
        on_plan: heard.callback().reform(|()| "plan".to_string()),
        on_run: heard.callback().reform(|()| "run".to_string()),
        on_reset: Callback::noop(),
        on_format: heard.callback().reform(|()| "format".to_string()),
        on_ask: Callback::noop(),
        completions: None,
        hover: None,
        reveal: (0, 0),
    }
}

#[wasm_bindgen_test]
async fn the_editor_shows_the_file_and_underlines_what_is_wrong() {
    let heard = Heard::new();
    // The crab is one character, four bytes and two units of the editor.
    let text = "# 🦀\njob \"docs\" { cuont = 5 }\n";
    let start = u32::try_from(text.find("cuont").unwrap()).unwrap();
    let wrong = DiagnosticView {
        severity: Severity::Error,
        summary: "Unsupported argument".into(),
        detail: "Did you mean \"count\"?".into(),
        start_byte: start,
        end_byte: start + 5,
        line: 2,
        column: 14,
        fixes: vec![FixView {
            label: "Write count".into(),
            start_byte: start,
            end_byte: start + 5,
            text: "count".into(),
            world: None,
        }],
    };
    let stage = Stage::mount::<JobFile>(job_file(&heard, text, vec![wrong])).await;
    until("the editor", || !stage.all("[role=textbox]").is_empty()).await;
    let editor = &stage.all("[role=textbox]")[0];
    assert_eq!(
        editor.get_attribute("aria-label").as_deref(),
        Some("Job file")
    );
    assert!(editor.has_attribute("aria-describedby"));
    let underlined = || -> String {
        let pieces = stage.all(".cm-lintRange-error");
        pieces
            .iter()
            .filter_map(|piece| piece.text_content())
            .collect()
    };
    until("the line under it", || !underlined().is_empty()).await;
    assert_eq!(underlined(), "cuont");
    assert!(stage.text().contains("2:14"));
    stage.button("Write count").click();
    stage.button("Plan").click();
    stage.button("Run").click();
    assert_eq!(
        heard.all(),
        ["# 🦀\njob \"docs\" { count = 5 }\n", "plan", "run"]
    );
}

#[wasm_bindgen_test]
async fn format_asks_for_the_text_and_puts_the_answer_into_the_editor() {
    let double = Double::new();
    let stage = Stage::mount_app(&double).await;
    double.say_ready().await;
    calm().await;
    let text = OPENING_JOB.to_string();
    stage.button("Format").click();
    let sent = double
        .wait_for(&Action::Format { text: text.clone() })
        .await;
    let answer = |before: &str| Reaction {
        sequence: sent.sequence,
        formatted: Some(FormattedView {
            before: before.into(),
            after: Some(format!("# laid out\n{before}")),
            sentence: "The file is laid out.".into(),
        }),
        ..Reaction::default()
    };
    double.answer(answer("another text"));
    calm().await;
    assert!(!stage.text().contains("# laid out"), "too late");
    double.answer(answer(&text));
    calm().await;
    assert!(stage.text().contains("# laid out"));
    assert!(stage.text().contains("The file is laid out."));
    // The page keeps a text of one's own; other tests begin with the guide's.
    stage.button("Back to the guide's job").click();
    calm().await;
}

#[wasm_bindgen_test]
async fn the_page_subscribes_runs_commands_and_shows_what_comes_back() {
    let double = Double::new();
    let stage = Stage::mount_app(&double).await;
    double.say_ready().await;
    let first = double.next_batch(1).await;
    assert!(matches!(first.actions[0], Action::Subscribe { .. }));
    double.answer(Reaction {
        sequence: first.sequence,
        cluster: Some(sample::cluster()),
        deployment: Some(Some(sample::waiting_deployment())),
        ..Reaction::default()
    });
    calm().await;
    assert!(stage.text().contains("5 nodes ready"));
    stage.button("Promote").click();
    let line = "nomad deployment promote 32a080c1".to_string();
    let sent = double.wait_for(&Action::Execute { line }).await;
    double.answer(Reaction {
        sequence: sent.sequence,
        terminal: vec![Line::echo("nomad deployment promote 32a080c1")],
        ..Reaction::default()
    });
    calm().await;
    let log = stage.all(".log .line");
    let echo = log[0].text_content();
    assert_eq!(echo.as_deref(), Some("$ nomad deployment promote 32a080c1"));
}

#[wasm_bindgen_test]
async fn a_dead_engine_is_replaced_and_told_what_was_done() {
    let double = Double::new();
    let stage = Stage::mount_served_app(&double).await;
    let input = stage.input("#command");
    stage.type_into(&input, "nomad job status docs").await;
    stage.submit(".prompt").await;
    let good = Action::Execute {
        line: "nomad job status docs".into(),
    };
    let sent = double.wait_for(&good).await;
    double.acknowledge(&sent);
    stage.type_into(&input, "nomad node status").await;
    stage.submit(".prompt").await;
    let bad = Action::Execute {
        line: "nomad node status".into(),
    };
    double.wait_for(&bad).await;
    double.die("RuntimeError: unreachable");
    double.wait_for_start(2).await;
    let alert = stage.all("[role=alert]")[0]
        .text_content()
        .unwrap_or_default();
    assert!(alert.contains("stopped the engine"), "{alert}");
    assert!(alert.contains("RuntimeError: unreachable"), "{alert}");
    stage.button("Copy journal");
    double.say_ready().await;
    let again = double.wait_for(&good).await;
    assert!(
        !again.actions.contains(&bad),
        "the last batch is not repeated"
    );
    assert_eq!(double.starts(), 2);
    double.acknowledge(&again);
    calm().await;
    let log = stage.all(".log")[0].text_content().unwrap_or_default();
    assert!(
        log.contains("$ nomad node status"),
        "it names what it died of: {log}"
    );
}

#[wasm_bindgen_test]
async fn an_engine_that_dies_of_its_journal_starts_afresh() {
    let double = Double::new();
    let stage = Stage::mount_served_app(&double).await;
    double.die("first");
    double.wait_for_start(2).await;
    double.say_ready().await;
    double.next_batch(1).await;
    double.die("second");
    double.wait_for_start(3).await;
    let alert = stage.all("[role=alert]")[0]
        .text_content()
        .unwrap_or_default();
    assert!(alert.contains("afresh"), "{alert}");
    double.die("third");
    calm().await;
    let alert = stage.all("[role=alert]")[0]
        .text_content()
        .unwrap_or_default();
    assert!(alert.contains("could not be started again"), "{alert}");
}
