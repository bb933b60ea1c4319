//! Alignment of two lists of siblings.
//!
//! Pairs are of the same kind and name. The best alignment has the most of them, where an equal input counts a little less
//! than another pair: two calls that only moved are worth more than three that all changed. Of equally good ones that with
//! the most similar spans is taken. Lists too long for that are first cut at the spans that are unique on both sides.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::diff_side::SpanKey;

/// Most cells of a table of scores: a list of 1,000 with another one, 2 ms and 9 MiB.
const MOST_CELLS: usize = 1 << 20;
/// Score of a pair, and of its equal input; the rest is likeness, at most 17 a pair.
const PAIR: u64 = 1 << 42;
const EQUAL_INPUT: u64 = PAIR - (1 << 21);

/// Part of both lists.
#[derive(Clone, Debug)]
struct Gap {
    a: Range<usize>,
    b: Range<usize>,
}

/// Returns the places of the pairs in both lists, in their order.
pub(super) fn align(a: &[SpanKey], b: &[SpanKey]) -> Vec<(usize, usize)> {
    // Always in the same direction, so that the result the other way round is its mirror.
    if a > b {
        return align(b, a).into_iter().map(|(b, a)| (a, b)).collect();
    }
    let common = a.len().min(b.len());
    let prefix = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let ends = a.iter().rev().zip(b.iter().rev()).take(common - prefix);
    let suffix = ends.take_while(|(a, b)| a == b).count();
    let gap = Gap { a: prefix..a.len() - suffix, b: prefix..b.len() - suffix };
    let mut pairs: Vec<_> = (0..prefix).map(|place| (place, place)).collect();
    align_gap(a, b, &gap, &mut pairs);
    pairs.extend((0..suffix).rev().map(|place| (a.len() - 1 - place, b.len() - 1 - place)));
    pairs
}

fn align_gap(a: &[SpanKey], b: &[SpanKey], gap: &Gap, pairs: &mut Vec<(usize, usize)>) {
    if gap.is_small() {
        return align_exactly(a, b, gap, pairs);
    }
    let anchors = common_places(Algorithm::Patience, a, b, gap, |key| (key.title, key.input));
    let mut rest = gap.clone();
    for anchor in anchors.into_iter().chain([(gap.a.end, gap.b.end)]) {
        let between = Gap { a: rest.a.start..anchor.0, b: rest.b.start..anchor.1 };
        if between.is_small() {
            align_exactly(a, b, &between, pairs);
        } else {
            pairs.extend(common_places(Algorithm::Myers, a, b, &between, |key| key.title));
        }
        if anchor.0 < gap.a.end && anchor.1 < gap.b.end {
            pairs.push(anchor);
            rest = Gap { a: anchor.0 + 1..gap.a.end, b: anchor.1 + 1..gap.b.end };
        }
    }
}

impl Gap {
    fn is_small(&self) -> bool {
        (self.a.len() + 1).saturating_mul(self.b.len() + 1) <= MOST_CELLS
    }
}

/// Returns the places of a common subsequence.
fn common_places<T: Clone + Eq + std::hash::Hash + Ord>(
    algorithm: Algorithm,
    a: &[SpanKey],
    b: &[SpanKey],
    gap: &Gap,
    part: impl Fn(&SpanKey) -> T,
) -> Vec<(usize, usize)> {
    let parts = |keys: &[SpanKey]| keys.iter().map(&part).collect::<Vec<_>>();
    let (a, b) = (parts(&a[gap.a.clone()]), parts(&b[gap.b.clone()]));
    let mut places = Vec::new();
    for op in capture_diff_slices(algorithm, &a, &b) {
        if let DiffOp::Equal { old_index, new_index, len } = op {
            let (a, b) = (gap.a.start + old_index, gap.b.start + new_index);
            places.extend((0..len).map(|place| (a + place, b + place)));
        }
    }
    places
}

