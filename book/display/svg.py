"""A matplotlib figure as small inline SVG that follows the light and the dark theme.

matplotlib writes a complete SVG file. Inside a page most of it is not needed, and its colours and
fonts should be the page's. So the file is parsed and rewritten: no header, no metadata, no groups
without a purpose, names made unique with the figure's own, numbers to a hundredth of a point, and
the book's colours as CSS variables (`var(--figure-vermilion)`) that `figure.css` defines twice.
What has no colour of its own is in ink.
"""

import io
import itertools
import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import matplotlib
from matplotlib.figure import Figure

#: The colours that follow the theme: matplotlib's way of writing them, and the name in the CSS.
THEME = {
    "#000000": "ink",
    "#ffffff": "paper",
    "#d55e00": "vermilion",
    "#0072b2": "blue",
    "#009e73": "green",
    "#cc79a7": "purple",
    "#56b4e9": "sky",
    "#e69f00": "orange",
    "#767676": "grey",
}

FONT_SIZE = 10
_DEFAULTS = {
    "stroke-linejoin": ("miter", "round"),
    "stroke-linecap": ("butt",),
    "stroke-dashoffset": ("0",),
    "stroke-width": ("1",),
    "font-size": (f"{FONT_SIZE}px",),
    "text-anchor": ("start",),
    "font-weight": ("400", "normal"),
}


def gid(slot: int, whole: bool = False) -> str:
    """The gid of an artist whose path or text gets a number, or the whole group around it."""
    return f"{'group' if whole else 'slot'}-{slot}"


def to_svg(figure: Figure, name: str) -> Element:
    """Renders a figure and returns its cleaned `<svg>` element; deterministic.

    Args:
        figure: any matplotlib figure, one unit of the SVG is one point (1/72 inch).
        name: a prefix that makes ids unique within the page.

    An artist with `gid(3)` has `data-slot="3"` on its path or text.
    """
    for patch in (figure.patch, *(axes.patch for axes in figure.axes)):
        patch.set_visible(False)
    file = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure.savefig(file, format="svg", metadata=nothing)
    source = re.sub(r' xmlns="[^"]*"|<!DOCTYPE[^>]*>', "", file.getvalue())
    svg = ElementTree.fromstring(source.replace("xlink:href", "href"))
    _, _, width, height = svg.attrib["viewBox"].split()
    svg.attrib.clear()
    svg.attrib["viewBox"] = f"0 0 {_short(width)} {_short(height)}"
    _drop_styles(svg)
    for element in svg.iter():
        _simplify_mathematics(element)
    for element in svg.iter():
        _clean(element)
    _rename(svg, name)
    _unwrap(svg)
    return svg


def color(written: str, text: bool = False) -> str:
    """A colour for the page: a CSS variable if it is one of the book's, itself otherwise.

    Text in a colour needs more contrast than a line, so it has variables of its own.
    """
    role = THEME.get(written.lower())
    if role is None:
        return written
    return f"var(--figure-{role}-text)" if text and role != "ink" else f"var(--figure-{role})"


def write(svg: Element) -> str:
    """The element's source, without white space that carries no meaning."""
    return ElementTree.tostring(svg, encoding="unicode")


def _short(number: str | float) -> str:
    rounded = round(float(number), 2)
    return str(int(rounded)) if rounded == int(rounded) else str(rounded)


def _shorten(text: str) -> str:
    text = re.sub(r"-?\d+\.\d+(?:e-?\d+)?", lambda match: _short(match[0]), text)
    return re.sub(r"\s*([A-Za-z])\s*", r"\1", " ".join(text.split()))


def _drop_styles(svg: Element) -> None:
    for parent in list(svg.iter()):
        for child in list(parent):
            if child.tag == "style" or child.tag == "metadata":
                parent.remove(child)
            else:
                child.tail = None
        if parent.text and not parent.text.strip() and parent.tag not in ("text", "tspan"):
            parent.text = None


