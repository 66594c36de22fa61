//! The bar at the bottom of a narrow screen: one pane at a time.

use yew::{Callback, Html, Properties, component, html};

use crate::ui::Icon;

/// What a narrow screen shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// The file and its plan.
    Edit,
    /// The cluster and the deployment.
    Cluster,
    /// The terminal.
    Terminal,
    /// Everything else.
    More,
}

impl Pane {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Edit, Self::Cluster, Self::Terminal, Self::More];

    /// Its name in classes.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::Cluster => "cluster",
            Self::Terminal => "terminal",
            Self::More => "more",
        }
    }

    const fn label(self) -> (&'static str, Icon) {
        match self {
            Self::Edit => ("Edit", Icon::Edit),
            Self::Cluster => ("Cluster", Icon::Cluster),
            Self::Terminal => ("Terminal", Icon::Terminal),
            Self::More => ("More", Icon::More),
        }
    }
}

/// The properties.
#[derive(Clone, PartialEq, Properties)]
pub struct PaneBarProps {
    /// The pane that is shown.
    pub pane: Pane,
    /// The deployment waits for a person: the cluster's button is marked.
    pub waiting: bool,
    /// Another one is wanted.
    pub on_pane: Callback<Pane>,
}

/// The bar at the bottom.
#[component]
pub fn PaneBar(props: &PaneBarProps) -> Html {
    html! {
        <nav class="pane-bar" aria-label="Panes">
            { for Pane::ALL.iter().map(|pane| {
                let (label, icon) = pane.label();
                let (target, on_pane) = (*pane, props.on_pane.clone());
                let onclick = Callback::from(move |_| on_pane.emit(target));
                html! {
                    <button type="button" {onclick}
                        aria-current={(*pane == props.pane).then_some("page")}>
                        { icon.view() }
                        <span>{ label }</span>
                        if *pane == Pane::Cluster && props.waiting {
                            <span class="waiting-dot"></span>
                        }
                    </button>
                }
            }) }
        </nav>
    }
}
