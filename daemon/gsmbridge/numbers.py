"""Which number a SIM has, or why none: by ICCID or IMSI from the config, else its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

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
    _by_imsi: dict[str, Listed] = field(init=False, repr=False, compare=False)
    _phones: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_iccid", {r.iccid: r for r in self.rows if r.iccid})
        object.__setattr__(self, "_by_imsi", {r.imsi: r for r in self.rows if r.imsi})
        object.__setattr__(self, "_phones", frozenset(r.phone for r in self.rows))

    def listed(self, iccid: str | None, imsi: str | None) -> Listed | None:
        """The row of a SIM: by ICCID, else by IMSI."""
        if iccid is not None:
            match = iccids.match(iccid, self._by_iccid)
            if match is not None:
                return self._by_iccid[match]
        return self._by_imsi.get(imsi) if imsi is not None else None

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
        SIMs claim belongs to neither. *others* are the ICCIDs of other SIMs: a listed one that is
        only the beginning of this SIM's, and of another's, means neither.
        """
        row = self.listed(iccid, imsi)
        if row is not None and _may_mean_another(row.iccid, iccid, others):
            return Unnumbered("the ICCID listed fits several SIMs: list all of it, or the IMSI")
        if row is not None:
            return Numbered(row.phone, "config") if row.enabled else Unnumbered("number disabled")
        if not self.use_sim_number:
            return Unnumbered("SIM not listed in numbers")
        if own is None:
            return Unnumbered("SIM not listed in numbers, and no usable number stored on it")
        if own in self._phones:
            return Unnumbered("number stored on the SIM is listed for another SIM")
        if own in claimed:
            return Unnumbered("number stored on the SIM is stored on another SIM too")
        return Numbered(own, "sim")


def _may_mean_another(listed: str | None, iccid: str | None, others: Iterable[str]) -> bool:
    if listed is None or iccid is None or not iccids.same(listed, iccid):
        return False  # the IMSI told
    return any(other.startswith(min(listed, iccid, key=len)) for other in others)
