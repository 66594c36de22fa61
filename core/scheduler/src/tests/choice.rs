//! Which nodes are chosen and why others are not: the scenarios of scheduling 6-12.
