"""Draws a graph of steps whose visits and edges have ended somehow, as a small SVG.

Rule: a state is told by its word, its mark and the style of its border, and only then by its colour; an edge by its line, its
head and a word. So the drawing reads in grey. It brings its own ground, in light and in dark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDE, GAP_X, GAP_Y, EDGE_X, EDGE_Y, LINE = 184, 108, 26, 22, 18, 17
LETTER = 6.8  # width of a letter of the small fixed-width type

# state → (mark, border, band, colour): see STYLE for what the classes look like.
STATES: dict[str, tuple[str, str, str, str]] = {
    "completed": ("M3 7.5 6 10.5 11.5 3.5", "plain", "band", "good"),
    "failed": ("M1.5 1.5h11v11h-11z M4.5 4.5l5 5 M9.5 4.5l-5 5", "thick", "hatch", "bad"),
    "skipped": ("M11.8 4.6A5.5 5.5 0 1 1 9.4 2.2 M3.2 10.8 10.8 3.2", "dashed", "", "quiet"),
    "cancelled": ("M1.5 1.5h11v11h-11z M4 7h6", "double", "", "plain"),
    "incident": ("M7 1.2 13 12.5H1z M7 5v3.6 M7 10.2v.8", "thick", "ruled", "alarm"),
    "running": ("M7 1.5a5.5 5.5 0 1 0 .01 0z M7 5.4a1.6 1.6 0 1 0 .01 0z", "plain", "band", "busy"),
    "waiting": ("M7 1.6a2.4 2.4 0 1 0 .01 0z M2.4 12.4c0-5.4 9.2-5.4 9.2 0z", "plain", "hollow", "wait"),
    "undecided": ("M2 7h.01 M7 7h.01 M12 7h.01", "dotted", "", "quiet"),
}
# letter → (line, head, word): `ends` of the event vocabulary, and the empty one for an edge that has not ended.
EDGES: dict[str, tuple[str, str, str]] = {
    "D": ("delivered", "full", ""),
    "L": ("late", "bar", "late"),
    "X": ("dead", "cross", "dead"),
    "F": ("dead", "cross", "false: dead"),
    "E": ("dead", "cross", "error: dead"),
    "O": ("open", "open", "open"),
    "": ("open", "open", "not ended"),
}
LIGHT = {
    "paper": "#f9fbfa", "raised": "#ffffff", "rule": "#c3cbc8", "ink": "#1a2524", "ink2": "#3b4744", "ink3": "#5a6562",
    "quiet": "#7c8683", "good": "#4b876b", "goodtext": "#245c45", "bad": "#b91b22", "badtext": "#a41a1f", "plain": "#45504e",
    "plaintext": "#3b4744", "alarm": "#9e146d", "alarmtext": "#8d0e5d", "busy": "#1f6ecd", "busytext": "#1553a8",
    "wait": "#b87400", "waittext": "#874b08", "quiettext": "#5a6562",
}  # fmt: skip
DARK = {
    "paper": "#0e1312", "raised": "#161c1b", "rule": "#36403e", "ink": "#dee4e2", "ink2": "#b8c2bf", "ink3": "#97a3a0",
    "quiet": "#6c7775", "good": "#6baf8e", "goodtext": "#92cdaf", "bad": "#ee554f", "badtext": "#fc958f", "plain": "#aeb6b4",
    "plaintext": "#b8c2bf", "alarm": "#e666b4", "alarmtext": "#f79cd0", "busy": "#4c9df3", "busytext": "#8ec3f9",
    "wait": "#f6bb3e", "waittext": "#f5cb70", "quiettext": "#97a3a0",
}  # fmt: skip
FONT = "system-ui, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', sans-serif"
MONO = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"


class Node(NamedTuple):
    """A step: its id, its type where that is worth saying, a line of settings and errors, how its visit stands, by which rule."""

    name: str
    kind: str
    facts: str
    state: str
    rule: str


class Line(NamedTuple):
    """An edge: numbers of its steps, what to write on it, and the letter of its end."""

    source: int
    target: int
    label: str
    letter: str


class Drawing(NamedTuple):
    """What is drawn: the graph, and lines of text below it, the last of which is how the run stands."""

    title: str
    nodes: Sequence[Node]
    lines: Sequence[Line]
    notes: Sequence[str]
    rows: dict[str, float]


def _palette(colours: dict[str, str]) -> str:
    rules = [f".f-{name}{{fill:{colour}}}.s-{name}{{stroke:{colour}}}" for name, colour in colours.items()]
    return "".join(rules)


STYLE = (
    f"text{{font-family:{FONT};font-size:12px}}.m{{font-family:{MONO};font-size:11px}}.b{{font-weight:600;font-size:13px}}"
    ".n{fill:none}.w{stroke-width:1.6;stroke-linecap:round}.t{stroke-width:2.4}.delivered{stroke-width:1.9}"
    ".late{stroke-width:1.9;stroke-dasharray:9 3 2 3}.dead{stroke-width:1.3;stroke-dasharray:5 4}"
    ".open{stroke-width:1.6;stroke-dasharray:1.5 4;stroke-linecap:round}.halo{stroke-width:5;stroke-linejoin:round}"
    f"{_palette(LIGHT)}@media (prefers-color-scheme:dark){{{_palette(DARK)}}}"
)


def ranks_of(drawing: Drawing) -> list[int]:
    """Column of each node: the longest way to it."""
    ranks = [0] * len(drawing.nodes)
    for _ in drawing.nodes:
        for line in drawing.lines:
            ranks[line.target] = max(ranks[line.target], ranks[line.source] + 1)
    return ranks


def rows_of(drawing: Drawing, ranks: list[int]) -> list[float]:
    """Row of each node: beside those that lead to it, in document order; ``rows`` of the drawing says otherwise."""
    rows = [0.0] * len(drawing.nodes)
    for rank in range(max(ranks) + 1):
        column = [n for n, found in enumerate(ranks) if found == rank]
        wanted = []
        for n in column:
            before = [rows[line.source] for line in drawing.lines if line.target == n]
            wanted.append((sum(before) / len(before) if before else float(n), n))
        place = float("-inf")
        for want, n in sorted(wanted):
            place = rows[n] = max(want, place + 1) if rank else place + 1 if place >= 0 else 0.0
        shift = (sum(want for want, _ in wanted) - sum(rows[n] for n in column)) / len(column) if rank else 0
        for n in column:
            rows[n] = drawing.rows.get(drawing.nodes[n].name, rows[n] + shift)
    low = min(rows)
    return [row - low for row in rows]


def _text(x: float, y: float, text: str, *names: str, anchor: str = "") -> str:
    where = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x:g}" y="{y:g}" class="{" ".join(names)}"{where}>{escape(text)}</text>'


def _node(node: Node, x: float, y: float, high: float) -> str:
    mark, border, band, colour = STATES[node.state]
    stroke = {"plain": "s-rule w", "thick": f"s-{colour} t", "dashed": "s-quiet w", "dotted": "s-quiet w", "double": "s-plain w"}
    dash = {"dashed": ' stroke-dasharray="5 4"', "dotted": ' stroke-dasharray="1.5 4" stroke-linecap="round"'}.get(border, "")
    box = f'rect x="{x:g}" y="{y:g}" width="{WIDE}" height="{high:g}" rx="5"'
    parts = [f'<{box} class="f-raised {stroke[border]}"{dash}/>']
    if border == "double":
        parts.append(f'<rect x="{x + 4:g}" y="{y + 4:g}" width="{WIDE - 8}" height="{high - 8:g}" rx="3" class="n s-plain"/>')
    inner = high - 8
    if band in {"band", "hollow"}:
        fill = f"f-{colour}" if band == "band" else f"n s-{colour} w"
        parts.append(f'<rect x="{x + 5:g}" y="{y + 4:g}" width="5" height="{inner:g}" rx="1.5" class="{fill}"/>')
    elif band:
        strokes = range(0, int(inner), 6)
        slant = 4 if band == "hatch" else 0
        path = "".join(f"M{x + 5:g} {y + 6 + step + slant:g}l6 {-slant}" for step in strokes)
        parts.append(f'<path d="{path}" class="n s-{colour} w"/>')
    left, top = x + 18, y + 20
    parts.append(_text(left, top, node.name, "b", "f-ink", "m"))
    if node.kind:
        parts.append(_text(x + WIDE - 9, top, node.kind, "f-ink3", anchor="end"))
    if node.facts:
        parts.append(_text(left, top + LINE, node.facts, "m", "f-ink2"))
    low = y + high - 11
    parts.append(f'<g transform="translate({left:g} {low - 11:g})"><path d="{mark}" class="n s-{colour} w"/></g>')
    parts.append(_text(left + 20, low, node.state, "b", f"f-{colour}text"))
    if node.rule:
        parts.append(_text(x + WIDE - 9, low, node.rule, "m", "f-ink2", anchor="end"))
    return "".join(parts)


def _edge(line: Line, begin: tuple[float, float], end: tuple[float, float]) -> tuple[str, str]:
    """The edge's line and head; and its words, which are drawn above everything."""
    style, head, word = EDGES[line.letter]
    colour = "quiet" if style in {"dead", "open"} else "ink2"
    (x1, y1), (x2, y2) = begin, end
    bend = max(30.0, (x2 - x1) / 2)
    stop = x2 - (2 if head in {"full", "open"} else 7)
    drawn = f'<path d="M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {stop - bend:g} {y2:g} {stop:g} {y2:g}" class="n s-{colour} {style}"/>'
    heads = {
        "full": f'<path d="M{x2 - 9:g} {y2 - 4.5:g}L{x2:g} {y2:g}L{x2 - 9:g} {y2 + 4.5:g}z" class="f-ink2"/>',
        "open": f'<path d="M{x2 - 8:g} {y2 - 4.5:g}L{x2:g} {y2:g}L{x2 - 8:g} {y2 + 4.5:g}" class="n s-quiet w"/>',
        "bar": f'<path d="M{x2 - 13:g} {y2 - 4.5:g}L{x2 - 5:g} {y2:g}L{x2 - 13:g} {y2 + 4.5:g}z M{x2 - 2:g} {y2 - 6:g}v12" '
        f'class="f-paper s-ink2 w"/>',
        "cross": f'<path d="M{x2 - 12:g} {y2 - 4:g}l8 8m0-8l-8 8" class="n s-{colour} w"/>',
    }
    words = []
    middle = ((x1 + x2) / 2, (y1 + y2) / 2)
    texts = [(line.label, "f-ink2"), (word, "f-ink3")] if line.label else [("", ""), (word, "f-ink3")]
    for text, name, rise in ((*texts[0], -6), (*texts[1], 12 if line.label else -6)):
        if text:
            place = f'x="{middle[0]:g}" y="{middle[1] + rise:g}" text-anchor="middle"'
            words.append(f'<text {place} class="m halo f-paper s-paper">{escape(text)}</text>')
            words.append(f'<text {place} class="m {name}">{escape(text)}</text>')
    return drawn + heads[head], "".join(words)


