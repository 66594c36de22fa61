//! Rules about templates.

use super::escapes;
use crate::admission::issues::Issues;
use crate::document::View;

/// The templates of a task, alone and together.
pub(super) fn templates(task: View<'_>, at: &str, issues: &mut Issues) {
    let mut destinations: Vec<(&str, usize)> = Vec::new();
    for (i, template) in task.objects("Templates").enumerate() {
        let number = i + 1;
        let at = format!("{at}.template.{i}");
        let heading = format!("Template {number} validation failed: ");
        issues.nest(heading, one(template, &at));
        let destination = template.text("DestPath");
        let taken = destinations.iter().find(|(known, _)| *known == destination);
        if let Some((_, first)) = taken {
            let text = format!("Template {number} has same destination as {first}");
            issues.add(format!("{at}.destination"), text);
        } else {
            destinations.push((destination, number));
        }
    }
}

fn one(template: View<'_>, at: &str) -> Issues {
    let mut issues = Issues::default();
    if template.text("SourcePath").is_empty() && template.text("EmbeddedTmpl").is_empty() {
        let text = "Must specify a source path or have an embedded template";
        issues.add(at, text);
    }
    let destination = template.text("DestPath");
    if destination.is_empty() {
        let text = "Must specify a destination for the template";
        issues.add(format!("{at}.destination"), text);
    }
    if escapes(destination) {
        let text = "destination escapes allocation directory";
        issues.add(format!("{at}.destination"), text);
    }
    change_mode(template, at, &mut issues);
    if template.int("Splay") < 0 {
        let text = "Must specify positive splay value";
        issues.add(format!("{at}.splay"), text);
    }
    let perms = template.text("Perms");
    let is_octal = !perms.is_empty() && perms.bytes().all(|b| matches!(b, b'0'..=b'7'));
    if !perms.is_empty() && !is_octal {
        let text = format!(
            "Failed to parse {perms:?} as octal: strconv.ParseUint: parsing {perms:?}: invalid \
             syntax"
        );
        issues.add(format!("{at}.perms"), text);
    }
    if let Some(wait) = template.object("Wait")
        && let (Some(min), Some(max)) = (wait.optional_span("Min"), wait.optional_span("Max"))
        && min > max
    {
        let text = format!("wait min {min} is greater than max {max}");
        issues.add(format!("{at}.wait"), text);
    }
    issues
}

fn change_mode(template: View<'_>, at: &str, issues: &mut Issues) {
    match template.text("ChangeMode") {
        "noop" | "restart" => {}
        "signal" => {
            if template.text("ChangeSignal").is_empty() {
                let text = "Must specify signal value when change mode is signal";
                issues.add(format!("{at}.change_signal"), text);
            }
            if template.flag("Envvars") {
                let text = "cannot use signals with env var templates";
                issues.add(format!("{at}.env"), text);
            }
        }
        "script" => match template.object("ChangeScript") {
            None => {
                let text =
                    "must specify change script configuration value when change mode is script";
                issues.add(format!("{at}.change_script"), text);
            }
            Some(script) if script.text("Command").is_empty() => {
                let text = "must specify script path value when change mode is script";
                issues.add(format!("{at}.change_script.command"), text);
            }
            Some(_) => {}
        },
        _ => {
            let text =
                "Invalid change mode. Must be one of the following: noop, signal, script, restart";
            issues.add(format!("{at}.change_mode"), text);
        }
    }
}
