"""HTML of what the app shows; everything that comes from names, labels and files is escaped."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    from reconstrue.app.runs import Answered, Opened
    from reconstrue.app.see import Seen
    from reconstrue.app.watch import Moment
    from reconstrue.classifiers.generative.redraw import Redrawn

# Pictures up to this size are shown pixel by pixel; larger ones are shrunk to it, as no card is wider.
_THUMBNAIL = 160
# How far the axis of differences reaches: so many times the middle label's distance to the leader.
_REACH = 2.0
# The part of that axis to the right of the leader, for intervals that reach beyond it.
_BEYOND = 0.12
_ENDED = {
    "": "racing",
    "decided": "decided",
    "budget": "the budget of draws ended it",
    "stopped": "stopped",
    "time": "stopped at the time limit",
}
_SIGNS = {"right": "✓ right", "wrong": "✗ wrong", "none": "○ no answer"}


def line(text: str, kind: str = "said") -> str:
    """Give one line of text; of the kind ``error`` it is read out at once, ``busy`` has a turning mark."""
    role = "alert" if kind == "error" else "status"
    return f'<p class="rc-{kind}" role="{role}">{escape(text)}</p>'


def evidence_html(moment: Moment) -> str:
    """Give the state of a race: the answer so far, then a row for each label, the leader first."""
    order = np.argsort(-moment.scores.log_evidence[0], kind="stable")
    raced = moment.draws > 0
    reach = _reach(moment)
    rows = "".join(_row(moment, int(i), reach) for i in order)
    header = (
        '<div class="rc-row rc-head" aria-hidden="true"><span>label</span><span>posterior</span>'
        f"<span>{'score − leader’s, 95%' if raced else ''}</span></div>"
    )
    return (
        f'<section class="rc-evidence{" rc-raced" if raced else ""}" data-ended="{moment.ended}">'
        f'{_facts(moment)}<div class="rc-rows">{header}{rows}</div>{_axis(reach) if raced else ""}</section>'
    )


def _facts(moment: Moment) -> str:
    decision, final = moment.decision, bool(moment.ended)
    share = moment.posterior[moment.labels.index(decision)]
    facts = [
        ("network evaluations", f"{moment.evaluations:,}", "nfe"),
        ("draws", f"{moment.draws:,} of at most {moment.budget:,}" if moment.budget else "exact", "draws"),
        ("labels left", f"{moment.racing} of {len(moment.labels)}" if moment.budget else "–", "left"),
        ("time", f"{moment.seconds:.1f} s", "seconds"),
        ("state", _ENDED[moment.ended], "state"),
    ]
    right = "" if moment.p_correct is None else f" · right with probability {moment.p_correct:.0%}"
    listed = "".join(f'<div><dt>{name}</dt><dd data-fact="{key}">{value}</dd></div>' for name, value, key in facts)
    return (
        f'<p class="rc-answer" role="status"><strong>{escape(decision)}</strong> '
        f"<span>{'' if final else 'leads, '}posterior {_percent(share)}{right}</span></p>"
        f'<dl class="rc-facts">{listed}</dl>'
    )


def _row(moment: Moment, i: int, reach: float) -> str:
    label, share, left = escape(moment.labels[i]), float(moment.posterior[i]), int(moment.left_after[i])
    gone = f'<small class="rc-gone">out at draw {left}</small>' if left >= 0 else ""
    name = f"<s>{label}</s>" if left >= 0 else label
    kind = " rc-out" if left >= 0 else " rc-leads" if moment.labels[i] == moment.decision else ""
    bar = (
        f'<span class="rc-share"><span class="rc-bar"><i style="width:{100 * share:.2f}%"></i></span>'
        f"<b>{_percent(share)}</b></span>"
    )
    gap = _gap(float(moment.lead[i]), float(moment.half_width[i]), reach) if moment.draws else ""
    return f'<div class="rc-row{kind}" data-label="{label}"><span class="rc-name">{name}{gone}</span>{bar}{gap}</div>'


def _gap(lead: float, half: float, reach: float) -> str:
    """Give the mean difference to the leader as a dot, and its interval as a line."""
    if math.isnan(half):
        return '<span class="rc-gap"></span>'
    low, high = (_place(value, reach) for value in (lead - half, lead + half))
    dot = _place(lead, reach)
    said = f"{lead:.4g}, 95% interval {lead - half:.4g} to {lead + half:.4g}"
    mark = '<em class="rc-far">‹</em>' if lead < -reach else f'<em style="left:{dot:.2f}%"></em>'
    return (
        f'<span class="rc-gap" role="img" title="{said}" aria-label="{said}">'
        f'<u style="left:{_place(0.0, reach):.2f}%"></u><i style="left:{low:.2f}%;width:{high - low:.2f}%"></i>{mark}</span>'
    )


def _axis(reach: float) -> str:
    ticks = "".join(
        f'<span style="left:{_place(value, reach):.2f}%">{escape(text)}</span>'
        for value, text in ((-reach, f"−{reach:.3g}"), (-reach / 2, f"−{reach / 2:.3g}"), (0.0, "0"))
    )
    return f'<div class="rc-row rc-axis" aria-hidden="true"><span></span><span></span><span class="rc-ticks">{ticks}</span></div>'


def _reach(moment: Moment) -> float:
    """Return how far the axis of differences reaches to the left of the leader."""
    others = -moment.lead[moment.lead < 0]
    return _REACH * float(np.median(others)) if others.size else 1.0


def _place(value: float, reach: float) -> float:
    """Return where a difference lies on the axis, in percent of its width."""
    return 100 * min(1.0, max(0.0, (value + reach) / (reach * (1 + _BEYOND))))


def redrawn_html(redrawn: Redrawn, labels: Sequence[str], left: Mapping[str, int]) -> str:
    """Give the pictures that a model drew under each label; labels that left the race are struck out."""
    nearest = int(redrawn.distances.argmin())
    cards = [
        _card(redrawn.picture, "the picture", "as the model sees it"),
        _card(redrawn.given, "the beginning", _beginning(redrawn)),
    ]
    for i, label in enumerate(labels):
        gone = left[label] >= 0
        about = f"{redrawn.distances[i]:.4g}" + (" · nearest" if i == nearest else "")
        cards.append(_card(redrawn.drawn[i], label, about, "rc-out" if gone else "", struck=gone))
    note = (
        "Each label drawn once from the same beginning, with its squared distance to the picture. "
        f"{_counted(redrawn.evaluations, 'evaluation')} beside those of the race."
    )
    return f'<ul class="rc-cards">{"".join(cards)}</ul><p class="rc-note">{note}</p>'


def seen_html(seen: Seen) -> str:
    """Give an illusion, what a model draws of it under either reading, and where it puts the parts."""
    first, second = seen.illusion.readings
    names = (*seen.illusion.readings, *seen.illusion.wrong)
    nearest = names[int(seen.distances.argmin())]
    cards = [
        _card(seen.redrawn.picture, "the illusion", f"{first} or {second}"),
        _card(_masks(seen), "its parts", f"blue {first}, orange {second}"),
        _card(seen.redrawn.given, "the beginning", _beginning(seen.redrawn)),
        _card(seen.redrawn.drawn[0], f"told: {first}", f"distance {seen.distances[0]:.4g}"),
        _card(seen.redrawn.drawn[1], f"told: {second}", f"distance {seen.distances[1]:.4g}"),
        _card(_change(seen), "where they differ", f"blue: more under {first}, orange: {second}"),
    ]
    figures = "".join(
        f'<div><dt>{name}</dt><dd data-fact="{key}">{value}</dd></div>'
        for name, value, key in (
            ("parts put where they lie", _score(seen.localisation), "localisation"),
            ("same, told " + escape(" and ".join(seen.illusion.wrong)), _score(seen.wrong), "wrong"),
            ("nearest of the four", escape(nearest), "nearest"),
            ("network evaluations", f"{seen.evaluations:,}", "nfe"),
        )
    )
    note = (
        "1 where each prompt changes its own parts only, 0 where each changes the other’s, 0.5 by chance. One picture says "
        "little: reconstrue illusions has many, with intervals and controls."
    )
    return f'<ul class="rc-cards rc-three">{"".join(cards)}</ul><dl class="rc-facts">{figures}</dl><p class="rc-note">{note}</p>'


def _beginning(redrawn: Redrawn) -> str:
    return f"{redrawn.level:.0%} hidden" if redrawn.masked else f"noised, t = {redrawn.level:.3g}"


def run_html(opened: Opened, answers: Sequence[Answered], start: int, total: int) -> str:
    """Give one observer's answers: the summary, what is wrong with the run, and a card for each answer."""
    problems = "".join(f'<p class="rc-note">{escape(text)}</p>' for text in opened.problems)
    shown = f"{start + 1:,} to {start + len(answers):,} of {total:,} answers" if answers else "No such answer."
    cards = "".join(_answer_card(answer) for answer in answers)
    return (
        f'<h3>{escape(opened.name)}</h3><p class="rc-lead">{escape(opened.summary)}</p>{problems}'
        f'<p class="rc-note">{shown}</p><ul class="rc-cards rc-answers">{cards}</ul>'
    )


