"""Names: kept as written but for what cannot be seen, the same and found in whatever form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.names import clean, found, has_line_break, same

pytestmark = pytest.mark.row("P1")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  University   of\u00a0Sample ", "University of Sample"),
        ("Soft\u00adhyphen", "Softhyphen"),
        ("Zero\u200bwidth", "Zerowidth"),
        ("\u200fجامعة المثال\u200e", "جامعة المثال"),
        ("\ufeffA\u2060B\u3164", "AB"),
        ("A\u0007B\tC", "AB C"),
        ("Latin\u200djoiner", "Latinjoiner"),
        ("Dr\U000e0041 X", "Dr X"),
    ],
)
def test_invisible_characters_and_stray_spaces_go_away(written, kept):
    assert clean(written) == kept


@pytest.mark.parametrize(
    "name",
    [
        "King’s “Sample” – Ünïversity",
        "İSTANBUL ÖRNEK ÜNİVERSİTESİ",
        "ＦＵＬＬ College",
        "جامعة المثــال",
        "دانشگاه\u200cهای تهران",
        "क्\u200dष विश्वविद्यालय",
        "東京見本大學",
    ],
)
def test_what_can_be_seen_or_is_part_of_the_script_stays(name):
    assert clean(name) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("İstanbul Örnek Üniversitesi", "İSTANBUL ÖRNEK ÜNİVERSİTESİ"),
        ("Isparta", "ısparta"),
        ("Diyarbakır", "DIYARBAKIR"),
        ("King’s Sample", "KING'S SAMPLE"),
        ("Non\u2011breaking College", "Non-breaking College"),
        ("Aix–Marseille", "Aix-Marseille"),
        ("جامعة المثال", "جامعة المثــال"),
        ("دانشگاه\u200cها", "دانشگاهها"),
        ("ＦＵＬＬ College", "full college"),
        ("Universita\u0308t Straße", "UNIVERSITÄT STRASSE"),
        ("“Sample” Trust", '"Sample" Trust'),
    ],
)
def test_names_are_the_same_whatever_their_case_width_hyphen_apostrophe_and_i(one, other):
    assert same(one) == same(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Istanbul Ornek Universitesi", "İstanbul Örnek Üniversitesi"),
        ("The University of Sample", "University of Sample"),
        ("جامعة المثال", "جامعة المثال الطبية"),
        ("東京見本大学", "東京見本大學"),
    ],
)
def test_names_that_differ_visibly_are_not_the_same(one, other):
    assert same(one) != same(other)


@pytest.mark.parametrize(
    ("looked_for", "name"),
    [
        ("muhlental", "Mühlental"),
        ("ecole", "École"),
        ("İSTANBUL", "istanbul"),
        ("lodz", "ŁÓDŹ"),
        ("الاردنيه", "الأُردنيّة"),
        ("ιωαννινων", "Ιωαννίνων"),
        ("東京見本大学", "東京見本大學"),
        ("tromso", "Tromsø"),
        ("nguyen", "Nguyễn"),
        ("한국", "한국"),
    ],
)
def test_names_are_found_whatever_their_accents_and_forms_of_letters(looked_for, name):
    assert found(looked_for) == found(name)


@pytest.mark.parametrize(("one", "other"), [("か", "が"), ("कि", "की")])
def test_marks_that_are_letters_of_a_script_count(one, other):
    assert found(one) != found(other)


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\u2028b", "a\x0bb"])
def test_a_line_break_inside_a_name_is_seen(text):
    assert has_line_break(text)
    assert not has_line_break("a b\n")


@given(st.text())
def test_cleaning_and_folding_twice_is_the_same_as_once(text):
    assert clean(clean(text)) == clean(text)
    assert same(clean(text)) == same(text)
