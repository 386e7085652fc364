"""Prints docs/json.md: what `--json` prints, made from the types that it is made of.

    tests/json_doc.py >docs/json.md

It reads the sources as rustfmt writes them: a type's documentation, its serde attributes, and its fields or variants. A type that
it cannot read is an error, so that nothing is left out silently.
"""

import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
SOURCES = [
    *sorted((TOP / "crates/pictl-model/src").rglob("*.rs")),
    TOP / "crates/pictl-engine/src/record.rs",
    TOP / "crates/pictl-lab/src/virt.rs",
    TOP / "crates/pictl-lab/src/virt/plan.rs",
]
# Where a document begins: everything that these name is described too.
ROOTS = ["Stamped", "Event", "RunEvent", "RunFile", "NodeStatus"]
PLAIN = {
    "String": "text", "str": "text", "PathBuf": "text", "IpAddr": "text", "Ipv4Addr": "text", "Ipv4Net": "text",
    "IpNet": "text", "bool": "true or false", "f32": "number", "f64": "number",
    **{name: "whole number" for name in ("u8", "u16", "u32", "u64", "i32", "i64", "usize")},
}

HEAD = """# JSON output

`--json` prints one JSON object a line on standard output, and nothing else there. Messages go to standard error. Every command
that prints data takes `--json`; those that print text for another program (`completions`, `man`, `machinefile`,
`config --sample`, `keymap --markdown`), and the dashboard, refuse it with exit code 2. New fields and new kinds can come in every version; none is
renamed or removed. A program that reads this leaves out what it does not know.

| command | prints |
|---|---|
| `setup`, `exec`, `run`, `bench`, `attach`, `demo`, `runs replay`, `nodes add`, `nodes set`, `nodes remove`, `nodes identify`, `keys push`, `keys mesh`, `keys rotate`, `keys remove`, `keys passwords` | [events](#stamped), as they happen |
| `scan` | one object a host: `ip`, `mac`, `vendor`, `pi`, `model`, `hostname`, `names`, `ssh`, `rtt_ms`, `seen_by`, and more; with `--watch` also `change` |
| `nodes list` | one [member](#member) a line |
| `keys check` | one object a pair: `from`, `to`, `ok`, `why`, `hint` |
| `runs list`, `runs show` | one [record](#runfile) a run |
| `config` | your preferences, as in `pictl.toml` |
| `keymap` | the keys of the dashboard, as in `pictl.toml` |
| `lab up`, `lab status` | one [node of the lab](#nodestatus) a line |
| `lab list` | `{"lab": NAME}` for each lab |

Output that pictl leaves out, because a program prints more than it takes in, is counted: see `exec_omitted`, `omitted` and
`dropped` below.

An event looks like this:

    {"v":1,"seq":7,"at":1795164301000,"event":{"kind":"exec_line","job":1,"node":"dc:a6:32:00:00:01","stream":"out","line":"hello"}}
"""


class Type:
    """A type in the sources."""

    def __init__(self, kind, name, doc, serde, body):
        self.kind, self.name, self.doc, self.serde, self.body = kind, name, doc, serde, body


def blocks():
    """All public types with their documentation and attributes."""
    found = {}
    for path in SOURCES:
        doc, serde = [], []
        lines = path.read_text().splitlines()
        at = 0
        while at < len(lines):
            line = lines[at].strip()
            at += 1
            if line.startswith("///"):
                doc.append(line[3:].strip())
            elif line.startswith("#["):
                serde += re.findall(r"#\[serde\((.*)\)\]", line)
            elif match := re.match(r"pub (struct|enum) (\w+)(?:<.*>)?(.*)$", line):
                kind, name, rest = match.groups()
                body = []
                if rest.strip() == "{":
                    indent = len(lines[at - 1]) - len(lines[at - 1].lstrip())
                    while lines[at] != " " * indent + "}":
                        body.append(lines[at][indent:])
                        at += 1
                else:
                    body = [rest]
                found.setdefault(name, Type(kind, name, " ".join(doc), ", ".join(serde), body))
                doc, serde = [], []
            else:
                doc, serde = [], []
    # The steps are made by a macro: a row is documentation, a name, and the word that stands for it.
    text = (TOP / "crates/pictl-model/src/step.rs").read_text()
    rows = re.findall(r"((?:^ *///[^\n]*\n)+) +(\w+) = \"([\w-]+)\"", text, re.M)
    found["StepId"].body = [f"word {word} {clean(doc)}" for doc, _, word in rows]
    return found


def clean(doc):
    """Documentation as a sentence, without links into the code."""
    doc = " ".join(part.strip().removeprefix("///").strip() for part in doc.splitlines())
    doc = re.sub(r"\[`?([\w:]+)`?\](\([^)]*\))?", lambda m: f"`{m[1].split('::')[-1]}`", doc)
    doc = doc.replace("`None`", "`null`").replace("|", "\\|")
    return doc


