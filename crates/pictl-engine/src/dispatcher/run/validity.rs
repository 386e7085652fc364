//! What a run's figures are worth: a fold over the same events that a record keeps, so that a run that was joined later is
//! judged like one that was watched. The limits and their reasons stand in `docs/telemetry.md`.

use std::collections::{BTreeMap, VecDeque};

use pictl_model::event::Event;
use pictl_model::node::Facts;
use pictl_model::run::{Concern, RunEvent, RunHost, RunPhase, RunPlan, Validity, Verdict};
use pictl_model::telemetry::{Sample, Swapped};
use pictl_model::text::count;
use pictl_model::{Celsius, Hertz, Millis, NodeId, Throttled, Timestamp};

use crate::record::Earlier;
use crate::skew;

/// Readings before the launch that show other load. The least of them counts, and two are needed, since pictl itself reads
/// and copies in that time.
const RESTING: usize = 5;
/// A node whose cores are busier than this before the launch has other work. Where there are fewer than [`RESTING`] readings,
/// because pictl has only just logged in and learns what the node is, one core more is its own.
const OTHER_LOAD: f32 = 0.2;
/// So long after a run its share in the load average of a minute is down to a twentieth.
const LOAD_FADES: Millis = Millis(180_000);
/// A node busier than this is at work, and its clock should be up.
const AT_WORK: f32 = 0.2;
/// A clock that fell by more than this share fell; less is what two measurements of one clock may differ by.
const CLOCK_FELL: f64 = 0.05;
/// As many pages moved to or from swap slowed the run down; fewer are what the system put aside.
const SWAPPED: u64 = 256;
/// A node unseen for longer than this was not watched.
const UNSEEN: Millis = Millis(5_000);

/// Watches the nodes before, during and after a run.
#[derive(Debug, Default)]
pub(in crate::dispatcher) struct Observer {
    nodes: BTreeMap<NodeId, Watched>,
    /// A proof of MPI is at work.
    checking: bool,
    launched: Option<Timestamp>,
    earlier: Option<Box<Earlier>>,
}

#[derive(Debug, Default)]
struct Watched {
    facts: Option<Box<Facts>>,
    last: Option<(Timestamp, Sample)>,
    /// How busy it was of late, while no run was on.
    resting: VecDeque<f32>,
    /// The next reading still shows what pictl did.
    disturbed: bool,
    during: During,
}

/// What was seen from the last reading before the launch on.
#[derive(Debug, Default)]
struct During {
    start: Option<Sample>,
    readings: u32,
    unseen: Millis,
    /// Flags of the moments.
    flags: u32,
    /// Some reading had flags at all.
    reported: bool,
    clock: WorkingClock,
}

