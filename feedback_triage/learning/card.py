"""The card of a classifier: a page and a picture, made from its configuration and metrics alone."""

from collections.abc import Mapping, Sequence

from feedback_triage.abstention import OperatingPoint, point_within
from feedback_triage.label import model_classes
from feedback_triage.learning.train import Trained

PICTURE = "risk_coverage.svg"

_BUDGETS = (2.0, 5.0, 10.0, 20.0)
_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 480, 300, 56, 24, 28, 48


def render_card(trained: Trained) -> dict[str, str]:
    """Files of a classifier's folder that people read, by name: `README.md` and the picture in it."""
    return {"README.md": _page(trained), PICTURE: _picture(trained.classifier.points, trained.classifier.point)}


def _interval(value: Mapping[str, float]) -> str:
    return f"{value['value']:.3f} ({value['lower']:.3f} to {value['upper']:.3f})"


def _page(trained: Trained) -> str:
    config, metrics, classifier = trained.config, trained.metrics, trained.classifier
    languages = ", ".join(classifier.languages) or "any"
    lines = [
        f"# Classifier {classifier.version}",
        "",
        f"Gives {', '.join(classifier.all_labels)}, or abstains (none of them, or unsure).",
        "",
        f"- Method: {config['method']}.",
        f"- Encoder: `{classifier.encoder_id}`. Threshold: {classifier.threshold:.2f}. Seed: {config['seed']}.",
        f"- Languages it judges: {languages}. Texts in others wait for a person.",
        f"- Gold items: {config['n_gold']} ("
        + ", ".join(f"{config['n_gold_by_label'].get(name, 0)} {name}" for name in model_classes(classifier.labels))
        + f"), of which {config['n_held_out']} are held out.",
        "",
        "## On the held-out gold items",
        "",
        (
            "They are drawn from the same writing as the others, by a rule on their text, and nothing was chosen by "
            "them. Intervals are 95 % bootstrap. They say little about other kinds of feedback; "
            "`benchmarks/results/labels.md` has figures on real reviews."
        ),
        "",
        "| figure | value |",
        "|---|---|",
        f"| macro-F1 | {_interval(metrics['macro_f1'])} |",
        *(f"| F1 {name} | {_interval(value)} |" for name, value in metrics["f1"].items()),
        f"| expected calibration error | {metrics['expected_calibration_error']:.3f} |",
        f"| items that get a label | {metrics['coverage_ratio']:.3f} |",
        f"| wrong among those | {metrics['risk_ratio']:.3f} |",
        f"| items in languages it does not judge | {metrics['in_languages_not_read']} |",
        "",
        "## What abstaining buys",
        "",
        f"![Wrong labels against items that get one]({PICTURE})",
        "",
        (
            f"Measured on {config['n_calibrating']} gold items that the judging model had not seen; the same items "
            "set the temperature and the threshold. `--max-wrong-per-100 N` takes the lowest threshold that keeps to N "
            "with 95 % confidence. It holds for feedback like the gold items; a stream with other shares of the labels "
            "will differ."
        ),
        "",
        "| wrong in 100, at most | threshold | items that get a label | wrong among those |",
        "|---|---|---|---|",
        *(_budget_row(classifier.points, budget) for budget in _BUDGETS),
    ]
    if "accuracy_by_trait" in metrics:
        lines += ["", "## By trait", "", "| trait | items | accuracy |", "|---|---|---|"]
        lines += [
            f"| {trait} | {row['n']} | {row['accuracy']:.3f} |" for trait, row in metrics["accuracy_by_trait"].items()
        ]
    return "\n".join(lines) + "\n"


def _budget_row(points: Sequence[OperatingPoint], budget: float) -> str:
    point = point_within(points, budget)
    if point is None:
        return f"| {budget:g} | cannot be promised | | |"
    return f"| {budget:g} | {point.threshold:.2f} | {point.coverage_ratio:.3f} | {point.risk_ratio:.3f} |"


def _picture(points: Sequence[OperatingPoint], current: OperatingPoint | None) -> str:
    """Risk over coverage as SVG, with the threshold in use as a dot."""
    shown = [point for point in points if point.n_given >= 20]
    top = max([0.05, *(point.risk_upper for point in shown), current.risk_ratio if current else 0.0])
    step = next(step for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if top / step <= 6)

    def x(coverage: float) -> float:
        return round(_LEFT + coverage * (_WIDTH - _LEFT - _RIGHT), 1)

    def y(risk: float) -> float:
        return round(_HEIGHT - _BOTTOM - risk / top * (_HEIGHT - _TOP - _BOTTOM), 1)

    line = " ".join(f"{x(point.coverage_ratio)},{y(point.risk_ratio)}" for point in shown)
    upper = " ".join(f"{x(point.coverage_ratio)},{y(point.risk_upper)}" for point in shown)
    lower = " ".join(f"{x(point.coverage_ratio)},{y(point.risk_ratio)}" for point in reversed(shown))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
        '<g font-family="system-ui, sans-serif" font-size="12" fill="#333">',
        "<title>Wrong labels among the given ones, against the share of items that get a label</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
    ]
    for index in range(round(top / step) + 1):
        if (risk := index * step) <= top:
            parts += [
                f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(risk)}" y2="{y(risk)}" stroke="#e4e4e4"/>',
                f'<text x="{_LEFT - 6}" y="{y(risk) + 4}" text-anchor="end">{risk * 100:.0f} %</text>',
            ]
    for tenth in range(0, 11, 2):
        parts.append(
            f'<text x="{x(tenth / 10)}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{tenth * 10} %</text>'
        )
    parts += [
        f'<polygon points="{upper} {lower}" fill="#2c6e9b" opacity=".18"/>' if shown else "",
        f'<polyline points="{line}" fill="none" stroke="#2c6e9b" stroke-width="2"/>',
        f'<text x="{x(0.5)}" y="{_HEIGHT - 10}" text-anchor="middle">items that get a label</text>',
        f'<text x="{_LEFT}" y="14">wrong among the given labels (shaded: up to the 95 % limit)</text>',
    ]
    if current is not None and current.n_given:
        at_x, at_y = x(current.coverage_ratio), y(current.risk_ratio)
        anchor, side = ("end", -9) if current.coverage_ratio > 0.6 else ("start", 9)
        parts += [
            f'<circle cx="{at_x}" cy="{at_y}" r="5" fill="#b3541e"/>',
            f'<g fill="#b3541e" text-anchor="{anchor}">',
            f'<text x="{at_x + side}" y="{at_y - 8}">threshold {current.threshold:.2f}</text>',
            "</g>",
        ]
    return "\n".join([part for part in parts if part] + ["</g>", "</svg>"]) + "\n"
