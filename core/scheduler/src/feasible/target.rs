//! What constraints and affinities look at (spec: scheduling 7.4).

use std::borrow::Cow;

use yurt_model::{Name, Node};

/// One side of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A text as it stands.
    Literal(Name),
    /// The node's id.
    NodeId,
    /// The node's name.
    NodeName,
    /// The node's datacenter.
    Datacenter,
    /// The node's class, perhaps empty.
    Class,
    /// The node's pool.
    Pool,
    /// An attribute of that key.
    Attribute(Name),
    /// A meta value of that key.
    Meta(Name),
    /// Something that no node has.
    Nothing,
}

impl Target {
    /// Reads one side; the whole text must be one target, or it is nothing.
    pub(crate) fn parse(text: &str) -> Self {
        if !text.starts_with("${") {
            return Self::Literal(text.into());
        }
        let inner = text[2..].strip_suffix('}').unwrap_or(&text[2..]);
        match inner {
            "node.unique.id" => Self::NodeId,
            "node.unique.name" => Self::NodeName,
            "node.datacenter" => Self::Datacenter,
            "node.class" => Self::Class,
            "node.pool" => Self::Pool,
            _ => match inner.split_once('.') {
                Some(("attr", key)) => Self::Attribute(key.into()),
                Some(("meta", key)) => Self::Meta(key.into()),
                _ => Self::Nothing,
            },
        }
    }

    /// Whether nodes of one class may have different values.
    pub(crate) fn is_unique(&self) -> bool {
        match self {
            Self::NodeId | Self::NodeName => true,
            Self::Attribute(key) | Self::Meta(key) => key.starts_with("unique."),
            _ => false,
        }
    }

    /// The value on a node, if there is one.
    pub(crate) fn resolve<'n>(&'n self, node: &'n Node) -> Option<Cow<'n, str>> {
        let text = |name: &'n Name| Some(Cow::Borrowed(&**name));
        match self {
            Self::Literal(value) => text(value),
            Self::NodeId => Some(Cow::Owned(node.id.to_string())),
            Self::NodeName => text(&node.name),
            Self::Datacenter => text(&node.datacenter),
            Self::Class => text(&node.node_class),
            Self::Pool => text(&node.node_pool),
            Self::Attribute(key) => node.attributes.get(key).and_then(text),
            Self::Meta(key) => node.meta.get(key).and_then(text),
            Self::Nothing => None,
        }
    }
}

/// Whether a side tells single nodes apart, so that no verdict holds for a whole class of nodes
/// (spec: scheduling 5.2).
pub(crate) fn escapes(text: &str) -> bool {
    [
        "${unique.",
        "${node.unique.",
        "${attr.unique.",
        "${meta.unique.",
    ]
    .iter()
    .any(|prefix| text.starts_with(prefix))
}