def rename(name, serde):
    """A variant's name as JSON has it."""
    rule = re.search(r'rename_all = "([\w-]+)"', serde)
    words = re.findall(r"[A-Z][a-z0-9]*", name)
    match rule and rule[1]:
        case "snake_case":
            return "_".join(words).lower()
        case "kebab-case":
            return "-".join(words).lower()
        case "lowercase":
            return name.lower()
    return name


def items(body):
    """Fields or variants: documentation, attributes, and text."""
    doc, serde, at = [], [], 0
    while at < len(body):
        line = body[at]
        at += 1
        if (text := line.strip()).startswith("///"):
            doc.append(text[3:].strip())
        elif text.startswith("#["):
            serde += re.findall(r"#\[serde\((.*)\)\]", text)
        elif text and not text.startswith("//"):
            inner = []
            if text.endswith("{"):
                indent = len(line) - len(line.lstrip())
                while body[at] != " " * indent + "},":
                    inner.append(body[at])
                    at += 1
                at += 1
            yield " ".join(doc), ", ".join(serde), text.rstrip(",{ "), inner
            doc, serde = [], []


class Document:
    """The page while it is written."""

    def __init__(self):
        self.types, self.wanted, self.done, self.parts = blocks(), list(ROOTS), set(), []

    def shape(self, text):
        """A Rust type in words; types of ours are described later."""
        text = re.sub(r"^&('\w+ )?", "", text.strip())
        if match := re.fullmatch(r"Option<(.*)>", text):
            return self.shape(match[1]) + " or `null`"
        if match := re.fullmatch(r"(?:Vec|VecDeque|BTreeSet)<(.*)>", text):
            return "list of " + self.shape(match[1])
        if match := re.fullmatch(r"Box<(.*)>", text):
            return self.shape(match[1])
        if match := re.fullmatch(r"BTreeMap<(\w+), (.*)>", text):
            return f"object: {self.shape(match[1])} → {self.shape(match[2])}"
        if match := re.fullmatch(r"\[(\w+); (\d+)\]", text):
            return f"list of {match[2]} × {self.shape(match[1])}"
        if match := re.fullmatch(r"\((.*)\)", text):
            return "list of " + " and ".join(self.shape(part) for part in match[1].split(","))
        name = text.split("::")[-1]
        if name in PLAIN:
            return PLAIN[name]
        if name not in self.types:
            sys.exit(f"json_doc.py: nothing is known of the type {text}")
        found = self.types[name]
        if "String" in found.serde:
            return "text"
        if "transparent" in found.serde:
            return self.shape(re.search(r"\((?:pub )?(.*)\)", found.body[0])[1])
        self.wanted.append(name)
        return f"[{name}](#{name.lower()})"

    def fields(self, body, first=()):
        """A table of fields."""
        rows = list(first)
        for doc, serde, text, _ in items(body):
            if serde == "skip":
                continue
            match = re.fullmatch(r"(?:pub )?(\w+): (.*)", text)
            if not match:
                sys.exit(f"json_doc.py: cannot read the field {text!r}")
            maybe = " (can be missing)" if "skip_serializing_if" in serde else ""
            rows.append(f"| `{match[1]}` | {self.shape(match[2])} | {clean(doc)}{maybe} |")
        if not rows:
            return []
        return ["| field | is | means |", "|---|---|---|", *rows, ""]

    def describe(self, name):
        """The section of one type."""
        found = self.types[name]
        out = [f"## {name}", "", clean(found.doc), ""]
        if found.kind == "struct":
            return out + self.fields(found.body)
        if name == "StepId":
            return out + [f"- `{word}`: {doc}" for _, word, doc in (row.split(" ", 2) for row in found.body)] + [""]
        tag = re.search(r'tag = "(\w+)"', found.serde)
        variants = list(items(found.body))
        if not tag:
            if all(re.fullmatch(r"\w+", text) for _, _, text, _ in variants):
                return out + [f"- `\"{rename(text, found.serde)}\"`: {clean(doc)}" for doc, _, text, _ in variants] + [""]
            sys.exit(f"json_doc.py: cannot describe {name}")
        out += [f"The field `{tag[1]}` says which of these it is:", ""]
        for doc, _, text, inner in variants:
            match = re.fullmatch(r"(\w+)(?:\((.*)\))?", text)
            out += [f"### `\"{tag[1]}\": \"{rename(match[1], found.serde)}\"`", "", clean(doc), ""]
            if match[2]:
                out += [f"The fields of {self.shape(match[2])}.", ""]
            out += self.fields(inner)
        return out

    def write(self):
        """The whole page."""
        out = [HEAD]
        while self.wanted:
            name = self.wanted.pop(0)
            if name not in self.done:
                self.done.add(name)
                out += self.describe(name)
        return "\n".join(out).rstrip() + "\n"


if __name__ == "__main__":
    sys.stdout.write(Document().write())