impl Observer {
    /// Takes one event in.
    pub(in crate::dispatcher) fn take(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::FactsRead { node, facts } => self.node(node).facts = Some(facts.clone()),
            Event::Sampled { node, sample } => {
                let (launched, checking) = (self.launched.is_some(), self.checking);
                let node = self.node(node);
                node.sample(at, sample, launched);
                node.disturbed |= checking;
            }
            Event::Run { event: RunEvent::Planned { .. }, .. } => {
                (self.launched, self.checking, self.earlier) = (None, false, None);
            }
            Event::Run { event: RunEvent::Phase { phase }, .. } => self.phase(at, *phase),
            Event::Run { event: RunEvent::Finished { .. }, .. } => {
                self.launched = None;
                for node in self.nodes.values_mut() {
                    node.resting.clear();
                    node.disturbed = true;
                }
            }
            _ => {}
        }
    }

    fn phase(&mut self, at: Timestamp, phase: RunPhase) {
        // The proof of MPI before a run is work, until the reading after its end.
        if phase == RunPhase::Checking || self.checking {
            self.checking = phase == RunPhase::Checking;
            self.nodes.values_mut().for_each(|node| node.disturbed = true);
        }
        if phase == RunPhase::Launching {
            self.launched = Some(at);
            for node in self.nodes.values_mut() {
                node.during = During { start: node.last.map(|(_, sample)| sample), ..During::default() };
            }
        }
    }

    /// What ran before the run at work.
    pub(in crate::dispatcher) fn earlier(&mut self, earlier: Box<Earlier>) {
        self.earlier = Some(earlier);
    }

    /// What the figures of the run of this plan are worth at its end. `None` when it was never launched.
    pub(in crate::dispatcher) fn judge(&self, plan: &RunPlan, now: Timestamp) -> Option<Validity> {
        let launched = self.launched?;
        let calm = self.earlier.as_ref().is_some_and(|e| e.ended.is_none_or(|ended| launched - ended > LOAD_FADES));
        let mut concerns = Vec::new();
        let unseen = Watched::default();
        for host in &plan.hosts {
            let node = self.nodes.get(&host.node).unwrap_or(&unseen);
            node.concerns(host, calm, now, &mut |verdict, text| concerns.push(Concern { verdict, text }));
        }
        concerns.extend(self.clocks(plan));
        concerns.extend(crowded(plan));
        concerns.extend(self.governors(plan));
        concerns.extend(self.changes(plan));
        Some(Validity::of(concerns))
    }

    fn node(&mut self, node: &NodeId) -> &mut Watched {
        self.nodes.entry(node.clone()).or_default()
    }

    fn facts(&self, node: &NodeId) -> Option<&Facts> {
        self.nodes.get(node)?.facts.as_deref()
    }

    /// Clocks that differ do not spoil the figures: the times in them are those of one clock.
    fn clocks(&self, plan: &RunPlan) -> Vec<Concern> {
        let offset = |host: &RunHost| self.facts(&host.node).and_then(|f| f.clock_offset_ms);
        let all: Vec<i64> = plan.hosts.iter().filter_map(offset).collect();
        let warning = |host: &RunHost| {
            let warning = skew::warning(offset(host)?, all.iter().copied())?;
            Some(Concern { verdict: Verdict::Valid, text: format!("{}: {warning}", host.name) })
        };
        plan.hosts.iter().filter_map(warning).collect()
    }

    /// A governor that follows the load is reported once for all nodes that have it.
    fn governors(&self, plan: &RunPlan) -> Vec<Concern> {
        let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for host in &plan.hosts {
            if let Some(governor) = self.facts(&host.node).and_then(|f| f.governor.as_deref())
                && governor != "performance"
            {
                names.entry(governor).or_default().push(&host.name);
            }
        }
        let remark = |(governor, names): (&str, Vec<&str>)| Concern {
            verdict: Verdict::Valid,
            text: format!("the governor of {} is {governor}, not performance", listing(&names)),
        };
        names.into_iter().map(remark).collect()
    }

    /// Other versions than in the run before do not spoil the figures, only the comparison.
    fn changes(&self, plan: &RunPlan) -> Vec<Concern> {
        let Some(earlier) = self.earlier.as_ref().and_then(|e| e.same.as_ref()) else { return Vec::new() };
        let mut texts = Vec::new();
        let (before, then, now) = (&earlier.plan.id, &earlier.plan.mpi, &plan.mpi);
        if (then.family, &then.version) != (now.family, &now.version) {
            texts.push(format!(
                "{} {} ran here and {} {} in {before}",
                now.family, now.version, then.family, then.version
            ));
        }
        for host in &plan.hosts {
            let kernel_of = |facts: Option<&Facts>| facts.and_then(|f| f.kernel.clone());
            let kernels = kernel_of(earlier.facts.get(&host.node)).zip(kernel_of(self.facts(&host.node)));
            if let Some((then, now)) = kernels.filter(|(then, now)| then != now) {
                texts.push(format!("the kernel of {} is {now} and was {then} in {before}", host.name));
            }
        }
        texts.into_iter().map(|text| Concern { verdict: Verdict::Valid, text }).collect()
    }
}

impl Watched {
    fn sample(&mut self, at: Timestamp, sample: &Sample, launched: bool) {
        if launched {
            self.during.sample(self.last.as_ref().map(|(_, before)| before), sample);
        } else if !std::mem::take(&mut self.disturbed)
            && let Some(busy) = sample.busy
        {
            if self.resting.len() == RESTING {
                self.resting.pop_front();
            }
            self.resting.push_back(busy);
        }
        self.last = Some((at, *sample));
    }

