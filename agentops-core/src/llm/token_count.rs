//! Numbers of tokens in the integer types that model clients use.

/// Number of tokens: any integer, or an `Option` of one. A negative number or `None` counts as unknown and is not
/// recorded.
///
/// ```
/// use agentops::Usage;
///
/// let (prompt, completion): (u32, Option<i32>) = (12, None); // as clients have them
/// let usage = Usage::new().input(prompt).output(completion);
/// assert_eq!((usage.input, usage.output), (Some(12), None));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no number of tokens",
    note = "pass an integer, or an `Option` of one"
)]
pub trait TokenCount {
    /// Returns the number, or `None` if it is unknown.
    fn tokens(self) -> Option<u64>;
}

macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl TokenCount for $integer {
            fn tokens(self) -> Option<u64> {
                u64::try_from(self).ok()
            }
        }
    )*};
}
integers!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

impl<T: TokenCount> TokenCount for Option<T> {
    fn tokens(self) -> Option<u64> {
        self.and_then(T::tokens)
    }
}

impl<T: TokenCount + Copy> TokenCount for &T {
    fn tokens(self) -> Option<u64> {
        T::tokens(*self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_count_rejects_negative_and_too_large_integers() {
        fn all(counts: &[&dyn Fn() -> Option<u64>]) -> Vec<Option<u64>> {
            counts.iter().map(|count| count()).collect()
        }
        let known = all(&[
            &|| 7.tokens(),
            &|| 7_u32.tokens(),
            &|| 7_usize.tokens(),
            &|| Some(7_i64).tokens(),
            &|| (&Some(7_u16)).tokens(),
        ]);
        assert_eq!(known, [Some(7); 5]);
        let unknown =
            all(&[&|| (-1).tokens(), &|| Some(-1_i64).tokens(), &|| None::<u32>.tokens(), &|| {
                u128::MAX.tokens()
            }]);
        assert_eq!(unknown, [None; 4]);
    }
}
