"""One modem's command channel: one command at a time, unsolicited lines aside."""
