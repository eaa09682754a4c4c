"""Documents are executed: what a page tells a reader to type works, and its links lead somewhere. See `blocks.py`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.house.blocks import blocks, fits, run_page, runs, static_problems
from tests.house.tree import ROOT, write_tree
from tools.docs_tables import documents

if TYPE_CHECKING:
    from pathlib import Path

PAGES = documents(ROOT)
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(?P<text>.*)$", re.MULTILINE)


def name_of(page: Path) -> str:
    """The page as the test's name shows it."""
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    """The text of a page without its fenced blocks, and with no brackets in its code spans, so that no link is seen there."""
    text = re.sub(r"^ *(```+).*?^ *\1 *$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", lambda hit: hit[0].replace("[", "(").replace("]", ")"), text)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the usual renderers make them."""
    texts = (hit["text"].replace("`", "") for hit in HEADING.finditer(prose(page)))
    return {re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-") for text in texts}


def link_problems(page: Path, root: Path) -> list[str]:
    """Links to files and headings that do not exist. Links to the outside are not followed: tests stay on this machine."""
    found = []
    for hit in LINK.finditer(prose(page)):
        path, _, anchor = hit["target"].partition("#")
        if re.match(r"[a-z]+:", path):
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or not target.is_relative_to(root.resolve()):
            found.append(f"{page.name}: the link {hit['target']} leads nowhere")
        elif anchor and target.suffix == ".md" and anchor not in anchors(target):
            found.append(f"{page.name}: {hit['target']} names a heading that does not exist")
    return found


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_blocks_of_a_page_are_well_formed(page: Path) -> None:
    assert [problem for block in blocks(page) for problem in static_problems(block, TARGETS)] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    assert link_problems(page, ROOT) == []


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if runs(page)], ids=name_of)
def test_the_blocks_of_a_page_run(page: Path, tmp_path: Path) -> None:
    assert run_page(page, tmp_path) == []


BADLY_FORMED = {
    "```\ntext\n```": "no language after the fence",
    "```jsno\n{}\n```": "unknown language jsno",
    "```text\nforgotten": "the fence is never closed",
    '```json\n{"a": }\n```': "not json: Expecting value",
    "```yaml\na: [1\n```": "not yaml: while parsing a flow sequence",
    "```toml\na = \n```": "not toml: Invalid value",
    "```python\ndef\n```": "not python: ",
    "```python not-run\nx\n```": "`not-run` needs a reason",
    "```sh\nmake tset\n```": "make has no target tset",
    "```console\n$ wrktrail run\n```": "`wrktrail` is neither run nor on the list",
}


@pytest.mark.parametrize("text", BADLY_FORMED)
def test_it_refuses_a_badly_formed_block(text: str, tmp_path: Path) -> None:
    page = write_tree(tmp_path, {"a.md": f"# A\n\n{text}\n"}) / "a.md"
    problems = [problem for block in blocks(page) for problem in static_problems(block, TARGETS)]
    assert len(problems) == 1
    assert problems[0].startswith(f"a.md:3: {BADLY_FORMED[text]}")


FAILING = {
    "```python\nassert 1 == 2\n```": "the block ended with status 1",
    "```python\nx = 1\n```\n```python\nprint(x)\n```": "the block ended with status 1",
    "```console\n$ python -c 'print(1)'\n2\n```": "`python -c 'print(1)'` printed something else",
    "```sh\npython -c 'raise SystemExit(1)'\n```": "`python -c 'raise SystemExit(1)'` ended with status 1, not 0",
    "```sh exit=2\npython -c 'pass'\n```": "`python -c 'pass'` ended with status 0, not 2",
}


@pytest.mark.parametrize("text", FAILING)
def test_it_refuses_a_block_that_fails(text: str, tmp_path: Path) -> None:
    page = write_tree(tmp_path, {"a.md": text + "\n"}) / "a.md"
    problems = run_page(page, tmp_path)
    assert len(problems) == 1
    assert FAILING[text] in problems[0]
    assert runs(page)


def test_it_runs_a_page_from_top_to_bottom(tmp_path: Path) -> None:
    text = """
```python file=pkg/hello.py
print("hello, reader")
print(1, "ms")
```

1. In a list:

   ```console
   $ git clone somewhere
   $ python pkg/hello.py
   hello, ...
   ... ms
   $ python -c \\
       'print(3)'
   3
   ```

```python
x = 2
```

```python continues
assert x == 2
```

```python not-run: needs a server
raise SystemExit(1)
```

```sh exit=1
python --version # a comment
python -c 'raise SystemExit(1)'
```
"""
    page = write_tree(tmp_path, {"a.md": text}) / "a.md"
    assert [problem for block in blocks(page) for problem in static_problems(block, TARGETS)] == []
    assert run_page(page, tmp_path) == []


def test_it_follows_a_cd_into_a_folder_that_is_there(tmp_path: Path) -> None:
    text = """
```text file=inner/word.txt
here
```

```sh
cd elsewhere
cd inner
python -c "assert open('word.txt').read() == 'here\\n'"
```

```python
assert open("word.txt").read() == "here\\n"
```
"""
    page = write_tree(tmp_path, {"a.md": text}) / "a.md"
    assert run_page(page, tmp_path) == []


@pytest.mark.parametrize(
    ("expected", "actual", "fit"),
    [
        ("a\n...\nd", "a\nb\nc\nd\n", True),
        ("a\n...", "a\n", True),
        ("took ... ms", "took 12 ms\n", True),
        ("took ... ms", "took 12 s\n", False),
        ("a\n...\nd", "a\nb\n", False),
        ("a", "a\nb\n", False),
        ("a+b", "aab", False),
    ],
)
def test_outputs_are_compared_with_wildcards(expected: str, actual: str, fit: bool) -> None:
    assert fits(expected, actual) is fit


def test_it_refuses_links_that_lead_nowhere(tmp_path: Path) -> None:
    text = "# One thing\n[a](b.md) [c](docs/d.md) [e](#one-thing) [f](#two) [g](docs/d.md#The) [h](https://x.example) `[i](j)`\n"
    root = write_tree(tmp_path, {"a.md": text, "docs/d.md": "# The `d`\n"})
    assert link_problems(root / "a.md", root) == [
        "a.md: the link b.md leads nowhere",
        "a.md: #two names a heading that does not exist",
        "a.md: docs/d.md#The names a heading that does not exist",
    ]
