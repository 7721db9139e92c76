"""Text on its way to a terminal."""

_JOINERS = "\u200c\u200d"


def shown(text: str) -> str:
    r"""Give text with what a terminal would obey or nobody sees as U+FFFD, and with plain blanks.

    Names of releases and themes come from files and calls, and must not move a cursor, hide a line or turn one round.

    >>> shown("web/5\x1b[2J.1\nand\u202emore")
    'web/5�[2J.1 and�more'
    """
    return "".join(map(_shown, text))


def shown_lines(text: str) -> str:
    """Give several lines so, each still a line of its own."""
    return "\n".join(map(shown, text.split("\n")))


def _shown(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    return " " if character.isspace() else "\ufffd"
