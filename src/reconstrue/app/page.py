"""The page: Gradio's blocks around the app's logic."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from PIL import Image
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from reconstrue.app import pictures
from reconstrue.app.models import Models, StoppedError
from reconstrue.classifiers.base import checked_labels
from reconstrue.classifiers.cards import load_cards
from reconstrue.errors import UserError
from reconstrue.stimuli.catalog import NO_CONDITION
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.folders import read_picture
from reconstrue.stimuli.stimulus_set import Stimulus
from reconstrue.stimuli.world.illusions import Illusion, illusion_set
from reconstrue.stimuli.world.sets import world_set

if TYPE_CHECKING:
    from reconstrue.app.runs import Opened

# A race is ended after so long: the page is for looking, `classify` for long work.
_MOST_SECONDS = 600.0
# The page is redrawn at most so often.
_BETWEEN = 0.1
# Where pictures are drawn again for the labels: as `reconstruct` shows them, and for illusions as its study does.
_LEVEL, _ILLUSION_LEVEL, _ILLUSION_DRAWS = 0.6, 0.7, 4
_EXAMPLES = (("original", 6), ("cue-conflict", 4), ("sketch", 2), ("silhouette", 2))
_ILLUSIONS = 8
_ANSWERS = 24
_VERDICTS = ("all", "wrong", "right", "none")
_CHOOSE = "Choose a picture, then Classify."


def make_page(models: Models, folder: Path, *, seed: int = 0) -> Any:
    """Return the page as Gradio's blocks.

    Args:
        models: who can be asked.
        folder: an empty one, for the pictures of the examples.
        seed: of the pocket world.
    """
    with gr.Blocks(title="reconstrue", analytics_enabled=False) as page:
        gr.HTML("<h1>reconstrue</h1><p>What a model says of a picture, and what it sees in it.</p>", elem_id="rc-title")
        with gr.Row(equal_height=False, elem_id="rc-who"):
            model = gr.Dropdown(
                list(models.names), value=models.names[0], label="Model", elem_id="rc-model", scale=2, min_width=240
            )
            state = gr.HTML(
                pictures.line(f"Loading {models.names[0]}…", "busy"), elem_id="rc-state", scale=3, min_width=280
            )
        with gr.Tabs():
            with gr.Tab("Classify"):
                _classify_tab(page, models, model, _example_files(folder, seed))
            with gr.Tab("Illusions"):
                _illusion_tab(models, model, seed)
            with gr.Tab("A finished run"):
                _run_tab()

        def follow(name: str) -> Iterator[str]:
            if not models.ready(name):
                yield pictures.line(f"Loading {name}…", "busy")
            try:
                models.get(name)
            except StoppedError:
                return
            except UserError as error:
                yield pictures.line(str(error), "error")
            else:
                yield pictures.line(f"{name} is ready. {_about(name)}")

        for asked in (page.load, model.input):
            asked(follow, [model], [state], concurrency_limit=None, show_progress="hidden", api_visibility="private")
    return page


def look() -> dict[str, Any]:
    """Return what the page looks like, as arguments of Gradio's ``launch``: no font comes from anywhere."""
    fonts = ["system-ui", "sans-serif"]
    theme = gr.themes.Default(primary_hue="blue", neutral_hue="stone", font=fonts, font_mono=["monospace"])
    return {"theme": theme, "css": files("reconstrue.app").joinpath("app.css").read_text(encoding="utf-8")}


def middleware(host: str) -> list[Middleware]:
    """Return what lets nobody in under another name of this machine, as a stranger's page could give it one."""
    return [Middleware(TrustedHostMiddleware, allowed_hosts=[host, "localhost"])]


def _about(name: str) -> str:
    card = load_cards().get(name)
    return f"{card.about}." if card is not None else ""


def _known(name: str) -> tuple[str, ...]:
    """Return those of the 16 categories that a model's card says it knows; all where it has none."""
    card = load_cards().get(name)
    return card.known if card is not None else CATEGORIES


def _usual(name: str) -> str:
    return ", ".join(_known(name))


