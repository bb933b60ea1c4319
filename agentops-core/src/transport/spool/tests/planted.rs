//! Files in a spool that are not what this process has written.

use super::*;

/// Returns a free slot in a spool, to plant files in.
fn place(dir: &TempDir) -> PathBuf {
    drop(Process::at(dir));
    dir.path().join("0")
}

/// Creates a segment whose body has this many spans, and whose label may state another number.
fn request(spans: usize, labelled: u64) -> Segment {
    let scope_spans =
        vec![ScopeSpans { spans: vec![Span::default(); spans], ..ScopeSpans::default() }];
    let resource_spans = vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }];
    let body = ExportTraceServiceRequest { resource_spans }.encode_to_vec().into();
    let content_type = Some(PROTOBUF.to_owned());
    let label = Label { content_type, ..segment(labelled, "", &[]).label };
    Segment { label, body }
}

fn plant(place: &Path, name: &str, segment: &Segment) {
    fs::write(place.join(name), segment.encode().unwrap()).unwrap();
}

/// Does what the sender does when the endpoint accepts everything.
fn send_all(process: &Process) -> Stats {
    process.spool.seal();
    while let Some(file) = process.spool.next_file() {
        match process.spool.open_file(file) {
            Ok((file, _)) => process.spool.settle(&file, Ok(WHOLE)),
            Err(UnreadFile::Lost(reason)) => {
                process.spool.settle(&file, Err(DeliveryFailure::Spool(reason)));
            }
            Err(UnreadFile::Hindered(_)) => process.spool.leave_for_later(&file),
        }
    }
    process.stats()
}

#[test]
fn file_content_counts_over_name_and_label() {
    // Cases: the actual number of spans, those in label and name, and the expected counters.
    let failed =
        |recovered, sent| Stats { recovered, sent, failed: recovered - sent, ..Stats::default() };
    for (held, labelled, named, stats) in [
        (2, 2, 2, failed(2, 2)),
        (2, 2, 5, failed(5, 2)),
        (2, 2, 1, failed(2, 2)),
        (2, 2, 0, failed(2, 2)),
        (2, 7, 2, failed(2, 2)),
        (2, u64::MAX, 2, failed(2, 2)),
        (2, 0, 2, failed(2, 2)),
        (2, u64::MAX, 268_435_456, failed(268_435_456, 2)),
        (0, 3, 3, failed(3, 0)),
    ] {
        let dir = TempDir::new().unwrap();
        let name = format!("00000000000000000004-{named}.otlp");
        plant(&place(&dir), &name, &request(held, labelled));
        assert_eq!(send_all(&Process::at(&dir)), stats, "{held} {labelled} {named}");
        assert_eq!(send_all(&Process::at(&dir)), Stats::default(), "{held} {labelled} {named}");
    }
}

#[test]
fn compressed_body_counts_by_a_possible_label() {
    let (name, packed) = ("00000000000000000004-3.otlp", |labelled| {
        let Segment { label, .. } = request(0, labelled);
        let content_encoding = Some("gzip".to_owned());
        Segment { label: Label { content_encoding, ..label }, body: "packed".into() }
    });
    for (labelled, sent, failed) in
        [(3, 3, 0), (2, 2, 1), (6, 6, 0), (7, 0, 3), (u64::MAX, 0, 3), (0, 0, 3)]
    {
        let dir = TempDir::new().unwrap();
        plant(&place(&dir), name, &packed(labelled));
        let stats = Stats { recovered: sent + failed, sent, failed, ..Stats::default() };
        assert_eq!(send_all(&Process::at(&dir)), stats, "{labelled}");
        assert_eq!(send_all(&Process::at(&dir)), Stats::default(), "{labelled}");
    }
}

#[test]
fn waiting_file_is_renamed_to_its_content() {
    let dir = TempDir::new().unwrap();
    let place = place(&dir);
    plant(&place, "00000000000000000004-5.otlp", &request(2, 2));
    // The name that it would get is taken.
    plant(&place, "00000000000000000004-2.otlp", &request(2, 2));
    let process = Process::at(&dir);
    let opened = [(); 2]
        .map(|()| process.spool.next_file().unwrap())
        .map(|file| process.spool.open_file(file));
    for (file, _) in opened.into_iter().map(Result::unwrap) {
        process.spool.set_aside(file);
    }
    assert_eq!(process.stats(), Stats { recovered: 7, spooled: 4, failed: 3, ..Stats::default() });
    let renamed = ["00000000000000000004-2.otlp", "00000000000000000005-2.otlp"];
    assert_eq!(listed(&process), renamed);
    drop(process);
    assert_eq!(Process::at(&dir).stats(), Stats { recovered: 4, spooled: 4, ..Stats::default() });
}

