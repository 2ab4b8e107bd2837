"""Long work at the desk, without script: the page says how far it is while it is done, and then shows what came of it.

Work that is quick is answered as ever. What takes longer goes on in a thread of the request's own, while the page is
sent part by part: each part hides the one before (`desk.css`). The thread never outlives the request: whoever hangs up
has asked all the same, the work comes to its end, and sent again with its key it gives the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextvars import copy_context
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from flask import Response, current_app, make_response, render_template, stream_with_context

PATIENCE = 1.0
"""After so many seconds a page says how far the work is."""
PULSE = 2.0
"""At least so often something is sent, so that a line that is gone is noticed."""
_HERE = "<!-- here -->"
_MAIN = re.compile(r'<main id="main">(.*)</main>', re.DOTALL)

Tell = Callable[[str, float], None]
"""Says how far work is: a word of the catalogue under ``web.far``, and a share from 0 to 1."""


class Work:
    """What is done in a thread of its own; what it says of itself waits in `far`, and nothing comes after None."""

    def __init__(self, act: Callable[[Tell], Any]) -> None:
        self.far: SimpleQueue[tuple[str, int] | None] = SimpleQueue()
        self.answer: Response | None = None
        self.failed: Exception | None = None
        self._act = act
        self._told: tuple[str, int] = ("", 0)
        self.thread = Thread(target=copy_context().run, args=(self._run,))
        self.thread.start()

    def _run(self) -> None:
        try:
            self.answer = make_response(self._act(self._tell))
        except Exception as error:
            self.failed = error
        finally:
            self.far.put(None)

    def _tell(self, what: str, share: float) -> None:
        said = (what, int(share * 100))
        if said != self._told:
            self._told = said
            self.far.put(said)


def patiently(act: Callable[[Tell], Any], frame: Callable[[], Mapping[str, Any]]) -> Response:
    """Do something, and answer with it; if it takes long, with a page that says meanwhile how far it is.

    `frame` gives what stands around every page. Once a page has begun, its status is 200 whatever comes of the work.
    Files of the request may be closed before the work is done: they are read before it begins.
    """
    work = Work(act)
    work.thread.join(PATIENCE)
    if not work.thread.is_alive():
        if work.failed:
            raise work.failed
        assert work.answer is not None, "work that has not failed has an answer"
        return work.answer
    answer = Response(stream_with_context(_parts(work, frame())), mimetype="text/html")
    answer.call_on_close(work.thread.join)
    return answer


def _parts(work: Work, around: Mapping[str, Any]) -> Iterator[str]:
    """Yield the page: what stands above, how far it is again and again, what came of it, what stands below."""
    try:
        above, _, below = render_template("long.html", **around, here=_HERE).partition(_HERE)
        yield above
        while said := _next(work):
            yield render_template("far.html", what=said[0], share=said[1]) if said[0] else "\n"
        yield _main(work)
        yield below
    finally:
        # Whoever hangs up ends the page here.
        work.thread.join()


def _next(work: Work) -> tuple[str, int] | None:
    try:
        return work.far.get(timeout=PULSE)
    except Empty:
        return "", 0


def _main(work: Work) -> str:
    """Return what came of the work: the inside of its page, or the way to where it leads."""
    answer = work.answer
    if work.failed or answer is None:
        return _failed(work.failed)
    if answer.location:
        return render_template("onward.html", at=answer.location)
    found = _MAIN.search(answer.get_data(as_text=True))
    assert found is not None, "every page has its main part"
    return found[1]


def _failed(error: Exception | None) -> str:
    """Answer an error as it would have been answered at once."""
    assert error is not None, "work without an answer has failed"
    try:
        raise error  # noqa: TRY301 - the application answers what is being raised
    except Exception as raised:
        page = _handled(raised)
    found = _MAIN.search(make_response(page).get_data(as_text=True))
    return found[1] if found else ""


def _handled(error: Exception) -> Any:
    try:
        return current_app.handle_user_exception(error)
    except Exception as other:
        # What nobody handles is logged, and said in a sentence.
        return current_app.handle_exception(other)
