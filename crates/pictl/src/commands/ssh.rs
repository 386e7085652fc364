//! `pictl keys ssh`: plain `ssh` on this computer knows the nodes, too. It writes one file of its own, and between two markers one
//! line of `~/.ssh/config` that includes it; the first time only after a yes.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use pictl_engine::ports::OperatorKeys as _;
use pictl_engine::store::{make_dir, target_of, write_whole};
use pictl_formats::blocks;
use pictl_model::node::Member;

use crate::cli::KeysHow;
use crate::drive::confirm;
use crate::exit::{Exit, Trouble};
use crate::front::{count, out, say};
use crate::wire::Setting;

/// The marked lines of `~/.ssh/config` are not those of one cluster.
const MARK: &str = "ssh";

/// Writes the files, or takes them away.
pub(crate) async fn run(setting: &Setting, how: KeysHow, remove: bool) -> Result<Exit, Trouble> {
    let files = Files::of(setting);
    let members = setting.store().members()?;
    if remove {
        return files.remove(setting, how, &members);
    }
    if members.is_empty() {
        return Err(Trouble::usage(anyhow::anyhow!(super::no_nodes(setting))));
    }
    let own = text(setting, &members, key_file(setting).await.as_deref());
    let config = files.read_config()?;
    let included = blocks::upsert("", MARK, &files.include()).map_err(Trouble::usage)?;
    let wanted = with_block(&config, &included)?;
    if fs::read_to_string(&files.own).is_ok_and(|there| there == own) && wanted == config {
        say(&format!("plain ssh knows {} already", count(members.len() as u64, "node", "nodes")));
        return Ok(Exit::Ok);
    }
    say(&format!("{}:", files.own.display()));
    own.lines().for_each(|line| say(&format!("    {line}")));
    if wanted != config {
        say(&format!("at the top of {}:", files.config.display()));
        included.lines().for_each(|line| say(&format!("    {line}")));
    }
    if how.dry_run {
        return Ok(Exit::Ok);
    }
    let agreed = how.yes || (setting.interactive() && confirm("write this? [y/N] "));
    if !agreed {
        return Err(Trouble::usage(anyhow::anyhow!("nothing was written; --yes writes without asking")));
    }
    write_whole(&files.own, own.as_bytes())?;
    if wanted != config {
        files.write_config(&wanted)?;
    }
    out(&format!("plain ssh knows {}", count(members.len() as u64, "node", "nodes")));
    Ok(Exit::Ok)
}

/// Whether the user has agreed to these files.
pub(crate) fn is_wanted(setting: &Setting) -> bool {
    Files::of(setting).own.is_file()
}

/// After the inventory changed: the file says what it says, where the user has agreed to it.
pub(crate) async fn refresh(setting: &Setting) -> Result<(), Trouble> {
    if !is_wanted(setting) {
        return Ok(());
    }
    let files = Files::of(setting);
    let wanted = text(setting, &setting.store().members()?, key_file(setting).await.as_deref());
    if fs::read_to_string(&files.own).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    Ok(write_whole(&files.own, wanted.as_bytes())?)
}

/// The operator's key, where it is in a file.
async fn key_file(setting: &Setting) -> Option<PathBuf> {
    let found = setting.key_folder().find(setting.login(false).identity).await;
    found.ok().flatten().and_then(|key| key.path().map(Path::to_owned))
}

/// Where they are.
struct Files {
    /// The user's own configuration.
    config: PathBuf,
    /// The folder of those of pictl.
    folder: PathBuf,
    /// The one of this cluster.
    own: PathBuf,
}

impl Files {
    fn of(setting: &Setting) -> Self {
        let folder = setting.paths.ssh.join("pictl");
        let own = folder.join(format!("{}.conf", setting.global.cluster));
        Self { config: setting.paths.ssh.join("config"), folder, own }
    }

    /// The line that includes the files of all clusters.
    fn include(&self) -> String {
        format!("Include {}\n", quoted(&format!("{}/*.conf", self.folder.display())))
    }

