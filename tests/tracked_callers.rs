//! Functions with `#[track_caller]`: their bodies see the place of their caller, whatever annotates them.
#![deny(clippy::pedantic)]
#![expect(unreachable_pub, reason = "`pub` is what a block looks for")]

use std::{
    convert::Infallible,
    fmt::Debug,
    future::Future,
    panic::{self, Location, catch_unwind},
    pin::pin,
    sync::{Mutex, Once, PoisonError},
    task::{Context, Poll, Waker},
};

use agentops::{agent, opentelemetry::trace::Status, session, task, tool};
use agentops_tests::{Recording, attribute};
use futures_util::{Stream, StreamExt, future::BoxFuture, stream};

type Place = (u32, u32);

#[track_caller]
fn place() -> Place {
    let location = Location::caller();
    assert_eq!(location.file(), file!());
    (location.line(), location.column())
}

#[tool]
#[track_caller]
fn free() -> Place {
    place()
}

#[track_caller]
#[task(skip_all)]
fn below(_: &str) -> Place {
    free()
}

#[tool]
#[track_caller]
fn generic<'a, T, const N: usize>(
    all: &'a [T; N],
    mut keep: impl FnMut(&T) -> bool,
) -> (Option<&'a T>, Place)
where
    T: PartialEq + Debug + 'a,
{
    let found = all.iter().find(|one| keep(one));
    (found, place())
}

#[tool]
#[track_caller]
fn made<T: Default>() -> (T, usize) {
    (T::default(), place().0 as usize)
}

#[tool]
#[track_caller]
fn parsed(text: &str) -> Result<(u8, Place), std::num::ParseIntError> {
    let number = text.trim().parse()?;
    if number == 0 {
        return Ok((0, place()));
    }
    Ok((number, place()))
}

struct Worker {
    done: Vec<Place>,
}

#[agent]
impl Worker {
    #[track_caller]
    pub fn look(&self, _: u8) -> Place {
        if self.is_new() { place() } else { (0, 0) }
    }

    #[cfg_attr(all(), track_caller)]
    pub fn work(&mut self, times: usize) -> &[Place] {
        for _ in 0..times {
            self.done.push(place());
        }
        &self.done
    }

    #[track_caller]
    pub fn finish(self, mut more: Vec<Place>) -> Vec<Place> {
        more.push(place());
        more.extend(self.done);
        more
    }

    #[task]
    #[track_caller]
    fn start() -> (Self, Place) {
        (Self { done: Vec::new() }, place())
    }

    #[session]
    #[tool]
    #[task]
    #[track_caller]
    fn several(&self) -> Place {
        place()
    }

    #[agentops(skip)]
    pub fn is_new(&self) -> bool {
        self.done.is_empty()
    }
}

trait Look {
    fn look(&self) -> Place;

    fn count(&self) -> u8 {
        0
    }

    #[task]
    #[track_caller]
    fn twice(&self) -> [Place; 2] {
        [self.look(), place()]
    }
}

struct Eye;

impl Eye {
    #[tool(name = "look")]
    #[track_caller]
    fn see(&self) -> Place {
        let Self = self;
        place()
    }
}

#[tool]
impl Look for Eye {
    #[agentops(skip)]
    #[track_caller]
    fn look(&self) -> Place {
        self.see()
    }

    #[track_caller]
    #[agentops(skip)]
    fn twice(&self) -> [Place; 2] {
        [self.look(), place()]
    }

    fn count(&self) -> u8 {
        1
    }
}

struct Other;

impl Look for Other {
    fn look(&self) -> Place {
        (0, 0)
    }
}

#[test]
fn tracked_body_sees_the_callers_place() {
    #[session]
    fn seen() -> Result<(), std::num::ParseIntError> {
        let here = line!();
        assert_eq!(free(), (here + 1, 20));
        assert_eq!(below("a"), (here + 2, 20));
        assert_eq!(generic(&[1, 2], |n| *n == 2), (Some(&2), (here + 3, 20)));
        assert_eq!(made::<u8>(), (0, here as usize + 4));
        assert_eq!(parsed("12")?, (12, (here + 5, 20)));
        assert_eq!(parsed("0")?, (0, (here + 6, 20)));
        parsed("x").map(drop)
    }
    let recording = recording();
    assert_eq!(seen().unwrap_err().to_string(), "invalid digit found in string");
    assert_eq!(
        recording.tree_of("seen"),
        "session seen error=\"invalid digit found in string\"\n\
        \x20 tool free\n\
        \x20 task below\n\
        \x20   tool free\n\
        \x20 tool generic\n\
        \x20 tool made\n\
        \x20 tool parsed\n\
        \x20 tool parsed\n\
        \x20 tool parsed error=\"invalid digit found in string\"\n"
    );
    let generic = recording.span_of("seen", "generic");
    assert_eq!(
        attribute(&generic, "input.value"),
        Some(r#"{"all":"[1, 2]","keep":"<opaque>"}"#.into())
    );
    assert_eq!(attribute(&generic, "code.function.name"), Some("tracked_callers::generic".into()));
}

#[test]
fn tracked_methods_see_the_callers_place() {
    #[session]
    fn methods() -> Vec<Place> {
        let here = line!();
        let (mut worker, started) = Worker::start();
        assert_eq!(started, (here + 1, 37));
        assert_eq!(worker.look(1), (here + 3, 27));
        assert_eq!(worker.work(2), [(here + 4, 27); 2]);
        worker.finish(vec![(0, 0)])
    }
    let recording = recording();
    let line = line!() - 3;
    assert_eq!(methods(), [(0, 0), (line, 16), (line - 1, 27), (line - 1, 27)]);
    assert_eq!(
        recording.tree_of("methods"),
        "session methods\n\
        \x20 task start\n\
        \x20 agent Worker\n\
        \x20 agent Worker\n\
        \x20 agent Worker\n"
    );
}

#[session]
#[tool]
#[track_caller]
fn two() -> Place {
    place()
}

#[test]
fn below_several_attributes_the_body_still_sees_it() {
    let recording = recording();
    assert_eq!(two(), (line!(), 16));
    assert_eq!(recording.tree_of("two"), "session two\n  tool two\n");
    let worker = Worker { done: Vec::new() };
    assert_eq!(worker.several(), (line!(), 23));
    let tree = "session several\n  tool several\n    task several\n";
    assert_eq!(recording.tree_of("several"), tree);
}

#[test]
fn trait_method_callee_sees_its_place() {
    #[session]
    fn traits() {
        let here = line!();
        assert_eq!(Eye.look(), (here + 1, 24));
        assert_eq!(Eye.twice(), [(here + 2, 24); 2]);
        assert_eq!(Other.twice(), [(0, 0), (here + 3, 26)]);
        assert_eq!((&Other as &dyn Look).twice()[0], (0, 0));
        assert_eq!(Eye.count() + Other.count(), 1);
    }
    let recording = recording();
    traits();
    assert_eq!(
        recording.tree_of("traits"),
        "session traits\n\
        \x20 tool look\n\
        \x20 tool look\n\
        \x20 task twice\n\
        \x20 task twice\n\
        \x20 tool count\n"
    );
}

#[tool]
#[track_caller]
#[expect(clippy::unwrap_used)]
fn broken(value: Option<u8>) -> u8 {
    value.unwrap()
}

#[tool]
#[track_caller]
#[expect(clippy::unwrap_used)]
fn never(message: Option<Infallible>) -> ! {
    match message.unwrap() {}
}

static HOOKED: Mutex<Vec<Place>> = Mutex::new(Vec::new());

/// Sets the program's own hook before agentops starts; it keeps the places of panics.
fn recording() -> &'static Recording {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        panic::set_hook(Box::new(|info| {
            let place = info.location().map_or((0, 0), |it| (it.line(), it.column()));
            HOOKED.lock().unwrap_or_else(PoisonError::into_inner).push(place);
        }));
    });
    Recording::global()
}

