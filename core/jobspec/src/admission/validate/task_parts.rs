//! Rules about what a task carries: templates, artifacts, identities and so on (spec: jobspec
//! 15.6).

mod identity;
mod template;

use crate::admission::issues::Issues;
use crate::document::View;

/// Everything a task carries beside its resources and services.
pub(super) fn validate(task: View<'_>, at: &str, issues: &mut Issues) {
    lifecycle(task, at, issues);
    for (i, artifact) in task.objects("Artifacts").enumerate() {
        let heading = format!("Artifact {} validation failed: ", i + 1);
        issues.nest(
            heading,
            one_artifact(artifact, &format!("{at}.artifact.{i}")),
        );
    }
    if let Some(vault) = task.object("Vault") {
        let own = one_vault(vault, &format!("{at}.vault"));
        issues.nest("Vault validation failed: ", own);
    }
    template::templates(task, at, issues);
    dispatch_payload(task, at, issues);
    csi_plugin(task, at, issues);
    identity::identities(task, at, issues);
    actions(task, at, issues);
    secrets(task, at, issues);
}

fn lifecycle(task: View<'_>, at: &str, issues: &mut Issues) {
    let Some(lifecycle) = task.object("Lifecycle") else {
        return;
    };
    let problem = match lifecycle.text("Hook") {
        "prestart" | "poststart" | "poststop" => return,
        "" => "no lifecycle hook provided".to_owned(),
        other => format!("invalid hook: {other}"),
    };
    let text = format!("Lifecycle validation failed: {problem}");
    issues.add(format!("{at}.lifecycle.hook"), text);
}

/// Whether a destination leaves the allocation's directory, starting from the task's.
fn escapes(destination: &str) -> bool {
    let mut depth = 1_i64;
    for part in destination.split('/') {
        match part {
            "" | "." => {}
            ".." => depth -= 1,
            _ => depth += 1,
        }
        if depth < 0 {
            return true;
        }
    }
    false
}

fn dispatch_payload(task: View<'_>, at: &str, issues: &mut Issues) {
    let file = task.object("DispatchPayload").map(|d| d.text("File"));
    if file.is_some_and(escapes) {
        let text = "Dispatch Payload validation failed: destination escapes allocation directory";
        issues.add(format!("{at}.dispatch_payload.file"), text);
    }
}

fn one_artifact(artifact: View<'_>, at: &str) -> Issues {
    let mut issues = Issues::default();
    if artifact.text("GetterSource").is_empty() {
        issues.add(format!("{at}.source"), "source must be specified");
    }
    let mode = artifact.text("GetterMode");
    if !matches!(mode, "any" | "file" | "dir") {
        let text = format!("invalid artifact mode {mode:?}; must be one of: any, file, dir");
        issues.add(format!("{at}.mode"), text);
    }
    if escapes(artifact.text("RelativeDest")) {
        let text = "destination escapes allocation directory";
        issues.add(format!("{at}.destination"), text);
    }
    let options = artifact.text_entries("GetterOptions");
    if let Some((_, checksum)) = options.iter().find(|(key, _)| *key == "checksum")
        && let Err(text) = one_checksum(checksum)
    {
        issues.add(format!("{at}.options"), text);
    }
    issues
}

fn one_checksum(checksum: &str) -> Result<(), String> {
    let checksum = checksum.trim();
    if checksum.is_empty() {
        return Err("checksum value cannot be empty".to_owned());
    }
    if checksum.contains("${") {
        return Ok(());
    }
    let Some((kind, digest)) = checksum.split_once(':') else {
        let text = format!("checksum must be given as \"type:value\"; got {checksum:?}");
        return Err(text);
    };
    if let Some(wrong) = digest.chars().find(|c| !c.is_ascii_hexdigit()) {
        let code = u32::from(wrong);
        let text = format!("invalid checksum: encoding/hex: invalid byte: U+{code:04X} '{wrong}'");
        return Err(text);
    }
    if digest.len() % 2 == 1 {
        return Err("invalid checksum: encoding/hex: odd length hex string".to_owned());
    }
    let length = match kind {
        "md5" => 32,
        "sha1" => 40,
        "sha256" => 64,
        "sha512" => 128,
        _ => return Err(format!("unsupported checksum type: {kind}")),
    };
    if digest.len() != length {
        return Err(format!("invalid {kind} checksum: {digest}"));
    }
    Ok(())
}

