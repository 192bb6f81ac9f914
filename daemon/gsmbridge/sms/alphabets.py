"""The 7-bit alphabets: 23.038, 6.2.1 and Annex A, tables only.

Each table is a string of 128 characters, indexed by septet; `UNDEFINED` stands where a table
defines nothing, and at the escape. Some editions of the specification have misprints in these
tables; the character that the surrounding sequence demands is given, as in what phones ship:
Kannada locking 24h (0CA1), Tamil single 24h (0BEE).
"""

from __future__ import annotations

UNDEFINED = "\N{REPLACEMENT CHARACTER}"

DEFAULT = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ" + UNDEFINED + "ÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""6.2.1, GSM 7 bit default alphabet."""


def _differing(base: str, cells: dict[int, str]) -> str:
    """*base* with runs of characters put in, each from its code on."""
    table = list(base)
    for code, run in cells.items():
        table[code : code + len(run)] = run
    return "".join(table)


EXTENSION = _differing(
    UNDEFINED * 128,
    {0x0A: "\f", 0x14: "^", 0x28: "{}", 0x2F: "\\", 0x3C: "[~]", 0x40: "|", 0x65: "€"},
)
"""6.2.1.1, GSM 7 bit default alphabet extension table."""

_LOCKING_TURKISH = _differing(
    DEFAULT, {0x04: "€", 0x07: "ı", 0x0B: "Ğğ", 0x1C: "Şş", 0x40: "İ", 0x60: "ç"}
)
_LOCKING_PORTUGUESE = _differing(
    DEFAULT,
    {
        0x04: "êéúíóç\nÔô\rÁáΔ_ªÇÀ∞^\\€Ó|",
        0x1C: "ÂâÊÉ",
        0x24: "º",
        0x40: "Í",
        0x5B: "ÃÕÚÜ",
        0x60: "~",
        0x7B: "ãõ`",
    },
)
_SINGLE_TURKISH = _differing(
    EXTENSION,
    {0x47: "Ğ", 0x49: "İ", 0x53: "Ş", 0x63: "ç", 0x67: "ğ", 0x69: "ı", 0x73: "ş"},
)
_SINGLE_SPANISH = _differing(
    EXTENSION,
    {0x09: "ç", 0x41: "Á", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú", 0x61: "á", 0x69: "í", 0x6F: "ó"}
    | {0x75: "ú"},
)
_SINGLE_PORTUGUESE = _differing(
    EXTENSION,
    {0x05: "ê", 0x09: "ç", 0x0B: "Ôô", 0x0E: "Áá", 0x12: "ΦΓ^ΩΠΨΣΘ", 0x1F: "Ê", 0x41: "À"}
    | {0x49: "Í", 0x4F: "Ó", 0x55: "Ú", 0x5B: "ÃÕ", 0x61: "Â", 0x69: "í", 0x6F: "ó", 0x75: "ú"}
    | {0x7B: "ãõ", 0x7F: "â"},
)

# The tables A.2.4 to A.2.13 and A.3.4 to A.3.13 share these frames; only the cells marked with
# a square belong to the script.
_CELL = "□"
_LOCKING_FRAME = (
    "□□□□□□□□□□\n□□\r□□□□□□□□□□□□□" + UNDEFINED + "□□□□"
    " !□□□□□□)(□□,□.□0123456789:;□□□?"
    "□□□□□□□□□□□□□□□□□□□□□□□□□□□□□□□□"
    "□abcdefghijklmnopqrstuvwxyz□□□□□"
)
_SINGLE_FRAME = _differing(
    UNDEFINED * 128,
    {0x00: "@£$¥¿\"¤%&'\f*+", 0x0E: "-/<=>¡^¡_#*□□", 0x1C: "□□□□□□□□□□□□{}□□□□□\\"}
    | {0x30: "□□□□□□□□□□□□[~]□|ABCDEFGHIJKLMNOPQRSTUVWXYZ", 0x65: "€"},
)


def _script(frame: str, cells: str) -> str:
    """Fill the cells of *frame* that belong to the script, in the order of their codes.

    *cells* names code points in hex: one, a run (`0985-098C`), or `-` for an undefined cell;
    cells left over are undefined.
    """
    filling: list[str] = []
    for item in cells.split():
        first, _, last = item.partition("-")
        run = range(int(first, 16), int(last or first, 16) + 1) if first else ()
        filling += map(chr, run) if run else UNDEFINED
    rest = iter(filling)
    return "".join(next(rest, UNDEFINED) if char == _CELL else char for char in frame)


def _locking(cells: str) -> str:
    return _script(_LOCKING_FRAME, cells)


def _single(cells: str) -> str:
    return _script(_SINGLE_FRAME, cells)


LOCKING = {
    1: _LOCKING_TURKISH,
    3: _LOCKING_PORTUGUESE,
    # Bengali
    4: _locking(
        "0981-0983 0985-098C - - 098F 0990 - - 0993-09A8 - 09AA-09B0 - 09B2 - - - 09B6-09B9"
        " 09BC-09C4 - - 09C7 09C8 - - 09CB-09CE 09D7 09DC 09DD 09F0 09F1"
    ),
    # Gujarati
    5: _locking(
        "0A81-0A83 0A85-0A8D - 0A8F-0A91 - 0A93-0AA8 - 0AAA-0AB0 - 0AB2 0AB3 - 0AB5-0AB9"
        " 0ABC-0AC5 - 0AC7-0AC9 - 0ACB-0ACD 0AD0 0AE0-0AE3 0AF1"
    ),
    # Hindi
    6: _locking("0901-0903 0905-0939 093C-094D 0950 0972 097B 097C 097E 097F"),
    # Kannada
    7: _locking(
        "- 0C82 0C83 0C85-0C8C - 0C8E-0C90 - 0C92-0CA8 - 0CAA-0CB3 - 0CB5-0CB9"
        " 0CBC-0CC4 - 0CC6-0CC8 - 0CCA-0CCD 0CD5 0CD6 0CE0-0CE3"
    ),
    # Malayalam
    8: _locking(
        "- 0D02 0D03 0D05-0D0C - 0D0E-0D10 - 0D12-0D28 - 0D2A-0D39"
        " - 0D3D-0D44 - 0D46-0D48 - 0D4A-0D4D 0D57 0D60-0D63 0D79"
    ),
    # Oriya
    9: _locking(
        "0B01-0B03 0B05-0B0C - - 0B0F 0B10 - - 0B13-0B28 - 0B2A-0B30 - 0B32 0B33 - 0B35-0B39"
        " 0B3C-0B44 - - 0B47 0B48 - - 0B4B-0B4D 0B56 0B57 0B60-0B63"
    ),
    # Punjabi
    10: _locking(
        "0A01-0A03 0A05-0A0A - - - - 0A0F 0A10 - - 0A13-0A28 - 0A2A-0A30 - 0A32 0A33 - 0A35 0A36"
        " - 0A38 0A39 0A3C - 0A3E-0A42 - - - - 0A47 0A48 - - 0A4B-0A4D 0A51 0A70-0A74"
    ),
    # Tamil
    11: _locking(
        "- 0B82 0B83 0B85-0B8A - - - 0B8E-0B90 - 0B92-0B95 - - - 0B99 0B9A - 0B9C - 0B9E 0B9F"
        " - - - 0BA3 0BA4 - - - 0BA8-0BAA - - - 0BAE-0BB9"
        " - - 0BBE-0BC2 - - - 0BC6-0BC8 - 0BCA-0BCD 0BD0 0BD7 0BF0-0BF2 0BF9"
    ),
    # Telugu
    12: _locking(
        "0C01-0C03 0C05-0C0C - 0C0E-0C10 - 0C12-0C28 - 0C2A-0C33 - 0C35-0C39"
        " - 0C3D-0C44 - 0C46-0C48 - 0C4A-0C4D 0C55 0C56 0C60-0C63"
    ),
    # Urdu
    13: _locking(
        "0627 0622 0628 067B 0680 067E 06A6 062A 06C2 067F 0679 067D 067A 067C 062B 062C 0681"
        " 0684 0683 0685-0687 062D-062F 068C 0688-068A 068F 068D 0630 0631 0691 0693 0699 0632"
        " 0696 0698 069A 0633-0639 0641 0642 06A9-06AB 06AF 06B3 06B1 0644-0646 06BA-06BC 0648"
        " 06C4 06D5 06C1 06BE 0621 06CC 06D0 06D2 064D 0650 064F 0657 0654 0655 0651 0653 0656"
        " 0670"
    ),
}
"""A.3, locking shift tables by national language identifier (6.2.1.2.4). Spanish has none."""

SINGLE = {
    1: _SINGLE_TURKISH,
    2: _SINGLE_SPANISH,
    3: _SINGLE_PORTUGUESE,
    4: _single("09E6-09EF 09DF-09E3 09F2-09FA"),
    5: _single("0964 0965 0AE6-0AEF"),
    6: _single("0964-096F 0951-0954 0958-0963 0970 0971"),
    7: _single("0964 0965 0CE6-0CEF 0CDE 0CF1 0CF2"),
    8: _single("0964 0965 0D66-0D75 0D7A-0D7F"),
    9: _single("0964 0965 0B66-0B6F 0B5C 0B5D 0B5F 0B70 0B71"),
    10: _single("0964 0965 0A66-0A6F 0A59-0A5C 0A5E 0A75"),
    11: _single("0964 0965 0BE6-0BEF 0BF3-0BF8 0BFA"),
    12: _single("- - 0C66-0C6F 0C58 0C59 0C78-0C7F"),
    13: _single(
        "0600 0601 06F0-06F9 060C-0614 061B 061F 0640 0652 0658 066B 066C 0672 0673 06CD 06D4"
    ),
}
"""A.2, single shift tables by national language identifier."""
