"""The firm's logo, as the sidebar, the sign-in and the settings show it."""

from __future__ import annotations


def firm_logo(version: int, height: int) -> str:
    """Return the firm's logo as HTML, ``height`` in pixels; beside its name, so it says nothing to screen readers.

    - ``version``: The firm's, so that the browser keeps a logo until it changes.
    """
    return f'<img class="kb-logo" src="/logo?v={version}" height="{height}" style="max-width:100%;object-fit:contain" alt="">'