    fn read_config(&self) -> Result<String, Trouble> {
        match fs::read(&self.config) {
            // It is written back as it was, but for the marked lines.
            Ok(bytes) => Ok(pictl_formats::bytes::to_text(&bytes)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
            Err(e) => Err(Trouble::access(anyhow::anyhow!("cannot read {}: {e}", self.config.display()))),
        }
    }

    /// Writes the user's configuration with the rights that it has.
    fn write_config(&self, text: &str) -> Result<(), Trouble> {
        let rights = fs::metadata(&self.config).map(|about| about.permissions()).ok();
        make_dir(&self.folder)?;
        write_whole(&self.config, &pictl_formats::bytes::of_text(text))?;
        if let Some(rights) = rights {
            let target = target_of(&self.config);
            fs::set_permissions(&target, rights)
                .map_err(|e| Trouble::access(anyhow::anyhow!("cannot set the mode of {}: {e}", target.display())))?;
        }
        Ok(())
    }

    fn remove(&self, setting: &Setting, how: KeysHow, members: &[Member]) -> Result<Exit, Trouble> {
        let config = self.read_config()?;
        let others = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let last = others.map(|entry| entry.path()).all(|path| path == self.own);
        let without = if last { blocks::remove(&config, MARK).map_err(Trouble::usage)? } else { config.clone() };
        if !self.own.exists() && without == config {
            say("plain ssh knows nothing of this cluster");
            return Ok(Exit::Ok);
        }
        if how.dry_run {
            say(&format!("{} and its lines in {} would go", self.own.display(), self.config.display()));
            return Ok(Exit::Ok);
        }
        let nodes = count(members.len() as u64, "node", "nodes");
        let question = format!("take {} and its lines in {} away? [y/N] ", self.own.display(), self.config.display());
        if !(how.yes || (setting.interactive() && confirm(&question))) {
            return Err(Trouble::usage(anyhow::anyhow!("nothing was changed; --yes does not ask")));
        }
        if without != config {
            self.write_config(&without)?;
        }
        match fs::remove_file(&self.own) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(Trouble::access(anyhow::anyhow!("cannot remove {}: {e}", self.own.display())));
            }
            _ => {}
        }
        if last {
            // Something of the user's in it keeps it there.
            let _ = fs::remove_dir(&self.folder);
        }
        out(&format!("plain ssh knows none of the {nodes} any more"));
        Ok(Exit::Ok)
    }
}

/// `config` with the marked lines first: behind the first `Host` they would be for that host only.
fn with_block(config: &str, block: &str) -> Result<String, Trouble> {
    let unclear = |e: blocks::BlockError| Trouble::usage(anyhow::anyhow!("~/.ssh/config: {e}; {}", e.hint()));
    let there = blocks::get(config, MARK).map_err(unclear)?;
    let first = config.find("# >>> pictl");
    let begins = |keyword: &str| {
        config
            .lines()
            .scan(0, |at, line| {
                let here = *at;
                *at += line.len() + 1;
                Some((here, line.trim_start()))
            })
            .find(|(_, line)| line.get(..keyword.len()).is_some_and(|word| word.eq_ignore_ascii_case(keyword)))
            .map(|(at, _)| at)
    };
    let host = [begins("host "), begins("match ")].into_iter().flatten().min();
    let in_place = there.is_some() && host.is_none_or(|host| first.is_some_and(|first| first < host));
    let rest = blocks::remove(config, MARK).map_err(unclear)?;
    let mut body = block.lines().skip(1).collect::<Vec<_>>();
    body.pop();
    if in_place && there.is_some_and(|there| there.lines().eq(body.iter().copied())) {
        return Ok(config.to_owned());
    }
    let gap = if rest.is_empty() || rest.starts_with('\n') { "" } else { "\n" };
    Ok(format!("{block}{gap}{rest}"))
}

/// The cluster's nodes for OpenSSH's client.
fn text(setting: &Setting, members: &[Member], key: Option<&Path>) -> String {
    let cluster = &setting.global.cluster;
    let known = setting.store().known_hosts_path();
    hosts(cluster, members, key, &[setting.paths.ssh.join("known_hosts"), known])
}

