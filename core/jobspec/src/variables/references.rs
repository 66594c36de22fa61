//! Which names an expression refers to, and the order in which locals that refer to each other are
//! best evaluated. Imports `syntax`.

use std::collections::{BTreeMap, BTreeSet};
use yurt_model::Gather;

use crate::diagnostics::Range;
use crate::syntax::tree::*;

/// A reference: its root, where the root stands, and the steps behind it.
pub(super) type Reference<'t> = (&'t str, Range, &'t [Step]);

/// All references in an expression, but for those to names that a `for` around them binds.
pub(super) fn collect_references<'t>(
    expression: &'t Expression,
    bound: &mut Vec<&'t str>,
    found: &mut Vec<Reference<'t>>,
) {
    match &expression.kind {
        ExpressionKind::Reference {
            root,
            root_range,
            steps,
        } if !bound.contains(&root.as_str()) => found.push((root, *root_range, steps)),
        ExpressionKind::For(inner) => {
            collect_references(&inner.collection, bound, found);
            within(inner, bound, |bound| {
                let content = &inner.content;
                let parts = content.key.iter().chain(&content.condition);
                for part in parts.chain([&content.value]) {
                    collect_references(part, bound, found);
                }
            });
        }
        ExpressionKind::Template(parts) => collect_parts(parts, bound, found),
        _ => expression.for_each_child(&mut |child| collect_references(child, bound, found)),
    }
}

fn collect_parts<'t>(parts: &'t [Part], bound: &mut Vec<&'t str>, found: &mut Vec<Reference<'t>>) {
    for part in parts {
        match part {
            Part::Literal(..) => {}
            Part::Interpolation(inner) => collect_references(inner, bound, found),
            Part::If { condition, yes, no } => {
                collect_references(condition, bound, found);
                collect_parts(yes, bound, found);
                collect_parts(no, bound, found);
            }
            Part::For(inner) => {
                collect_references(&inner.collection, bound, found);
                within(inner, bound, |bound| {
                    collect_parts(&inner.content, bound, found)
                });
            }
        }
    }
}

/// Does something while the names of a `for` are bound.
fn within<'t, T>(
    inner: &'t For<T>,
    bound: &mut Vec<&'t str>,
    work: impl FnOnce(&mut Vec<&'t str>),
) {
    let before = bound.len();
    bound.extend(inner.key_name.as_deref());
    bound.push(&inner.value_name);
    work(bound);
    bound.truncate(before);
}

/// The locals, each behind those that it cannot do without, else in the order given; those that
/// wait for each other in a circle, or for those that do, come last.
pub(super) fn in_order<'t>(locals: &[&'t Attribute]) -> Vec<&'t Attribute> {
    let places = locals.iter().enumerate();
    let places: BTreeMap<&str, usize> = places.map(|(at, each)| (each.name.as_str(), at)).gather();
    let mut waits_for = vec![0; locals.len()];
    let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); locals.len()];
    for (at, local) in locals.iter().enumerate() {
        let needs = needs(local, &places);
        waits_for[at] = needs.len();
        needs.into_iter().for_each(|need| needed_by[need].push(at));
    }
    let free = (0..locals.len()).filter(|at| waits_for[*at] == 0);
    let mut ready: BTreeSet<usize> = free.gather();
    let mut ordered = Vec::with_capacity(locals.len());
    while let Some(at) = ready.pop_first() {
        ordered.push(locals[at]);
        for &next in &needed_by[at] {
            waits_for[next] -= 1;
            if waits_for[next] == 0 {
                ready.insert(next);
            }
        }
    }
    let stuck = (0..locals.len()).filter(|at| waits_for[*at] > 0);
    ordered.extend(stuck.map(|at| locals[at]));
    ordered
}

/// The locals that an expression cannot be evaluated without. Whatever may do without, by `try`,
/// `can` or a choice, keeps its place.
fn needs(local: &Attribute, places: &BTreeMap<&str, usize>) -> Vec<usize> {
    if may_do_without(&local.expression) {
        return Vec::new();
    }
    let mut found = Vec::new();
    collect_references(&local.expression, &mut Vec::new(), &mut found);
    let locals = found.into_iter().filter(|(root, ..)| *root == "local");
    let names = locals.filter_map(|(_, _, steps)| match &steps.first()?.key {
        StepKey::Attribute(name) => places.get(name.as_str()).copied(),
        _ => None,
    });
    names.collect()
}

fn may_do_without(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::Call { name, .. } if matches!(name.as_str(), "try" | "can") => true,
        ExpressionKind::Conditional { .. } => true,
        _ => {
            let mut found = false;
            expression.for_each_child(&mut |child| found |= may_do_without(child));
            found
        }
    }
}
