//! The mark of an allocation: version is colour and shape, health is fill and icon, a canary is a
//! diamond, grey is terminal.

use yew::{Html, classes, html};
use yurt_workbench::view::{AllocationView, Health, VersionRole};

/// The mark itself; the button around it is the cluster's.
pub fn allocation_mark(allocation: &AllocationView) -> Html {
    let state = if allocation.terminal {
        "ended"
    } else if allocation.health == Health::Unhealthy {
        "unhealthy"
    } else if allocation.client_status == "pending" {
        "pending"
    } else if allocation.health == Health::Healthy {
        "healthy"
    } else if allocation.role == VersionRole::Stable {
        // Nobody decides about health where there is no deployment.
        "steady"
    } else {
        "undecided"
    };
    let stopping = (allocation.stopping && !allocation.terminal).then_some("stopping");
    html! {
        <svg class={classes!("mark", role_class(allocation.role), state, stopping)}
            viewBox="0 0 32 32" aria-hidden="true">
            { shape(allocation.role, allocation.canary) }
            <text x="16" y="16">{ allocation.name_index }</text>
            { badge(allocation, state) }
        </svg>
    }
}

/// The class that colours a version.
pub fn role_class(role: VersionRole) -> &'static str {
    match role {
        VersionRole::Stable => "stable",
        VersionRole::Newest => "newest",
        VersionRole::Other(0) => "other-0",
        VersionRole::Other(1) => "other-1",
        VersionRole::Other(2) => "other-2",
        VersionRole::Other(_) => "other-3",
    }
}

/// The outline of a version, or of a canary.
pub fn shape(role: VersionRole, canary: bool) -> Html {
    if canary {
        return html! { <path class="shape" d="M16 2 30 16 16 30 2 16z" /> };
    }
    match role {
        VersionRole::Stable => html! {
            <rect class="shape" x="4" y="4" width="24" height="24" rx="5" />
        },
        VersionRole::Newest => html! { <circle class="shape" cx="16" cy="16" r="13" /> },
        VersionRole::Other(0) => html! {
            <path class="shape" d="M9.5 4h13L29 16l-6.5 12h-13L3 16z" />
        },
        VersionRole::Other(1) => html! {
            <path class="shape" d="M4 4h24v14L16 29 4 18z" />
        },
        VersionRole::Other(2) => html! {
            <path class="shape" d="M16 2 29 12l-5 16H8L3 12z" />
        },
        VersionRole::Other(_) => html! {
            <path class="shape" d="M11 3h10l8 8v10l-8 8H11l-8-8V11z" />
        },
    }
}

fn badge(allocation: &AllocationView, state: &str) -> Html {
    let path = match state {
        "healthy" => "M23 26.2l2.2 2.2 4-4.6",
        "unhealthy" => "M23.5 23.5l5 5M28.5 23.5l-5 5",
        "ended" if allocation.failed => "M23.5 23.5l5 5M28.5 23.5l-5 5",
        _ => return Html::default(),
    };
    let bad = state != "healthy";
    html! {
        <g class={if bad { "badge bad" } else { "badge" }}>
            <circle cx="26" cy="26" r="6" />
            <path d={path} />
        </g>
    }
}
