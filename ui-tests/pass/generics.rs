#![deny(warnings)]

use std::fmt::Debug;

use agentops::tool;

#[tool]
fn bare<T>(value: T) -> T {
    value
}

#[tool]
fn bounded<'a, T: Debug + 'a, const N: usize>(values: &'a [T; N], at: usize) -> &'a T
where
    T: Clone,
{
    &values[at]
}

#[tool]
fn argument(values: impl IntoIterator<Item = u8>, each: impl Fn(u8) -> u8) -> Vec<u8> {
    values.into_iter().map(each).collect()
}

#[tool]
fn dynamic(each: &dyn Fn(u8) -> u8, boxed: Box<dyn Fn(u8) -> u8 + '_>) -> u8 {
    boxed(each(1))
}

struct Cache<'a, T> {
    values: Vec<&'a T>,
}

impl<'a, T: PartialEq> Cache<'a, T> {
    #[tool]
    fn find<Q>(&self, wanted: &Q) -> Option<&'a T>
    where
        T: PartialEq<Q>,
    {
        self.values.iter().copied().find(|value| *value == wanted)
    }
}

fn main() {
    struct Unknown;
    let Unknown = bare(Unknown);
    assert_eq!(bounded(&[1, 2], 1), &2);
    assert_eq!(argument([1, 2], |value| value + 1), [2, 3]);
    assert_eq!(dynamic(&|value| value + 1, Box::new(|value| value * 2)), 4);
    assert_eq!(Cache { values: vec![&1] }.find(&1), Some(&1));
}
