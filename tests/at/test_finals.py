import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsmbridge.at.finals import Final, call_result, final_result


@pytest.mark.parametrize(
    ("line", "final"),
    [
        (b"OK", Final(ok=True)),
        (b"ERROR", Final(ok=False)),
        (b"COMMAND NOT SUPPORT", Final(ok=False)),
        (b"TOO MANY PARAMETERS", Final(ok=False)),
        (b"NA", Final(ok=False)),
        (b"MODEM ERROR: 7", Final(ok=False)),
        (b"+CME ERROR: 14", Final(ok=False, cme=14)),
        (b"+CME ERROR:515", Final(ok=False, cme=515)),
        (b"+CME ERROR: -1", Final(ok=False, cme=-1)),
        (b"+CME ERROR: SIM busy", Final(ok=False, cme=14)),
        (b"+CME ERROR: SIM not inserted", Final(ok=False, cme=10)),
        (b"+CME ERROR: a vendor's own", Final(ok=False)),
        (b"+CME ERROR", Final(ok=False)),
        (b"+CMS ERROR: 321", Final(ok=False, cms=321)),
        (b"+CMS ERROR: Invalid memory index", Final(ok=False, cms=321)),
        (b"+CMS ERROR: (U)SIM busy", Final(ok=False, cms=314)),
    ],
)
def test_final_results_are_known(line, final):
    assert final_result(line) == final


@pytest.mark.parametrize(
    "line",
    [
        b"OKAY",
        b"OK.",
        b"ok then",
        b"NOK",
        b"ERRORS: 0",
        b"ERROR 5",
        b"TERROR",
        b"+CME ERRORS: 3",
        b"+CMS ERRORX",
        b"CME ERROR: 3",
        b"x +CME ERROR: 3",
        b"COMMAND NOT SUPPORTABLE",
        b"NAN",
        b"MODEM ERRORS",
        b"NO CARRIER",
        b"BUSY",
        b"",
    ],
)
def test_near_misses_are_no_final_results(line):
    assert final_result(line) is None


def test_calls_end_by_their_own_results():
    assert call_result(b"NO CARRIER") == Final(ok=False)
    assert call_result(b"CONNECT 9600") == Final(ok=True)
    assert call_result(b"CONNECTION") is None


def test_a_family_adds_results_of_its_own():
    assert final_result(b"+ZERR", (b"+ZERR",)) == Final(ok=False)


@given(st.binary(max_size=60))
def test_no_bytes_make_it_fail(line):
    assert final_result(b"+CME ERROR: " + line) is not None
    final_result(line)
