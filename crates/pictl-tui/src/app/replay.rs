//! A record that is shown over the live dashboard, which goes on below it.

use std::sync::Arc;

use pictl_model::{Millis, RunId, Stamped, Timestamp};

use super::App;
use crate::clock::{Clock, Player};
use crate::messages::{Effect, Msg};
use crate::options::Options;

/// A picture follows the record after this long at the soonest.
const SOONEST: f64 = 0.033;

/// A record that is being shown.
pub(crate) struct Replay {
    pub(crate) app: App,
    record: Vec<Arc<Stamped>>,
    /// Events of it that the dashboard has.
    shown: usize,
    player: Player,
}

impl Replay {
    /// Shows `record` from its beginning, on a terminal of the size that `live` has. `None` when nothing is in it.
    pub(super) fn new(live: &super::Context, run: &RunId, record: Vec<Stamped>) -> Option<Self> {
        let (begin, end) = (record.first()?.at, record.iter().map(|stamped| stamped.at).max()?);
        let player = Player::new(begin, end, 1.0);
        let record_of = format!("RECORD of {run}: nothing of this happens now");
        let banner = live.options.banner.iter().fold(record_of, |words, live| format!("{words}; {live}"));
        let options = Options {
            banner: Some(banner),
            clock: Clock::Record(player.clone()),
            over_live: true,
            auto_scan: false,
            ..live.options.clone()
        };
        let app = App::new(options, begin, live.size);
        let mut replay = Self { app, record: record.into_iter().map(Arc::new).collect(), shown: 0, player };
        replay.follow();
        Some(replay)
    }

    /// Takes a message in; `None` when the user leaves the record.
    pub(super) fn update(&mut self, msg: Msg) -> Option<Vec<Effect>> {
        let effects = self.app.update(self.now(), msg);
        let mut left = Vec::new();
        for effect in effects {
            match effect {
                Effect::Leave(_) => return None,
                Effect::Scrub(wish) => self.player.scrub(wish),
                other => left.push(other),
            }
        }
        self.follow();
        Some(left)
    }

    /// Shows what the record has up to its time; from the beginning again when that went back.
    fn follow(&mut self) {
        let now = self.now();
        if self.shown > 0 && self.record[self.shown - 1].at > now {
            self.shown = 0;
        }
        while let Some(next) = self.record.get(self.shown).filter(|next| next.at <= now) {
            let next = Arc::clone(next);
            self.shown += 1;
            self.app.update(now, Msg::Event(next));
        }
    }

    /// When the picture changes next by itself.
    pub(super) fn next_tick(&self) -> Millis {
        let (play, own) = (self.player.play(), self.app.next_tick());
        match self.record.get(self.shown) {
            Some(next) if !play.paused => {
                let left = ((next.at - self.now()).seconds() / play.speed).max(SOONEST);
                own.min(Millis((left * 1e3) as u64))
            }
            _ => own,
        }
    }

    fn now(&self) -> Timestamp {
        self.player.play().now()
    }
}
