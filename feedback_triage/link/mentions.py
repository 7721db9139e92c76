"""Numbers in a text that read like versions of the product, and not like anything else."""

import re

_WORD = r"(?:v|ver|vers|version|versión|versão|versione|release|rel|update|updated|upgrade|upgraded)"
_LINK_WORD = r"(?:since|in|on|to|with|after|from|using|running|until|before|and|or|seit|mit|auf|ab|depuis|desde)"
_MENTION = re.compile(
    rf"(?<![\w.,:/@-])(?:(?P<word>{_WORD})[\s.:#]{{0,3}}(?:is|to|was)?\s{{0,2}}"
    r"|(?P<build_word>build)(?:\s(?:number|no))?[\s.:#]{0,3}(?:is|to|was)?\s{0,2}"
    rf"|(?P<link>{_LINK_WORD})\s{{1,2}})?"
    r"(?P<number>v?\.?\s?[0-9]+(?:\.[0-9]+)*(?:-?(?:a|b|rc|alpha|beta|dev|post)[.-]?[0-9]*)?)"
    r"(?P<build>\+(?:build\.?)?[0-9]+|\s?[(\[]\s?(?:build[\s.:#]{0,3})?[0-9]+\s?[)\]]|,?\s{1,2}build[\s.:#]{0,3}[0-9]+)?"
    r"(?![\w/:@+-]|[.,][0-9]|\.[a-z0-9-]+\.[a-z])",
    re.IGNORECASE,
)
_OTHER = (
    r"(?:ios|ipados|watchos|tvos|android|macos|mac ?os|os ?x|windows|win|linux|ubuntu|debian|fedora|chrome|chromium"
    r"|firefox|safari|edge|opera|server|php|java|python|node|ruby|mysql|mariadb|postgres(?:ql)?|redis|nginx|apache"
    r"|docker|webview|miui|one ?ui|oxygen ?os|lineage(?:os)?|bluetooth|usb|http|tls|ssl|ip|ipv4|firmware|bios|driver"
    r"|iphone|ipad|galaxy|pixel|nexus|kernel|api|sdk|xcode|page|step|chapter|section|room|model)"
)
_OTHER_NAME = (
    r"(?:\s+(?:lollipop|marshmallow|nougat|oreo|pie|mojave|catalina|big sur|monterey|ventura|sonoma|sequoia|lts|pro))?"
)
_OTHER_THING = re.compile(
    rf"\b{_OTHER}{_OTHER_NAME}[\s:(=,-]*(?:v|ver|version|release|build)?[\s.:(=]*(?:is|was)?\s*"
    r"(?:[0-9][0-9.]*\s*(?:,|and|or|to|&)\s*)*(?:and|or|to|&)?\s*$",
    re.IGNORECASE,
)
_OF_OTHER = re.compile(rf"\s+(?:of|for)\s+(?:the\s+|my\s+)?{_OTHER}\b", re.IGNORECASE)
_DATE = re.compile(r"[0-3]?[0-9]\.[01]?[0-9]\.(?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}\.[01]?[0-9]\.[0-3]?[0-9]")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
_MONEY = re.compile(r"(?:[$€£¥₹#]|\b(?:usd|eur|gbp|rs|costs?|paid|pay))[\s.:]*$", re.IGNORECASE)
_UNIT = re.compile(
    r"\s*(?:%|[$€£¥₹°]|(?:stars?|out\s+of|gb|mb|kb|tb|ghz|mhz|hz|px|cm|mm|km|kg|lbs?|mah|volts?|watts?|miles?"
    r"|inch(?:es)?|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|am|pm|a\.m|p\.m|dollars?"
    r"|euros?|bucks|usd|eur|gbp|times?|percent|thousand|million|billion|x|k|fps|mbps|uhr)\b)",
    re.IGNORECASE,
)
_LOOK_BACK = 48


def mentioned_versions(text: str) -> list[str]:
    """Give what reads like a version of the product in a text, in its order.

    Returns:
        Versions as written ("3.2.1", "v12.09"), with the build behind a "+" where one is named
        ("3.12.1+4411"), and builds that stand alone as "build 4411".
    """
    found = []
    for match in _MENTION.finditer(text):
        number = match.group("number")
        if _reads_otherwise(text, match, number):
            continue
        if match.group("build_word"):
            found.append(f"build {number}")
            continue
        parts = number.count(".") + 1
        has_word = match.group("word") is not None or number[0] in "vV"
        if has_word or parts >= 3 or (parts == 2 and match.group("link") is not None):
            build = re.sub(r"[^0-9]", "", match.group("build") or "")
            found.append(f"{number}+{build}" if build else number)
    return found


def _reads_otherwise(text: str, match: re.Match[str], number: str) -> bool:
    """Tell whether the words around a number or its shape say that it is no version of the product."""
    before = text[max(0, match.start() - _LOOK_BACK) : match.start("number")]
    return bool(
        _UNIT.match(text, match.end())
        or _OF_OTHER.match(text, match.end())
        or _OTHER_THING.search(before)
        or _MONEY.search(before)
        or (not match.group("word") and (_DATE.fullmatch(number) or _GROUPED.fullmatch(number)))
    )
