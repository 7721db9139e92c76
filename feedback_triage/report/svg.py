"""Small drawings by hand: every element is built here, escaped, without a style attribute."""

from collections.abc import Sequence
from math import floor, log10

from markupsafe import Markup, escape

from feedback_triage.report.cards import ThemeCard
from feedback_triage.report.filters import NONE, Count
from feedback_triage.report.parts import Interval
from feedback_triage.report.words import between, decimal, number, plural


def tag(name: str, *children: str, **attributes: object) -> Markup:
    """Make an element; "_" in attribute names becomes "-", attributes that are None are left out, text is
    escaped.
    """
    written = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _shown(value))
        for key, value in attributes.items()
        if value is not None
    )
    inner = Markup("").join(escape(child) for child in children)
    return Markup("<{}{}>{}</{}>").format(name, written, inner, name)


def _shown(value: object) -> str:
    """Write coordinates with one decimal: half the bytes, and no float noise."""
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def data_attributes(count: Count) -> dict[str, str]:
    """Tell what makes an element open its items; empty when there is nothing to open."""
    if count.where is None or count.n == 0:
        return {}
    return {"data_n": str(count.n)} | {f"data_{key}": value for key, value in count.where.attributes().items()}


def label_class(key: str, labels: Sequence[str]) -> str:
    """Give the class that colours a label: k0 is the first, `kn` no label; seven colours, then they
    repeat.
    """
    return "kn" if key == NONE else f"k{list(labels).index(key) % 7}"


def nice_step(top: float, most: int) -> int:
    """Give the smallest of 1, 2, 5, 10, 20, ... that needs at most so many steps to the top."""
    if top <= most:
        return 1
    power = 10 ** floor(log10(top / most))
    return int(next(step * power for step in (1, 2, 5, 10) if step * power * most >= top))


def interval_plot(interval: Interval, what: str) -> Markup:
    """Draw the expected range as a band, its mean as a tick, what came as a dot."""
    width, middle = 132.0, 9.0
    scale = (width - 14) / max(1, interval.upper, interval.observed.n, interval.expected)
    low, high, dot, mean = (
        7 + value * scale for value in (interval.lower, interval.upper, interval.observed.n, interval.expected)
    )
    outside = "more" if interval.is_spike else "fewer" if interval.observed.n < interval.lower else "inside"
    words = (
        f"{what}: {number(interval.observed.n)} came, {between(interval.lower, interval.upper)} expected "
        f"(mean {decimal(interval.expected)})"
    )
    return tag(
        "svg",
        tag("title", words),
        tag("line", x1=7, x2=width - 7, y1=middle, y2=middle, class_="axis"),
        tag("rect", x=low - 1, y=middle - 4, width=max(2.0, high - low + 2), height=8, rx=2, class_="band"),
        tag("line", x1=mean, x2=mean, y1=middle - 4, y2=middle + 4, class_="mean"),
        tag("circle", cx=dot, cy=middle, r=4, class_=f"dot {outside}"),
        viewBox=f"0 0 {width:.0f} 18",
        width=int(width),
        height=18,
        role="img",
        class_="interval",
    )


def spark(counts: Sequence[int], title: str, *, width: int = 132, height: int = 30) -> Markup:
    """Draw counts of the periods as bars, the reported one last and darker."""
    top = max(1, *counts)
    step = width / max(8, len(counts))
    bars = []
    for position, count in enumerate(counts):
        bar = max(1.0, count / top * (height - 3)) if count else 1.0
        kind = "now" if position == len(counts) - 1 else "then"
        x = width - (len(counts) - position) * step
        bars.append(tag("rect", x=x, y=height - bar, width=step * 0.78, height=bar, class_=kind))
    words = f"{title}: {', '.join(number(count) for count in counts)}"
    return tag(
        "svg",
        tag("title", words),
        *bars,
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        class_="spark",
    )


def theme_spark(card: ThemeCard) -> Markup:
    """Draw the weeks of a theme as bars, with the releases it speaks of marked under them."""
    width, height, strip = 190, 46, 12
    top = max(1, *card.weeks)
    step = width / max(8, len(card.weeks))
    left = width - len(card.weeks) * step
    parts = []
    for position, count in enumerate(card.weeks):
        bar = max(1.0, count / top * (height - strip - 3)) if count else 1.0
        kind = "now" if position == len(card.weeks) - 1 else "then"
        x = left + position * step
        parts.append(tag("rect", x=x, y=height - strip - bar, width=step * 0.78, height=bar, class_=kind))
    first, last = card.starts[0], card.starts[-1]
    for mark in card.marks:
        if first <= mark.at < last:
            x = left + (mark.at - first) / (last - first) * (width - left)
            parts.append(tag("line", x1=x, x2=x, y1=2, y2=height - strip + 1, class_="mark"))
            parts.append(
                tag(
                    "a",
                    tag("title", mark.name),
                    glyph(mark.kind, x, height - 5),
                    href=f"#{mark.anchor}",
                    tabindex="-1",
                )
            )
    marked = f"; marked: {', '.join(mark.name for mark in card.marks)}" if card.marks else ""
    words = f"{card.name}, items a period, the last one now: {', '.join(map(number, card.weeks))}{marked}"
    return tag(
        "svg",
        tag("title", words),
        *parts,
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        class_="spark",
    )


def mix_bar(mix: Sequence[tuple[str, Count]], labels: Sequence[str], titles: dict[str, str]) -> Markup:
    """Draw the shares of the labels as one thin bar."""
    total = sum(count.n for _, count in mix)
    parts, x = [], 0.0
    for key, count in mix:
        if count.n:
            share = count.n / total * 100
            parts.append(tag("rect", x=x, y=0, width=share, height=6, class_=label_class(key, labels)))
            x += share
    words = ", ".join(f"{titles[key]} {number(count.n)}" for key, count in mix if count.n)
    return tag(
        "svg",
        tag("title", words or "no items"),
        *parts,
        viewBox="0 0 100 6",
        preserveAspectRatio="none",
        role="img",
        class_="mix",
    )


def glyph(kind: str, x: float, y: float) -> Markup:
    """Draw the sign of a kind of release: a shape each, so that colour is not needed."""
    if kind == "feature":
        return tag("path", d=f"M{x:.1f} {y - 5:.1f}l5 9h-10z", class_="g feature")
    if kind == "fix":
        return tag("circle", cx=x, cy=y, r=4.2, class_="g fix")
    if kind == "mixed":
        return tag("path", d=f"M{x:.1f} {y - 5:.1f}l5 5-5 5-5-5z", class_="g mixed")
    if kind == "maintenance":
        return tag("rect", x=x - 2.6, y=y - 2.6, width=5.2, height=5.2, class_="g maintenance")
    return tag("circle", cx=x, cy=y, r=2.6, class_="g unknown")


def kind_sign(kind: str) -> Markup:
    """Draw the sign of a kind of release, to stand in a line of text."""
    return tag(
        "svg",
        glyph(kind, 7.0, 7.0),
        viewBox="0 0 14 14",
        width=12,
        height=12,
        aria_hidden="true",
        class_="sign",
    )


def items_title(total: int, counts: Sequence[tuple[str, Count]], titles: dict[str, str]) -> str:
    """Give, for example, "152 items: praise 3, sync bug 1"."""
    parts = ", ".join(f"{titles[key]} {number(count.n)}" for key, count in counts if count.n)
    return f"{number(total)} {plural(total, 'item')}" + (f": {parts}" if parts else "")
