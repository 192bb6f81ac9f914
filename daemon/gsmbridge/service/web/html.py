"""HTML in which text is text: whatever is no `Html` yet is escaped."""

from __future__ import annotations

from html import escape

from gsmbridge.printable import printable

_EMPTY = ("br", "col", "link", "meta", "rect")
"""Elements that have no content."""


class Html(str):
    """Markup, safe as it is."""

    __slots__ = ()


def tag(name: str, /, *content: str | None, **attributes: object) -> Html:
    """An element. Attributes that are None are left out; a trailing underscore in their names
    (`class_`) goes, others become hyphens."""
    opened = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{safe(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _EMPTY:
        return Html(f"<{name}{opened}>") if name != "rect" else Html(f"<{name}{opened}/>")
    return Html(f"<{name}{opened}>{join(*content)}</{name}>")


def join(*content: str | None) -> Html:
    """One after the other; None is nothing."""
    return Html("".join(safe(each) for each in content if each is not None))


def safe(text: str) -> Html:
    """*text* as markup, with nothing in it that could be more than text."""
    return text if isinstance(text, Html) else Html(escape(printable(text)))
