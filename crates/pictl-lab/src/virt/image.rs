//! Disk images: built once, stored in the cache, and shared by all nodes as the lower layer of their disks.
//!
//! An image is named after its recipe, so that a changed recipe makes a new one. It is built beside its place by
//! `assets/lab/image.sh`, in a control group of its own, and renamed when it is complete. A lock keeps two builders
//! apart; the process that holds it can end a builder that has lost its parent.

use std::collections::VecDeque;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use pictl_formats::hash::sha256_hex;

use super::cgroup::Group;
use super::place::CACHE;
use super::spec::Extra;
use super::{LabError, Progress, Release, WithMpi, tool};

/// Everything that goes into an image; the first is its recipe.
const BASE: [(&str, &str); 4] = [
    ("image.sh", include_str!("../../../../assets/lab/image.sh")),
    ("vcgencmd", include_str!("../../../../assets/lab/vcgencmd")),
    ("thermal.py", include_str!("../../../../assets/lab/thermal.py")),
    ("pictl-lab-thermal.service", include_str!("../../../../assets/lab/pictl-lab-thermal.service")),
];

/// The same for a layer with an MPI.
const LAYER: [(&str, &str); 1] = [("layer.sh", include_str!("../../../../assets/lab/layer.sh"))];

/// The same for a layer with a C compiler above the one with an MPI.
const COMPILER: [(&str, &str); 1] = [("compiler.sh", include_str!("../../../../assets/lab/compiler.sh"))];

/// The same for a layer with what some benchmarks need above the one with a C compiler.
const BENCH: [(&str, &str); 1] = [("bench.sh", include_str!("../../../../assets/lab/bench.sh"))];

/// The same for a layer with the source of mpi4py above the one with a C compiler.
const SOURCE: [(&str, &str); 1] = [("source.sh", include_str!("../../../../assets/lab/source.sh"))];

/// What the control group of a builder is called: `pictl-lab-image.` and the image's name.
const BUILDERS: &str = "pictl-lab-image.";

/// The layers that a node's disk stands on, topmost first; builds what is missing.
pub(crate) fn ensure(
    release: Release,
    mpi: WithMpi,
    progress: &mut dyn FnMut(Progress),
) -> Result<Vec<PathBuf>, LabError> {
    let (suite, mirror) = (release.to_string(), debian_mirror());
    let base = Image { name: format!("{suite}-{}", hash(&BASE)), assets: &BASE, result: "" };
    let base = base.ensure(&[&suite, &mirror], progress)?;
    if mpi == WithMpi::None {
        return Ok(vec![base]);
    }
    let launcher = mpi.launcher().to_string();
    let mut recipe = [BASE.as_slice(), &LAYER].concat();
    let layer = Image { name: format!("{suite}-{launcher}-{}", hash(&recipe)), assets: &LAYER, result: "upper" };
    let mut layers = vec![layer.ensure(&[&launcher, &base.to_string_lossy()], progress)?, base];
    // Each of these stands upon all before it.
    for extra in mpi.extras() {
        let (extra, assets) = match extra {
            Extra::Compiler => ("dev", &COMPILER),
            Extra::Bench => ("bench", &BENCH),
            Extra::Source => ("source", &SOURCE),
        };
        recipe.extend(assets);
        let name = format!("{suite}-{launcher}-{extra}-{}", hash(&recipe));
        let lower = layers.iter().map(|layer| layer.to_string_lossy()).collect::<Vec<_>>().join(":");
        let layer = Image { name, assets, result: "upper" };
        layers.insert(0, layer.ensure(&[&suite, &mirror, &lower, &launcher], progress)?);
    }
    Ok(layers)
}

/// Ends builders whose parents were killed, and removes what they had built so far.
pub(crate) fn sweep() -> Result<(), LabError> {
    for group in Group::list(BUILDERS)? {
        let image = Image { name: group[BUILDERS.len()..].to_owned(), assets: &[], result: "" };
        if let Ok(lock) = image.lock_file()
            && lock.try_lock().is_ok()
        {
            image.clear()?;
        }
    }
    Ok(())
}

fn hash(assets: &[(&str, &str)]) -> String {
    let bytes: Vec<u8> =
        assets.iter().flat_map(|(name, content)| [*name, "\0", content]).flat_map(str::bytes).collect();
    sha256_hex(&bytes)[..12].to_owned()
}

/// One image in the cache.
struct Image<'a> {
    name: String,
    /// What it is built from.
    assets: &'a [(&'a str, &'a str)],
    /// What becomes the image, below what the recipe makes.
    result: &'a str,
}

