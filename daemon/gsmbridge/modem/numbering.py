"""How mobile numbers look in the countries that networks are in (ITU-T E.164, E.212): a table.

From the operational bulletins of the ITU and the countries' numbering plans. A plan that is too
wide only makes a reply ambiguous; one that is missing only means that a number has to be
international to be believed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """The mobile numbers of one country."""

    country_code: str
    trunk: str
    """What people write in front of a national number; empty: nothing."""
    mobile: re.Pattern[str]
    """A whole national significant number."""


def _plan(country_code: int, trunk: str, mobile: str) -> Plan:
    return Plan(str(country_code), trunk, re.compile(mobile))


_NORTH_AMERICA = _plan(1, "1", r"[2-9]\d\d[2-9]\d{6}")
_UNITED_KINGDOM = _plan(44, "0", r"7\d{9}")
_INDIA = _plan(91, "0", r"[6-9]\d{9}")

PLANS = {
    "202": _plan(30, "", r"69\d{8}"),  # Greece
    "204": _plan(31, "0", r"6\d{8}|97\d{9}"),  # Netherlands
    "206": _plan(32, "0", r"4\d{8}"),  # Belgium
    "208": _plan(33, "0", r"[67]\d{8}"),  # France
    "214": _plan(34, "", r"[67]\d{8}"),  # Spain
    "216": _plan(36, "06", r"[2357]\d{8}"),  # Hungary
    "219": _plan(385, "0", r"9\d{7,8}"),  # Croatia
    "220": _plan(381, "0", r"6\d{7,8}"),  # Serbia
    "222": _plan(39, "", r"3\d{8,9}"),  # Italy
    "226": _plan(40, "0", r"7\d{8}"),  # Romania
    "228": _plan(41, "0", r"7[4-9]\d{7}"),  # Switzerland
    "230": _plan(420, "", r"[67]\d{8}"),  # Czechia
    "231": _plan(421, "0", r"9\d{8}"),  # Slovakia
    "232": _plan(43, "0", r"6[5-9]\d{7,10}"),  # Austria
    "234": _UNITED_KINGDOM,
    "235": _UNITED_KINGDOM,
    "238": _plan(45, "", r"[2-9]\d{7}"),  # Denmark
    "240": _plan(46, "0", r"7\d{8}"),  # Sweden
    "242": _plan(47, "", r"[49]\d{7}"),  # Norway
    "244": _plan(358, "0", r"(?:4\d|50)\d{5,8}"),  # Finland
    "246": _plan(370, "8", r"6\d{7}"),  # Lithuania
    "247": _plan(371, "", r"2\d{7}"),  # Latvia
    "248": _plan(372, "", r"5\d{6,7}|8\d{7}"),  # Estonia
    "250": _plan(7, "8", r"9\d{9}"),  # Russia
    "255": _plan(380, "0", r"[3-9]\d{8}"),  # Ukraine
    "257": _plan(375, "80", r"(?:25|29|33|44)\d{7}"),  # Belarus
    "259": _plan(373, "0", r"[67]\d{7}"),  # Moldova
    "260": _plan(48, "", r"[4-8]\d{8}"),  # Poland
    "262": _plan(49, "0", r"1[5-7]\d{8,9}"),  # Germany
    "268": _plan(351, "", r"9\d{8}"),  # Portugal
    "272": _plan(353, "0", r"8\d{8}"),  # Ireland
    "282": _plan(995, "0", r"[57]\d{8}"),  # Georgia
    "283": _plan(374, "0", r"[3-9]\d{7}"),  # Armenia
    "284": _plan(359, "0", r"[89][789]\d{7}"),  # Bulgaria
    "286": _plan(90, "0", r"5\d{9}"),  # Türkiye
    "293": _plan(386, "0", r"[3-7]\d{7}"),  # Slovenia
    "302": _NORTH_AMERICA,
    **{str(mcc): _NORTH_AMERICA for mcc in range(310, 317)},
    "334": _plan(52, "", r"[1-9]\d{9}"),  # Mexico
    "400": _plan(994, "0", r"[14-79]\d{8}"),  # Azerbaijan
    "401": _plan(7, "8", r"7\d{9}"),  # Kazakhstan
    "404": _INDIA,
    "405": _INDIA,
    "410": _plan(92, "0", r"3\d{9}"),  # Pakistan
    "413": _plan(94, "0", r"7\d{8}"),  # Sri Lanka
    "420": _plan(966, "0", r"5\d{8}"),  # Saudi Arabia
    "424": _plan(971, "0", r"5\d{8}"),  # United Arab Emirates
    "425": _plan(972, "0", r"5\d{8}"),  # Israel
    "434": _plan(998, "", r"[2-9]\d{8}"),  # Uzbekistan
    "436": _plan(992, "", r"[0-9]\d{8}"),  # Tajikistan
    "437": _plan(996, "0", r"[2579]\d{8}"),  # Kyrgyzstan
    "438": _plan(993, "8", r"[67]\d{7}"),  # Turkmenistan
    "452": _plan(84, "0", r"[35789]\d{8}"),  # Viet Nam
    "454": _plan(852, "", r"[4-9]\d{7}"),  # Hong Kong
    "456": _plan(855, "0", r"[1-9]\d{7,8}"),  # Cambodia
    "460": _plan(86, "", r"1[3-9]\d{9}"),  # China
    "470": _plan(880, "0", r"1\d{9}"),  # Bangladesh
    "502": _plan(60, "0", r"1\d{8,9}"),  # Malaysia
    "505": _plan(61, "0", r"4\d{8}"),  # Australia
    "510": _plan(62, "0", r"8\d{8,11}"),  # Indonesia
    "515": _plan(63, "0", r"9\d{9}"),  # Philippines
    "520": _plan(66, "0", r"[689]\d{8}"),  # Thailand
    "530": _plan(64, "0", r"2\d{7,9}"),  # New Zealand
    "602": _plan(20, "0", r"1\d{9}"),  # Egypt
    "604": _plan(212, "0", r"[67]\d{8}"),  # Morocco
    "620": _plan(233, "0", r"[25]\d{8}"),  # Ghana
    "621": _plan(234, "0", r"[789]\d{9}"),  # Nigeria
    "639": _plan(254, "0", r"[17]\d{8}"),  # Kenya
    "655": _plan(27, "0", r"[6-8]\d{8}"),  # South Africa
    "716": _plan(51, "", r"9\d{8}"),  # Peru
    "724": _plan(55, "0", r"[1-9]{2}9\d{8}"),  # Brazil
    "730": _plan(56, "", r"9\d{8}"),  # Chile
    "732": _plan(57, "", r"3\d{9}"),  # Colombia
}
"""By mobile country code, the first three digits of the IMSI (E.212)."""


def plan_of(imsi: str | None) -> Plan | None:
    """The plan of the country that a SIM is from; None where it is in no table."""
    return PLANS.get(imsi[:3]) if imsi else None
