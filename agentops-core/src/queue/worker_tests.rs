use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use super::{
    Batch, Limits, Queue,
    complaint::Complaint,
    stats::Stats,
    worker::{BatchSink, spawn_worker},
};
use crate::{
    bridge::SpanSink,
    config::{DeliveryFailure, Overflow, Receipt},
    fixtures::{ended, limits, span},
};

const LONG: Duration = Duration::from_secs(60);

fn queue(limits: Limits) -> Arc<Queue> {
    Arc::new(Queue::new(limits))
}

fn push(queue: &Queue, parent: u64) {
    queue.push(ended(span(parent, "")));
}

fn counts(stats: &Stats) -> [u64; 5] {
    [stats.ended, stats.sent, stats.dropped, stats.failed, stats.queued]
}

fn all() -> Result<Receipt, DeliveryFailure> {
    Ok(Receipt::default())
}

/// Sink that reports each batch's size and returns the results it is given.
#[derive(Debug)]
struct Told {
    sizes: Sender<usize>,
    answers: Receiver<Result<Receipt, DeliveryFailure>>,
}

impl BatchSink for Told {
    fn deliver(&mut self, batch: &mut Batch) -> Result<Receipt, DeliveryFailure> {
        let _ = self.sizes.send(batch.entries.len());
        self.answers.recv().unwrap_or_else(|_| all())
    }

    fn close(&mut self) {}
}

fn worker(queue: &Arc<Queue>) -> (Receiver<usize>, Sender<Result<Receipt, DeliveryFailure>>) {
    let (sizes, batches) = channel();
    let (answer, answers) = channel();
    let complaint = Arc::new(Complaint::new(false));
    spawn_worker(Arc::clone(queue), Box::new(Told { sizes, answers }), complaint).unwrap();
    (batches, answer)
}

#[test]
fn a_full_batch_goes_at_once_and_the_rest_waits() {
    let queue = queue(limits());
    let (batches, answer) = worker(&queue);
    (0..13).for_each(|_| push(&queue, 1));
    assert_eq!(batches.recv_timeout(LONG), Ok(10));
    answer.send(all()).unwrap();
    let flushing = Arc::clone(&queue);
    let flush = thread::spawn(move || flushing.flush(LONG).is_ok());
    assert_eq!(batches.recv_timeout(LONG), Ok(3), "the flush does not wait for company");
    answer.send(all()).unwrap();
    assert!(flush.join().unwrap());
    assert_eq!(counts(&queue.stats()), [13, 13, 0, 0, 0]);
}

#[test]
fn an_old_batch_goes_without_company() {
    let queue = queue(Limits { wait: Duration::ZERO, ..limits() });
    let (batches, _answer) = worker(&queue);
    push(&queue, 1);
    assert_eq!(batches.recv_timeout(LONG), Ok(1));
}

#[test]
fn the_end_of_a_session_is_prompt_for_whoever_watches() {
    let queue = queue(Limits { flush_on_session_end: true, ..limits() });
    let (batches, _answer) = worker(&queue);
    push(&queue, 1);
    push(&queue, 0);
    assert_eq!(batches.recv_timeout(LONG), Ok(2));
}

#[test]
fn what_does_not_fit_is_dropped_and_counted_but_roots_have_as_much_room_again() {
    let by_spans = queue(Limits { spans: 2, ..limits() });
    (0..5).for_each(|_| push(&by_spans, 1));
    (0..5).for_each(|_| push(&by_spans, 0));
    assert_eq!(counts(&by_spans.stats()), [10, 0, 6, 0, 4]);

    let by_bytes = queue(Limits { bytes: 5_000, ..limits() });
    by_bytes.push(ended(span(1, &"x".repeat(3_000))));
    by_bytes.push(ended(span(1, &"x".repeat(3_000))));
    (0..5).for_each(|_| by_bytes.push(ended(span(0, &"x".repeat(3_000)))));
    assert_eq!(counts(&by_bytes.stats()), [7, 0, 5, 0, 2]);
}

#[test]
fn a_flush_says_what_failed_since_it_began_and_why() {
    let queue = queue(limits());
    let (_batches, answer) = worker(&queue);
    (0..3).for_each(|_| push(&queue, 1));
    answer.send(Err(DeliveryFailure::Exporter("the far side is down".to_owned()))).unwrap();
    let error = queue.flush(LONG).unwrap_err();
    assert_eq!(
        error.to_string(),
        "3 of 3 spans were not delivered: 3 failed; the far side is down"
    );
    assert_eq!(format!("{error:?}"), error.to_string());
    answer.send(all()).unwrap();
    push(&queue, 1);
    assert!(queue.flush(LONG).is_ok(), "an earlier failure is not told again");
    assert_eq!(queue.losses().unwrap().undelivered(), 3);
}