impl Image<'_> {
    fn path(&self) -> PathBuf {
        Path::new(CACHE).join(&self.name)
    }

    /// Where it is while it is being built.
    fn workshop(&self) -> PathBuf {
        Path::new(CACHE).join(format!("{}.building", self.name))
    }

    fn group(&self) -> Result<Group, LabError> {
        Group::new(&format!("{BUILDERS}{}", self.name))
    }

    /// Held while it is being built. The kernel lets go of it when the holder dies.
    fn lock_file(&self) -> Result<File, LabError> {
        let path = Path::new(CACHE).join(format!("{}.lock", self.name));
        fs::create_dir_all(CACHE).map_err(LabError::io("create", Path::new(CACHE)))?;
        File::create(&path).map_err(LabError::io("create", &path))
    }

    /// Builds it if it is not there. `args` are for the recipe, to which the target is added.
    fn ensure(&self, args: &[&str], progress: &mut dyn FnMut(Progress)) -> Result<PathBuf, LabError> {
        if self.path().is_dir() {
            return Ok(self.path());
        }
        let lock = self.lock_file()?;
        if let Err(TryLockError::WouldBlock) = lock.try_lock() {
            progress(Progress::Phase(format!("waiting for another builder of image {}", self.name)));
            lock.lock().map_err(LabError::io("lock", Path::new(CACHE)))?;
        }
        // Built by someone else meanwhile?
        if !self.path().is_dir() {
            self.clear()?;
            let built = self.build(args, progress);
            if built.is_ok() {
                let from = self.workshop().join("image").join(self.result);
                fs::rename(&from, self.path()).map_err(LabError::io("rename", &from))?;
            }
            self.clear()?;
            built?;
        }
        Ok(self.path())
    }

    /// Leaves nothing of a build, finished or not. The holder of the lock calls this.
    fn clear(&self) -> Result<(), LabError> {
        self.group()?.destroy()?;
        let workshop = self.workshop();
        match fs::remove_dir_all(&workshop) {
            Err(error) if workshop.exists() => Err(LabError::io("remove", &workshop)(error)),
            _ => Ok(()),
        }
    }

    fn build(&self, args: &[&str], progress: &mut dyn FnMut(Progress)) -> Result<(), LabError> {
        let workshop = self.workshop();
        let assets = workshop.join("assets");
        fs::create_dir_all(&assets).map_err(LabError::io("create", &assets))?;
        for (name, content) in self.assets {
            let path = assets.join(name);
            fs::write(&path, content).map_err(LabError::io("write", &path))?;
        }
        let group = self.group()?;
        group.create()?;

        let mut phase = format!("building image {}", self.name);
        progress(Progress::Phase(phase.clone()));
        // Mounts of its own; both streams in one, in order.
        let mut command = group.command("unshare");
        command
            .args(["--mount", "--propagation", "private", "sh", "-c", r#"exec sh "$0" "$@" 2>&1"#])
            .arg(assets.join(self.assets.first().map_or("", |(name, _)| name)))
            .args(args)
            .arg(workshop.join("image"));

        let mut tail = VecDeque::new();
        let status = tool::follow(&mut command, &mut |line| {
            if let Some(name) = line.strip_prefix("== ") {
                name.clone_into(&mut phase);
                progress(Progress::Phase(phase.clone()));
            } else {
                progress(Progress::Line(line.clone()));
            }
            tail.push_back(line);
            if tail.len() > 8 {
                tail.pop_front();
            }
        })?;
        if status.success() {
            return Ok(());
        }
        Err(LabError::Image { image: self.name.clone(), phase, tail: Vec::from(tail).join("\n") })
    }
}

/// The mirror that this machine's apt uses for Debian itself, or Debian's own. Not one of https, for which the image
/// lacks the certificates.
fn debian_mirror() -> String {
    let mut files = vec![PathBuf::from("/etc/apt/sources.list")];
    let parts = fs::read_dir("/etc/apt/sources.list.d").into_iter().flatten().flatten();
    files.extend(parts.map(|entry| entry.path()));
    let texts = files.iter().filter_map(|path| fs::read_to_string(path).ok());
    texts.into_iter().find_map(|text| mirror_in(&text)).unwrap_or_else(|| "http://deb.debian.org/debian".into())
}

/// The first address of a Debian archive in a sources file of either format.
fn mirror_in(sources: &str) -> Option<String> {
    let lines = sources.lines().filter(|line| !line.trim_start().starts_with('#'));
    let mut fields = lines.flat_map(str::split_whitespace).map(|field| field.trim_end_matches('/'));
    fields.find(|field| field.starts_with("http://") && field.ends_with("/debian")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_of_the_machine_is_used() {
        let deb822 = "Types: deb\n# http://snapshot.debian.org/archive/debian/2025\nURIs: http://ftp.example/debian/\n";
        assert_eq!(mirror_in(deb822).as_deref(), Some("http://ftp.example/debian"));
        assert_eq!(
            mirror_in("deb [arch=amd64] http://m.example/debian trixie main").as_deref(),
            Some("http://m.example/debian")
        );
        assert_eq!(mirror_in("deb https://deb.nodesource.com/node_20.x nodistro main"), None);
        assert_eq!(mirror_in("URIs: http://deb.debian.org/debian-security"), None);
    }

    #[test]
    fn the_name_of_an_image_follows_its_recipe() {
        assert_eq!(hash(&BASE).len(), 12);
        assert_ne!(hash(&BASE), hash(&LAYER));
        assert_ne!(hash(&[("a", "bc")]), hash(&[("ab", "c")]));
    }
}
