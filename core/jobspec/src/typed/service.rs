//! Networks, services and checks.

use yurt_model::job::{Check, CheckRestart, NetworkRequest, PortRequest, Service};

use super::{name, names};
use crate::document::View;

pub(super) fn networks(owner: View<'_>) -> Vec<NetworkRequest> {
    let port = |port: View<'_>| PortRequest {
        label: name(port, "Label"),
        value: port.int("Value"),
        to: port.int("To"),
        host_network: name(port, "HostNetwork"),
        ignore_collision: port.flag("IgnoreCollision"),
    };
    owner
        .objects("Networks")
        .map(|network| NetworkRequest {
            mode: name(network, "Mode"),
            mbits: network.int("MBits"),
            reserved_ports: network.objects("ReservedPorts").map(port).collect(),
            dynamic_ports: network.objects("DynamicPorts").map(port).collect(),
        })
        .collect()
}

pub(super) fn services(owner: View<'_>) -> Vec<Service> {
    owner
        .objects("Services")
        .map(|service| Service {
            name: name(service, "Name"),
            provider: name(service, "Provider"),
            port_label: name(service, "PortLabel"),
            address_mode: name(service, "AddressMode"),
            tags: names(service, "Tags"),
            canary_tags: names(service, "CanaryTags"),
            task_name: name(service, "TaskName"),
            on_update: name(service, "OnUpdate"),
            checks: service.objects("Checks").map(check).collect(),
        })
        .collect()
}

fn check(check: View<'_>) -> Check {
    let restart = |restart: View<'_>| CheckRestart {
        limit: restart.int("Limit"),
        grace: restart.span("Grace"),
        ignore_warnings: restart.flag("IgnoreWarnings"),
    };
    Check {
        name: name(check, "Name"),
        kind: name(check, "Type"),
        path: name(check, "Path"),
        interval: check.span("Interval"),
        timeout: check.span("Timeout"),
        task_name: name(check, "TaskName"),
        on_update: name(check, "OnUpdate"),
        check_restart: check.object("CheckRestart").map(restart),
        success_before_passing: check.int("SuccessBeforePassing"),
        failures_before_critical: check.int("FailuresBeforeCritical"),
        failures_before_warning: check.int("FailuresBeforeWarning"),
    }
}
