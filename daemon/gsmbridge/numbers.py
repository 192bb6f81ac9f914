"""Which number a SIM has, or why none: by ICCID or IMSI from the config, else its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from gsmbridge import iccid as iccids


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of `numbers:`."""

    phone: str
    iccid: str | None = None
    imsi: str | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Numbered:
    """The number of a SIM. *source* is "config" or "sim"."""

    phone: str
    source: str


@dataclass(frozen=True, slots=True)
class Unnumbered:
    """No number can be given, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a config."""

    rows: tuple[Listed, ...] = ()
    use_sim_number: bool = True
    _by_iccid: dict[str, Listed] = field(init=False, repr=False, compare=False)
    _beginnings: frozenset[str] = field(init=False, repr=False, compare=False)
    """Listed ICCIDs that begin another one."""
    _by_imsi: dict[str, Listed] = field(init=False, repr=False, compare=False)
    _phones: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_iccid", {r.iccid: r for r in self.rows if r.iccid})
        pairs = pairwise(sorted(self._by_iccid))
        beginnings = frozenset(one for one, other in pairs if other.startswith(one))
        object.__setattr__(self, "_beginnings", beginnings)
        object.__setattr__(self, "_by_imsi", {r.imsi: r for r in self.rows if r.imsi})
        object.__setattr__(self, "_phones", frozenset(r.phone for r in self.rows))

    def listed(self, iccid: str | None, imsi: str | None) -> Listed | None:
        """The row of a SIM: by its whole ICCID, else by IMSI, else by the beginning of its ICCID
        that is listed, or shown, alone: neighbours may have the same."""
        found = None if iccid is None else self._by_iccid.get(iccid)
        if found is None and imsi is not None:
            found = self._by_imsi.get(imsi)
        if found is None and iccid is not None:
            found = self._by_iccid.get(iccids.match(iccid, self._by_iccid) or "")
        return found

    def resolve(
        self,
        iccid: str | None,
        imsi: str | None,
        own: str | None,
        claimed: Iterable[str] = (),
        others: Iterable[str] = (),
    ) -> Numbered | Unnumbered:
        """The number of a SIM with these identities.

        *own* is the number stored on it; *claimed* are numbers stored on other SIMs: one that two
        SIMs claim belongs to neither. *others* are the ICCIDs of other SIMs: what the listed one
        and this SIM's have in common must begin none of them, nor another one that is listed, or
        the row may mean either.
        """
        row = self.listed(iccid, imsi)
        if row is not None and self._may_mean_another(row.iccid, iccid, others):
            return Unnumbered("the ICCID listed fits several SIMs: list all of it, or the IMSI")
        if row is not None:
            return Numbered(row.phone, "config") if row.enabled else Unnumbered("number disabled")
        if not self.use_sim_number:
            return Unnumbered("SIM not listed in numbers")
        if imsi is None and self._by_imsi:
            return Unnumbered("the SIM does not tell its IMSI, by which numbers lists some")
        if own is None:
            return Unnumbered("SIM not listed in numbers, and no usable number stored on it")
        if own in self._phones:
            return Unnumbered("number stored on the SIM is listed for another SIM")
        if own in claimed:
            return Unnumbered("number stored on the SIM is stored on another SIM too")
        return Numbered(own, "sim")

    def _may_mean_another(
        self, listed: str | None, iccid: str | None, others: Iterable[str]
    ) -> bool:
        if listed is None or iccid is None or not iccids.same(listed, iccid):
            return False  # the IMSI told
        common = min(listed, iccid, key=len)
        return common in self._beginnings or any(other.startswith(common) for other in others)