/// Aligns a gap by a table of the best scores of what follows each pair of places.
fn align_exactly(a: &[SpanKey], b: &[SpanKey], gap: &Gap, pairs: &mut Vec<(usize, usize)>) {
    let (a, b) = (&a[gap.a.clone()], &b[gap.b.clone()]);
    if a.is_empty() || b.is_empty() {
        return;
    }
    let width = b.len() + 1;
    let mut scores = vec![0_u64; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            let skipped = scores[(i + 1) * width + j].max(scores[i * width + j + 1]);
            let paired = score(&a[i], &b[j]).map(|score| score + scores[(i + 1) * width + j + 1]);
            scores[i * width + j] = paired.map_or(skipped, |paired| paired.max(skipped));
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        let best = scores[i * width + j];
        let paired = score(&a[i], &b[j]).map(|score| score + scores[(i + 1) * width + j + 1]);
        if paired == Some(best) {
            pairs.push((gap.a.start + i, gap.b.start + j));
            (i, j) = (i + 1, j + 1);
        } else if scores[(i + 1) * width + j] == best {
            i += 1;
        } else {
            j += 1;
        }
    }
}

/// Returns the score of a pair; `None` if it is none.
fn score(a: &SpanKey, b: &SpanKey) -> Option<u64> {
    let likeness = || {
        let parts = a.sketch.iter().zip(&b.sketch).filter(|(a, b)| a == b).count() as u64;
        parts + 8 * u64::from(a.output == b.output) + u64::from(a.size == b.size)
    };
    let input = if a.input == b.input { EQUAL_INPUT } else { 0 };
    (a.title == b.title).then(|| PAIR + input + likeness())
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn key(title: u64, input: u64) -> SpanKey {
        SpanKey { title, input: Some(input), output: None, sketch: [0; 8], size: 1 }
    }

    fn keys() -> impl Strategy<Value = Vec<SpanKey>> {
        vec((0..3_u64, 0..3_u64), 0..7)
            .prop_map(|keys| keys.into_iter().map(|(title, input)| key(title, input)).collect())
    }

    /// Returns the best score of all alignments, each of which is tried.
    fn best_score(a: &[SpanKey], b: &[SpanKey]) -> u64 {
        let ([first_a, rest_a @ ..], [first_b, rest_b @ ..]) = (a, b) else { return 0 };
        let paired = score(first_a, first_b).map_or(0, |score| score + best_score(rest_a, rest_b));
        paired.max(best_score(rest_a, b)).max(best_score(a, rest_b))
    }

    fn is_alignment(pairs: &[(usize, usize)], a: &[SpanKey], b: &[SpanKey]) -> bool {
        pairs.iter().all(|(i, j)| a[*i].title == b[*j].title)
            && pairs.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1)
    }

    proptest! {
        #[test]
        fn align_finds_best_alignment_of_short_lists(a in keys(), b in keys()) {
            let pairs = align(&a, &b);
            prop_assert!(is_alignment(&pairs, &a, &b));
            let scores = pairs.iter().filter_map(|(i, j)| score(&a[*i], &b[*j]));
            prop_assert_eq!(scores.sum::<u64>(), best_score(&a, &b));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]

        #[test]
        fn align_of_long_lists_keeps_what_is_equal(removed in vec(0..2_500_usize, 0..40), changed in vec(0..2_500_usize, 0..40)) {
            let a: Vec<_> = (0..2_500).map(|number| key(number % 4, number)).collect();
            let mut b = a.clone();
            changed.iter().for_each(|place| b[*place].input = None);
            let mut place = 0;
            b.retain(|_| { place += 1; !removed.contains(&(place - 1)) });
            // The ends differ, so that nothing is trimmed.
            b.insert(0, key(9, 0));
            b.push(key(9, 1));
            let pairs = align(&a, &b);
            prop_assert!(is_alignment(&pairs, &a, &b));
            let equal = pairs.iter().filter(|(i, j)| a[*i] == b[*j]).count();
            let kept = (0..2_500).filter(|place| !removed.contains(place) && !changed.contains(place));
            prop_assert_eq!(equal, kept.count());
            let mirror: Vec<_> = align(&b, &a).into_iter().map(|(b, a)| (a, b)).collect();
            prop_assert_eq!(&pairs, &mirror);
        }
    }
}