#[test]
fn file_names_beyond_bounds_are_left_alone() {
    let dir = TempDir::new().unwrap();
    let place = place(&dir);
    let strangers = [
        "0-1.otlp",
        "00000000000000000000-18446744073709551615.otlp",
        "00000000000000000001-18446744073709551615.otlp",
        "00000000000000000003-01.otlp",
        "18446744073709551615-1.otlp",
        "notes.otlp",
    ];
    strangers.iter().for_each(|name| plant(&place, name, &request(1, 1)));
    // The last possible number; the one after it is the first, which is taken.
    let last = "09223372036854775807-1.otlp";
    plant(&place, last, &request(1, 1));
    plant(&place, "00000000000000000000-2.otlp", &request(2, 2));
    for start in 0..2 {
        let process = Process::at(&dir);
        process.keep(2, "own", &[]);
        let written = 2 * (start + 1);
        let stats =
            Stats { ended: 2, recovered: 1 + written, spooled: 3 + written, ..Stats::default() };
        assert_eq!(process.stats(), stats);
        let mut names = strangers.map(str::to_owned).to_vec();
        names.extend((0..=start + 1).map(|number| format!("{number:020}-2.otlp")));
        names.push(last.to_owned());
        names.sort();
        assert_eq!(listed(&process), names);
    }
    let process = Process::at(&dir);
    assert_eq!(send_all(&process), Stats { recovered: 7, sent: 7, ..Stats::default() });
    assert_eq!(listed(&process), strangers);
}

#[test]
fn takeover_moves_files_to_free_numbers() {
    let dir = TempDir::new().unwrap();
    let [one, two] = [(); 2].map(|()| Process::at(&dir));
    let [first, second] = [&one, &two].map(|process| process.spool.slot.dir.clone());
    drop((one, two));
    plant(&first, "09223372036854775807-1.otlp", &request(1, 1));
    plant(&first, "00000000000000000001-1.otlp", &request(1, 1));
    plant(&second, "00000000000000000001-1.otlp", &request(1, 1));
    plant(&second, "00000000000000000002-1.otlp", &request(1, 1));
    plant(&second, "2-1.otlp", &request(1, 1));
    let process = Process::at(&dir);
    let moved = ["00000000000000000000-1.otlp", "00000000000000000001-1.otlp"];
    let after = ["00000000000000000002-1.otlp", "09223372036854775807-1.otlp"];
    assert_eq!(listed(&process), [moved, after].concat());
    assert_eq!(process.stats(), Stats { recovered: 4, spooled: 4, ..Stats::default() });
    assert!(second.join("2-1.otlp").exists());
}

#[test]
fn torn_files_count_once_and_evict_nothing() {
    let dir = TempDir::new().unwrap();
    let place = place(&dir);
    let whole = request(1, 1).encode().unwrap();
    fs::write(place.join("00000000000000000001-2.otlp"), "").unwrap();
    fs::write(place.join("00000000000000000002-3.otlp"), &whole[..whole.len() / 2]).unwrap();
    fs::write(place.join("00000000000000000003-4.otlp"), [0; 5_000]).unwrap();
    fs::write(place.join("00000000000000000000-1.otlp"), &whole).unwrap();
    let long = File::create(place.join("00000000000000000004-5.otlp")).unwrap();
    long.set_len(1 << 40).unwrap();
    let process = Process::at(&dir);
    let stats = Stats { recovered: 15, spooled: 10, failed: 5, ..Stats::default() };
    assert_eq!(process.stats(), stats, "the long one is not read");
    assert_eq!(
        send_all(&process),
        Stats { recovered: 15, sent: 1, failed: 14, ..Stats::default() }
    );
    assert_eq!(listed(&process), [""; 0]);
    drop(process);
    assert_eq!(send_all(&Process::at(&dir)), Stats::default());
}

#[test]
fn unreadable_batch_is_not_spooled() {
    let dir = TempDir::new().unwrap();
    let process = Process::at(&dir);
    let body = vec![0; LONGEST_SEGMENT as usize].into();
    let error = process.spool.append(&Segment { body, ..segment(1, "", &[]) }).unwrap_err();
    assert_eq!(error.to_string(), "a batch cannot be kept: it is longer than 268435456 bytes");
    assert_eq!((listed(&process), process.stats()), (vec![], Stats::default()));
}

#[cfg(unix)]
#[test]
fn links_and_folders_named_as_segments_are_left_alone() {
    let dir = TempDir::new().unwrap();
    let place = place(&dir);
    let other = dir.path().join("other");
    fs::write(&other, request(1, 1).encode().unwrap()).unwrap();
    let [soft, hard, folder] = [1, 2, 3].map(|number| place.join(format!("{number:020}-1.otlp")));
    std::os::unix::fs::symlink(&other, soft).unwrap();
    fs::hard_link(&other, hard).unwrap();
    fs::create_dir(folder).unwrap();
    for _ in 0..2 {
        let process = Process::at(&dir);
        assert_eq!((send_all(&process), listed(&process).len()), (Stats::default(), 3));
    }
    assert_eq!(fs::read(&other).unwrap(), request(1, 1).encode().unwrap());
}