def _ports(
    drawing: Drawing, corners: list[tuple[float, float]], high: float
) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Where each edge leaves and arrives: spread over the side of its step, in the order of the other ends."""

    def spread(n: int, *, out: bool) -> dict[int, float]:
        mine = [k for k, line in enumerate(drawing.lines) if (line.source if out else line.target) == n]
        mine.sort(key=lambda k: corners[drawing.lines[k].target if out else drawing.lines[k].source][1])
        return {k: corners[n][1] + high * (place + 1) / (len(mine) + 1) for place, k in enumerate(mine)}

    outs: dict[int, float] = {}
    ins: dict[int, float] = {}
    for n in range(len(drawing.nodes)):
        outs |= spread(n, out=True)
        ins |= spread(n, out=False)
    return [
        ((corners[line.source][0] + WIDE, outs[k]), (corners[line.target][0], ins[k])) for k, line in enumerate(drawing.lines)
    ]


def svg(drawing: Drawing) -> str:
    """The whole picture."""
    high = 68 if any(node.facts for node in drawing.nodes) else 48
    ranks = ranks_of(drawing)
    rows = rows_of(drawing, ranks)
    step = WIDE + max([GAP_X, *(len(line.label) * LETTER + 40 for line in drawing.lines)])
    corners = [(EDGE_X + rank * step, EDGE_Y + row * (high + GAP_Y)) for rank, row in zip(ranks, rows, strict=True)]
    graph = EDGE_Y + max(rows) * (high + GAP_Y) + high
    noted = max((len(note) for note in drawing.notes), default=0) * LETTER
    wide = EDGE_X * 2 + max(max(ranks) * step + WIDE, noted)
    tall = graph + EDGE_Y + (LINE * len(drawing.notes) + 14 if drawing.notes else 0)
    edges = [_edge(line, *ends) for line, ends in zip(drawing.lines, _ports(drawing, corners, high), strict=True)]
    notes = [f'<path d="M{EDGE_X} {graph + 15:g}H{wide - EDGE_X:g}" class="n s-rule"/>'] if drawing.notes else []
    for n, note in enumerate(drawing.notes):
        last = n == len(drawing.notes) - 1
        notes.append(_text(EDGE_X, graph + 15 + LINE * (n + 1), note, "m", "f-ink" if last else "f-ink3"))
    title = escape(drawing.title)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {tall:g}" width="{wide:g}" height="{tall:g}" role="img">'
    )
    parts = [
        head,
        f"<title>{title}</title>",
        f"<style>{STYLE}</style>",
        f'<rect width="{wide:g}" height="{tall:g}" class="f-paper"/>',
        *(drawn for drawn, _ in edges),
        *(_node(node, *corner, high) for node, corner in zip(drawing.nodes, corners, strict=True)),
        *(words for _, words in edges),
        *notes,
        "</svg>",
    ]
    return "\n".join(part for part in parts if part) + "\n"
