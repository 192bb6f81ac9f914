from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sms import encode

from gsmbridge.sms.dcs import Alphabet, coding_scheme
from gsmbridge.sms.pdu import Deliver, Foreign, Skipped, Unreadable, decode
from gsmbridge.sms.text import render
from gsmbridge.sms.udh import Concat

HELLO = encode.gsm7("Your code is 800142")
SHAPES = [
    encode.gsm7("Your code is 800142"),
    encode.gsm7("{€}", sender=encode.name("Telegram"), first=0x00),
    encode.gsm7("İğ", locking=1, single=1),
    encode.gsm7("0123456", header=encode.concat16(2, 1)),
    encode.ucs2("Код 😀", sender=encode.number("900")),
    encode.ucs2("часть", header=encode.concat(3, 2), smsc="00"),
    encode.deliver(b"\x00\x01\xfe", sender=encode.number("")),
    encode.gsm7(""),
]


def text(pdu):
    message = decode(pdu)
    assert isinstance(message, Deliver), message
    return render([message])


# Literal PDUs, as published


def test_a_published_pdu_with_an_international_sender():
    pdu = "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07"
    assert decode(pdu) == Deliver(
        sender="+31641600986",
        scts=datetime(2002, 8, 26, 19, 37, 41, tzinfo=UTC),
        pid=0,
        dcs=0,
        message_class=None,
        alphabet=Alphabet.GSM7,
        concat=None,
        locking=0,
        single=0,
        user_data=b"How are you?",
    )
    assert text(pdu) == "How are you?"


def test_a_published_pdu_with_a_reserved_type_of_number():
    pdu = "07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37"
    message = decode(pdu)
    assert message.sender == "27838890001"
    assert message.scts == datetime(1999, 3, 29, 15, 16, 59, tzinfo=timezone(timedelta(hours=2)))
    assert render([message]) == "hellohello"


def test_a_published_pdu_with_a_name_of_seven_characters():
    message = decode("0791448720003023240DD0E474D81C0EBB010000111011315214000BE474D81C0EBB5DE3771B")
    assert message.sender == "diafaan"
    assert message.scts == datetime(2011, 1, 11, 13, 25, 41, tzinfo=UTC)
    assert render([message]) == "diafaan.com"


@pytest.mark.parametrize(
    ("pdu", "sender", "scts", "words"),
    [
        (
            "07919730071111F10414D04937BD2C7797E9D3E614000811309291024061080442043504410442",
            "InternetSMS",
            "2011-03-29T19:20:04+04:00",
            "тест",
        ),
        (
            "07912104442961F4040B916171957291F80000112082110505"
            "0A6AC8B2BC7C9A83C220F6DB7D2ECB41EDF27C1E3E97411BDE06754FD3D1A0F9BB5D0695F1F4B29B5C26"
            "83C6E8B03C3CA697E5F34D6AE303D1D1F2F7DD0D4ABB59A0797D8C0685E7A00028EC26832A960B28EC26"
            "83BE6050780EBA97D96C17",
            "+16175927198",
            "2011-02-28T11:50:50-05:00",
            "Here's a longer message [{with some extended characters}] thrown in, such as £ and"
            " ΩΠΨ and §¿ as well.",
        ),
        (
            "07911356131313F64004850120390011609232239180A006080400100201D7327BFD6EB340E232"
            "1BF46E83EA7790F59D1E97DBE1341B442F83C465763D3DA797E56537C81D0ECB41AB59CC1693C1"
            "6031D96C064241E5656838AF03A96230982A269BCD462917C8FA4E8FCBED709A0D7ABBE9F6B0FB"
            "5C7683D27350984D4FABC9A0B33C4C4FCF5D20EBFB2D079DCB62793DBD06D9C36E50FB2D4E97D9"
            "A0B49B5E96BBCB",
            "1002",
            "2011-06-29T23:32:19+02:00",
            "Welkom, bel om uw Voicemail te beluisteren naar +31612001233 (PrePay: *100*1233#)."
            " Voicemail ontvangen is altijd gratis. Voor gebruik van mobiel interne",
        ),
        (
            "04819999990414D0FBFD7EBFDFEFF77BFE1E001951209080136180"
            "7E00DC00FC00C400E400D600F600C500E500D800F800C600E600C700E700C900E900CA00EA00DF"
            "0031003200330034003500360037003800390030002000540068006900730020006D0065007300"
            "7300610067006500200069007300200036003300200075006E00690063006F0064006500200063"
            "0068006100720073002E",
            "äääääääääöä",
            "2015-02-09T08:31:16+02:00",
            "ÜüÄäÖöÅåØøÆæÇçÉéÊêß1234567890 This message is 63 unicode chars.",
        ),
        (
            "0791447758100650040DD0F334FC1CA6970100008080312170224008D4F29CDE0EA7D9",
            "sipgate",
            "2008-08-13T12:07:22+01:00",
            "Testmail",
        ),
        (
            "07913366002020F8040B913366600600F100C83180706174148000",
            "+33660660001",
            "2013-08-07T16:47:41+02:00",
            "(empty)",
        ),
        (
            "07919731899699F3440B919781455534F20008811151906461215B0608040A03230304380442044C00"
            "20043F0435044004350432043E043400200441043E002004410447043504420430002004320430044804"
            "350433043E0020043D043E043C0435044004300020002A003100310035002A00310023",
            "+79185455432",
            "2018-11-15T09:46:16+03:00",
            "ить перевод со счета вашего номера *115*1#",
        ),
    ],
)
def test_pdus_as_real_networks_sent_them(pdu, sender, scts, words):
    message = decode(pdu)
    assert message.sender == sender
    assert message.scts == datetime.fromisoformat(scts)
    assert render([message]) == words