fn one_vault(vault: View<'_>, at: &str) -> Issues {
    let mut issues = Issues::default();
    match vault.text("ChangeMode") {
        "noop" | "restart" => {}
        "signal" => {
            if vault.text("ChangeSignal").is_empty() {
                let text = "Signal must be specified when using change mode \"signal\"";
                issues.add(format!("{at}.change_signal"), text);
            }
        }
        other => {
            let text = format!("Unknown change mode {other:?}");
            issues.add(format!("{at}.change_mode"), text);
        }
    }
    issues
}

fn csi_plugin(task: View<'_>, at: &str, issues: &mut Issues) {
    let Some(plugin) = task.object("CSIPluginConfig") else {
        return;
    };
    let at = format!("{at}.csi_plugin");
    if plugin.text("ID").is_empty() {
        let text = "CSIPluginConfig must have a non-empty PluginID";
        issues.add(format!("{at}.id"), text);
    }
    let kind = plugin.text("Type");
    if !matches!(kind, "node" | "controller" | "monolith") {
        let text = format!(
            "CSIPluginConfig PluginType must be one of 'node', 'controller', or 'monolith', got: \
             {kind:?}"
        );
        issues.add(format!("{at}.type"), text);
    }
}

fn is_word(text: &str, extra: &[char]) -> bool {
    let is_inner = |c: char| c.is_ascii_alphanumeric() || c == '_' || extra.contains(&c);
    (1..=128).contains(&text.len()) && text.chars().all(is_inner)
}

fn actions(task: View<'_>, at: &str, issues: &mut Issues) {
    let mut seen: Vec<&str> = Vec::new();
    for action in task.objects("Actions") {
        let name = action.text("Name");
        let at = format!("{at}.action.{name}");
        let mut own = Issues::default();
        if action.text("Command").is_empty() {
            own.add(format!("{at}.command"), "command cannot be empty");
        }
        if !is_word(name, &['-']) {
            own.add(at.clone(), format!("invalid name '{name}'"));
        }
        issues.nest(format!("Action {name} validation failed: "), own);
        if seen.contains(&name) {
            issues.add(at, format!("Action {name} defined multiple times"));
        }
        seen.push(name);
    }
}

fn secrets(task: View<'_>, at: &str, issues: &mut Issues) {
    let mut seen: Vec<&str> = Vec::new();
    for secret in task.objects("Secrets") {
        let (name, provider) = (secret.text("Name"), secret.text("Provider"));
        let at = format!("{at}.secret.{name}");
        if seen.contains(&name) {
            issues.add(at.clone(), format!("Duplicate secret {name:?} found"));
        }
        seen.push(name);
        if provider == "vault" && !task.has("Vault") {
            let text = format!("Secret {name:?} has provider \"vault\" but no vault block");
            issues.add(at.clone(), text);
        }
        issues.nest(
            format!("Secret {name:?} is invalid: "),
            one_secret(secret, name, provider, &at),
        );
    }
}

fn one_secret(secret: View<'_>, name: &str, provider: &str, at: &str) -> Issues {
    let mut issues = Issues::default();
    if !is_word(name, &[]) {
        let text = "secret name must match regex ^[a-zA-Z0-9_]{1,128}$";
        issues.add(at, text);
    }
    if provider.is_empty() {
        let text = "secret provider cannot be empty";
        issues.add(format!("{at}.provider"), text);
    }
    if secret.text("Path").is_empty() {
        issues.add(format!("{at}.path"), "secret path cannot be empty");
    }
    match provider {
        "nomad" | "vault" if secret.has("Env") => {
            let text = format!("{provider} provider cannot use the env block");
            issues.add(format!("{at}.env"), text);
        }
        "nomad" | "vault" | "" => {}
        custom if secret.has("Config") => {
            let text = format!("custom plugin provider {custom} cannot use the config block");
            issues.add(format!("{at}.config"), text);
        }
        _ => {}
    }
    issues
}
