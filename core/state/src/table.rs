//! A table that is shared until someone writes to it.

use std::collections::BTreeMap;
use std::rc::Rc;

/// A map from ids to shared rows, ordered by id. Cloning copies one pointer; the first write after
/// a clone copies the map's pointers, so hold a clone no longer than it is needed.
#[derive(Clone, Debug)]
pub(crate) struct Table<K, V>(Rc<BTreeMap<K, V>>);

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self(Rc::new(BTreeMap::new()))
    }
}

impl<K: Ord + Clone, V: Clone> Table<K, V> {
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.0.get(key)
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.0.iter()
    }

    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.0.values()
    }

    /// The rows from that key on.
    pub(crate) fn from<'a>(
        &'a self,
        key: &K,
    ) -> impl Iterator<Item = (&'a K, &'a V)> + use<'a, K, V> {
        self.0.range(key..)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        if self.0.contains_key(key) {
            Rc::make_mut(&mut self.0).get_mut(key)
        } else {
            None
        }
    }

    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        Rc::make_mut(&mut self.0).insert(key, value)
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        if self.0.contains_key(key) {
            Rc::make_mut(&mut self.0).remove(key)
        } else {
            None
        }
    }
}

impl<K: Ord + Clone, I: Copy + PartialEq> Table<K, Rc<Vec<I>>> {
    /// Adds `id` at the end of the list of `key`. Callers link a row once, when it is new there.
    pub(crate) fn link(&mut self, key: &K, id: I) {
        let map = Rc::make_mut(&mut self.0);
        if let Some(list) = map.get_mut(key) {
            let list = Rc::make_mut(list);
            // Twice the room, as lists take it by themselves, would be mostly empty.
            if list.len() == list.capacity() {
                list.reserve_exact(list.len() / 8 + 1);
            }
            list.push(id);
        } else {
            map.insert(key.clone(), Rc::new(vec![id]));
        }
    }

    /// Takes `id` out of the list of `key`; an empty list goes too.
    pub(crate) fn unlink(&mut self, key: &K, id: I) {
        let map = Rc::make_mut(&mut self.0);
        if let Some(list) = map.get_mut(key) {
            Rc::make_mut(list).retain(|other| *other != id);
            if list.is_empty() {
                map.remove(key);
            }
        }
    }

    /// The list of `key`, in order of insertion; empty when there is none.
    pub(crate) fn list(&self, key: &K) -> &[I] {
        self.0.get(key).map_or(&[], |list| list.as_slice())
    }
}