    /// What must be said of this node. `calm`: no run of pictl's was on in the minutes before.
    fn concerns(&self, host: &RunHost, calm: bool, now: Timestamp, report: &mut impl FnMut(Verdict, String)) {
        let name = &host.name;
        let model = self.facts.as_ref().and_then(|f| f.model.as_deref()).unwrap_or_default();
        let during = &self.during;
        let last = self.last.as_ref().map(|(_, sample)| sample);
        let unseen = self.last.map_or(Millis(0), |(at, _)| now - at).max(during.unseen);
        if self.last.is_none() || (during.readings == 0 && unseen > UNSEEN) {
            report(Verdict::Doubtful, format!("{name} could not be watched: none of its readings arrived"));
            return;
        }
        if unseen > UNSEEN {
            report(Verdict::Doubtful, format!("{name} could not be watched for {unseen} of the run"));
        }
        if let Some(how) = self.other_work(host.slots, calm) {
            report(Verdict::Doubtful, format!("{name} had other work before the start: {how}"));
        }
        if let Some(temp) = during.start.and_then(|start| start.temp) {
            let limit = limit_of(model);
            if temp.0 >= limit.hot_from.0 {
                let slows = limit.slows_from.0;
                let text = format!("{name} had {temp} at the start already, and slows down from {slows:.0} °C on");
                report(Verdict::Doubtful, text);
            }
        }
        for (flag, verdict, words) in FLAGS {
            if during.all_flags(last).0 & flag != 0 {
                report(verdict, format!("{name} {words} during the run"));
            }
        }
        let reported = during.reported || during.start.is_some_and(|start| start.throttled.is_some());
        if !reported && model.contains("Raspberry Pi") {
            let user = self.facts.as_ref().map_or("the user", |f| &f.user);
            let text = format!("{name} did not report whether it was throttled (is {user} in its group video?)");
            report(Verdict::Doubtful, text);
        }
        if let Some((from, to)) = during.clock.fell() {
            let text = format!("the clock of {name} went from {} to {} MHz while it worked", from.mhz(), to.mhz());
            report(Verdict::Doubtful, text);
        }
        let swapped = during.start.and_then(|s| s.swapped).zip(last.and_then(|s| s.swapped));
        match swapped.map(|(then, now)| pages_between(then, now)) {
            None | Some(0) => {}
            Some(pages @ 1..SWAPPED) => report(Verdict::Valid, format!("{name} swapped a little: {pages} pages")),
            Some(pages) => report(
                Verdict::Invalid,
                format!("{name} swapped during the run ({pages} pages): its memory is too small for this"),
            ),
        }
    }

    /// How busy it was before the launch, if it was too busy. Where there are not enough readings, because the run was launched
    /// right after the login, the load average of the last minute counts, unless a run of pictl's is still in it.
    /// `slots` is how many cores it had when the run was planned: what was read of it since may be about keys only.
    fn other_work(&self, slots: u16, calm: bool) -> Option<String> {
        let cores = self.facts.as_ref().map_or(0, |f| f.cores).max(slots).max(1);
        let on = count(cores.into(), "core", "cores");
        let cores = f32::from(cores);
        let own = 1.0 / cores;
        if self.resting.len() > 1 {
            let busy = self.resting.iter().copied().fold(1.0, f32::min);
            let limit = if self.resting.len() < RESTING { OTHER_LOAD + own } else { OTHER_LOAD };
            (busy > limit).then(|| format!("{:.0} % of its CPU time", busy * 100.0))
        } else {
            let load = self.during.start?.load.filter(|load| calm && *load > cores * (OTHER_LOAD + own))?;
            Some(format!("a load of {load:.1} on {on}"))
        }
    }
}

/// Ranks that share cores.
fn crowded(plan: &RunPlan) -> Option<Concern> {
    let cores: u64 = plan.hosts.iter().map(|host| u64::from(host.slots)).sum();
    (u64::from(plan.ranks) > cores).then(|| Concern {
        verdict: Verdict::Valid,
        text: format!(
            "{} share {}: they take turns, so times are no measure of how the program scales",
            count(plan.ranks.into(), "rank", "ranks"),
            count(cores, "core", "cores")
        ),
    })
}

