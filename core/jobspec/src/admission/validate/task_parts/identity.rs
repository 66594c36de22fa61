//! Rules about workload identities.

use super::is_word;
use crate::admission::issues::Issues;
use crate::document::View;

/// The identities of a task: the default one and the others. In the job file they are one list, in
/// which the default one, when it says anything, is taken to come first.
pub(super) fn identities(task: View<'_>, at: &str, issues: &mut Issues) {
    let mut first = 0;
    if let Some(default) = task.object("Identity") {
        let heading = format!("Identity {:?} is invalid: ", default.text("Name"));
        let own = one(default, &format!("{at}.identity.0"));
        let is_written = default.flag("Env") || default.flag("File") || !own.is_empty();
        first = usize::from(is_written);
        issues.nest(heading, own);
    }
    for (i, identity) in task.objects("Identities").enumerate() {
        let heading = format!("Identity {:?} is invalid: ", identity.text("Name"));
        let at = format!("{at}.identity.{}", first + i);
        issues.nest(heading, one(identity, &at));
    }
    let is_default = |identity: View<'_>| matches!(identity.text("Name"), "" | "default");
    if let Some(i) = task.objects("Identities").position(is_default) {
        let at = format!("{at}.identity.{}", first + i);
        issues.add(at, "Duplicate default identities found");
    }
}

fn one(identity: View<'_>, at: &str) -> Issues {
    let mut issues = Issues::default();
    let name = identity.text("Name");
    if !is_word(name, &['-']) {
        let text = format!("invalid name {name:?}. Must match regex ^[a-zA-Z0-9-_]{{1,128}}$");
        issues.add(format!("{at}.name"), text);
    }
    for (i, audience) in identity.texts("Audience").into_iter().enumerate() {
        if audience.is_empty() {
            let text = format!("an empty string is an invalid audience ({})", i + 1);
            issues.add(format!("{at}.aud"), text);
        }
    }
    let signal = identity.text("ChangeSignal");
    match identity.text("ChangeMode") {
        "" | "noop" | "restart" => {
            if !signal.is_empty() {
                let text =
                    format!("can only use change_signal={signal:?} with change_mode=\"signal\"");
                issues.add(format!("{at}.change_signal"), text);
            }
        }
        "signal" => {
            if signal.is_empty() {
                let text = "change_signal must be specified when using change_mode=\"signal\"";
                issues.add(format!("{at}.change_signal"), text);
            }
        }
        other => {
            let text = format!("invalid change_mode: {other}");
            issues.add(format!("{at}.change_mode"), text);
        }
    }
    let ttl = identity.int("TTL");
    if name == "default" && ttl > 0 {
        let text = "ttl for default identity not yet supported";
        issues.add(format!("{at}.ttl"), text);
    }
    if ttl < 0 {
        issues.add(format!("{at}.ttl"), "ttl must be >= 0");
    }
    if !identity.text("Filepath").is_empty() && !identity.flag("File") {
        let text = "file parameter must be true in order to specify filepath";
        issues.add(format!("{at}.filepath"), text);
    }
    issues
}
