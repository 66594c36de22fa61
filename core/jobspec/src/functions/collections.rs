//! Functions on lists, sets, maps and objects.

use yurt_model::{Gather, InOrder};

use super::{
    Call, Failure, Function, Kind, Parameter, failed, function, nullable, parameter, size,
    unsuitable,
};
use crate::expression::{SIZE_MAX, Type, Value, convert, unify};
use std::collections::{BTreeMap, BTreeSet};

const LIST: Parameter = parameter("list", Kind::Any);

pub(super) static TABLE: &[Function] = &[
    function(
        "length",
        &[parameter("collection", Kind::Any)],
        None,
        "How many items a list or map has; texts and object literals are refused.",
        length,
    ),
    function(
        "keys",
        &[parameter("inputMap", Kind::Any)],
        None,
        "The keys in order.",
        |call| match call.value(0).members() {
            Some(members) => Ok(Value::strings(members.keys().map(String::as_str))),
            None => unsuitable(0, "inputMap", "must be a map or object"),
        },
    ),
    function(
        "values",
        &[parameter("mapping", Kind::Any)],
        None,
        "The values in the order of their keys.",
        |call| match call.value(0) {
            Value::Map(members, inner) => Ok(Value::List(
                members.values().cloned().collect(),
                inner.clone(),
            )),
            Value::Object(members) => Ok(Value::Tuple(members.values().cloned().collect())),
            _ => unsuitable(0, "mapping", "requires a map or object"),
        },
    ),
    function(
        "lookup",
        &[
            parameter("inputMap", Kind::Any),
            parameter("key", Kind::String),
            nullable("default", Kind::Any),
        ],
        None,
        "The value of a key, or a default.",
        lookup,
    ),
    function(
        "merge",
        &[],
        Some(nullable("maps", Kind::Any)),
        "One map with the members of all; later ones win.",
        merge,
    ),
    function(
        "concat",
        &[],
        Some(parameter("seqs", Kind::Any)),
        "One list with the items of all.",
        concatenate,
    ),
    function(
        "flatten",
        &[LIST],
        None,
        "The items of a list and of all lists in it.",
        |call| {
            let mut items = Vec::new();
            match call.value(0).items() {
                Some(inner) => inner.iter().for_each(|item| flatten_into(item, &mut items)),
                None => return unsuitable(0, "list", "can only flatten lists, sets and tuples"),
            }
            Ok(Value::Tuple(items))
        },
    ),
    function(
        "distinct",
        &[LIST],
        None,
        "The items, each once, in the order of first sight.",
        |call| {
            let (mut items, inner) = list(call, 0, "list")?;
            let mut seen = BTreeSet::new();
            items.retain(|item| seen.insert(item.order_key()));
            Ok(Value::List(items, inner))
        },
    ),
    function(
        "compact",
        &[parameter("list", Kind::StringList)],
        None,
        "The texts that are not empty.",
        |call| {
            let items = call.value(0).items().unwrap_or_default().iter();
            let kept =
                items.filter(|item| !matches!(item, Value::Null) && **item != Value::string(""));
            Ok(Value::List(kept.cloned().collect(), Box::new(Type::String)))
        },
    ),
    function(
        "chunklist",
        &[LIST, parameter("size", Kind::Number)],
        None,
        "The items in lists of a size.",
        chunk,
    ),
    function(
        "slice",
        &[
            LIST,
            parameter("start_index", Kind::Number),
            parameter("end_index", Kind::Number),
        ],
        None,
        "The items from one index up to another.",
        slice,
    ),
    function(
        "sort",
        &[parameter("list", Kind::StringList)],
        None,
        "The texts in order.",
        |call| {
            let mut items = call.value(0).items().unwrap_or_default().to_vec();
            if items.contains(&Value::Null) {
                return unsuitable(
                    0,
                    "list",
                    "given list element is null; a null string cannot be sorted",
                );
            }
            items.put_in_order_by(|a, b| match (a, b) {
                (Value::String(a), Value::String(b)) => a.cmp(b),
                _ => std::cmp::Ordering::Equal,
            });
            Ok(Value::List(items, Box::new(Type::String)))
        },
    ),
    function(
        "range",
        &[],
        Some(parameter("params", Kind::Number)),
        "Numbers from a start up to a limit by a step.",
        range,
    ),
    function(
        "contains",
        &[LIST, nullable("value", Kind::Any)],
        None,
        "Whether the list has the value.",
        |call| match call.value(0).items() {
            Some(items) => Ok(Value::Boolean(items.contains(call.value(1)))),
            None => failed("argument must be list, tuple, or set"),
        },
    ),
    function(
        "element",
        &[LIST, parameter("index", Kind::Number)],
        None,
        "The item at an index, starting over after the last.",
        element,
    ),
    function(
        "index",
        &[
            parameter("collection", Kind::Any),
            parameter("key", Kind::Any),
        ],
        None,
        "The item at an index or key; it does not search.",
        index,
    ),
    function(
        "coalesce",
        &[],
        Some(nullable("vals", Kind::Any)),
        "The first value that is not null.",
        coalesce,
    ),
    function(
        "coalescelist",
        &[],
        Some(nullable("vals", Kind::Any)),
        "The first list that is not empty.",
        |call| {
            let found = call
                .arguments
                .iter()
                .find(|each| each.items().is_some_and(|items| !items.is_empty()));
            found.map_or_else(|| failed("no non-null arguments"), |each| Ok(each.clone()))
        },
    ),
    function(
        "setunion",
        &[parameter("first_set", Kind::Any)],
        Some(parameter("other_sets", Kind::Any)),
        "The values that any set has.",
        |call| {
            let (sets, inner) = sets(call)?;
            Ok(Value::set(sets.into_iter().flatten().collect(), inner))
        },
    ),
    function(
        "setintersection",
        &[parameter("first_set", Kind::Any)],
        Some(parameter("other_sets", Kind::Any)),
        "The values that every set has.",
        |call| {
            let (sets, inner) = sets(call)?;
            let (first, others) = sets.split_first().expect("one argument is required");
            let keys = |set: &Vec<Value>| set.iter().map(Value::order_key).gather();
            let others: Vec<BTreeSet<_>> = others.iter().map(keys).collect();
            let kept = first.iter().filter(|each| {
                let key = each.order_key();
                others.iter().all(|set| set.contains(&key))
            });
            Ok(Value::set(kept.cloned().collect(), inner))
        },
    ),
    function(
        "setproduct",
        &[],
        Some(parameter("sets", Kind::Any)),
        "Every combination of one item of each.",
        product,
    ),
    function(
        "zipmap",
        &[
            parameter("keys", Kind::StringList),
            parameter("values", Kind::Any),
        ],
        None,
        "A map from a list of keys and a list of values.",
        zip,
    ),
];

