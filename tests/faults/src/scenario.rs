//! One way in which delivery can go wrong, played and checked: what the program counted against what the
//! collector has truly taken.

use std::{
    collections::HashMap,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use crate::{
    collector::{Collector, Taken},
    fault::Plan,
    program::{Counts, Program, spans_in},
};

/// Number of spans that may be lost, all of them counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lost {
    /// None.
    Nothing,
    /// At least one.
    Some,
    /// All.
    Everything,
}

/// Way in which the collector comes by its connections.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
    /// Over plain HTTP, at its own address.
    Plain,
    /// Over TLS, with an authority that the program knows.
    Tls,
    /// Over TLS, with an authority that it does not know.
    TlsOfStrangers,
    /// Through a proxy that the environment names.
    Proxy,
}

/// A scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Fault that is played.
    pub name: &'static str,
    /// Arguments of the program, beside its sessions and spans.
    pub args: &'static [&'static str],
    /// Number of sessions.
    pub sessions: u64,
    /// Number of spans below each.
    pub spans: u64,
    /// Further variables.
    pub variables: Vec<(&'static str, String)>,
    /// Fate of the requests.
    pub plan: Plan,
    /// Number of requests that an AgentOps token is good for, where one is wanted.
    pub token_uses: Option<u64>,
    /// Time during which nobody listens.
    pub outage: Outage,
    /// Over what.
    pub way: Way,
    /// Where spans wait on disk, if they do.
    pub spool: Option<PathBuf>,
    /// Number of spans that may be lost.
    pub lost: Lost,
    /// `true` if spans may arrive twice: where an answer does not come back, at least once is all there is.
    pub at_least_once: bool,
}

/// Time during which nobody listens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outage {
    /// Not at all.
    No,
    /// For a while.
    For(Duration),
    /// Until the program has ended.
    Longer,
}

/// Outcome of a scenario.
#[derive(Debug)]
pub struct Result {
    /// Spans that were produced.
    pub produced: u64,
    /// Spans that the collector has taken, each once.
    pub received: u64,
    /// Number of those that it has taken more than once.
    pub duplicates: u64,
    /// Counts of the program at its end.
    pub counts: Counts,
    /// Counts of the programs that came after it and found what it had left.
    pub later: Vec<Counts>,
    /// Time that it took.
    pub took: Duration,
}

/// The shutdown's budget is 5 s; more than this is none of ours.
const BUDGET: Duration = Duration::from_secs(8);

impl Scenario {
    /// Plays it.
    pub fn play(&self) -> Result {
        let authority = tempfile::NamedTempFile::new().unwrap();
        let seat = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = seat.local_addr().unwrap();
        let mut collector = None;
        let mut waiting = None;
        match self.outage {
            Outage::No => {
                drop(seat);
                collector = Some(self.listen(address, authority.path()));
            }
            Outage::For(time) => {
                drop(seat);
                let (scenario, authority) = (self.clone(), authority.path().to_owned());
                waiting = Some(thread::spawn(move || {
                    thread::sleep(time);
                    scenario.listen(address, &authority)
                }));
            }
            Outage::Longer => drop(seat),
        }
        let variables = self.variables(address, authority.path());
        let began = Instant::now();
        let counts = self.run(self.sessions, &variables);
        let took = began.elapsed();
        let collector = collector.or_else(|| waiting.map(|it| it.join().unwrap()));
        let collector = collector.unwrap_or_else(|| self.listen(address, authority.path()));
        collector.heal();
        let later = self.spool.as_deref().map(|spool| drain(spool, &variables)).unwrap_or_default();
        let taken = collector.taken();
        if self.way == Way::Proxy {
            assert!(collector.proxied() > 0, "nothing came through the proxy");
        }
        Result {
            produced: self.sessions * (self.spans + 1),
            received: taken.len() as u64,
            duplicates: taken.values().filter(|taken| taken.times > 1).count() as u64,
            counts,
            later,
            took,
        }
    }

    /// Checks the outcome.
    pub fn check(&self, result: &Result) -> std::result::Result<(), String> {
        let Result { produced, received, duplicates, counts, later, took } = result;
        let lost = counts.lost() + later.iter().map(Counts::lost).sum::<u64>();
        let found = later.first().map_or(counts.spooled, |next| next.recovered);
        let claims = [
            (counts.ended == *produced, "not all that was produced has ended"),
            (counts.adds_up() && later.iter().all(Counts::adds_up), "the account does not add up"),
            (received + lost == *produced, "received + counted losses are not what was produced"),
            (found == counts.spooled, "what was left on disk is not what was found"),
            (*duplicates == 0 || self.at_least_once, "a span came twice for no reason"),
            (
                counts.shutdown.as_deref() == Some("ok") || counts.lost() > 0,
                "it failed for nothing",
            ),
            (
                counts.shutdown.as_deref() != Some("ok") || counts.lost() == 0,
                "it was ok with losses",
            ),
            (*took < self.least() + BUDGET, "it took longer than its budget"),
            match self.lost {
                Lost::Nothing => (lost == 0, "something was lost"),
                Lost::Some => (lost > 0 && lost < *produced, "nothing was lost, or everything"),
                Lost::Everything => (lost == *produced, "something was not lost"),
            },
        ];
        claims
            .iter()
            .find(|(holds, _)| !holds)
            .map_or(Ok(()), |(_, claim)| Err((*claim).to_owned()))
    }

