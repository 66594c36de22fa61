pub(super) static TABLE: &[super::Function] = &[];
