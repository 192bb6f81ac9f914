"""Own numbers in replies of networks, as they are worded in many countries."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsmbridge.modem.msisdn import digits_of, own_number

REPLIES = [
    # Russia
    ("25001", "Ваш номер 79161234567", "79161234567"),
    ("25001", "Ваш номер телефона: +7 916 123-45-67", "79161234567"),
    ("25001", "Ваш абонентский номер: 8 (916) 123-45-67.", "79161234567"),
    ("25099", "Ваш федеральный номер - 9031234567", "79031234567"),
    ("25099", "Vash nomer +79031234567\nBalans 100.50 r. do 31.12.2026", "79031234567"),
    ("25002", "Ваш номер: 79261234567. Подробнее *100# или 0500", "79261234567"),
    ("25020", "Федеральный номер абонента 79521234567", "79521234567"),
    ("25020", "Номер 79521234567, баланс 5.2 руб. Справка 88005550611", "79521234567"),
    ("25011", "Мой номер\n+7(999)123-45-67\n1> Мой тариф\n0> Выход", "79991234567"),
    ("25001", "Баланс 100 79161234567 активен", "79161234567"),
    # Neighbours
    ("25503", "Vash nomer telefonu 380671234567", "380671234567"),
    ("25503", "Ваш номер: 067 123 45 67. Тариф дiйсний до 01.02.2027", "380671234567"),
    (
        "25501",
        "Na Vashomu rahunku 8.05 grn. Nomer: 0501234567, diysnyi do 28.12.2026 00:00:00.",
        "380501234567",
    ),
    ("25702", "Ваш номер 375291234567", "375291234567"),
    ("25701", "Ваш номер: 8029 1234567", "375291234567"),
    ("40101", "Ваш номер: 77771234567. Баланс: 250 тг", "77771234567"),
    ("40101", "Сіздің нөміріңіз 8 777 123 45 67", "77771234567"),
    ("43404", "Sizning raqamingiz: 998901234567", "998901234567"),
    ("43404", "Vash nomer: (90) 123-45-67", "998901234567"),
    ("28302", "Ձեր համարն է 077123456", "37477123456"),
    ("40001", "Nomreniz: +994 50 123 45 67", "994501234567"),
    ("28201", "Tqveni nomeria 599123456", "995599123456"),
    # Europe
    ("26001", "Twoj numer: 48601234567", "48601234567"),
    ("26003", "Twój numer telefonu to 501 234 567. Wazny do 2026-12-31", "48501234567"),
    ("26201", "Ihre Rufnummer lautet: +49 170 1234567", "491701234567"),
    ("26202", "Ihre Rufnr.: 0172/1234567", None),
    ("26203", "Ihre Mobilfunknummer: 0176 12345678", "4917612345678"),
    ("23415", "Your phone number is 07700 900123", "447700900123"),
    ("23410", "Your number is 447700900123", "447700900123"),
    ("20801", "Votre numero est le 06 12 34 56 78", "33612345678"),
    ("22201", "Il tuo numero e' 3401234567", "393401234567"),
    ("21407", "Tu numero es 612345678", "34612345678"),
    ("24701", "Jusu numurs: 20123456", "37120123456"),
    ("24802", "Teie number on 51234567", "37251234567"),
    ("24603", "Jusu numeris +370 612 34567", "37061234567"),
    ("22601", "Numarul tau este 0722123456", "40722123456"),
    ("21630", "Az On telefonszama: 06 30 123 4567", "36301234567"),
    ("28601", "Numaraniz: 0532 123 45 67", "905321234567"),
    # Asia, Africa, America
    ("40445", "Your Mobile Number is 9876543210", "919876543210"),
    ("40445", "Welcome to Airtel. Your number: 91 98765 43210. Bal: Rs.10.00", "919876543210"),
    ("51010", "Nomor Anda 081234567890", "6281234567890"),
    ("51010", "No Anda 6281234567890 aktif s/d 20/12/2026", "6281234567890"),
    ("51502", "Your Globe number is 09171234567", "639171234567"),
    ("52001", "หมายเลขของคุณ 0812345678", "66812345678"),
    ("45201", "So thue bao: 84912345678. TKC 0d", "84912345678"),
    ("46000", "您的号码是 13812345678", "8613812345678"),
    ("60202", "رقمك هو 01012345678", "201012345678"),
    ("62130", "Your number is 08031234567", "2348031234567"),
    ("63902", "Your Safaricom number is 0722123456", "254722123456"),
    ("65510", "Your number is 27831234567", "27831234567"),
    ("72405", "Seu numero: (11) 91234-5678", "5511912345678"),
    ("310260", "Your number is (555) 234-5678", "15552345678"),
    # A country without a plan: only with a plus
    ("90128", "Your number is +882360123456", "882360123456"),
    ("90128", "Your number is 882360123456", None),
    (None, "Your number is +79161234567", "79161234567"),
]


@pytest.mark.parametrize(("imsi", "text", "number"), REPLIES)
def test_the_number_in_a_reply_is_found(imsi: str | None, text: str, number: str | None) -> None:
    assert own_number(text, imsi and (imsi + "0123456789")[:15]) == number


DOUBTFUL = [
    "Ваш запрос принят, ожидайте SMS",
    "Баланс 1234567890.12 руб",
    "Действует до 12.10.2026 09:30:00",
    "Ваши номера: 79161234567, 79167654321",
    "Call me: *110*79161234567#",
    "Справка 88005550611, офис +7 495 123-45-67",
    "Number +380671234567",
    "Номер 916123456",
    "Номер 791612345678",
    "t.me/79161234567",
    "Счёт 4081781079161234567",
    "",
]


@pytest.mark.parametrize("text", DOUBTFUL)
def test_a_reply_in_doubt_gives_no_number(text: str) -> None:
    assert own_number(text, "250010123456789") is None


def test_digits_behind_a_number_of_open_length_make_it_doubtful() -> None:
    assert own_number("+49 170 1234567 5 Euro", "262010123456789") is None


@settings(max_examples=60)
@given(st.text(max_size=80), st.sampled_from(["25001", "26201", "310260", "90128", ""]))
def test_whatever_the_text_a_number_has_the_form_of_one(text: str, operator: str) -> None:
    number = own_number(text, operator and (operator + "0123456789")[:15])
    assert number is None or (number.isascii() and number.isdigit() and 8 <= len(number) <= 15)


@pytest.mark.parametrize(
    ("sender", "digits"),
    [
        ("+79161234567", "79161234567"),
        ("79161234567", None),
        ("89161234567", None),
        ("Bank", None),
        ("+0916", None),
        ("unknown", None),
    ],
)
def test_a_sender_counts_only_as_an_international_number(sender: str, digits: str | None) -> None:
    assert digits_of(sender) == digits