#[test]
fn a_flush_tells_of_what_failed_or_was_dropped_before_it_began() {
    let queue = queue(Limits { spans: 10, ..limits() });
    let (batches, answer) = worker(&queue);
    (0..5).for_each(|_| push(&queue, 1));
    assert_eq!(batches.recv_timeout(LONG), Ok(5), "a batch goes without a flush");
    (0..12).for_each(|_| push(&queue, 1));
    answer.send(Err(DeliveryFailure::Exporter("the far side is down".to_owned()))).unwrap();
    drop(answer);
    let said = |queue: &Queue| queue.flush(LONG).map_err(|error| error.to_string());
    let expected = "7 of 17 spans were not delivered: 5 failed, 2 dropped because the queue was full; \
                    the far side is down";
    assert_eq!(said(&queue), Err(expected.to_owned()));
    assert_eq!(said(&queue), Ok(()), "each loss is told once");
    assert_eq!(queue.losses().unwrap().undelivered(), 7);
}

#[test]
fn a_provider_s_flush_tells_of_earlier_losses_too() {
    let queue = queue(Limits { spans: 2, ..limits() });
    let (batches, answer) = worker(&queue);
    push(&queue, 1);
    assert_eq!(batches.recv_timeout(LONG), Ok(1), "the outlet hangs from here on");
    (0..3).for_each(|_| push(&queue, 1));
    drop(answer);
    let sink: &dyn SpanSink = &*queue;
    let expected = "1 of 4 spans were not delivered: 1 dropped because the queue was full";
    assert_eq!(sink.flush(LONG), Err(expected.to_owned()));
    assert_eq!(sink.flush(LONG), Ok(()));
}

#[test]
fn a_flush_that_runs_out_of_time_says_what_is_still_queued() {
    let queue = queue(limits());
    push(&queue, 1);
    let error = queue.flush(Duration::ZERO).unwrap_err();
    assert_eq!(
        error.to_string(),
        "1 of 1 spans were not delivered: 1 still queued when time ran out"
    );
}

#[test]
fn a_flush_that_runs_out_of_time_says_what_the_far_side_was_waited_for() {
    let queue = queue(limits());
    let (_batches, _answer) = worker(&queue);
    queue.ask_of_far_side(|| Some("it gave no answer".to_owned()));
    push(&queue, 1);
    let sink: &dyn SpanSink = &*queue;
    let expected =
        "1 of 1 spans were not delivered: 1 still queued when time ran out; it gave no answer";
    assert_eq!(sink.flush(Duration::ZERO), Err(expected.to_owned()));
    assert_eq!(queue.losses().unwrap().last_error(), Some("it gave no answer"));
}

#[test]
fn a_hanging_outlet_does_not_hold_the_stop_past_its_deadline() {
    let queue = queue(limits());
    let (batches, answer) = worker(&queue);
    (0..10).for_each(|_| push(&queue, 1));
    assert_eq!(batches.recv_timeout(LONG), Ok(10));
    queue.stop(Instant::now() + Duration::from_millis(10));
    assert_eq!(counts(&queue.stats()), [10, 0, 0, 0, 10]);
    drop(answer);
}

#[test]
fn a_stop_sends_what_is_queued_and_then_takes_nothing_more() {
    let queue = queue(limits());
    let (_batches, answer) = worker(&queue);
    answer.send(all()).unwrap();
    (0..4).for_each(|_| push(&queue, 1));
    queue.stop(Instant::now() + LONG);
    push(&queue, 1);
    assert_eq!(counts(&queue.stats()), [5, 4, 1, 0, 0]);
    assert_eq!(queue.losses().unwrap().undelivered(), 1);
}

#[test]
fn a_panicking_outlet_costs_its_batch_and_not_the_worker() {
    #[derive(Debug)]
    struct Panicky(bool);
    impl BatchSink for Panicky {
        fn deliver(&mut self, _: &mut Batch) -> Result<Receipt, DeliveryFailure> {
            assert!(std::mem::replace(&mut self.0, true), "first batch");
            all()
        }
        fn close(&mut self) {}
    }
    let queue = queue(limits());
    let complaint = Arc::new(Complaint::new(false));
    spawn_worker(Arc::clone(&queue), Box::new(Panicky(false)), complaint).unwrap();
    push(&queue, 1);
    let error = queue.flush(LONG).unwrap_err();
    assert_eq!(error.last_error(), Some("the exporter panicked: first batch"));
    push(&queue, 1);
    assert!(queue.flush(LONG).is_ok());
    assert_eq!(counts(&queue.stats()), [2, 1, 0, 1, 0]);
}

