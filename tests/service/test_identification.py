"""Plans and findings of `gsmbridge identify`."""

from __future__ import annotations

from typing import Any

import pytest

from gsmbridge.config.schema import Config, Identify, Number, Onlinesim
from gsmbridge.errors import GsmbridgeError
from gsmbridge.service.identification import Document, Finding, Plan, Wish, judge, make_plan


def config(*phones: str, ussd: dict[str, str] | None = None) -> Config:
    return Config(
        onlinesim=Onlinesim(url="https://partner.test/"),
        numbers=tuple(Number(phone=phone, iccid=f"8970101{phone}") for phone in phones),
        identify=Identify(ussd=None if ussd is None else tuple(ussd.items())),
    )


def sim(key: int, listed: str | None = None, own: str | None = None, mnc: str = "01") -> Document:
    return {
        "sim": key,
        "path": f"/dev/ttyUSB{key}",
        "iccid": f"897010100000000000{key}",
        "imsi": f"250{mnc}000000000{key}",
        "listed": listed,
        "own_number": own,
    }


def result(key: int, number: str | None, **more: Any) -> Document:
    return {"sim": key, "number": number, "text": "", "arrived_on": None, "error": None, **more}


def asked(plan: Plan) -> list[Document]:
    return [ask.request() for ask in plan.asks]


SIMS = [sim(1, listed="79080000001"), sim(2), sim(3, own="79080000003"), sim(4, mnc="99")]
CONFIG = config("79080000001", "79080000009")


def test_those_without_a_number_send_one_sms_each_to_the_known_one() -> None:
    plan = make_plan(SIMS, CONFIG, Wish(via="79080000001"))
    assert asked(plan) == [
        {"sim": 2, "sms_to": "79080000001"},
        {"sim": 4, "sms_to": "79080000001"},
    ]
    assert plan.messages == 2


def test_a_number_stored_on_a_sim_may_receive() -> None:
    plan = make_plan(SIMS, CONFIG, Wish(via="79080000003"))
    assert plan.receiver == SIMS[2]


@pytest.mark.parametrize("via", ["79080000009", "79080000002"])
def test_a_receiver_that_is_not_here_is_refused(via: str) -> None:
    with pytest.raises(GsmbridgeError, match=f"no SIM that is ready here has the number {via}"):
        make_plan(SIMS, CONFIG, Wish(via=via))


def test_one_code_goes_to_all_and_costs_no_sms() -> None:
    plan = make_plan(SIMS, CONFIG, Wish(ussd="*100#"))
    assert asked(plan) == [{"sim": 2, "ussd": "*100#"}, {"sim": 4, "ussd": "*100#"}]
    assert plan.messages == 0


def test_each_operators_own_code_is_used_the_longest_match_first() -> None:
    codes = {"250": "*1#", "25099": "*2#", "25": "*3#"}
    plan = make_plan(SIMS, config(ussd=codes), Wish(ussd=""))
    assert asked(plan) == [{"sim": 2, "ussd": "*1#"}, {"sim": 4, "ussd": "*2#"}]


def test_an_operator_without_a_code_is_left_out_and_told() -> None:
    plan = make_plan(SIMS, config(ussd={"25099": "*2#"}), Wish(ussd=""))
    assert asked(plan) == [{"sim": 4, "ussd": "*2#"}]
    findings = judge(plan, [result(4, "79080000004")], config(), Wish(ussd=""))
    assert [(finding.sim["sim"], finding.good) for finding in findings] == [(2, False), (4, True)]


def test_no_code_at_all_is_an_error() -> None:
    with pytest.raises(GsmbridgeError, match="no USSD code is given"):
        make_plan(SIMS, config(), Wish(ussd=""))


def test_verify_concerns_the_listed_ones_alone() -> None:
    sims = [*SIMS, sim(9, listed="79080000009")]
    assert asked(make_plan(sims, CONFIG, Wish(ussd="*100#", verify=True))) == [
        {"sim": 1, "ussd": "*100#"},
        {"sim": 9, "ussd": "*100#"},
    ]
    alone = make_plan(sims, CONFIG, Wish(verify=True))
    assert asked(alone) == [{"sim": 9, "sms_to": "79080000001"}]


def test_a_listed_number_whose_sim_is_not_here_is_told() -> None:
    assert make_plan(SIMS, CONFIG, Wish(ussd="*100#", verify=True)).absent == ("79080000009",)
    assert make_plan(SIMS, CONFIG, Wish(ussd="*100#")).absent == ()


def test_verify_by_sms_without_any_listed_sim_is_an_error() -> None:
    with pytest.raises(GsmbridgeError, match="no listed SIM is ready"):
        make_plan([sim(2)], CONFIG, Wish(verify=True))


def found(wish: Wish, *results: Document, sims: list[Document] | None = None) -> list[Finding]:
    return judge(make_plan(sims or SIMS, CONFIG, wish), results, CONFIG, wish)


def test_what_was_found_is_good_for_the_config() -> None:
    (two, four) = found(
        Wish(ussd="*100#"), result(2, "79080000002"), result(4, None, text="wait for an SMS")
    )
    assert (two.number, two.good) == ("79080000002", True)
    assert (four.number, four.good) == (None, False)
    assert '"wait for an SMS"' in four.told


def test_a_number_of_another_line_is_never_offered() -> None:
    two, _ = found(Wish(ussd="*100#"), result(2, "79080000009"), result(4, "79080000004"))
    assert not two.good
    assert "the config gives this number to another SIM" in two.told


def test_a_number_that_two_sims_have_is_never_offered() -> None:
    findings = found(Wish(ussd="*100#"), result(2, "79080000002"), result(4, "79080000002"))
    assert [finding.good for finding in findings] == [False, False]


def test_an_error_and_a_sim_that_was_not_asked_any_more_are_told() -> None:
    two, four = found(Wish(ussd="*100#"), result(2, None, error="no answer"))
    assert (two.good, two.told) == (False, "no answer")
    assert (four.good, four.told) == (False, "not asked")


def test_verify_tells_right_and_wrong() -> None:
    sims = [sim(1, listed="79080000001"), sim(9, listed="79080000009")]
    one, nine = found(
        Wish(ussd="*100#", verify=True),
        result(1, "79080000001"),
        result(9, "79080000008"),
        sims=sims,
    )
    assert (one.good, one.told) == (True, "as the config says")
    assert (nine.good, nine.told) == (False, "WRONG: the config says 79080000009")


def test_where_messages_arrive_proves_the_receiver() -> None:
    sims = [sim(1, listed="79080000001"), sim(9, listed="79080000009")]
    arrived = found(Wish(verify=True), result(9, "79080000009", arrived_on=1), sims=sims)
    assert [finding.good for finding in arrived] == [True, True]
    lost = found(Wish(verify=True), result(9, None, error="not arrived"), sims=sims)
    assert [finding.good for finding in lost] == [False, False]


def test_a_receiver_whose_messages_arrive_elsewhere_is_wrong() -> None:
    findings = found(
        Wish(via="79080000001"),
        result(2, "79080000002", arrived_on=3),
        result(4, "79080000004", arrived_on=3),
    )
    assert findings[-1].sim == SIMS[0]
    assert findings[-1].told == "WRONG: messages to 79080000001 arrive on another SIM"