    /// Least time of the program, not counting the work.
    fn least(&self) -> Duration {
        let pause = self.args.iter().position(|arg| *arg == "--pause");
        let pause: u64 = pause.map_or(0, |at| self.args[at + 1].parse().unwrap());
        Duration::from_millis(pause * self.sessions)
    }

    fn listen(&self, address: SocketAddr, authority: &Path) -> Collector {
        let listener = TcpListener::bind(address).unwrap();
        let is_tls = matches!(self.way, Way::Tls | Way::TlsOfStrangers);
        Collector::on(listener, self.plan, self.token_uses, is_tls.then_some(authority))
    }

    fn variables(&self, address: SocketAddr, authority: &Path) -> Vec<(String, String)> {
        let scheme =
            if matches!(self.way, Way::Tls | Way::TlsOfStrangers) { "https" } else { "http" };
        let own = format!("{scheme}://{address}");
        let mut variables = vec![
            ("AGENTOPS_MAX_WAIT_TIME", "50".to_owned()),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "400".to_owned()),
        ];
        if self.way == Way::Proxy {
            variables.push(("HTTP_PROXY", own));
            variables
                .push(("AGENTOPS_EXPORTER_ENDPOINT", "http://collector.invalid:4318".to_owned()));
        } else {
            variables.push(("AGENTOPS_EXPORTER_ENDPOINT", own.clone()));
            if self.token_uses.is_some() {
                variables.push(("AGENTOPS_API_KEY", "secret-key".to_owned()));
                variables.push(("AGENTOPS_API_ENDPOINT", own));
            }
        }
        if self.way == Way::Tls {
            let authority = authority.display().to_string();
            variables.push(("OTEL_EXPORTER_OTLP_CERTIFICATE", authority));
        }
        if let Some(spool) = &self.spool {
            variables.push(("AGENTOPS_SPOOL_DIR", spool.display().to_string()));
        }
        variables.extend(self.variables.iter().cloned());
        variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn run(&self, sessions: u64, variables: &[(String, String)]) -> Counts {
        let numbers = ["--sessions".to_owned(), sessions.to_string()];
        let spans = ["--spans".to_owned(), self.spans.to_string()];
        let args = numbers.into_iter().chain(spans);
        let args: Vec<_> = args.chain(self.args.iter().map(|&arg| arg.to_owned())).collect();
        let mut program = Program::start("burst", &args, variables);
        let produced = program.counts("produced").expect("the program says what it has produced");
        assert!(produced.adds_up(), "{produced:?}");
        let last = program.counts("final").expect("the program says what became of it");
        assert!(program.wait().success());
        last
    }
}

/// Has further programs send what waits, until nothing does.
pub fn drain(spool: &Path, variables: &[(String, String)]) -> Vec<Counts> {
    let args = ["--sessions", "0"].map(str::to_owned);
    let mut later = Vec::new();
    while later.is_empty() || (spans_in(spool) > 0 && later.len() < 5) {
        let mut program = Program::start("burst", &args, variables);
        let [_, last] =
            ["produced", "final"].map(|phase| program.counts(phase).expect("it says so"));
        assert!(program.wait().success());
        later.push(last);
    }
    later
}

/// Checks the shape of traces: each has its root, once, and all parents are there.
pub fn check_shape(taken: &HashMap<(String, String), Taken>) -> std::result::Result<(), String> {
    let mut roots: HashMap<&String, u64> = HashMap::new();
    for ((trace, span), it) in taken {
        let roots = roots.entry(trace).or_default();
        *roots += u64::from(it.parent.is_none());
        if let Some(parent) = &it.parent
            && !taken.contains_key(&(trace.clone(), parent.clone()))
        {
            return Err(format!("the span {span} of {trace} has lost its parent"));
        }
        if it.end_states.len() > 1 {
            return Err(format!("the session {trace} has ended as {:?}", it.end_states));
        }
    }
    match roots.iter().find(|(_, roots)| **roots != 1) {
        Some((trace, roots)) => Err(format!("the trace {trace} has {roots} roots")),
        None => Ok(()),
    }
}
