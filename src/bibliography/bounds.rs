//! Limits on definitions that refer to one another, such as abbreviations and macros.

/// The expanded size of each definition, in which a definition counts once for every reference to it. `None`
/// if the definition is circular or larger than `limit`.
///
/// `references` lists, for each definition, the definitions it refers to. Not recursive, so that long chains
/// do not overflow the stack.
pub(super) fn weights(
    references: &[Vec<usize>],
    own: impl Fn(usize) -> usize,
    limit: usize,
) -> Vec<Option<usize>> {
    let mut waiting: Vec<usize> = references.iter().map(Vec::len).collect();
    let mut named_by: Vec<Vec<usize>> = vec![Vec::new(); references.len()];
    for (index, named) in references.iter().enumerate() {
        for &other in named {
            if let Some(by) = named_by.get_mut(other) {
                by.push(index);
            }
        }
    }
    let mut weights: Vec<usize> = (0..references.len()).map(own).collect();
    let mut settled = vec![None; references.len()];
    let mut ready: Vec<usize> =
        waiting.iter().enumerate().filter(|&(_, &count)| count == 0).map(|(index, _)| index).collect();
    while let Some(index) = ready.pop() {
        let weight = weights.get(index).copied().unwrap_or_default();
        if weight > limit {
            continue;
        }
        if let Some(slot) = settled.get_mut(index) {
            *slot = Some(weight);
        }
        for &user in named_by.get(index).map_or(&[][..], Vec::as_slice) {
            if let (Some(sum), Some(count)) = (weights.get_mut(user), waiting.get_mut(user)) {
                *sum = sum.saturating_add(weight);
                *count = count.saturating_sub(1);
                if *count == 0 {
                    ready.push(user);
                }
            }
        }
    }
    settled
}

/// The maximum nesting depth of the brackets `open` and `close` in `text`. A backslash escapes the next
/// character.
pub(super) fn depth(text: &str, open: &[u8], close: &[u8]) -> usize {
    let (mut depth, mut deepest, mut escaped) = (0_usize, 0, false);
    for byte in text.bytes() {
        if escaped {
            escaped = false;
        } else if byte == b'\\' {
            escaped = true;
        } else if open.contains(&byte) {
            depth += 1;
            deepest = deepest.max(depth);
        } else if close.contains(&byte) {
            depth = depth.saturating_sub(1);
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubling_and_circular_definitions_are_found() {
        let doubling: Vec<Vec<usize>> =
            (0..40).map(|i: usize| if i == 0 { vec![] } else { vec![i - 1, i - 1] }).collect();
        let found = weights(&doubling, |_| 1, 1000);
        assert_eq!(found[3], Some(15));
        assert_eq!(found[39], None);
        assert_eq!(weights(&[vec![1], vec![0], vec![], vec![0]], |_| 1, 9), [None, None, Some(1), None]);
    }

    #[test]
    fn depth_counts_open_brackets() {
        assert_eq!(depth("{a{b}}{c}", b"{", b"}"), 2);
        assert_eq!(depth(r"\{{", b"{", b"}"), 1);
    }
}