@pytest.mark.parametrize(
    ("pdu", "decision"),
    [
        ("002100098136397339F70008044F60597D", Foreign("SMS-SUBMIT")),
        ("0011000B916407281553F80000AA0AE8329BFD4697D9EC37", Foreign("SMS-SUBMIT")),
        (
            "07914356060013F1065A098136397339F7219011700463802190117004638030",
            Skipped("status report"),
        ),
    ],
)
def test_other_pdus_as_modems_store_them(pdu, decision):
    assert decode(pdu) == decision


# Shapes of hex


@pytest.mark.parametrize(
    "shape",
    [
        str.lower,
        lambda pdu: pdu + "FF" * (175 - len(pdu) // 2 + 8),
        lambda pdu: pdu.lower() + "ff" * 20,
        lambda pdu: pdu + ",0",
        lambda pdu: pdu + "FFFF,0",
        lambda pdu: f" {pdu}\r\n",
        lambda pdu: pdu + "0",
        lambda pdu: "00" + pdu.removeprefix(encode.SMSC),
        lambda pdu: pdu.removeprefix(encode.SMSC),
        lambda pdu: pdu.removeprefix(encode.SMSC) + "FF" * 30,
        lambda pdu: "0191" + pdu.removeprefix(encode.SMSC),
        lambda pdu: "07FFFFFFFFFFFFFF" + pdu.removeprefix(encode.SMSC),
        lambda pdu: "0711947101670000" + pdu.removeprefix(encode.SMSC),
    ],
)
def test_the_same_message_in_every_shape_of_hex(shape):
    assert decode(shape(HELLO)) == decode(HELLO)


@pytest.mark.parametrize("digits", range(21))
@pytest.mark.parametrize("first", [0x00, 0x04, 0x20, 0x24, 0x0C, 0x84])
def test_without_service_centre_any_sender_is_found(digits, first):
    sender = encode.number("50119876543210987654"[:digits])
    whole = encode.gsm7("abc", sender=sender, first=first)
    assert decode(whole.removeprefix(encode.SMSC)) == decode(whole)
    assert decode("00" + whole.removeprefix(encode.SMSC)) == decode(whole)


def test_without_service_centre_and_with_a_bad_stamp_it_is_still_read():
    bare = encode.gsm7("abc", scts=b"\xff" * 7, smsc="")
    assert text(bare) == "abc"


@pytest.mark.parametrize(
    "pdu", ["", " ", "0", "00", "00FFFF", "00" + "FF" * 175, "ff" * 176, "00" * 176, ",0", "00,0"]
)
def test_what_modems_fill_free_slots_with_is_foreign(pdu):
    assert isinstance(decode(pdu), Foreign)


@pytest.mark.parametrize("vp", [(0x01, ""), (0x11, "AA"), (0x19, "62113241000021")])
@pytest.mark.parametrize("smsc", ["00", encode.SMSC])
def test_messages_to_send_are_foreign(vp, smsc):
    first, validity = vp
    tail = f"FF0B919761214365F70000{validity}03E1F118"
    assert isinstance(decode(f"{smsc}{first:02X}{tail}"), Foreign)


@pytest.mark.parametrize("pdu", ["hello", "0791GG", "+CMTI: 1", "٠٧", "0x07", "07 91 zz"])
def test_what_is_not_hex_is_unreadable(pdu):
    assert decode(pdu) == Unreadable("not hex")


# Senders


@pytest.mark.parametrize(
    ("sender", "shown"),
    [
        (encode.number("79161234567", 0x91), "+79161234567"),
        (encode.number("79161234567", 0x90), "+79161234567"),
        (encode.number("89161234567", 0x81), "89161234567"),
        (encode.number("89161234567", 0xA1), "89161234567"),
        (encode.number("900", 0xB1), "900"),
        (encode.number("900", 0xC8), "900"),
        (encode.number("900", 0xE0), "900"),
        (encode.number("900", 0xF1), "900"),
        (encode.number("12345678901234567890", 0x91), "+12345678901234567890"),
        (encode.number("*#abc01", 0x81), "*#abc01"),
        (encode.number("", 0x81), "unknown"),
        (encode.number("", 0x91), "unknown"),
        (bytes.fromhex("00D0"), "unknown"),
        (bytes.fromhex("0481FFFF"), "unknown"),
        (bytes.fromhex("048121F3"), "123"),
        (encode.name("Instagram"), "Instagram"),
        (encode.name("A"), "A"),
        (encode.name("Telekom"), "Telekom"),
        (encode.name("WhatsApp"), "WhatsApp"),
        (encode.name("12345678@"), "12345678@"),
        (encode.name("eleven char"), "eleven char"),
        (encode.name(" x "), " x "),
        (encode.name("a[€]"), "a[€]"),
        (encode.name("Google", 0xD1), "Google"),
        (encode.name("a\fb"), "a b"),
    ],
)
def test_senders(sender, shown):
    assert decode(encode.gsm7("x", sender=sender)).sender == shown


def test_a_sender_that_is_too_long_is_unreadable():
    pdu = encode.gsm7("x", sender=encode.number("1" * 21))
    assert decode(pdu) == Unreadable("octet 9: sender of 21 semi-octets, 20 at most")


# Time stamps


@pytest.mark.parametrize("hours", [-12, -9.5, -3, 0, 3, 5.75, 14])
def test_time_stamps_in_every_zone(hours):
    when = datetime(2026, 12, 31, 23, 59, 58, tzinfo=timezone(timedelta(hours=hours)))
    seen = decode(encode.gsm7("x", scts=encode.stamp(when))).scts
    assert seen == when
    assert seen.utcoffset() == when.utcoffset()


@pytest.mark.parametrize(
    "scts",
    [
        "00000000000000",
        "FFFFFFFFFFFFFF",
        "6A113241000021",
        "A6113241000021",
        "62113241000A21",
        "621132410000A1",
        "62003241000021",
        "62313241000021",
        "62110041000021",
        "62112341000021",
        "62209241000021",
        "62113242000021",
        "62113241060021",
        "62113241000621",
        "62113241000075",
        "6211324100007D",
    ],
)
def test_an_invalid_time_stamp_does_not_hold_a_message_back(scts):
    message = decode(encode.gsm7("code 42", scts=bytes.fromhex(scts)))
    assert message.scts is None
    assert render([message]) == "code 42"


# Coding schemes


def meaning(dcs):
    """23.038, 4, told as a list of ranges."""
    if dcs < 0x80:
        alphabet = {0x04: Alphabet.OCTETS, 0x08: Alphabet.UCS2}.get(dcs & 0x0C, Alphabet.GSM7)
        return alphabet, dcs % 4 if dcs & 0x10 else None, bool(dcs & 0x20)
    if 0xE0 <= dcs <= 0xEF:
        return Alphabet.UCS2, None, False
    if dcs >= 0xF0:
        return (Alphabet.OCTETS if dcs & 0x04 else Alphabet.GSM7), dcs % 4, False
    return Alphabet.GSM7, None, False


@pytest.mark.parametrize("dcs", range(256))
def test_every_coding_scheme(dcs):
    alphabet, message_class, compressed = meaning(dcs)
    scheme = coding_scheme(dcs)
    assert (scheme.alphabet, scheme.message_class, scheme.compressed) == (
        alphabet,
        message_class,
        compressed,
    )
    data = {
        Alphabet.GSM7: encode.septets("Hi there"),
        Alphabet.UCS2: "Hi there".encode("utf-16-be"),
        Alphabet.OCTETS: b"Hi there",
    }[alphabet]
    message = decode(encode.deliver(b"Hi there" if compressed else data, dcs=dcs))
    if compressed:
        assert isinstance(message, Unreadable)
    else:
        assert message.message_class == message_class
        assert render([message]) == "Hi there"


# Not for forwarding


def test_status_reports_are_skipped():
    report = "07919730071111F1062A0B919761214365F76211324100002162113241000021" + "00"
    assert decode(report) == Skipped("status report")
    assert decode(report + "FF" * 100) == Skipped("status report")


def test_silent_messages_are_skipped():
    assert isinstance(decode(encode.gsm7("x", pid=0x40)), Skipped)


@pytest.mark.parametrize(
    ("dcs", "skipped"), [(0xF6, True), (0x16, True), (0xF5, False), (4, False)]
)
def test_sim_data_is_skipped_if_its_class_says_so(dcs, skipped):
    message = decode(encode.deliver(b"\x02\x70", dcs=dcs, pid=0x7F))
    assert isinstance(message, Skipped) == skipped


@pytest.mark.parametrize(
    "port", [encode.element(0x04, 0xF0, 0), encode.element(0x05, 0x0B, 0x84, 0, 0)]
)
def test_binary_for_a_port_is_skipped_but_text_is_not(port):
    assert isinstance(decode(encode.deliver(b"\x01\x06", header=port)), Skipped)
    assert text(encode.gsm7("for you", header=port)) == "for you"
    assert text(encode.ucs2("вам", header=port)) == "вам"


@pytest.mark.parametrize("pid", [0x00, 0x41, 0x47, 0x5F, 0x7D, 0x7F, 0x20, 0xFF])
@pytest.mark.parametrize("dcs", [0x00, 0x10, 0xF0, 0xC8, 0xD0, 0x40, 0x80])
def test_other_protocols_and_classes_are_forwarded(pid, dcs):
    assert text(encode.gsm7("code", pid=pid, dcs=dcs)) == "code"


# User data


@pytest.mark.parametrize("length", range(161))
def test_every_length_of_default_text(length):
    words = ("@Hello {world}~" * 12)[:160]
    codes = encode.septets(words)[:length]
    if codes and codes[-1] == encode.ESCAPE:
        codes[-1] = 0
    message = decode(encode.deliver(codes))
    assert list(message.user_data) == codes


@pytest.mark.parametrize("octets", range(1, 30))
def test_every_fill_behind_a_header(octets):
    header = encode.element(0x70, *range(octets - 1)) if octets > 1 else b""
    message = decode(encode.deliver(encode.septets("fill @"), header=header))
    assert render([message]) == "fill @"


@pytest.mark.parametrize("width", [8, 16])
@pytest.mark.parametrize("length", [0, 1, 7, 8, 64, 146, 152])
def test_parts_with_references_of_both_widths(width, length):
    header = encode.concat(3, 2, 0xAB) if width == 8 else encode.concat16(3, 2, 0xABCD)
    message = decode(encode.gsm7("x" * length, header=header))
    assert message.concat == Concat(0xAB if width == 8 else 0xABCD, width, 3, 2)
    assert render([message]) == ("x" * length or "(empty)")


def test_a_header_without_text_may_leave_out_the_fill_bits():
    pdu = encode.gsm7("", header=encode.concat(2, 2))
    assert decode(pdu[:-2] if pdu.endswith("00") else pdu).concat == Concat(0x5A, 8, 2, 2)
    six_septets = pdu.replace("070500035A0202", "060500035A0202")
    assert decode(six_septets).user_data == b""


@pytest.mark.parametrize("dcs", [0x00, 0x04, 0x08])
def test_a_header_longer_than_the_user_data_is_unreadable(dcs):
    pdu = encode.deliver(b"\x20\x00\x03", dcs=dcs, first=0x44)
    assert isinstance(decode(pdu), Unreadable)
    assert isinstance(decode(encode.deliver(b"", dcs=dcs, first=0x44)), Unreadable)


@pytest.mark.parametrize("dcs", [0x00, 0x04, 0x08])
def test_user_data_over_140_octets_is_unreadable_whatever_follows(dcs):
    pdu = encode.deliver(b"a" * 140 if dcs else encode.septets("a" * 160), dcs=dcs)
    assert text(pdu)
    longer = pdu.replace("21" + f"{140 if dcs else 160:02X}", "21" + f"{141 if dcs else 161:02X}")
    assert longer != pdu
    assert isinstance(decode(longer + "FF" * 20), Unreadable)


@pytest.mark.parametrize("pdu", SHAPES)
def test_no_truncation_is_half_a_text(pdu):
    whole = decode(pdu)
    for length in range(2, len(pdu)):
        cut = decode(pdu[:length])
        assert isinstance(cut, Unreadable | Foreign), (length, cut)
    assert decode(pdu) == whole


@pytest.mark.parametrize("pdu", SHAPES)
def test_a_truncation_says_where_it_ends(pdu):
    octets = len(pdu) // 2 - 1
    if isinstance(decode(pdu[:-2]), Unreadable):
        assert decode(pdu[:-2]).reason.startswith(f"octet {octets}: ")


@pytest.mark.parametrize("pdu", SHAPES)
def test_every_bit_flip_ends_as_a_decision(pdu):
    octets = bytes.fromhex(pdu)
    for bit in range(8 * len(octets)):
        flipped = bytearray(octets)
        flipped[bit // 8] ^= 1 << bit % 8
        message = decode(flipped.hex())
        assert isinstance(message, Deliver | Skipped | Foreign | Unreadable)
        if isinstance(message, Deliver):
            assert isinstance(render([message]), str)


@given(st.binary(max_size=180))
def test_any_octets_end_as_a_decision(octets):
    message = decode(octets.hex())
    if isinstance(message, Deliver):
        assert render([message, None])


@given(st.text(max_size=60))
def test_any_string_ends_as_a_decision(string):
    assert isinstance(decode(string), Deliver | Skipped | Foreign | Unreadable)


# Round trips

LANGUAGES = st.tuples(
    st.sampled_from(encode.LOCKING_LANGUAGES), st.sampled_from(encode.SINGLE_LANGUAGES)
)
GSM7 = LANGUAGES.flatmap(
    lambda pair: st.tuples(
        st.just(pair), st.text(encode.characters(*pair).replace("\f", ""), max_size=70)
    )
)
WHEN = st.datetimes(
    datetime(2000, 1, 1),
    datetime(2089, 12, 31),
    timezones=st.integers(-48, 56).map(lambda quarters: timezone(timedelta(minutes=15 * quarters))),
)


@settings(max_examples=200)
@given(GSM7, WHEN, st.booleans())
def test_7_bit_text_comes_back_in_every_language(written, when, padded):
    (locking, single), words = written
    pdu = encode.gsm7(words, locking, single, scts=encode.stamp(when))
    message = decode(pdu + "FF" * 20 if padded else pdu)
    assert render([message]) == (words or "(empty)")
    assert (message.locking, message.single) == (locking, single)
    assert message.scts == when.replace(microsecond=0)


@pytest.mark.parametrize("language", range(1, 14))
def test_every_character_of_a_language_comes_back(language):
    locking = language if language in encode.LOCKING_LANGUAGES else 0
    alphabet = encode.characters(locking, language).replace("\f", "")
    for at in range(0, len(alphabet), 60):
        words = alphabet[at : at + 60]
        assert text(encode.gsm7(words, locking, language)) == words


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=35))
def test_ucs2_text_comes_back(words):
    assert text(encode.ucs2(words)) == (words or "(empty)")


@given(st.text(st.sampled_from(encode.characters().replace("\f", "")), min_size=1, max_size=5))
def test_names_come_back(words):
    assert decode(encode.gsm7("x", sender=encode.name(words))).sender == words
