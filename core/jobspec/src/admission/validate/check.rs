//! Rules about checks. Only the first rule that a check breaks is reported (spec: jobspec 15.8).

use yurt_model::Duration;

use crate::document::View;

/// The member that is wrong, and what is said about it.
type Complaint = (&'static str, String);

const ONE_SECOND: Duration = Duration::from_secs(1);

pub(super) fn is_on_update(name: &str) -> bool {
    matches!(name, "" | "require_healthy" | "ignore_warnings" | "ignore")
}

fn when(broken: bool, member: &'static str, text: &str) -> Result<(), Complaint> {
    if broken {
        return Err((member, text.to_owned()));
    }
    Ok(())
}

/// A check of a service that Nomad keeps.
pub(super) fn nomad(service: View<'_>, check: View<'_>) -> Result<(), Complaint> {
    kind(check, &["tcp", "http"])?;
    port(service, check)?;
    path(check)?;
    times(check)?;
    common(check)?;
    let only = |broken: bool, member: &'static str| {
        let text = format!("{member} may only be set for Consul service checks");
        when(broken, member, &text)
    };
    only(check.flag("Expose"), "expose")?;
    when(
        check.text("OnUpdate") == "ignore_warnings",
        "on_update",
        "on_update may only be set to ignore_warnings for Consul service checks",
    )?;
    when(
        restart_flag(check, "IgnoreWarnings"),
        "check_restart",
        "ignore_warnings on check_restart only supported for Consul service checks",
    )?;
    when(
        check.text("AddressMode") == "driver",
        "address_mode",
        "address_mode = driver may only be set for Consul service checks",
    )?;
    let method = check.text("Method");
    let methods = [
        "", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE",
    ];
    if check.text("Type") == "http" && !methods.contains(&&*method.to_ascii_uppercase()) {
        let text = format!("method type {method:?} not supported in Nomad http check");
        return Err(("method", text));
    }
    only(
        check.int("SuccessBeforePassing") != 0,
        "success_before_passing",
    )?;
    only(
        check.int("FailuresBeforeCritical") != 0,
        "failures_before_critical",
    )?;
    only(
        check.int("FailuresBeforeWarning") != 0,
        "failures_before_warning",
    )?;
    only(!check.text("TLSServerName").is_empty(), "tls_server_name")
}

/// A check of a service that Consul keeps.
pub(super) fn consul(service: View<'_>, check: View<'_>) -> Result<(), Complaint> {
    kind(check, &["grpc", "tcp", "http", "script"])?;
    port(service, check)?;
    path(check)?;
    when(
        check.text("Type") == "script" && check.text("Command").is_empty(),
        "command",
        "script type must have a valid script path",
    )?;
    times(check)?;
    common(check)?;
    let kind = check.text("Type");
    if check.int("SuccessBeforePassing") > 0 && kind == "script" {
        let text = format!("success_before_passing not supported for check of type {kind:?}");
        return Err(("success_before_passing", text));
    }
    when(
        check.text("Notes").len() > 255,
        "notes",
        "notes must not be longer than 255 characters",
    )?;
    when(
        kind == "tcp" && service.has("Connect"),
        "type",
        "tcp checks are not valid for Connect enabled services",
    )
}

fn kind(check: View<'_>, known: &[&str]) -> Result<(), Complaint> {
    let kind = check.text("Type");
    if known.contains(&kind) {
        return Ok(());
    }
    let text = format!(
        "invalid check type ({kind:?}), must be one of {}",
        known.join(", ")
    );
    Err(("type", text))
}

fn port(service: View<'_>, check: View<'_>) -> Result<(), Complaint> {
    let needs_port = check.text("Type") != "script";
    let has_port = [check, service]
        .iter()
        .any(|o| !o.text("PortLabel").is_empty());
    if needs_port && !has_port && !is_of_task(service) && !service.has("Connect") {
        let text = format!(
            "Check {} invalid: check requires a port but neither check nor service {:?} have a \
             port",
            check.text("Name"),
            service.text("Name")
        );
        return Err(("port", text));
    }
    Ok(())
}

/// Services of tasks have a rule of their own about ports.
fn is_of_task(service: View<'_>) -> bool {
    !service.text("TaskName").is_empty()
}

fn path(check: View<'_>) -> Result<(), Complaint> {
    if check.text("Type") != "http" {
        return Ok(());
    }
    let path = check.text("Path");
    when(path.is_empty(), "path", "http type must have http path")?;
    let is_absolute = path.contains("://") || path.starts_with("//");
    when(
        is_absolute,
        "path",
        "http type must have relative http path",
    )
}

fn times(check: View<'_>) -> Result<(), Complaint> {
    let interval = check.span("Interval");
    if interval == Duration::ZERO {
        let text = "missing required value interval. Interval cannot be less than 1s";
        return Err(("interval", text.to_owned()));
    }
    if interval < ONE_SECOND {
        let text = format!("interval ({interval}) cannot be lower than {ONE_SECOND}");
        return Err(("interval", text));
    }
    let timeout = check.span("Timeout");
    if timeout == Duration::ZERO {
        let text = "missing required value timeout. Timeout cannot be less than 1s";
        return Err(("timeout", text.to_owned()));
    }
    if timeout < ONE_SECOND {
        let text =
            format!("timeout ({timeout}) is lower than required minimum timeout {ONE_SECOND}");
        return Err(("timeout", text));
    }
    Ok(())
}

fn restart_flag(check: View<'_>, name: &str) -> bool {
    check.object("CheckRestart").is_some_and(|r| r.flag(name))
}

fn common(check: View<'_>) -> Result<(), Complaint> {
    let status = check.text("InitialStatus");
    if !matches!(status, "" | "passing" | "warning" | "critical") {
        let text = format!(
            "invalid initial check state ({status}), must be one of \"passing\", \"warning\", \
             \"critical\" or empty"
        );
        return Err(("initial_status", text));
    }
    match check.text("AddressMode") {
        "" | "host" | "driver" | "alloc" | "alloc_ipv6" => {}
        "auto" => {
            let text = "invalid address_mode \"auto\" - auto only valid for services";
            return Err(("address_mode", text.to_owned()));
        }
        other => return Err(("address_mode", format!("invalid address_mode {other:?}"))),
    }
    let on_update = check.text("OnUpdate");
    if !is_on_update(on_update) {
        let text = format!(
            "on_update must be \"require_healthy\", \"ignore_warnings\", or \"ignore\"; got \
             {on_update:?}"
        );
        return Err(("on_update", text));
    }
    let Some(restart) = check.object("CheckRestart") else {
        return Ok(());
    };
    let limit = restart.int("Limit");
    if limit < 0 {
        let text = format!("limit must be greater than or equal to 0 but found {limit}");
        return Err(("check_restart.limit", text));
    }
    let grace = restart.int("Grace");
    if grace < 0 {
        let text = format!("grace period must be greater than or equal to 0 but found {grace}");
        return Err(("check_restart.grace", text));
    }
    when(
        on_update == "ignore",
        "on_update",
        "on_update value \"ignore\" is not compatible with check_restart",
    )?;
    when(
        on_update == "ignore_warnings" && !restart.flag("IgnoreWarnings"),
        "on_update",
        "on_update value \"ignore_warnings\" not supported with check_restart ignore_warnings \
         value \"false\"",
    )
}