fn hosts(cluster: &str, members: &[Member], key: Option<&Path>, known: &[PathBuf]) -> String {
    let mut text = format!(
        "# The nodes of the cluster {cluster} for ssh and scp. Written by pictl, which keeps it up to date;\n\
         # `pictl keys ssh --remove` takes it away.\n"
    );
    let known: Vec<_> = known.iter().map(|file| quoted(&file.display().to_string())).collect();
    for m in members {
        // Writing to a string cannot fail.
        let _ =
            writeln!(text, "\nHost {} {}\n    HostName {}\n    User {}", m.name, m.address, m.address, quoted(&m.user));
        if m.port != 22 {
            let _ = writeln!(text, "    Port {}", m.port);
        }
        if let Some(key) = m.identity.as_deref().or(key) {
            let _ = writeln!(text, "    IdentityFile {}", quoted(&key.display().to_string()));
        }
        if let Some(jump) = &m.jump {
            let _ = writeln!(text, "    ProxyJump {jump}");
        }
        let _ = writeln!(text, "    UserKnownHostsFile {}", known.join(" "));
    }
    text
}

/// An argument of ssh_config(5): in quotes, which it cannot have itself, and with `%` doubled, which begins a token.
fn quoted(text: &str) -> String {
    let text = text.replace('"', "").replace('%', "%%");
    if text.contains(char::is_whitespace) { format!("\"{text}\"") } else { text }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use pictl_model::NodeId;

    use super::*;

    fn member(n: u8) -> Member {
        let text = format!(
            "id = '10.0.0.{n}'\nname = 'pi{n:02}'\naddress = '10.0.0.{n}'\nport = 22\nuser = 'pi'\nhead = {}\n",
            n == 1
        );
        let member: Member = toml::from_str(&text).unwrap();
        assert_eq!(member.id, NodeId::from_address(member.address, 22));
        member
    }

    #[test]
    fn ssh_itself_reads_what_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let far =
            Member { port: 2222, jump: Some("ann@gate:2200".into()), identity: Some("/k/my key".into()), ..member(2) };
        let known = [dir.path().join("known_hosts"), dir.path().join("data dir/known_hosts")];
        let file = dir.path().join("default.conf");
        fs::write(&file, hosts("default", &[member(1), far], Some(Path::new("/k/id")), &known)).unwrap();
        let of = |host: &str| {
            let output = Command::new("ssh").arg("-F").arg(&file).args(["-G", host]).output().expect("ssh is needed");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        for host in ["pi01", "10.0.0.1", "vm1@10.0.0.1"] {
            let said = of(host);
            let user = if host.starts_with("vm1") { "user vm1\n" } else { "user pi\n" };
            for line in [user, "hostname 10.0.0.1\n", "port 22\n", "identityfile /k/id\n"] {
                assert!(said.contains(line), "{host}: {line}{said}");
            }
            let files = format!("userknownhostsfile {} {}", known[0].display(), known[1].display());
            assert!(said.contains(&files), "{said}");
        }
        let said = of("pi02");
        for line in ["port 2222\n", "identityfile /k/my key\n", "proxyjump ann@gate:2200\n"] {
            assert!(said.contains(line), "{line}{said}");
        }
    }

    #[test]
    fn the_marked_lines_stand_before_every_host_and_all_else_stays() {
        let block = "# >>> pictl ssh >>>\nInclude /h/.ssh/pictl/*.conf\n# <<< pictl ssh <<<\n";
        let mine = "# mine\nHost a\n    User b\n";
        let with = with_block(mine, block).unwrap();
        assert_eq!(with, format!("{block}\n{mine}"));
        assert_eq!(with_block(&with, block).unwrap(), with, "a second time changes nothing");
        assert_eq!(with_block("", block).unwrap(), block);
        let behind = format!("{mine}{block}");
        assert_eq!(with_block(&behind, block).unwrap(), with, "behind a host they would be for that host only");
        let older = block.replace("/h/", "/old/");
        assert_eq!(with_block(&format!("{older}\n{mine}"), block).unwrap(), with);
        assert!(with_block("# >>> pictl ssh >>>\n", block).is_err());
    }
}