/// The items of a list argument, brought to one type.
fn list(call: &Call<'_>, at: usize, name: &str) -> Result<(Vec<Value>, Box<Type>), Failure> {
    match call.value(at) {
        Value::List(items, inner) | Value::Set(items, inner) => Ok((items.clone(), inner.clone())),
        Value::Tuple(items) => {
            let Some(inner) = unify(items.iter().map(Value::value_type)) else {
                return unsuitable(at, name, "all list elements must have the same type");
            };
            let converted = items.iter().map(|item| convert(item, &inner));
            match converted.collect() {
                Ok(items) => Ok((items, Box::new(inner))),
                Err(reason) => unsuitable(at, name, reason),
            }
        }
        other => {
            let reason = format!(
                "list of any single type required, but have {}",
                other.value_type().name()
            );
            unsuitable(at, name, reason)
        }
    }
}

fn length(call: &Call<'_>) -> Result<Value, Failure> {
    let count = match call.value(0) {
        Value::List(items, _) | Value::Set(items, _) | Value::Tuple(items) => items.len(),
        Value::Map(members, _) => members.len(),
        _ => return failed("collection must be a list, a map or a tuple"),
    };
    Ok(Value::integer(count as i64))
}

fn lookup(call: &Call<'_>) -> Result<Value, Failure> {
    match call.value(0).members() {
        Some(members) => Ok(members.get(call.text(1)).unwrap_or(call.value(2)).clone()),
        None => failed("lookup() requires a map as the first argument"),
    }
}

fn merge(call: &Call<'_>) -> Result<Value, Failure> {
    let mut merged = BTreeMap::new();
    let mut maps = true;
    for argument in call.arguments {
        match argument {
            Value::Null => continue,
            Value::Map(..) => {}
            Value::Object(_) => maps = false,
            other => {
                let kind = other.value_type().name();
                return failed(format!("arguments must be maps or objects, got {kind}"));
            }
        }
        let members = argument.members().into_iter().flatten();
        merged.extend(members.map(|(name, value)| (name.clone(), value.clone())));
    }
    let inner = unify(merged.values().map(Value::value_type)).filter(|_| maps);
    Ok(match inner {
        Some(inner) if !call.arguments.is_empty() => Value::Map(merged, Box::new(inner)),
        _ => Value::Object(merged),
    })
}

