"""From bytes to text: byte order mark, then the declared charset, then the page's own word, then detection."""

from __future__ import annotations

import codecs
import re

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_META = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:\-]{1,40})""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_.:\-]{1,40})["']""")
_META_WINDOW = 4096
_DETECTION_WINDOW = 256 * 1024
# Encodings of real pages. Python knows more codecs, some slow on hostile bytes (punycode) or not encodings at all.
_KNOWN = re.compile(
    r"ascii|utf-8|utf-16(-[lb]e)?|cp125[0-8]|cp8(66|74)|iso8859-\d{1,2}|koi8-[ru]|mac-(roman|cyrillic)"
    r"|shift_jis|cp932|euc_jp|iso2022_jp|euc_kr|cp949|gb2312|gbk|gb18030|big5|tis-620"
)
# What browsers do (WHATWG Encoding Standard): these labels mean their larger Windows or Chinese relatives.
_WIDER = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030"}
# What is guessed among when nothing was declared, the common ones of each region.
_LIKELY = [
    *("utf_8", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r"),
    *("cp932", "euc_jp", "euc_kr", "gb18030", "big5"),
]
_LAST_RESORT = "cp1252"
_NOT_LIKE_ASCII = ("utf-16", "iso2022")  # their bytes can be valid UTF-8 and still mean something else


def decode(body: bytes, declared: str = "") -> str:
    """Return the text of `body`; never raises.

    `declared` is the charset of the Content-Type header, empty when there was none. An unknown name is ignored. Bytes
    that are valid UTF-8 are read as such whatever the label says: mislabelled pages are common, and text of another
    encoding that happens to be valid UTF-8 is not.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, errors="replace")
    named = [name for label in (declared, _own_word(body)) if (name := known_encoding(label))]
    order = (*named, "utf-8") if named and named[0].startswith(_NOT_LIKE_ASCII) else ("utf-8", *named)
    for encoding in order:
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return body.decode(_detected(body) or (named[0] if named else _LAST_RESORT), errors="replace")


def known_encoding(label: str) -> str:
    """Return Python's name for a charset label of the web, empty when it is not one of them."""
    try:
        name = codecs.lookup(label.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return ""
    return _WIDER.get(name, name) if _KNOWN.fullmatch(name) else ""


def _own_word(body: bytes) -> str:
    head = body[:_META_WINDOW]
    found = _XML.search(head) or _META.search(head)
    label = found.group(1).decode("ascii") if found else ""
    # A page that names UTF-16 in ASCII bytes cannot be UTF-16 (WHATWG: read it as UTF-8).
    return "utf-8" if label.lower().startswith("utf-16") else label


def _detected(body: bytes) -> str:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - only pages that declare nothing need it

    best = from_bytes(body[:_DETECTION_WINDOW], cp_isolation=_LIKELY).best()
    return known_encoding(best.encoding) if best else ""
