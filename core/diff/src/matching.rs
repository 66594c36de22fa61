//! Which member of an old list is which member of a new one (spec: plan-diff 5).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::catalogue::Match;
use crate::flatten::at;
use crate::objects::Sides;

/// Pairs of members; one side is absent for what was added or removed.
pub(crate) fn pairs(by: Match, sides: Sides<'_>) -> Vec<Sides<'_>> {
    let (old, new) = (items(sides.0), items(sides.1));
    match by {
        Match::By(names) => by_key(&old, &new, |item| key(item, names)),
        Match::Whole => by_key(&old, &new, |item| vec![item.to_string()]),
        Match::Key => keyed(sides),
        Match::Place => {
            let length = old.len().max(new.len());
            let pair = |place| (old.get(place).copied(), new.get(place).copied());
            (0..length).map(pair).collect()
        }
        Match::Service => services(&old, &new),
        Match::Template => templates(&old, &new),
    }
}

fn items(list: Option<&Value>) -> Vec<&Value> {
    list.and_then(Value::as_array)
        .into_iter()
        .flatten()
        .collect()
}

fn text(item: &Value, name: &str) -> String {
    match at(item, name) {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    }
}

fn key(item: &Value, names: &[&str]) -> Vec<String> {
    names.iter().map(|name| text(item, name)).collect()
}

/// By key; of several with the same key the last one counts.
fn by_key<'a>(
    old: &[&'a Value],
    new: &[&'a Value],
    key: impl Fn(&Value) -> Vec<String>,
) -> Vec<Sides<'a>> {
    let mut pairs: BTreeMap<Vec<String>, Sides<'a>> = BTreeMap::new();
    for item in old {
        pairs.entry(key(item)).or_default().0 = Some(item);
    }
    for item in new {
        pairs.entry(key(item)).or_default().1 = Some(item);
    }
    pairs.into_values().collect()
}

fn keyed((old, new): Sides<'_>) -> Vec<Sides<'_>> {
    let mut pairs: BTreeMap<&str, Sides<'_>> = BTreeMap::new();
    for (key, item) in old.and_then(Value::as_object).into_iter().flatten() {
        pairs.entry(key).or_default().0 = Some(item);
    }
    for (key, item) in new.and_then(Value::as_object).into_iter().flatten() {
        pairs.entry(key).or_default().1 = Some(item);
    }
    pairs.into_values().collect()
}

fn services<'a>(old: &[&'a Value], new: &[&'a Value]) -> Vec<Sides<'a>> {
    if let ([old], [new]) = (old, new) {
        return vec![(Some(old), Some(new))];
    }
    let likeness = |(place, old): (usize, &Value), (other, new): (usize, &Value)| {
        let same = |name| text(old, name) == text(new, name);
        u8::from(place == other) + 2 * u8::from(same("PortLabel")) + 3 * u8::from(same("Name"))
    };
    pair_off(old, new, |old, new| {
        let score = likeness(old, new);
        (score >= 3).then_some(score)
    })
}

fn templates<'a>(old: &[&'a Value], new: &[&'a Value]) -> Vec<Sides<'a>> {
    if let ([old], [new]) = (old, new) {
        return vec![(Some(old), Some(new))];
    }
    pair_off(old, new, |(_, old), (_, new)| {
        (text(old, "DestPath") == text(new, "DestPath")).then_some(1)
    })
}

/// Gives each old member, in order, the best new one that is still free, the earliest of equals.
fn pair_off<'a>(
    old: &[&'a Value],
    new: &[&'a Value],
    score: impl Fn((usize, &Value), (usize, &Value)) -> Option<u8>,
) -> Vec<Sides<'a>> {
    let mut free: Vec<Option<&'a Value>> = new.iter().copied().map(Some).collect();
    let mut pairs: Vec<Sides<'a>> = Vec::new();
    for (place, item) in old.iter().enumerate() {
        let mut best: Option<(u8, usize)> = None;
        for (other, candidate) in free.iter().enumerate() {
            let Some(candidate) = candidate else { continue };
            let Some(score) = score((place, item), (other, candidate)) else {
                continue;
            };
            if best.is_none_or(|(highest, _)| score > highest) {
                best = Some((score, other));
            }
        }
        let found = best.and_then(|(_, other)| free[other].take());
        pairs.push((Some(item), found));
    }
    pairs.extend(free.into_iter().flatten().map(|item| (None, Some(item))));
    pairs
}