fn concatenate(call: &Call<'_>) -> Result<Value, Failure> {
    if call.arguments.is_empty() {
        return failed("at least one argument is required");
    }
    let mut all = Vec::new();
    let mut inner_types = Vec::new();
    let mut lists = true;
    for (at, argument) in call.arguments.iter().enumerate() {
        match argument {
            Value::List(items, inner) => {
                inner_types.push((**inner).clone());
                all.extend(items.iter().cloned());
            }
            Value::Tuple(items) => {
                lists = false;
                all.extend(items.iter().cloned());
            }
            _ => return unsuitable(at, "seqs", "all arguments must be lists or tuples"),
        }
    }
    match unify(inner_types).filter(|_| lists) {
        Some(inner) => Ok(Value::List(all, Box::new(inner))),
        None => Ok(Value::Tuple(all)),
    }
}

fn flatten_into(value: &Value, items: &mut Vec<Value>) {
    match value.items() {
        Some(inner) => inner.iter().for_each(|item| flatten_into(item, items)),
        None => items.push(value.clone()),
    }
}

fn chunk(call: &Call<'_>) -> Result<Value, Failure> {
    let (items, inner) = list(call, 0, "list")?;
    let size = call.whole(1, "size")?;
    if size < 0 {
        return unsuitable(1, "size", "the size argument must be positive");
    }
    let size = if size == 0 {
        items.len().max(1)
    } else {
        size as usize
    };
    let chunks = items
        .chunks(size)
        .map(|chunk| Value::List(chunk.to_vec(), inner.clone()));
    Ok(Value::List(chunks.collect(), Box::new(Type::List(inner))))
}

fn slice(call: &Call<'_>) -> Result<Value, Failure> {
    let (items, inner) = match call.value(0) {
        Value::List(items, inner) => (items, Some(inner)),
        Value::Tuple(items) => (items, None),
        _ => return unsuitable(0, "list", "must be a list or tuple value"),
    };
    let (start, end) = (call.whole(1, "start_index")?, call.whole(2, "end_index")?);
    if start < 0 {
        return unsuitable(1, "start_index", "start index must not be less than zero");
    }
    if start > items.len() as i64 {
        let reason = "start index must not be greater than the length of the list";
        return unsuitable(1, "start_index", reason);
    }
    if end > items.len() as i64 {
        let reason = "end index must not be greater than the length of the list";
        return unsuitable(2, "end_index", reason);
    }
    if start > end {
        return unsuitable(
            1,
            "start_index",
            "start index must not be greater than end index",
        );
    }
    let kept = items[start as usize..end as usize].to_vec();
    Ok(match inner {
        Some(inner) => Value::List(kept, inner.clone()),
        None => Value::Tuple(kept),
    })
}

fn range(call: &Call<'_>) -> Result<Value, Failure> {
    let zero = || 0.into();
    let (start, end, step) = match call.arguments.len() {
        1 => (zero(), call.number(0), None),
        2 => (call.number(0), call.number(1), None),
        3 => (call.number(0), call.number(1), Some(call.number(2))),
        _ => return failed("must have one, two, or three arguments"),
    };
    let down = end < start;
    let step = step.unwrap_or_else(|| if down { (-1).into() } else { 1.into() });
    if step.is_zero() {
        return unsuitable(2, "params", "step must not be zero");
    }
    if down != step.is_negative() && start != end {
        let which = if down { "less" } else { "greater" };
        let sign = if down { "negative" } else { "positive" };
        return unsuitable(
            2,
            "params",
            format!("when end is {which} than start, step must be {sign}"),
        );
    }
    let mut numbers = Vec::new();
    let mut next = start;
    while if down { next > end } else { next < end } {
        if numbers.len() >= 1024 {
            return failed(
                "more than 1024 values were generated; either decrease the difference between \
                 start and end or use a smaller step",
            );
        }
        numbers.push(Value::Number(next.clone()));
        let Some(sum) = next.checked_add(&step) else {
            break;
        };
        next = sum;
    }
    Ok(Value::List(numbers, Box::new(Type::Number)))
}

fn element(call: &Call<'_>) -> Result<Value, Failure> {
    let (Value::List(items, _) | Value::Tuple(items)) = call.value(0) else {
        return failed("cannot read elements from this value; a list or tuple is required");
    };
    let index = call.whole(1, "index")?;
    if items.is_empty() {
        return failed("cannot use element function with an empty list");
    }
    if index < 0 {
        return failed("cannot use element function with a negative index");
    }
    Ok(items[(index as u64 % items.len() as u64) as usize].clone())
}

