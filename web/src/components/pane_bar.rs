//! The bar at the bottom of a narrow screen: one pane at a time.

use yew::{Callback, Html, html};

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

/// The bar at the bottom. With `waiting` the deployment waits for a person: the cluster's button is
/// marked.
pub fn pane_bar(shown: Pane, waiting: bool, on_pane: &Callback<Pane>) -> Html {
    html! {
        <nav class="pane-bar" aria-label="Panes">
            { for Pane::ALL.iter().map(|pane| {
                let (label, icon) = pane.label();
                let (target, on_pane) = (*pane, on_pane.clone());
                let onclick = Callback::from(move |_| on_pane.emit(target));
                html! {
                    <button type="button" {onclick}
                        aria-current={(*pane == shown).then_some("page")}>
                        { icon.view() }
                        <span>{ label }</span>
                        if *pane == Pane::Cluster && waiting {
                            <span class="waiting-dot"></span>
                        }
                    </button>
                }
            }) }
        </nav>
    }
}
