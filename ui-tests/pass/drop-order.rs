#![deny(warnings)]

use std::{
    cell::RefCell,
    pin::pin,
    task::{Context, Poll, Waker},
};

use agentops::tool;

thread_local!(static DROPPED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) });

struct Loud(&'static str);

impl Drop for Loud {
    fn drop(&mut self) {
        DROPPED.with_borrow_mut(|dropped| dropped.push(self.0));
    }
}

struct Pair {
    one: Loud,
    _two: Loud,
}

macro_rules! functions {
    ($($attribute:tt)*) => {
        $($attribute)*
        pub fn plain(a: super::Loud, _: super::Loud, _unused: super::Loud, (b, c): (super::Loud, super::Loud)) {
            let _local = super::Loud("local");
            drop(b);
            let _ = &c;
            let _ = &a;
        }

        $($attribute)*
        pub async fn asynchronous(a: super::Loud, _: super::Loud, _unused: super::Loud) {
            let _local = super::Loud("local");
            let _ = &a;
        }

        pub trait Take {
            fn take(self, last: super::Loud) -> super::Loud;
            fn leave(self, last: super::Loud);
        }

        impl Take for super::Pair {
            $($attribute)*
            fn take(self, last: super::Loud) -> super::Loud {
                let _ = &last;
                self.one
            }

            $($attribute)*
            fn leave(self, _last: super::Loud) {
                let _ = &self.one;
            }
        }
    };
}

mod annotated {
    use super::tool;
    functions!(#[tool]);
}

mod bare {
    functions!();
}

fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing here waits"),
    }
}

macro_rules! order {
    ($module:ident) => {{
        use $module::Take;
        let pair = || Pair { one: Loud("one"), _two: Loud("two") };
        $module::plain(Loud("a"), Loud("_"), Loud("unused"), (Loud("b"), Loud("c")));
        ready($module::asynchronous(Loud("a"), Loud("_"), Loud("unused")));
        drop(pair().take(Loud("last")));
        pair().leave(Loud("last"));
        DROPPED.take()
    }};
}

fn main() {
    assert_eq!(order!(annotated), order!(bare));
}