def _classify_tab(page: Any, models: Models, model: Any, examples: list[list[str]]) -> None:
    with gr.Row(equal_height=False):
        with gr.Column(scale=2, min_width=300):
            picture = gr.Image(
                label="Picture",
                type="filepath",
                sources=["upload", "clipboard"],
                height=260,
                buttons=[],
                elem_id="rc-picture",
            )
            # Gradio would open the file itself, and a damaged one would end in a traceback. (A class of our own would have
            # Gradio write a file beside this one; an update of the component would make it anew, so there is none.)
            picture.preprocess = lambda given: None if given is None else given.path
            with gr.Row():
                go = gr.Button("Classify", variant="primary", min_width=120, elem_id="rc-go")
                halt = gr.Button("Stop", interactive=False, min_width=120, elem_id="rc-stop")
            labels = gr.Textbox(
                _usual(models.names[0]), label="Labels, separated by commas", lines=3, elem_id="rc-labels"
            )
            # Labels that nobody has touched follow the model: one of photographs knows seven categories.
            model.input(
                lambda name, text: _usual(name) if text in map(_usual, models.names) else text,
                [model, labels],
                [labels],
                queue=False,
                show_progress="hidden",
                api_visibility="private",
            )
            offered = gr.Dataset(
                components=[picture],
                samples=examples,
                label="Pictures of the pocket world",
                samples_per_page=len(examples),
                type="values",
                elem_id="rc-examples",
            )
            offered.click(
                lambda sample: sample[0],
                [offered],
                [picture],
                queue=False,
                show_progress="hidden",
                api_visibility="private",
            )
        with gr.Column(scale=3, min_width=300):
            evidence = gr.HTML(pictures.line(_CHOOSE), elem_id="rc-evidence")
            drawn = gr.HTML("", elem_id="rc-drawn")

    stopped: set[str | None] = set()

    def classify(path: str | None, name: str, text: str, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        stopped.discard(request.session_hash)
        busy, free = ((gr.update(interactive=not running), gr.update(interactive=running)) for running in (True, False))

        def stop() -> bool:
            return models.closed or request.session_hash in stopped

        try:
            stimulus, names = _stimulus(path), checked_labels(text.split(","))
            waiting = "Reading the picture…" if models.ready(name) else f"Loading {name}…"
            yield pictures.line(waiting, "busy"), "", *busy
            classifier = models.get(name, stop)
            classifier.checked(names)

            from reconstrue.app.watch import watch
            from reconstrue.classifiers.generative.redraw import Drawer, redraw

            again = redraw(classifier, stimulus, names, _LEVEL) if isinstance(classifier, Drawer) else None
            gone: dict[str, int] | None = None
            shown = 0.0
            for moment in watch(classifier, stimulus, names, stop=stop, most_seconds=_MOST_SECONDS):
                if not moment.ended and time.monotonic() - shown < _BETWEEN:
                    continue
                shown = time.monotonic()
                left = dict(zip(names, moment.left_after.tolist(), strict=True))
                cards: Any = gr.skip()
                if again is not None and left != gone:
                    gone, cards = left, pictures.redrawn_html(again, names, left)
                yield pictures.evidence_html(moment), cards, *(free if moment.ended else busy)
        except StoppedError:
            yield pictures.line("Stopped."), "", *free
        except UserError as error:
            yield pictures.line(str(error), "error"), "", *free
        finally:
            stopped.discard(request.session_hash)

    def stop_it(request: gr.Request) -> None:
        stopped.add(request.session_hash)

    go.click(
        classify,
        [picture, model, labels],
        [evidence, drawn, go, halt],
        concurrency_id="model",
        concurrency_limit=1,
        show_progress="hidden",
        api_visibility="private",
    )
    halt.click(stop_it, None, None, queue=False, show_progress="hidden", api_visibility="private")
    # Nobody looks any more.
    page.unload(stop_it)


def _illusion_tab(models: Models, model: Any, seed: int) -> None:
    illusions = illusion_set(_ILLUSIONS, seed)
    with gr.Row(equal_height=False):
        with gr.Column(scale=2, min_width=300):
            gr.HTML(pictures.line("Illusions of the pocket world. Choose one:"))
            gallery = gr.Gallery(
                [Image.fromarray(one.picture) for one in illusions],
                label="Illusions",
                show_label=False,
                columns=4,
                allow_preview=False,
                interactive=False,
                buttons=[],
                elem_id="rc-illusions",
            )
            level = gr.Slider(0.1, 1.0, value=_ILLUSION_LEVEL, step=0.05, label="Noise level, or share hidden")
        with gr.Column(scale=3, min_width=300):
            seen = gr.HTML(pictures.line("Choose an illusion."), elem_id="rc-seen")
    chosen = gr.State(None)

    @cache
    def of_side(side: int) -> tuple[Illusion, ...]:
        return illusion_set(_ILLUSIONS, seed, side)

    def show(place: int | None, name: str, t: float) -> str:
        if place is None:
            return pictures.line("Choose an illusion.")
        if set(_known(name)) != set(CATEGORIES):
            return pictures.line(
                f"{name} does not know all 16 categories; choose another model for illusions.", "error"
            )
        try:
            classifier = models.get(name)

            from reconstrue.app.see import see

            return pictures.seen_html(see(classifier, of_side(classifier.resolution)[place], t, _ILLUSION_DRAWS))
        except StoppedError:
            return pictures.line("Stopped.")
        except UserError as error:
            return pictures.line(str(error), "error")

    def choose(name: str, t: float, event: gr.SelectData) -> tuple[int, str]:
        return int(event.index), show(int(event.index), name, t)

    one_at_a_time = {"concurrency_id": "model", "concurrency_limit": 1, "api_visibility": "private"}
    gallery.select(choose, [model, level], [chosen, seen], **one_at_a_time)
    for changed in (level.release, model.input):
        changed(show, [chosen, model, level], seen, **one_at_a_time)


def _run_tab() -> None:
    with gr.Row(equal_height=False):
        folder = gr.Textbox(
            label="Folder of the run (evaluate --out)",
            placeholder="runs/first",
            elem_id="rc-run",
            scale=3,
            min_width=280,
        )
        stimuli = gr.Textbox(
            label="Folder of its pictures, if they are your own", elem_id="rc-stimuli", scale=3, min_width=280
        )
        button = gr.Button("Open", variant="primary", scale=1, min_width=120, elem_id="rc-open")
    with gr.Column(visible=False) as choices:
        with gr.Row(equal_height=False):
            which = gr.Dropdown([], label="Observer and data set", scale=3, min_width=280)
            verdict = gr.Radio(list(_VERDICTS), value="all", label="Answers", scale=3, min_width=320)
        with gr.Row(elem_id="rc-turn"):
            earlier = gr.Button("Earlier", size="sm", min_width=100)
            later = gr.Button("Later", size="sm", min_width=100)
    answers = gr.HTML("", elem_id="rc-answers")
    opened, start = gr.State([]), gr.State(0)

    def open_(where: str, own: str) -> tuple[Any, ...]:
        from reconstrue.app.runs import open_run

        try:
            found = open_run(where, own)
        except UserError as error:
            return (
                [],
                gr.update(choices=[], value=None),
                gr.update(visible=False),
                0,
                pictures.line(str(error), "error"),
            )
        names = [one.name for one in found]
        shown = _answers(found, names[0], "all", 0)
        return found, gr.update(choices=names, value=names[0]), gr.update(visible=True), 0, shown

    def begin(found: list[Opened], name: str, kind: str) -> tuple[int, str]:
        return 0, _answers(found, name, kind, 0)

    def turn(found: list[Opened], name: str, kind: str, at: int, by: int) -> tuple[int, str]:
        total = next((one.pick(kind, 0, 0)[1] for one in found if one.name == name), 0)
        moved = at + by if 0 <= at + by < total else at
        return moved, _answers(found, name, kind, moved)

    private = {"api_visibility": "private", "show_progress": "minimal"}
    button.click(open_, [folder, stimuli], [opened, which, choices, start, answers], **private)
    folder.submit(open_, [folder, stimuli], [opened, which, choices, start, answers], **private)
    for changed in (which.input, verdict.input):
        changed(begin, [opened, which, verdict], [start, answers], **private)
    for pressed, by in ((earlier, -_ANSWERS), (later, _ANSWERS)):
        pressed.click(
            lambda found, name, kind, at, by=by: turn(found, name, kind, at, by),
            [opened, which, verdict, start],
            [start, answers],
            **private,
        )


def _answers(found: Sequence[Opened], name: str, verdict: str, start: int) -> str:
    for one in found:
        if one.name == name:
            shown, total = one.pick(verdict, start, _ANSWERS)
            return pictures.run_html(one, shown, start, total)
    return pictures.line("Open a run first.")


def _stimulus(path: str | None) -> Stimulus:
    """Return an uploaded picture, its noise keyed by its name as `classify` has it; raises UserError where it is none."""
    if path is None:
        raise UserError("no picture is given; drop one, or choose an example")
    file = Path(path)
    try:
        pixels = read_picture(file)
    except UserError as error:
        # Where an upload lies says nothing to the user.
        raise UserError(str(error).replace(path, file.name)) from error
    return Stimulus(file.name, file.name, "", NO_CONDITION, "", lambda: pixels)


def _example_files(folder: Path, seed: int) -> list[list[str]]:
    """Write pictures of the pocket world and return their paths, one row each."""
    rows = []
    for name, count in _EXAMPLES:
        for stimulus in world_set(name, 4 * count, seed).stimuli[::4]:
            path = folder / f"{name}-{stimulus.imagename}"
            Image.fromarray(stimulus.read()).save(path)
            rows.append([str(path)])
    return rows
