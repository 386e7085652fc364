//! Where the parts of the picture lie.

use ratatui::layout::Rect;

use crate::paint::{split_bottom, split_top};

/// The parts of the picture; those for which there is no room have no height.
pub(crate) struct Parts {
    pub(crate) header: Rect,
    pub(crate) banner: Rect,
    /// The screen's part.
    pub(crate) body: Rect,
    pub(crate) status: Rect,
    pub(crate) help: Rect,
}

/// Where the parts of the picture lie on a terminal of this size, with or without a banner.
pub(crate) fn parts(area: Rect, banner: bool) -> Parts {
    let tall = |rows: u16| u16::from(area.height >= rows);
    let (header, rest) = split_top(area, tall(2));
    let (banner, rest) = split_top(rest, if banner { tall(3) } else { 0 });
    let (rest, help) = split_bottom(rest, tall(5));
    let (body, status) = split_bottom(rest, tall(7));
    Parts { header, banner, body, status, help }
}