#[test]
fn panic_of_a_tracked_body_is_at_the_caller() {
    #[session]
    fn panicking() -> u32 {
        assert!(catch_unwind(|| broken(None)).is_err());
        assert!(catch_unwind(|| never(None)).is_err());
        line!()
    }
    let recording = recording();
    let line = panicking();
    let expected = [(line - 2, 33), (line - 1, 33)];
    let hooked = HOOKED.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(expected.iter().all(|place| hooked.contains(place)), "{hooked:?}");
    drop(hooked);
    let span = recording.span_of("panicking", "broken");
    let of_event = |key: &str| {
        let found = span.events[0].attributes.iter().find(|it| it.key.as_str() == key);
        found.map(|it| it.value.to_string())
    };
    assert_eq!(of_event("code.file.path").as_deref(), Some(file!()));
    assert_eq!(of_event("code.line.number"), Some(expected[0].0.to_string()));
    assert_eq!(of_event("code.column.number"), Some(expected[0].1.to_string()));
    let message = "called `Option::unwrap()` on a `None` value";
    assert_eq!(span.status, Status::error(message));
    assert_eq!(of_event("exception.message").as_deref(), Some(message));
}

/// Records that it is dropped, inside of the span that is current then.
struct Dropped(&'static str);

#[task(skip_all, name = self.0)]
impl Drop for Dropped {
    fn drop(&mut self) {}
}

#[tool]
#[track_caller]
fn dropping(_first: Dropped, second: Dropped, _: Dropped) -> Place {
    let _local = Dropped("local");
    if second.0.len() == 6 { place() } else { (0, 0) }
}

#[test]
fn tracked_arguments_drop_inside_the_span() {
    #[session]
    fn dropped() -> Place {
        dropping(Dropped("first"), Dropped("second"), Dropped("third"))
    }
    let recording = recording();
    assert_eq!(dropped(), (line!() - 3, 9));
    assert_eq!(
        recording.tree_of("dropped"),
        "session dropped\n\
        \x20 tool dropping\n\
        \x20   task local\n\
        \x20   task third\n\
        \x20   task second\n\
        \x20   task first\n"
    );
}

#[tool]
#[track_caller]
fn later(n: u8) -> impl Future<Output = (u8, Place)> {
    let seen = place();
    async move { (n, seen) }
}

#[tool]
#[track_caller]
fn later_boxed(n: Option<u8>) -> Option<BoxFuture<'static, (u8, Place)>> {
    let (n, seen) = (n?, place());
    Some(Box::pin(async move { (n, seen) }))
}

#[tool]
#[track_caller]
fn streamed(n: u8) -> impl Stream<Item = Place> {
    let seen = place();
    stream::iter((0..n).map(move |_| seen))
}

fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits"),
    }
}

#[test]
fn work_after_a_tracked_call_saw_the_caller() {
    #[session]
    fn going_on() {
        let here = line!();
        assert_eq!(ready(later(1)), (1, (here + 1, 26)));
        assert_eq!(later_boxed(Some(2)).map(ready), Some((2, (here + 2, 20))));
        assert!(later_boxed(None).is_none());
        assert_eq!(ready(streamed(2).collect::<Vec<_>>()), [(here + 4, 26); 2]);
        assert!(catch_unwind(|| broken(None)).is_err());
    }
    let recording = recording();
    going_on();
    assert_eq!(
        recording.tree_of("going_on"),
        "session going_on\n\
        \x20 tool later\n\
        \x20 tool later_boxed\n\
        \x20 tool later_boxed\n\
        \x20 tool streamed\n\
        \x20 tool broken error=\"called `Option::unwrap()` on a `None` value\"\n"
    );
}