def _answer_card(answer: Answered) -> str:
    picture = "" if answer.picture is None else f'<img alt="" src="{picture_address(answer.picture)}">'
    sure = [] if math.isnan(answer.p_correct) else [f"right with probability {answer.p_correct:.0%}"]
    sure += [] if math.isnan(answer.posterior) else [f"posterior {_percent(answer.posterior)}"]
    best = max(answer.log_evidence.values(), default=0.0)
    rows = "".join(
        f"<tr><th>{escape(label)}</th><td>{value - best:.4g}</td></tr>"
        for label, value in sorted(answer.log_evidence.items(), key=lambda item: -item[1])
    )
    detail = (
        f'<details><summary title="the best is 0">log-evidence</summary><table>{rows}</table></details>' if rows else ""
    )
    return (
        f'<li>{picture}<p title="{escape(answer.name)}">{escape(answer.category)} '
        f'<b class="rc-{answer.verdict}">{_SIGNS[answer.verdict]}</b></p>'
        f"<small>answered {escape(answer.response)}</small><small>{' · '.join(sure)}</small>"
        f"<small>{_counted(answer.evaluations, 'evaluation')}{_condition(answer.condition)}</small>{detail}</li>"
    )


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _condition(condition: str) -> str:
    return f" · {escape(condition)}" if condition not in ("", "0") else ""