def _clean(element: Element) -> None:
    attributes = element.attrib
    for item in attributes.pop("style", "").split(";"):
        key, _, value = (part.strip() for part in item.partition(":"))
        if key and key != "font-family" and value not in _DEFAULTS.get(key, ()):
            attributes[key] = value.removesuffix("px")
    text = element.tag in ("text", "tspan")
    for key in ("fill", "stroke"):
        if key in attributes:
            attributes[key] = color(attributes[key], text)
    if attributes.get("fill") == "var(--figure-ink)":
        del attributes["fill"]
    if attributes.get("transform", "").startswith("rotate(-0"):
        del attributes["transform"]
    for key in ("x", "y", "dy", "width", "height", "transform", "stroke-width", "stroke-dasharray"):
        if key in attributes:
            attributes[key] = re.sub(r"-?\d+\.\d+", lambda match: _short(match[0]), attributes[key])
    if "d" in attributes:
        attributes["d"] = _shorten(attributes["d"])


def _simplify_mathematics(group: Element) -> None:
    """Lets the page's own font space a formula of one line.

    matplotlib places every letter of a formula by the widths of its own font. One piece per style
    is enough, and reads well in any font: subscripts only move down, by `dy`.
    """
    if group.tag != "g" or [child.tag for child in group] != ["text"]:
        return
    glyphs = list(group[0])
    if not glyphs or any(glyph.tag != "tspan" for glyph in glyphs):
        return
    lefts = [float(glyph.attrib["x"].split()[0]) for glyph in glyphs]
    if any(b <= a for a, b in itertools.pairwise(lefts)):
        return
    moved = re.fullmatch(r"translate\(([-\d.]+) ([-\d.]+)\)(.*)", group.attrib.get("transform", ""))
    if moved is None or "rotate" in moved[3].replace("rotate(-0)", ""):
        return
    middle = (lefts[0] + lefts[-1] + FONT_SIZE / 2) / 2
    height = float(glyphs[0].attrib["y"])
    text = Element("text", {"x": str(float(moved[1]) + middle), "y": str(float(moved[2]) + height)})
    text.attrib["style"] = f"text-anchor: middle; {group.attrib.pop('style', '')}"
    style, piece = None, None
    for glyph in glyphs:
        y = float(glyph.attrib["y"])
        if piece is None or glyph.attrib["style"] != style or y != height:
            style = glyph.attrib["style"]
            piece = ElementTree.SubElement(text, "tspan", {"style": style})
            piece.text = ""
            if y != height:
                piece.attrib["dy"] = str(y - height)
        piece.text = (piece.text or "") + (glyph.text or "")
        height = y
    del group.attrib["transform"]
    group[:] = [text]


def _rename(svg: Element, name: str) -> None:
    source = ElementTree.tostring(svg, encoding="unicode")
    used = re.findall(r"url\(#([^)]*)\)", source) + re.findall(r'href="#([^"]*)"', source)
    names = {old: f"{name}-{i}" for i, old in enumerate(dict.fromkeys(used))}
    for element in svg.iter():
        identifier = element.attrib.pop("id", None)
        if identifier in names:
            element.attrib["id"] = names[identifier]
        slot = re.fullmatch(r"(group|slot)-(\d+)", identifier or "")
        if slot:
            (element if slot[1] == "group" else element[0]).attrib["data-slot"] = slot[2]
        if element.attrib.get("href", "").startswith("#"):
            element.attrib["href"] = f"#{names[element.attrib['href'][1:]]}"
        clip = element.attrib.get("clip-path")
        if clip:
            element.attrib["clip-path"] = f"url(#{names[clip[5:-1]]})"


def _unwrap(parent: Element) -> None:
    """Replaces groups that carry nothing by their children and drops what is not visible."""
    children: list[Element] = []
    for child in parent:
        _unwrap(child)
        if child.tag == "g" and not child.attrib:
            children.extend(child)
        elif (child.tag in ("g", "defs", "tspan") and not len(child) and not child.text) or (
            child.tag == "path"
            and child.attrib.get("fill") == "none"
            and ("stroke" not in child.attrib)
        ):
            continue
        else:
            children.append(child)
    parent[:] = children
