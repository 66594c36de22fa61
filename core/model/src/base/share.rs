//! Sharing: values that are the same are kept once.

use std::rc::{Rc, Weak};

/// How many values a new one is compared with: what is the same comes close together.
const COMPARED: usize = 8;

/// The values that came last, for those that are the same as one of them. It keeps none alive.
#[derive(Debug)]
pub struct Recent<T> {
    values: [Weak<T>; COMPARED],
    /// The place of the oldest.
    oldest: usize,
}

impl<T: PartialEq> Recent<T> {
    /// The values of late that are still there.
    pub fn iter(&self) -> impl Iterator<Item = Rc<T>> {
        self.values.iter().filter_map(Weak::upgrade)
    }

    /// Lets `own` share the value of late that is the same, if there is one.
    pub fn share(&mut self, own: &mut Rc<T>) {
        let is_same = |other: &Rc<T>| Rc::ptr_eq(other, own) || **other == **own;
        let same = self.iter().find(is_same);
        if let Some(same) = same {
            *own = same;
        } else {
            self.values[self.oldest] = Rc::downgrade(own);
            self.oldest = (self.oldest + 1) % COMPARED;
        }
    }
}

impl<T> Clone for Recent<T> {
    fn clone(&self) -> Self {
        Self {
            values: self.values.clone(),
            oldest: self.oldest,
        }
    }
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self {
            values: Default::default(),
            oldest: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_of_late_become_one() {
        let mut recent = Recent::default();
        let mut share = |n: usize| {
            let mut value = Rc::new(n);
            recent.share(&mut value);
            value
        };
        let first = share(0);
        assert!(Rc::ptr_eq(&first, &share(0)));
        let others: Vec<_> = (1..COMPARED).map(&mut share).collect();
        assert!(Rc::ptr_eq(&first, &share(0)) && !others.contains(&first));
        // One more, and the first is too long ago.
        let last = share(COMPARED);
        assert!(!Rc::ptr_eq(&first, &share(0)) && Rc::ptr_eq(&last, &share(COMPARED)));
    }
}
