//! Where the nodes and allocations of a large cluster stand: cells of one width, in rows as high as
//! their fullest node.

/// The side of an allocation's mark, in pixels.
pub const MARK: i32 = 8;

/// From mark to mark.
const STEP: i32 = 10;

/// Inside a cell.
const PAD: i32 = 4;

/// Between cells.
const GAP: i32 = 4;

/// Fewest marks beside each other in a cell.
const ACROSS_MIN: usize = 4;

/// Most marks beside each other in a cell.
const ACROSS_MAX: usize = 16;

/// A node, or one of its allocations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The node, by its place in the list.
    pub node: usize,
    /// The allocation, by its place on the node; `None` for the node itself.
    pub allocation: Option<usize>,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Box {
    /// The left edge.
    pub x: i32,
    /// The upper edge.
    pub y: i32,
    /// The width.
    pub width: i32,
    /// The height.
    pub height: i32,
}

/// Where everything stands.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Layout {
    /// How many allocations each node shows.
    counts: Vec<usize>,
    across: usize,
    columns: usize,
    cell_width: i32,
    /// The upper edge and the height of each row.
    rows: Vec<(i32, i32)>,
}

impl Layout {
    /// The layout of nodes with so many allocations each, in so much width.
    pub fn new(counts: Vec<usize>, width: i32) -> Self {
        let fullest = counts.iter().copied().max().unwrap_or(0);
        // Twice as wide as high.
        let across = (1..=ACROSS_MAX).find(|n| n * n >= fullest * 2);
        let across = across.unwrap_or(ACROSS_MAX).max(ACROSS_MIN);
        let mut layout = Self {
            counts,
            across,
            ..Self::default()
        };
        let narrowest = across as i32 * STEP - (STEP - MARK) + 2 * PAD;
        let columns = ((width + GAP) / (narrowest + GAP)).max(1);
        layout.columns = columns as usize;
        // They share what is left.
        layout.cell_width = ((width + GAP) / columns - GAP).max(narrowest);
        let mut y = GAP;
        for row in layout.counts.chunks(layout.columns) {
            let most = row.iter().copied().max().unwrap_or(0);
            let height = most.div_ceil(across).max(1) as i32 * STEP - (STEP - MARK) + 2 * PAD;
            layout.rows.push((y, height));
            y += height + GAP;
        }
        layout
    }

    /// The height of all rows.
    pub fn height(&self) -> i32 {
        self.rows.last().map_or(0, |(y, height)| y + height + GAP)
    }

    /// The nodes that are to be seen between two heights.
    pub fn visible(&self, top: i32, bottom: i32) -> std::ops::Range<usize> {
        let first = self.rows.partition_point(|(y, height)| y + height < top);
        let end = self.rows.partition_point(|(y, _)| *y <= bottom);
        let end = (end * self.columns).min(self.counts.len());
        (first * self.columns).min(end)..end
    }

    /// Where a place is.
    pub fn rect(&self, place: Place) -> Box {
        let (row, column) = (place.node / self.columns, place.node % self.columns);
        let (y, height) = self.rows.get(row).copied().unwrap_or_default();
        let x = column as i32 * (self.cell_width + GAP);
        match place.allocation {
            None => Box {
                x,
                y,
                width: self.cell_width,
                height,
            },
            Some(at) => Box {
                x: x + PAD + (at % self.across) as i32 * STEP,
                y: y + PAD + (at / self.across) as i32 * STEP,
                width: MARK,
                height: MARK,
            },
        }
    }

    /// What is at a point.
    pub fn at(&self, x: i32, y: i32) -> Option<Place> {
        let row = self
            .rows
            .partition_point(|(top, _)| *top <= y)
            .checked_sub(1)?;
        let column = (x.max(0) / (self.cell_width + GAP)) as usize;
        let node = row * self.columns + column;
        let count = *self.counts.get(node).filter(|_| column < self.columns)?;
        let inside = |rect: Box, room: i32| {
            (rect.x - room..=rect.x + rect.width + room).contains(&x)
                && (rect.y - room..=rect.y + rect.height + room).contains(&y)
        };
        let whole = Place {
            node,
            allocation: None,
        };
        let spot = |at| Place {
            node,
            allocation: Some(at),
        };
        let marks = (0..count).map(spot);
        let mark = marks.into_iter().find(|mark| inside(self.rect(*mark), 1));
        mark.or_else(|| inside(self.rect(whole), 0).then_some(whole))
    }

