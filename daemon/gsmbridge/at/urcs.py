"""Unsolicited result codes that are known by name. Other lines with a prefix of the usual form
(`+NAME:`) are taken for unsolicited too; the tables add plain words, twins and importance."""

from __future__ import annotations

DEFAULT_URCS = (
    # Messages: 27.005, 3.4.1, and the families' signs of a full store.
    b"+CMTI:",
    b"+CMT:",
    b"+CDSI:",
    b"+CDS:",
    b"+CBMI:",
    b"+CBM:",
    b"^SMMEMFULL:",
    b"^SMGO:",
    b"+SMS FULL",
    b"#SMOV:",
    b"+QIND:",
    # The SIM: state, insertion, removal.
    b"+CPIN:",
    b"^CPIN:",
    b"^SIMST:",
    b"+QUSIM:",
    b"+QSIMSTAT:",
    b"#QSS:",
    b"^SCKS:",
    b"+SIMREADY",
    b"+SIM:",
    b"+CUSATP:",
    b"+ZUSIMR:",
    b"+WIND:",
    # A restart, after which nothing that was set is still set.
    b"RDY",
    b"+CFUN:",
    b"^SYSSTART",
    b"^SHUTDOWN",
    b"^BOOT:",
    b"SMS READY",
    b"SMS DONE",
    b"+PBREADY",
    b"*EMRDY",
    b"NORMAL POWER DOWN",
    b"POWER DOWN",
    b"UNDER-VOLTAGE POWER DOWN",
)
"""They concern messages, the SIM or a restart: `Channel.urc_seen` counts them."""

CHATTER = (
    b"RING",
    b"NO CARRIER",
    b"BUSY",
    b"NO ANSWER",
    b"CALL READY",
    b"PB DONE",
    b"+CRING:",
    b"+CLIP:",
    b"+CREG:",
    b"+CGREG:",
    b"+CEREG:",
    b"+CSQ:",
    b"+CTZV:",
    b"+CTZE:",
    b"+CIEV:",
    b"+CUSD:",
    b"+CGEV:",
    b"^RSSI:",
    b"^HCSQ:",
    b"^MODE:",
    b"^SRVST:",
    b"^STIN:",
    b"^CSNR:",
    b"^NWTIME:",
    b"_OSIGQ:",
    b"+ZPASR:",
    b"+ZDONR:",
    b"*PSUTTZ:",
    b"DST:",
    b"UNDER-VOLTAGE WARNNING",
    b"OVER-VOLTAGE WARNNING",
)
"""They say nothing about messages or the SIM (the odd spelling is SIMCom's)."""

WITH_PDU = (b"+CMT:", b"+CDS:", b"+CBM:")
"""The next line is their PDU (27.005, 3.4.1)."""