/// What each flag makes of a run.
const FLAGS: [(u32, Verdict, &str); 4] = [
    (Throttled::UNDER_VOLTAGE, Verdict::Invalid, "had too low a supply voltage"),
    (Throttled::THROTTLED, Verdict::Invalid, "was throttled"),
    (Throttled::CAPPED, Verdict::Invalid, "had its clock capped by the firmware"),
    (Throttled::SOFT_LIMIT, Verdict::Doubtful, "was at its soft temperature limit"),
];

impl During {
    fn sample(&mut self, before: Option<&Sample>, sample: &Sample) {
        self.readings += 1;
        // By the node's own clock: readings that were only late on their way are no gap.
        let gap = before.map_or(0.0, |before| sample.uptime - before.uptime).max(0.0);
        self.unseen = self.unseen.max(Millis((gap * 1e3) as u64));
        self.flags |= sample.throttled.map_or(0, |flags| flags.0 & 0xf);
        self.reported |= sample.throttled.is_some();
        self.clock.sample(sample);
    }

    /// The flags of all moments, and those that rose between two readings: they are among the flags since boot now, and
    /// were not at the start.
    fn all_flags(&self, last: Option<&Sample>) -> Throttled {
        let since_boot = |sample: Option<&Sample>| Some(sample?.throttled?.0 >> 16 & 0xf);
        let risen = since_boot(self.start.as_ref()).zip(since_boot(last)).map_or(0, |(then, now)| now & !then);
        Throttled(self.flags | risen)
    }
}

/// The clock of a node at work. A reading counts between two others at work: at the edges of work the clock of the
/// moment does not belong to the share of time that went before it.
#[derive(Debug, Default)]
struct WorkingClock {
    /// The last reading was at work, and so was this clock's.
    pending: Option<Hertz>,
    at_work: bool,
    highest: Option<Hertz>,
    /// The lowest after the highest.
    lowest: Option<Hertz>,
}

impl WorkingClock {
    fn sample(&mut self, sample: &Sample) {
        let at_work = sample.busy.is_some_and(|busy| busy >= AT_WORK);
        if at_work && let Some(clock) = self.pending {
            if self.highest.is_none_or(|highest| clock > highest) {
                (self.highest, self.lowest) = (Some(clock), Some(clock));
            }
            self.lowest = self.lowest.min(Some(clock));
        }
        let clock = sample.clock.or(sample.kernel_clock);
        self.pending = clock.filter(|_| at_work && self.at_work);
        self.at_work = at_work;
    }

    fn fell(&self) -> Option<(Hertz, Hertz)> {
        let (highest, lowest) = self.highest.zip(self.lowest)?;
        ((lowest.0 as f64) < highest.0 as f64 * (1.0 - CLOCK_FELL)).then_some((highest, lowest))
    }
}

struct Limit {
    slows_from: Celsius,
    hot_from: Celsius,
}

/// From where on a model slows down (Raspberry Pi documentation, "frequency management"), and how warm is too warm to
/// begin with.
fn limit_of(model: &str) -> Limit {
    let soft = ["3 Model B Plus", "3 Model A Plus"].iter().any(|name| model.contains(name));
    let (slows_from, hot_from) = if soft { (60.0, 55.0) } else { (80.0, 70.0) };
    Limit { slows_from: Celsius(slows_from), hot_from: Celsius(hot_from) }
}

fn pages_between(then: Swapped, now: Swapped) -> u64 {
    now.pages_in.saturating_sub(then.pages_in).saturating_add(now.pages_out.saturating_sub(then.pages_out))
}

/// `pi01`, `pi01 and pi02`, `pi01, pi02 and 6 more`.
fn listing(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [one, two] => format!("{one} and {two}"),
        [one, two, more @ ..] => format!("{one}, {two} and {} more", more.len()),
    }
}

#[cfg(test)]
mod tests;