    /// Where a key leads from a place: left and right through nodes and their allocations, up and
    /// down from node to node.
    pub fn step(&self, from: Place, key: &str) -> Option<Place> {
        let last = self.counts.len().checked_sub(1)?;
        let node = |node: usize| Place {
            node: node.min(last),
            allocation: None,
        };
        let count = self.counts.get(from.node).copied().unwrap_or(0);
        let next = match (key, from.allocation) {
            ("ArrowRight", None) if count > 0 => Place {
                allocation: Some(0),
                ..from
            },
            ("ArrowRight", Some(at)) if at + 1 < count => Place {
                allocation: Some(at + 1),
                ..from
            },
            ("ArrowRight", _) => node(from.node + 1),
            ("ArrowLeft", Some(0)) => node(from.node),
            ("ArrowLeft", Some(at)) => Place {
                allocation: Some(at - 1),
                ..from
            },
            ("ArrowLeft", None) => node(from.node.saturating_sub(1)),
            ("ArrowDown", _) => node(from.node + self.columns),
            ("ArrowUp", _) => node(from.node.saturating_sub(self.columns)),
            ("PageDown", _) => node(from.node + self.columns * 10),
            ("PageUp", _) => node(from.node.saturating_sub(self.columns * 10)),
            ("Home", _) => node(0),
            ("End", _) => node(last),
            _ => return None,
        };
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn node(node: usize) -> Place {
        Place {
            node,
            allocation: None,
        }
    }

    fn allocation(node: usize, at: usize) -> Place {
        Place {
            node,
            allocation: Some(at),
        }
    }

    #[wasm_bindgen_test]
    fn every_place_is_found_where_it_is() {
        for (nodes, each, width) in [(7, 5, 200), (300, 1, 870), (5, 240, 870), (1, 0, 10)] {
            let layout = Layout::new(vec![each; nodes], width);
            for at in 0..nodes {
                for mark in 0..each {
                    let rect = layout.rect(allocation(at, mark));
                    let found = layout.at(rect.x + 4, rect.y + 4);
                    assert_eq!(found, Some(allocation(at, mark)), "{nodes} {each} {width}");
                }
                let rect = layout.rect(node(at));
                assert_eq!(layout.at(rect.x + 1, rect.y + 1), Some(node(at)));
                let seen = layout.visible(rect.y, rect.y + 1);
                assert!(seen.contains(&at), "{seen:?}");
            }
            assert_eq!(layout.at(5, layout.height() + 50), None);
            assert_eq!(layout.visible(0, layout.height()), 0..nodes);
        }
    }

    #[wasm_bindgen_test]
    fn keys_reach_everything() {
        let layout = Layout::new(vec![2, 0, 1, 3], 104);
        let mut place = node(0);
        let mut seen = vec![place];
        for _ in 0..9 {
            place = layout.step(place, "ArrowRight").unwrap();
            seen.push(place);
        }
        assert_eq!(seen.len(), 10);
        assert_eq!(place, allocation(3, 2));
        for _ in 0..3 {
            place = layout.step(place, "ArrowLeft").unwrap();
        }
        assert_eq!(place, node(3));
        assert_eq!(layout.step(node(0), "ArrowDown"), Some(node(2)));
        assert_eq!(layout.step(allocation(3, 1), "ArrowUp"), Some(node(1)));
        assert_eq!(layout.step(node(1), "End"), Some(node(3)));
        assert_eq!(layout.step(node(1), "x"), None);
        assert_eq!(Layout::new(Vec::new(), 100).step(node(0), "End"), None);
    }
}
