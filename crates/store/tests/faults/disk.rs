//! A disk that remembers what would survive a power cut.
//!
//! It is played from the log of the fault library. A write survives once its file was synced after it, a name once its
//! folder was. What was not synced survives in part, as chance has it. A sync that failed is the cruel kind: what it
//! should have made durable counts as clean from then on, and a later sync that succeeds does not bring it back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One line of the log.
#[derive(Debug)]
pub struct Step {
    what: u8,
    ok: bool,
    path: PathBuf,
    offset: usize,
    data: Vec<u8>,
}

impl Step {
    pub fn parse_all(log: &[u8]) -> Vec<Self> {
        let mut steps = Vec::new();
        let mut rest = log;
        while let Some((head, more)) = rest.split_at_checked(16) {
            let path = usize::from(u16::from_le_bytes(head[2..4].try_into().unwrap()));
            let data = u32::from_le_bytes(head[4..8].try_into().unwrap()) as usize;
            let offset = u64::from_le_bytes(head[8..16].try_into().unwrap()) as usize;
            let text = std::str::from_utf8(&more[..path]).unwrap();
            let (what, ok, path_end) = (head[0], head[1] == 1, path + data);
            steps.push(Self { what, ok, path: text.into(), offset, data: more[path..path_end].to_vec() });
            rest = &more[path_end..];
        }
        steps
    }

    pub fn is_failed_sync(&self) -> bool {
        self.what == b'S' && !self.ok
    }

    /// What the child said, when this step is that.
    pub fn said(&self) -> Option<&str> {
        (self.what == b'M').then(|| std::str::from_utf8(&self.data).unwrap())
    }
}

/// A write that no sync has made durable yet.
#[derive(Clone)]
struct Dirty {
    offset: usize,
    data: Vec<u8>,
}

#[derive(Clone, Default)]
struct Node {
    durable: Vec<u8>,
    length: usize,
    dirty: Vec<Dirty>,
    folder: bool,
}

#[derive(Clone, Default)]
pub struct Disk {
    nodes: Vec<Node>,
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
}

impl Disk {
    pub fn play(&mut self, step: &Step) {
        // The shared-memory file is made anew at every start.
        if step.path.to_string_lossy().ends_with("-shm") {
            return;
        }
        match step.what {
            b'C' | b'D' if !self.names.contains_key(&step.path) => {
                self.nodes.push(Node { folder: step.what == b'D', ..Node::default() });
                self.names.insert(step.path.clone(), self.nodes.len() - 1);
            }
            b'U' => drop(self.names.remove(&step.path)),
            b'R' => {
                let node = self.names.remove(&step.path).unwrap();
                self.names.insert(PathBuf::from(String::from_utf8(step.data.clone()).unwrap()), node);
            }
            b'S' if self.names.get(&step.path).is_none_or(|node| self.nodes[*node].folder) => self.sync_names(step),
            b'W' | b'T' | b'S' => {
                self.names.get(&step.path).copied().into_iter().for_each(|n| self.nodes[n].play(step))
            }
            _ => {}
        }
    }

    fn sync_names(&mut self, step: &Step) {
        if !step.ok {
            return;
        }
        let inside = |path: &Path| path.parent() == Some(&step.path);
        self.durable_names.retain(|path, _| !inside(path));
        let now = self.names.iter().filter(|(path, _)| inside(path));
        self.durable_names.extend(now.map(|(path, node)| (path.clone(), *node)));
    }

    /// Lays out below `to` what a cut at this moment leaves; `chance` decides over what was not synced.
    pub fn cut(&self, from: &Path, to: &Path, mut chance: impl FnMut() -> bool) {
        let names = if chance() { &self.names } else { &self.durable_names };
        for (path, node) in names {
            let target = to.join(path.strip_prefix(from).unwrap());
            // A file whose folder did not survive is out of reach.
            if !target.parent().is_some_and(Path::is_dir) {
                continue;
            }
            let node = &self.nodes[*node];
            if node.folder {
                std::fs::create_dir(target).unwrap();
            } else {
                std::fs::write(target, node.survivor(&mut chance)).unwrap();
            }
        }
    }
}

impl Node {
    fn play(&mut self, step: &Step) {
        match (step.what, step.ok) {
            (b'W', _) => {
                self.length = self.length.max(step.offset + step.data.len());
                self.dirty.push(Dirty { offset: step.offset, data: step.data.clone() });
            }
            (b'T', _) => {
                self.length = step.offset;
                self.durable.truncate(step.offset);
                self.dirty.retain(|write| write.offset < step.offset);
            }
            (_, true) => {
                for write in std::mem::take(&mut self.dirty) {
                    write.apply(&mut self.durable);
                }
                self.durable.resize(self.length, 0);
            }
            (_, false) => self.dirty.clear(),
        }
    }

    fn survivor(&self, chance: &mut impl FnMut() -> bool) -> Vec<u8> {
        let mut content = self.durable.clone();
        for write in &self.dirty {
            for (number, sector) in write.data.chunks(512).enumerate() {
                if chance() {
                    Dirty { offset: write.offset + number * 512, data: sector.to_vec() }.apply(&mut content);
                }
            }
        }
        content
    }
}

impl Dirty {
    fn apply(&self, content: &mut Vec<u8>) {
        let end = self.offset + self.data.len();
        if content.len() < end {
            content.resize(end, 0);
        }
        content[self.offset..end].copy_from_slice(&self.data);
    }
}
