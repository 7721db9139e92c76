"""The page: one file that loads nothing from anywhere."""

import base64
import hashlib

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from feedback_triage.report import svg, words
from feedback_triage.report.assets import asset
from feedback_triage.report.bursts import burst_chart
from feedback_triage.report.charts import timeline_chart
from feedback_triage.report.filters import Count
from feedback_triage.report.fix_receipts import evidence, shared_clauses, without
from feedback_triage.report.map import theme_map
from feedback_triage.report.parts import Phrase, Ref, WindowRow
from feedback_triage.report.receipts import embedded_positions, payload
from feedback_triage.report.suspects import percent
from feedback_triage.report.triage_report import TriageReport


def render_html(report: TriageReport) -> str:
    """Render the whole page: the same report gives the same bytes.

    Style and script are inside the page and allowed by their hashes; its content security policy forbids
    every request. Customers' words are escaped, and isolated from the direction of the writing around them.
    """
    style, script = "".join(map(asset, ("colours.css", "map.css", "report.css", "incidents.css"))), asset("report.js")
    page = _environment().get_template("report.html.j2")
    text = page.render(
        r=report,
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        policy=_policy(style, script),
        payload=Markup(payload(report)),  # noqa: S704 - escaped for a script element by `payload`
        n_embedded=len(embedded_positions(report)),
        wide=timeline_chart(report, width=1080, plot=220, name="wide"),
        narrow=timeline_chart(report, width=360, plot=150, name="narrow"),
        map_wide=theme_map(report, width=1080, letters=13, name="map-wide"),
        map_narrow=theme_map(report, width=360, letters=11, name="map-narrow", is_upright=True),
    )
    return words.printable(text) + "\n"


def _policy(style: str, script: str) -> str:
    """Forbids everything but this style, this script and the empty icon."""
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (script, style)]
    return (
        f"default-src 'none'; script-src 'sha256-{hashes[0]}'; style-src 'sha256-{hashes[1]}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("feedback_triage.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "count": count_button,
        "phrase": phrase_markup,
        "number": words.number,
        "decimal": words.decimal,
        "duration": words.duration,
        "shorten": words.shorten,
        "curly": words.curly,
        "without": without,
        "percent": _percent,
        "window_length": window_length,
    }
    environment.globals |= {
        "between": words.between,
        "plural": words.plural,
        "interval_plot": svg.interval_plot,
        "spark": svg.spark,
        "theme_spark": svg.theme_spark,
        "mix_bar": svg.mix_bar,
        "kind_sign": svg.kind_sign,
        "label_class": svg.label_class,
        "chart_bin_name": _bin_name,
        "burst_chart": burst_chart,
        "evidence": evidence,
        "shared_clauses": shared_clauses,
        "window_word": window_word,
    }
    return environment


def _percent(share: float) -> str:
    return _unbroken(percent(share))


def _unbroken(text: str) -> str:
    """Keep a number and its per cent sign on one line."""
    return text.replace(" %", "\u00a0%")


def window_length(hours: float) -> str:
    """Write the length of a window: hours up to four days, then days.

    >>> window_length(24), window_length(72), window_length(168)
    ('24 h', '72 h', '7 d')
    """
    return f"{hours:.0f} h" if hours < 96 else f"{hours / 24:.0f} d"


def window_word(window: WindowRow) -> str:
    """Say in a word what came back in a window."""
    if window.is_told:
        return f"{window.verdict} quiet"
    if window.interval.is_spike and window.status == "heard":
        return "loud"
    if window.is_unheard:
        return "cannot tell"
    return {"feed_stale": "suspended"}.get(window.status, window.status)


def _bin_name(report: TriageReport, position: int) -> str:
    """Tell what to call a bar of the chart in its table."""
    one = report.timeline.bins[position]
    if report.timeline.unit == "day":
        return report.clock.day(one.start)
    return report.clock.month(one.start) if report.timeline.unit == "month" else report.clock.date(one.start)


def count_button(count: Count, words_: str = "") -> Markup:
    """Render the number as a button that opens its items; plain when there are none to open."""
    shown = words.number(count.n)
    attributes = svg.data_attributes(count)
    if not attributes:
        return svg.tag("span", shown, class_="n0" if count.n == 0 else "n1")
    label = f"{shown} {words_}".strip() if words_ else None
    return svg.tag("button", shown, type="button", class_="n", aria_label=label, **attributes)


def phrase_markup(phrase: Phrase) -> Markup:
    """Render a sentence with its numbers as buttons and its names as links."""
    return Markup("").join(_piece(piece) for piece in phrase)


def _piece(piece: str | Count | Ref) -> Markup:
    if isinstance(piece, Count):
        return count_button(piece)
    if isinstance(piece, Ref):
        return svg.tag("a", svg.tag("bdi", piece.text), href=f"#{piece.anchor}")
    return escape(_unbroken(piece))