def _card(pixels: NDArray[np.floating], title: str, about: str, kind: str = "", *, struck: bool = False) -> str:
    name = f"<s>{escape(title)}</s>" if struck else escape(title)
    return (
        f'<li class="{kind}"><img alt="{escape(title)}" src="{picture_address(to_bytes(pixels))}">'
        f"<p>{name}</p><small>{escape(about)}</small></li>"
    )


def to_bytes(pixels: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return a picture in [0, 1] as uint8."""
    return np.round(np.clip(pixels, 0, 1) * 255).astype(np.uint8)


def picture_address(pixels: NDArray[np.uint8]) -> str:
    """Give a picture as a ``data:`` address of a PNG, at most a thumbnail."""
    image = Image.fromarray(pixels)
    if max(image.size) > _THUMBNAIL:
        image.thumbnail((_THUMBNAIL, _THUMBNAIL), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    image.save(written, "PNG")
    return "data:image/png;base64," + base64.b64encode(written.getvalue()).decode()


# Blue and orange of Okabe & Ito (2008), which colour-blind readers tell apart.
_FIRST, _SECOND = np.array([0.0, 0.447, 0.698]), np.array([0.902, 0.624, 0.0])


def _masks(seen: Seen) -> NDArray[np.floating]:
    """Return the picture in grey with the parts of each reading tinted."""
    shown = np.repeat(0.35 * seen.illusion.picture.mean(axis=2, keepdims=True) / 255 + 0.6, 3, axis=2)
    first, second = seen.illusion.masks
    for mask, colour in ((first & ~second, _FIRST), (second & ~first, _SECOND)):
        shown[mask] = 0.35 * shown[mask] + 0.65 * colour
    return np.asarray(shown)


def _change(seen: Seen) -> NDArray[np.floating]:
    """Return the map of changes: white where prompts A and B change alike."""
    scale = float(np.quantile(np.abs(seen.change), 0.99)) or 1.0
    strength = np.clip(np.abs(seen.change) / scale, 0, 1)[:, :, None]
    colour = np.where((seen.change > 0)[:, :, None], _FIRST, _SECOND)
    return np.asarray(1 - strength * (1 - colour))


def _percent(share: float) -> str:
    # A finite number of samples makes nothing certain.
    return "&gt; 99.9%" if share > 0.999 else "&lt; 0.1%" if share < 0.001 else f"{share:.1%}"


def _score(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}"