fn index(call: &Call<'_>) -> Result<Value, Failure> {
    let found = match call.value(0) {
        Value::List(items, _) | Value::Tuple(items) => {
            match convert(call.value(1), &Type::Number) {
                Ok(Value::Number(number)) => number
                    .to_i64()
                    .and_then(|index| usize::try_from(index).ok())
                    .and_then(|index| items.get(index)),
                _ => return unsuitable(1, "key", "key for list must be number"),
            }
        }
        Value::Map(members, _) => match convert(call.value(1), &Type::String) {
            Ok(Value::String(name)) => members.get(&name),
            _ => return unsuitable(1, "key", "key for map must be string"),
        },
        _ => return failed("collection must be a list, a map or a tuple"),
    };
    found.map_or_else(|| failed("invalid index"), |found| Ok(found.clone()))
}

fn coalesce(call: &Call<'_>) -> Result<Value, Failure> {
    let Some(common) = unify(call.arguments.iter().map(Value::value_type)) else {
        return failed("all arguments must have the same type");
    };
    match call.arguments.iter().find(|each| **each != Value::Null) {
        Some(found) => Ok(convert(found, &common).unwrap_or_else(|_| found.clone())),
        None => failed("no non-null arguments"),
    }
}

fn sets(call: &Call<'_>) -> Result<(Vec<Vec<Value>>, Type), Failure> {
    let mut sets = Vec::new();
    let mut types = Vec::new();
    for at in 0..call.arguments.len() {
        let name = if at == 0 { "first_set" } else { "other_sets" };
        let (items, inner) = list(call, at, name)?;
        sets.push(items);
        types.push(*inner);
    }
    let Some(inner) = unify(types) else {
        return failed("given sets must all have compatible element types");
    };
    for set in &mut sets {
        for item in set {
            *item = convert(item, &inner).unwrap_or_else(|_| item.clone());
        }
    }
    Ok((sets, inner))
}

/// Most combinations that `setproduct` makes.
pub const COMBINATIONS_MAX: usize = 10_000;

/// Every item of a set stands in as many combinations as the other sets have.
fn product_within_bounds(call: &Call<'_>) -> Result<(), Failure> {
    let sets: Vec<&[Value]> = call.arguments.iter().filter_map(Value::items).collect();
    let lengths = sets.iter().map(|items| items.len());
    let combinations = lengths.fold(1, usize::saturating_mul);
    if combinations > COMBINATIONS_MAX {
        return failed(format!(
            "there would be more than {COMBINATIONS_MAX} combinations"
        ));
    }
    let bytes = sets.iter().map(|items| {
        let own: usize = items.iter().map(size).sum();
        own.saturating_mul(combinations / items.len().max(1))
    });
    match bytes.fold(0, usize::saturating_add) <= SIZE_MAX {
        true => Ok(()),
        false => failed(format!("the combinations would exceed {SIZE_MAX} bytes")),
    }
}

fn product(call: &Call<'_>) -> Result<Value, Failure> {
    if call.arguments.len() < 2 {
        return failed("at least two arguments are required");
    }
    product_within_bounds(call)?;
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    let mut set = false;
    for (at, argument) in call.arguments.iter().enumerate() {
        let Some(items) = argument.items() else {
            return unsuitable(at, "sets", "a set or a list is required");
        };
        set |= matches!(argument, Value::Set(..));
        rows = rows
            .iter()
            .flat_map(|row| {
                items
                    .iter()
                    .map(move |item| [row.as_slice(), std::slice::from_ref(item)].concat())
            })
            .collect();
    }
    let rows: Vec<Value> = rows.into_iter().map(Value::Tuple).collect();
    Ok(match set {
        true => Value::set(rows, Type::Dynamic),
        false => Value::Tuple(rows),
    })
}

fn zip(call: &Call<'_>) -> Result<Value, Failure> {
    let keys = call.value(0).items().unwrap_or_default();
    let Some(values) = call.value(1).items() else {
        return unsuitable(1, "values", "must be a list or a tuple");
    };
    if keys.len() != values.len() {
        return failed(format!(
            "number of keys ({}) does not match number of values ({})",
            keys.len(),
            values.len()
        ));
    }
    let members = keys
        .iter()
        .zip(values)
        .filter_map(|(key, value)| match key {
            Value::String(name) => Some((name.clone(), value.clone())),
            _ => None,
        });
    let members = members.gather();
    Ok(match call.value(1) {
        Value::List(_, inner) => Value::Map(members, inner.clone()),
        _ => Value::Object(members),
    })
}
