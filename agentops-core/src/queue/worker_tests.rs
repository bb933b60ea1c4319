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
    Batch, DeliveryWarnings, Queue, QueueLimits,
    worker::{BatchSink, spawn_worker},
};
use crate::{
    bridge::SpanSink,
    config::{DeliveryFailure, Overflow, Receipt},
    fixtures::{ended, limits, span},
    process::Reporter,
    record::Stats,
};

const LONG: Duration = Duration::from_secs(60);

fn queue(limits: QueueLimits) -> Arc<Queue> {
    Arc::new(Queue::new(limits))
}

fn push(queue: &Queue, parent: u64) {
    queue.push(ended(span(parent, "")));
}

fn counts(stats: &Stats) -> [u64; 5] {
    [stats.ended, stats.sent, stats.dropped, stats.failed, stats.queued]
}

fn all() -> Result<Receipt, DeliveryFailure> {
    Ok(Receipt::Complete)
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
    let warnings = Arc::new(DeliveryWarnings::new(Reporter::LogOnly));
    spawn_worker(Arc::clone(queue), Box::new(Told { sizes, answers }), warnings).unwrap();
    (batches, answer)
}

#[test]
fn full_batch_is_sent_at_once() {
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
fn old_batch_is_sent_before_it_is_full() {
    let queue = queue(QueueLimits { wait: Duration::ZERO, ..limits() });
    let (batches, _answer) = worker(&queue);
    push(&queue, 1);
    assert_eq!(batches.recv_timeout(LONG), Ok(1));
}

#[test]
fn session_end_triggers_a_batch_for_developers() {
    let queue = queue(QueueLimits { flush_on_session_end: true, ..limits() });
    let (batches, _answer) = worker(&queue);
    push(&queue, 1);
    push(&queue, 0);
    assert_eq!(batches.recv_timeout(LONG), Ok(2));
}

#[test]
fn queue_drops_overflow_and_has_room_for_roots() {
    let by_spans = queue(QueueLimits { spans: 2, ..limits() });
    (0..5).for_each(|_| push(&by_spans, 1));
    (0..5).for_each(|_| push(&by_spans, 0));
    assert_eq!(counts(&by_spans.stats()), [10, 0, 6, 0, 4]);

    let by_bytes = queue(QueueLimits { bytes: 5_000, ..limits() });
    by_bytes.push(ended(span(1, &"x".repeat(3_000))));
    by_bytes.push(ended(span(1, &"x".repeat(3_000))));
    (0..5).for_each(|_| by_bytes.push(ended(span(0, &"x".repeat(3_000)))));
    assert_eq!(counts(&by_bytes.stats()), [7, 0, 5, 0, 2]);
}

#[test]
fn flush_reports_failures_since_its_begin() {
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
fn flush_reports_losses_from_before() {
    let queue = queue(QueueLimits { spans: 10, ..limits() });
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
fn provider_flush_reports_earlier_losses() {
    let queue = queue(QueueLimits { spans: 2, ..limits() });
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
fn flush_timeout_reports_queued_spans() {
    let queue = queue(limits());
    push(&queue, 1);
    let error = queue.flush(Duration::ZERO).unwrap_err();
    assert_eq!(
        error.to_string(),
        "1 of 1 spans were not delivered: 1 still queued when time ran out"
    );
}

#[test]
fn flush_timeout_names_the_pending_request() {
    let queue = queue(limits());
    let (_batches, _answer) = worker(&queue);
    queue.set_waits_for(|| Some("it gave no answer".to_owned()));
    push(&queue, 1);
    let sink: &dyn SpanSink = &*queue;
    let expected =
        "1 of 1 spans were not delivered: 1 still queued when time ran out; it gave no answer";
    assert_eq!(sink.flush(Duration::ZERO), Err(expected.to_owned()));
    assert_eq!(queue.losses().unwrap().last_error(), Some("it gave no answer"));
}

#[test]
fn stop_is_not_held_by_a_hanging_sink() {
    let queue = queue(limits());
    let (batches, answer) = worker(&queue);
    (0..10).for_each(|_| push(&queue, 1));
    assert_eq!(batches.recv_timeout(LONG), Ok(10));
    queue.stop(Instant::now() + Duration::from_millis(10));
    assert_eq!(counts(&queue.stats()), [10, 0, 0, 0, 10]);
    drop(answer);
}

#[test]
fn stop_drains_the_queue_and_closes_it() {
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
fn sink_panic_costs_its_batch_only() {
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
    let warnings = Arc::new(DeliveryWarnings::new(Reporter::LogOnly));
    spawn_worker(Arc::clone(&queue), Box::new(Panicky(false)), warnings).unwrap();
    push(&queue, 1);
    let error = queue.flush(LONG).unwrap_err();
    assert_eq!(error.last_error(), Some("the exporter panicked: first batch"));
    push(&queue, 1);
    assert!(queue.flush(LONG).is_ok());
    assert_eq!(counts(&queue.stats()), [2, 1, 0, 1, 0]);
}

#[test]
fn account_adds_up_at_every_moment() {
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
    let queue = queue(QueueLimits { spans: 50, wait: Duration::ZERO, ..limits() });
    let warnings = Arc::new(DeliveryWarnings::new(Reporter::LogOnly));
    spawn_worker(Arc::clone(&queue), Box::new(EveryThirdFails(0)), warnings).unwrap();
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
fn blocking_overflow_loses_nothing() {
    let overflow = Overflow::Block(LONG);
    let queue = queue(QueueLimits { spans: 20, overflow, wait: Duration::ZERO, ..limits() });
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
fn blocking_producers_are_served_in_turn() {
    let overflow = Overflow::Block(LONG);
    let queue = queue(QueueLimits { spans: 10, overflow, wait: Duration::ZERO, ..limits() });
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
fn blocking_timeout_lets_others_fail_fast() {
    let longest = Duration::from_millis(10);
    let queue = queue(QueueLimits { spans: 2, overflow: Overflow::Block(longest), ..limits() });
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
fn span_larger_than_the_queue_does_not_block() {
    let queue =
        queue(QueueLimits { overflow: Overflow::Block(Duration::MAX), bytes: 100, ..limits() });
    push(&queue, 1);
    assert_eq!(counts(&queue.stats()), [1, 0, 1, 0, 0]);
}

#[test]
fn clock_set_back_does_not_hold_a_batch() {
    // With no time to wait for, every batch would be due, whichever clock is read.
    let queue = queue(QueueLimits { wait: Duration::from_millis(20), ..limits() });
    let (batches, _answer) = worker(&queue);
    let mut span = span(1, "");
    // As if the clock had been set back by a day since the span ended.
    span.end_time += Duration::from_secs(86_400);
    queue.push(ended(span));
    assert_eq!(batches.recv_timeout(LONG), Ok(1));
}