#[test]
fn at_every_moment_every_span_is_accounted_for() {
    #[derive(Debug)]
    struct EveryThirdFails(u32);
    impl BatchSink for EveryThirdFails {
        fn deliver(&mut self, _: &mut Batch) -> Result<Receipt, DeliveryFailure> {
            self.0 += 1;
            if self.0.is_multiple_of(3) {
                Err(DeliveryFailure::Exporter("third".to_owned()))
            } else {
                all()
            }
        }
        fn close(&mut self) {}
    }
    let queue = queue(Limits { spans: 50, wait: Duration::ZERO, ..limits() });
    let complaint = Arc::new(Complaint::new(false));
    spawn_worker(Arc::clone(&queue), Box::new(EveryThirdFails(0)), complaint).unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let (watched, watching) = (Arc::clone(&queue), Arc::clone(&done));
    let watcher = thread::spawn(move || {
        let mut samples = 0_u64;
        while !watching.load(Ordering::Relaxed) || samples == 0 {
            let stats = watched.stats();
            let sum = stats.sent + stats.spooled + stats.dropped + stats.failed + stats.queued;
            assert_eq!(sum, stats.ended + stats.recovered);
            samples += 1;
        }
    });
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..5_000).for_each(|_| push(&queue, 1)));
        }
    });
    let _ = queue.flush(LONG);
    done.store(true, Ordering::Relaxed);
    watcher.join().unwrap();
    let stats = queue.stats();
    assert_eq!([stats.ended, stats.queued], [20_000, 0]);
    assert!(stats.sent > 0 && stats.failed > 0);
}

#[test]
fn whoever_may_wait_for_room_loses_nothing() {
    let overflow = Overflow::Block(LONG);
    let queue = queue(Limits { spans: 20, overflow, wait: Duration::ZERO, ..limits() });
    let (batches, answer) = worker(&queue);
    drop(answer);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..1_000).for_each(|_| push(&queue, 1)));
        }
    });
    assert!(queue.flush(LONG).is_ok());
    assert_eq!(counts(&queue.stats()), [4_000, 4_000, 0, 0, 0]);
    assert!(batches.try_iter().all(|size| size <= 10));
}

#[test]
fn nobody_is_kept_out_by_those_who_push_more() {
    let overflow = Overflow::Block(LONG);
    let queue = queue(Limits { spans: 10, overflow, wait: Duration::ZERO, ..limits() });
    let (_batches, answer) = worker(&queue);
    drop(answer);
    let done = AtomicBool::new(false);
    let (tell, told) = channel();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    push(&queue, 1);
                }
            });
        }
        scope.spawn(|| {
            (0..100).for_each(|_| push(&queue, 1));
            tell.send(()).unwrap();
        });
        let in_time = told.recv_timeout(LONG);
        done.store(true, Ordering::Relaxed);
        assert_eq!(in_time, Ok(()));
    });
    assert_eq!(queue.stats().dropped, 0);
}

#[test]
fn whoever_waits_in_vain_waits_once_for_all() {
    let longest = Duration::from_millis(10);
    let queue = queue(Limits { spans: 2, overflow: Overflow::Block(longest), ..limits() });
    let (batches, answer) = worker(&queue);
    (0..2).for_each(|_| push(&queue, 1));
    assert_eq!(batches.recv_timeout(LONG), Ok(1), "the outlet hangs from here on");
    push(&queue, 1);
    // If each of these waited 10 ms, all of them would take hours.
    (0..1_000_000).for_each(|_| push(&queue, 1));
    assert_eq!(counts(&queue.stats()), [1_000_003, 0, 1_000_000, 0, 3]);
    drop(answer);
    assert_eq!(queue.flush(LONG).unwrap_err().undelivered(), 1_000_000, "and then it goes on");
    push(&queue, 1);
    assert_eq!(queue.stats().dropped, 1_000_000);
}

#[test]
fn nobody_waits_for_room_that_there_never_is() {
    let queue = queue(Limits { overflow: Overflow::Block(Duration::MAX), bytes: 100, ..limits() });
    push(&queue, 1);
    assert_eq!(counts(&queue.stats()), [1, 0, 1, 0, 0]);
}

#[test]
fn clock_that_is_set_back_does_not_hold_a_batch() {
    // With no time to wait for, every batch would be due, whichever clock is read.
    let queue = queue(Limits { wait: Duration::from_millis(20), ..limits() });
    let (batches, _answer) = worker(&queue);
    let mut span = span(1, "");
    // As if the clock had been set back by a day since the span ended.
    span.end_time += Duration::from_secs(86_400);
    queue.push(ended(span));
    assert_eq!(batches.recv_timeout(LONG), Ok(1));
}
