"""Names of institutions and people: cleaned for keeping, and folded for comparing and finding."""

import re
import unicodedata
from functools import lru_cache

#: Joiners that Persian and the scripts of India need inside words; elsewhere they are only unseen.
_JOINERS = "\u200c\u200d"
_NEEDS_JOINERS = re.compile("[\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17ff]")
#: Letters and marks without any form of their own: combining joiner, fillers, blank braille,
#: variation selectors.
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe00-\ufe0f]")
_DIGITS = re.compile(r"\d")
_NUMBERS = re.compile("[0-9]+")
_LINE_BREAKS = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")

#: One sign for all that look and mean the same.
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\ufe58\ufe63\u02d7", "-"),
        **dict.fromkeys("\u2018\u2019\u201b\u02bc\u02bb\u02b9\u02c8\u2032\u00b4`\ua78c\u055a", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
        # Turkish has two letters i; capitals of either come from either.
        "\u0130": "i",
        "\u0131": "i",
        # A stroke that only stretches an Arabic word, and joiners within it.
        **dict.fromkeys("\u0640\u200c\u200d"),
    }
)

#: Marks that are left out when looking for something: accents, and vowel signs that are rarely
#: written (Hebrew, Arabic). Not those of scripts in which they are letters.
_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f]"
)
#: Letters that no decomposition takes apart, and forms of one letter.
_PLAIN = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h",
        "ŧ": "t", "ŋ": "n", "ĸ": "k", "ß": "ss", "ə": "e", "ς": "σ",
        "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ک": "ك", "ة": "ه", "ۀ": "ه", "ہ": "ه", "ھ": "ه",
        **dict(zip("學國醫藥齒齊衛護術專業農師藝經濟廣東華臺灣漢龍澤濱縣聯關陽應體會區區兒婦產",
                   "学国医药歯斉卫护术专业农师芸经济广东华台湾汉竜沢浜县联关阳应体会区区儿妇产",
                   strict=True)),
        **dict(zip("薬齿齐衞経済広華縄県連関応児産業術東護師農專龙泽滨",
                   "药歯斉卫经济广华绳县联关应儿产业术东护师农专竜沢浜", strict=True)),
    }
)  # fmt: skip

#: Characters of a sort key that come from the name without and with its accents. They are part of
#: every cursor; names that agree so far are put in order by the key of their list.
_SORTED_PLAIN, _SORTED_ACCENTED = 80, 40


def has_line_break(text: str) -> bool:
    """Whether a name runs over lines, as no name does."""
    return bool(_LINE_BREAKS.search(text.strip()))


def clean(text: str) -> str:
    """As it was written, but for invisible characters and stray spaces."""
    if text.isprintable() and text.isascii() and "  " not in text:
        return text.strip()
    seen = _UNSEEN.sub("", text)
    if not seen.isprintable():  # which no text with an invisible character is
        joiners = _JOINERS if _NEEDS_JOINERS.search(text) else ""
        seen = "".join(sign for sign in seen if sign in joiners or _is_seen(sign))
    return " ".join(seen.split()).strip(_JOINERS)


@lru_cache(maxsize=16_384)
def same(name: str) -> str:
    """A name as compared for sameness.

    Case, width, spaces, the kind of hyphen or apostrophe, and the dot on an i do not count;
    accents do.
    """
    if name.isascii():
        return " ".join(clean(name).replace("`", "'").lower().split())
    # Before: of an accent that stands alone, as in King´s, NFKC makes a space and a mark.
    wide = unicodedata.normalize("NFKC", clean(name).translate(_ALIKE))
    folded = unicodedata.normalize("NFKC", wide.translate(_ALIKE).casefold())
    # Here dotted capitals end that were written as an I and a dot.
    return " ".join(folded.replace("i\u0307", "i").translate(_ALIKE).split())


@lru_cache(maxsize=16_384)
def found(text: str) -> str:
    """A text as looked for: besides what `same` forgives, accents, forms of one letter, and digits
    of other scripts.

    To be used alike on what is looked for and on what is looked through.
    """
    plain = same(text)
    if plain.isascii():
        return plain
    apart = unicodedata.normalize("NFKD", plain)
    plain = _DIGITS.sub(_as_ascii, _MARKS.sub("", apart).translate(_PLAIN))
    return unicodedata.normalize("NFC", plain)


def order_key(name: str) -> str:
    """Puts names in the order in which people look for them, when compared sign by sign.

    Accents, case and punctuation count only where nothing else differs; numbers count by their
    value; scripts follow each other as in Unicode: Latin, Greek, Cyrillic, Hebrew, Arabic, Han.
    """
    plain = found(name).translate(_COUNTED)
    accented = same(name)
    return f"{_by_value(' '.join(plain.split()))[:_SORTED_PLAIN]}\t{accented[:_SORTED_ACCENTED]}"


class _Counted(dict[int, str]):
    """Letters, digits and marks of a script stand in an order; punctuation separates or is not
    counted at all. Filled as signs are met.
    """

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        self[code] = sign if unicodedata.category(sign)[0] in "LMN" else " "
        return self[code]


_COUNTED = _Counted(dict.fromkeys(map(ord, "'\"."), ""))


def _by_value(text: str) -> str:
    return _NUMBERS.sub(lambda run: _measured(run[0].lstrip("0")), text)


def _measured(digits: str) -> str:
    """Digits behind how many they are, so that longer numbers come later."""
    return f"{min(len(digits), 99):02}{digits}"


def _as_ascii(digit: re.Match[str]) -> str:
    return str(unicodedata.digit(digit[0]))


def _is_seen(sign: str) -> bool:
    category = unicodedata.category(sign)
    return category != "Cf" and (category != "Cc" or sign.isspace())