#[cfg(unix)]
#[test]
fn file_unreadable_at_the_moment_is_no_loss() {
    let dir = TempDir::new().unwrap();
    plant(&place(&dir), "00000000000000000001-1.otlp", &request(1, 1));
    let process = Process::at(&dir);
    let path = process.spool.slot.dir.join("00000000000000000001-1.otlp");
    // With a second hard link, it is not ours alone any more.
    let name = dir.path().join("name");
    fs::hard_link(&path, &name).unwrap();
    assert_eq!(send_all(&process), Stats { recovered: 1, spooled: 1, ..Stats::default() });
    assert!(process.ledger.flush(Duration::from_secs(60)).is_ok());
    fs::remove_file(name).unwrap();
    drop(process);
    assert_eq!(send_all(&Process::at(&dir)), Stats { recovered: 1, sent: 1, ..Stats::default() });
}

#[test]
fn recovered_start_is_one_span_whatever_its_label() {
    let dir = TempDir::new().unwrap();
    let aborted = place(&dir).join("aborted-1-0");
    fs::create_dir(&aborted).unwrap();
    let wild = |name: &str| {
        let Segment { label, body } = root(name);
        Segment { label: Label { spans: u64::MAX, ..label }, body }
    };
    plant(&aborted, ROOT, &wild(ROOT));
    plant(&aborted, OTHER, &wild(OTHER));
    plant(&aborted, "ab-01", &request(2, 1));
    plant(&aborted, "ab-02", &request(0, 1));
    fs::write(aborted.join("ab-03"), "").unwrap();
    let process = Process::at(&dir);
    process.spool.recover_sessions();
    let stats = Stats { recovered: 5, spooled: 2, failed: 3, ..Stats::default() };
    assert_eq!(process.stats(), stats);
    let mut known = roots(&process);
    known.sort();
    assert_eq!(
        known,
        [(ROOT.to_owned(), 5), (OTHER.to_owned(), 5)],
        "they did not end before they began"
    );
    let kept = ["00000000000000000000-1.otlp", "00000000000000000001-1.otlp"];
    assert_eq!(listed(&process), kept);
    drop(process);
    let next = Process::at(&dir);
    next.spool.recover_sessions();
    assert_eq!(next.stats(), Stats { recovered: 2, spooled: 2, ..Stats::default() });
}

#[test]
fn unremovable_file_is_no_loss_and_evicts_nothing() {
    let dir = TempDir::new().unwrap();
    let process = Process::with(SpoolSettings { max_bytes: 2 * BLOCK, ..settings(dir.path()) });
    process.keep(1, "first", &[]);
    let first = process.spool.files().waiting[0].path_in(&process.spool.slot.dir);
    // A folder is not removed in place of a file.
    fs::remove_file(&first).unwrap();
    fs::create_dir(&first).unwrap();
    process.keep(2, "second", &[]);
    process.keep(4, "third", &[]);
    assert_eq!(process.bodies(), ["second", "third"]);
    assert_eq!(process.stats(), Stats { ended: 7, spooled: 7, ..Stats::default() });
    let sent = Stats { ended: 7, sent: 6, spooled: 1, ..Stats::default() };
    assert_eq!(send_all(&process), sent);
    assert!(process.ledger.flush(Duration::from_secs(60)).is_ok(), "nobody waits for it");
}

#[cfg(unix)]
#[test]
fn foreign_start_file_is_left_and_others_recovered_once() {
    let dir = TempDir::new().unwrap();
    let place = place(&dir);
    let aborted = place.join("aborted-1-0");
    fs::create_dir(&aborted).unwrap();
    std::os::unix::fs::symlink("/dev/zero", aborted.join("ab-01")).unwrap();
    plant(&aborted, ROOT, &root(ROOT));
    plant(&aborted, OTHER, &root(OTHER));
    plant(&place, "00000000000000000000-1.otlp", &segment(1, "the other one", &[OTHER]));
    let process = Process::at(&dir);
    process.spool.recover_sessions();
    assert_eq!(send_all(&process), Stats { recovered: 2, sent: 2, ..Stats::default() });
    drop(process);
    let next = Process::at(&dir);
    next.spool.recover_sessions();
    assert_eq!(send_all(&next), Stats::default());
    let left: Vec<_> = fs::read_dir(&aborted).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(left, ["ab-01"]);
}
