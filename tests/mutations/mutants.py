"""The mistakes, by the invariant that each breaks.

A sample of what could go wrong, not a measure of the tests.
"""

from __future__ import annotations

from tests.mutations.defences import DEFENCES
from tests.mutations.mutant import Mutant

MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "I1",
        "a listing without its final result is believed",
        "modem/store.py",
        """\
        if not reply.ok:
            return Listing(damage""",
        """\
        if found.damage:
            return Listing(damage""",
        ("modem/test_session.py::test_every_family_is_read_announced_and_freed[falcom]",),
    ),
    Mutant(
        "I1",
        "the unread rows of a damaged listing are taken",
        "modem/store.py",
        "if not found.damage and not self._doubtful(row)",
        "if not self._doubtful(row)",
        ("modem/test_store.py::test_of_a_damaged_listing_of_the_unread_nothing_is_taken",),
    ),
    Mutant(
        "I1",
        "an unsolicited line inside a reply is lost",
        "at/exchange.py",
        """\
        elif not self._text.opens(line):
            self._events.append(Urc(line))""",
        """\
        elif self._command is None and not self._text.opens(line):
            self._events.append(Urc(line))""",
        ("at/test_channel.py::test_a_conversation_is_the_same_over_every_transport",),
    ),
    Mutant(
        "I1",
        "a direct message is acknowledged before it is committed",
        "modem/direct.py",
        """\
            await self._record(subject.sim.sim, subject.modem, subject.token, direct.pdu)
            hints.direct.popleft()
            appearance.found_new = True
            if dialect.acknowledge:
                await channel.run("AT+CNMA")
""",
        """\
            if dialect.acknowledge:
                await channel.run("AT+CNMA")
            await self._record(subject.sim.sim, subject.modem, subject.token, direct.pdu)
            hints.direct.popleft()
            appearance.found_new = True
""",
        (
            "modem/test_direct.py::test_a_message_past_the_store_is_acknowledged_only_once_it_is_committed",
        ),
    ),
    Mutant(
        "I1",
        "a direct message goes with its session",
        "modem/session.py",
        "                await self._direct.hold(self._modem_key())  # what it keeps",
        "                pass  # what it keeps",
        ("modem/test_direct.py::test_a_message_past_the_store_outlives_its_modem",),
    ),
    Mutant(
        "I2",
        "the SIM is checked between re-read and delete",
        "modem/store.py",
        """\
        await self.confirm()
        seen = self._channel.urc_seen
        row = await self._read_believed(wanted.slot)
""",
        """\
        seen = self._channel.urc_seen
        row = await self._read_believed(wanted.slot)
        await self.confirm()
""",
        ("modem/test_session.py::test_nothing_is_asked_between_the_re_read_and_the_delete",),
    ),
    Mutant(
        "I1",
        "a direct message is forgotten before its SIM is proved",
        "modem/direct.py",
        """\
            await appearance.main.store.confirm()
            await self._record(subject.sim.sim, subject.modem, subject.token, direct.pdu)
            hints.direct.popleft()
""",
        """\
            hints.direct.popleft()
            await appearance.main.store.confirm()
            await self._record(subject.sim.sim, subject.modem, subject.token, direct.pdu)
""",
        (
            "modem/test_session.py::test_a_message_past_the_store_is_held_where_the_sim_changed_right_after",
        ),
    ),
    Mutant(
        "I1",
        "what a failed commit held is dropped",
        "journal/writer.py",
        """\
            self._in_trouble(str(error))
            return False
        written""",
        """\
            self._in_trouble(str(error))
            self._jobs = [job for job in self._jobs if job not in batch]
            return False
        written""",
        (
            "journal/test_disk.py::test_what_is_read_while_nothing_can_be_written_waits_and_is_not_lost",
        ),
    ),
    Mutant(
        "I3",
        "a message whose copies were lost with a broken page is taken for a new one",
        "journal/salvage.py",
        """\
        if same:
            db""",
        """\
        if not same:
            db""",
        (
            "journal/test_disk.py::test_a_message_whose_copies_were_lost_is_known_when_it_is_read_again",
        ),
    ),
    Mutant(
        "I1",
        "a corrupt journal is overwritten",
        "journal/salvage.py",
        """\
            old.rename(new)
    _successor""",
        """\
            old.unlink()
    _successor""",
        ("journal/test_disk.py::test_a_corrupt_journal_is_set_aside_and_ids_do_not_go_back",),
    ),
    Mutant(
        "I1",
        "a corrupt journal leaves its log to the one that follows it",
        "journal/salvage.py",
        'for suffix in ("", "-wal", "-shm")]',
        'for suffix in ("",)]',
        (
            "journal/test_disk.py::test_what_sqlite_kept_beside_a_corrupt_journal_is_moved_away_with_it",
        ),
    ),
    Mutant(
        "I1",
        "at the end one batch is written and no more",
        "journal/writer.py",
        """\
        while self._jobs and await self._write(self._jobs[:MOST]):
            pass
""",
        """\
        if self._jobs:
            await self._write(self._jobs[:MOST])
""",
        ("journal/test_writer.py::test_all_that_waits_at_the_end_is_committed_however_much_it_is",),
    ),
    Mutant(
        "I1",
        "the text of a refused message goes while its retry may come",
        "journal/prune.py",
        """done = f"state IN ('delivered', 'discarded') AND""",
        """done = f"state IN ('delivered', 'discarded', 'refused') AND""",
        (
            "journal/test_prune.py::test_a_refused_message_that_left_its_sim_keeps_its_text_for_a_retry",
        ),
    ),
    Mutant(
        "I1",
        "an operation that failed is committed by half",
        "journal/disk.py",
        """\
            db.execute("ROLLBACK TO one")
            result""",
        "            result",
        ("journal/test_disk.py::test_an_operation_that_fails_half_way_changes_nothing",),
    ),
    Mutant(
        "I1",
        "others are told before the commit",
        "journal/journal.py",
        """\
            outcome = Outcome()
            return operation(db, self.rules, Now.of(self._clock), outcome), outcome
""",
        """\
            outcome = Outcome()
            result = operation(db, self.rules, Now.of(self._clock), outcome)
            self._tell(outcome)
            return result, Outcome()
""",
        (
            "journal/test_disk.py::test_what_is_read_while_nothing_can_be_written_waits_and_is_not_lost",
        ),
    ),
    Mutant(
        "I1",
        "commits are not synced",
        "journal/disk.py",
        '        synchronous: str = "FULL",',
        '        synchronous: str = "OFF",',
        (
            "journal/test_disk.py::test_a_commit_reaches_the_disk_before_it_returns_unless_told_otherwise",
        ),
    ),
    Mutant(
        "I1",
        "commits are synced by and by",
        "journal/disk.py",
        '        synchronous: str = "FULL",',
        '        synchronous: str = "NORMAL",',
        ("journal/test_power.py::test_what_was_committed_is_there_after_a_cut_anywhere",),
    ),
    Mutant(
        "I4",
        "the mark of reserved ids is not synced",
        "journal/ids.py",
        """\
            os.fsync(fd)
""",
        "",
        ("journal/test_power.py::test_no_id_is_given_twice_though_nothing_but_their_file_is_left",),
    ),
    Mutant(
        "I4",
        "the name of the mark is not synced",
        "journal/ids.py",
        """\
        temporary.replace(self.path)
        sync_directory(self.path.parent)
""",
        """\
        temporary.replace(self.path)
""",
        ("journal/test_power.py::test_no_id_is_given_twice_though_nothing_but_their_file_is_left",),
    ),
    Mutant(
        "I1",
        "the same bytes without a time stamp are never a new message",
        "journal/intake.py",
        '        if row["on_sim"] or (row["dated"] and _recent(db, row, now)):',
        '        if row["on_sim"] or _recent(db, row, now):',
        (
            "journal/test_intake.py::test_what_has_no_valid_time_stamp_is_new_at_once_after_our_delete",
        ),
    ),
    Mutant(
        "I1",
        "an attempt that fails by our own fault ends its message",
        "forwarding/dispatcher.py",
        '            verdict = Retry(interval, "internal")',
        "            flight.delivered = True",
        (
            "forwarding/test_dispatcher.py::test_fault_in_an_attempt_is_told_and_the_message_stays_due",
        ),
    ),
    Mutant(
        "I1",
        "parts that wait at a start get no window",
        "journal/attempts.py",
        """\
        outcome.collecting[row["sms_id"]] = now.mono + rules.multipart_timeout
""",
        """\
        pass
""",
        ("journal/test_parts.py::test_the_window_begins_again_after_a_restart",),
    ),
    Mutant(
        "I1",
        "a part that comes after the push with gaps is swallowed",
        "sms/parts.py",
        "    return AloneAfterGaps(best.message)",
        "    return Duplicate(best.message)",
        ("sms/test_parts.py::test_a_part_after_a_push_with_gaps_goes_alone",),
    ),
    Mutant(
        "I1",
        "only announced messages are looked for",
        "modem/appearance.py",
        "        elif usage is None or usage.used != self.main.used:",
        "        elif usage is None:",
        ("modem/test_ports.py::test_a_port_that_never_announces_is_left_for_one_that_does",),
    ),
    Mutant(
        "I1",
        "a second daemon opens the same journal",
        "journal/disk.py",
        """\
                self.lock.take()
""",
        "",
        (
            "journal/test_disk.py::test_a_second_process_is_refused_with_the_pid_of_the_first_until_that_dies",
        ),
    ),
    Mutant(
        "I1",
        "a second daemon opens the same journal through a link",
        "journal/files.py",
        "return Path(os.path.realpath(path))",
        "return Path(path)",
        (
            "crash/test_copies.py::test_a_second_daemon_is_refused_also_where_another_path_leads_to_the_journal",
        ),
    ),
    Mutant(
        "I1",
        "an order right after a refusal is not heard",
        "forwarding/dispatcher.py",
        "        elif not self._settling.holds(message):",
        "        elif message.sms_id not in self._settling:",
        (
            "model/test_found.py::test_a_retry_that_is_committed_together_with_the_refusal_is_heard[1]",
        ),
    ),
    Mutant(
        "I1",
        "a commit that failed counts as one",
        "journal/disk.py",
        """\
            db.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            self._give_way(error)
            raise Unwritable(f"{self.path}: {error}") from error
        return results
""",
        """\
            try:
                db.execute("COMMIT")
            except sqlite3.Error as error:
                self._give_way(error)
        except (sqlite3.Error, OSError) as error:
            self._give_way(error)
            raise Unwritable(f"{self.path}: {error}") from error
        return results
""",
        (
            "journal/test_disk.py::test_nobody_is_told_of_what_a_commit_failed_to_keep_until_one_succeeds",
        ),
    ),
    Mutant(
        "I1",
        "the last slot is left out where the listing is refused",
        "modem/store.py",
        "        for slot in range(last + 1):",
        "        for slot in range(last):",
        (
            "modem/test_session.py::test_a_full_store_read_slot_by_slot_gives_its_first_and_its_last_message[1]",
        ),
    ),
    Mutant(
        "I1",
        "slots are counted from one where the listing is refused",
        "modem/store.py",
        "        for slot in range(last + 1):",
        "        for slot in range(1, last + 1):",
        (
            "modem/test_session.py::test_a_full_store_read_slot_by_slot_gives_its_first_and_its_last_message[0]",
        ),
    ),
    Mutant(
        "I1",
        "a PDU that lost octets is believed where what is left can be decoded",
        "modem/store.py",
        "        return row.short or isinstance(decode(row.pdu), Unreadable)",
        "        return isinstance(decode(row.pdu), Unreadable)",
        (
            "modem/test_store.py::test_a_pdu_that_lost_octets_is_read_again_though_it_can_be_decoded",
        ),
    ),
    Mutant(
        "I3",
        "the table of moves lets a delivered message go",
        "journal/life.py",
        "    (State.STALE, Cause.RETRY): State.PENDING,",
        "    (State.STALE, Cause.RETRY): State.PENDING,\n"
        "    (State.DELIVERED, Cause.RETRY): State.PENDING,",
        (
            "model/test_model.py::test_the_moves_of_the_model_are_those_of_the_program",
            "journal/test_life.py::test_nothing_leads_out_of_delivered",
        ),
    ),
    Mutant(
        "I2",
        "a slot is deleted without reading it again",
        "modem/store.py",
        """\
        row = await self._read_believed(wanted.slot)
        if row is None:
            return Outcome.FREED if wanted.copy in self._sent else Outcome.GONE
        if not row.pdu or tpdu_identity(row.pdu) != wanted.identity:
            return Outcome.HOLDS_OTHER
""",
        "",
        (
            "modem/test_session.py::test_a_slot_that_takes_another_message_between_re_read_and_delete_is_left_alone",
        ),
    ),
    Mutant(
        "I2",
        "what is read again is not compared",
        "modem/store.py",
        "        if not row.pdu or tpdu_identity(row.pdu) != wanted.identity:",
        "        if not row.pdu:",
        (
            "modem/test_session.py::test_a_slot_that_holds_another_message_at_the_re_read_is_not_deleted",
        ),
    ),
    Mutant(
        "I2",
        "a line in between does not call the delete off",
        "modem/store.py",
        """\
        if self._channel.urc_seen != seen:
            return Outcome.CALLED_OFF
""",
        "",
        (
            "modem/test_session.py::test_a_slot_that_takes_another_message_between_re_read_and_delete_is_left_alone",
        ),
    ),
    Mutant(
        "I2",
        "lines in between are counted from after the reading",
        "modem/store.py",
        """\
        seen = self._channel.urc_seen
        row = await self._read_believed(wanted.slot)
""",
        """\
        row = await self._read_believed(wanted.slot)
        seen = self._channel.urc_seen
""",
        (
            "modem/test_session.py::test_a_slot_that_takes_another_message_between_re_read_and_delete_is_left_alone",
        ),
    ),
    Mutant(
        "I2",
        "a late reply in between counts for nothing",
        "at/channel.py",
        """\
            self.needs_resync = True
            self.urc_seen += 1""",
        "            self.needs_resync = True",
        (
            "at/test_channel.py::test_a_late_reply_counts_as_a_sign_that_what_was_read_may_have_changed",
        ),
    ),
    Mutant(
        "I2",
        "a delete counts as done without reading the slot empty",
        "modem/store.py",
        """\
        left = await self._read_believed(wanted.slot)
""",
        """\
        left = None
""",
        ("modem/test_session.py::test_a_delete_that_does_nothing_is_repeated",),
    ),
    Mutant(
        "I2",
        "all read messages are deleted at once",
        "modem/store.py",
        'Command(f"AT+CMGD={wanted.slot}",',
        'Command(f"AT+CMGD={wanted.slot},1",',
        ("modem/test_session.py::test_every_family_is_read_announced_and_freed[e3372]",),
    ),
    Mutant(
        "I2",
        "the SIM is not checked before a delete",
        "modem/store.py",
        """\
        await self.confirm()
        seen =""",
        "        seen =",
        (
            "modem/test_session.py::test_the_same_bytes_in_the_same_slot_of_another_sim_are_not_deleted",
        ),
    ),
    Mutant(
        "I2",
        "the SIM is not checked after a delete",
        "modem/store.py",
        """\
        left = await self._read_believed(wanted.slot)
        await self.confirm()
""",
        """\
        left = await self._read_believed(wanted.slot)
""",
        (
            "modem/test_session.py::test_a_slot_that_reads_empty_on_another_sim_does_not_count_as_deleted",
        ),
    ),
    Mutant(
        "I2",
        "what waits for its 200 may be deleted",
        "journal/frees.py",
        '_DONE = f"(state IN (',
        "_DONE = f\"(state IN ('{State.PENDING}', ",
        ("journal/test_intake.py::test_a_nearly_full_sim_is_relieved_only_as_the_operator_chose",),
    ),
    Mutant(
        "I2",
        "refused messages are deleted without the operator's word",
        "journal/frees.py",
        '_DONE = f"(state IN (',
        "_DONE = f\"(state IN ('{State.REFUSED}', ",
        ("journal/test_intake.py::test_a_nearly_full_sim_is_relieved_only_as_the_operator_chose",),
    ),
    Mutant(
        "I1",
        "a full SIM stays full whatever the operator chose",
        "service/settings.py",
        "        sim_full=config.messages.sim_full,\n",
        "",
        ("service/test_settings.py::test_each_layer_gets_every_key_that_it_goes_by",),
    ),
    Mutant(
        "I2",
        "room for what waits is made though delivered messages make it",
        "journal/frees.py",
        " - len(done)\n",
        "\n",
        (
            "journal/test_intake.py::test_what_goes_anyway_makes_room_before_anything_that_waits_does",
        ),
    ),
    Mutant(
        "I2",
        "slot numbers of an earlier appearance are used",
        "journal/frees.py",
        "on_sim = 1 AND appearance = ? AND",
        "on_sim = 1 AND ? <> '' AND",
        ("journal/test_intake.py::test_slots_of_another_store_or_appearance_are_not_mixed_up",),
    ),
    Mutant(
        "I2",
        "a slot's delete is not journalled",
        "modem/appearance.py",
        """\
            await self._intake.freed(slot.copy)
""",
        "",
        ("modem/test_session.py::test_every_family_is_read_announced_and_freed[e3372]",),
    ),
    Mutant(
        "I2",
        "a delete is journalled before it is done",
        "modem/appearance.py",
        """\
        outcome = await shelf.store.free(slot)
        if outcome is Outcome.FREED:
            shelf.take(slot.slot)
            await self._intake.freed(slot.copy)
""",
        """\
        await self._intake.freed(slot.copy)
        outcome = await shelf.store.free(slot)
        if outcome is Outcome.FREED:
            shelf.take(slot.slot)
""",
        (
            "modem/test_session.py::test_a_slot_that_takes_another_message_between_re_read_and_delete_is_left_alone",
        ),
    ),
    Mutant(
        "I2",
        "a delete goes to whatever store was selected last",
        "modem/appearance.py",
        """\
    async def _free_elsewhere(self, shelf: Shelf, slots: Sequence[SlotToFree]) -> None:
        await shelf.store.select()
""",
        """\
    async def _free_elsewhere(self, shelf: Shelf, slots: Sequence[SlotToFree]) -> None:
""",
        (
            "modem/test_session.py::test_a_message_that_lands_in_the_modems_memory_is_found_and_freed_there",
        ),
    ),
    Mutant(
        "I2",
        "a delete that did not take is not repeated",
        "modem/appearance.py",
        """\
            self._free_in(DELETE_AGAIN)
""",
        """\
            pass
""",
        ("modem/test_session.py::test_a_delete_that_does_nothing_is_repeated",),
    ),
    Mutant(
        "I3",
        "a verdict is not waited for until it is committed",
        "journal/journal.py",
        """\
        await self._do(operation, essential=True)
""",
        """\
        asyncio.get_running_loop().create_task(self._do(operation, essential=True))
""",
        (
            "journal/test_disk.py::test_verdicts_and_frees_are_committed_from_the_reserve_of_a_full_disk",
        ),
    ),
    Mutant(
        "I3",
        "what is being settled may be added again",
        "forwarding/dispatcher.py",
        "        elif not self._settling.holds(message):",
        "        else:",
        (
            "forwarding/test_dispatcher.py::test_known_200_waits_for_the_disk_without_a_second_push_and_without_a_place",
        ),
    ),
    Mutant(
        "I3",
        "a 200 is committed only after its body",
        "forwarding/dispatcher.py",
        """\
        if attempt.status == 200:
            self._delivered(flight)
        answer = await attempt.finish()
""",
        """\
        answer = await attempt.finish()
        if attempt.status == 200:
            self._delivered(flight)
""",
        (
            "forwarding/test_dispatcher.py::test_delivery_is_committed_before_a_body_that_drips_for_long",
        ),
    ),
    Mutant(
        "I3",
        "a 200 that can't be committed at first is given up",
        "forwarding/settler.py",
        "                await asyncio.sleep(AGAIN_AFTER)",
        """\
                del self._commits[sms_id]
                return""",
        (
            "forwarding/test_dispatcher.py::test_known_200_that_a_mistake_of_ours_keeps_out_of_the_journal_is_committed_later",
        ),
    ),
    Mutant(
        "I3",
        "verdicts wait for room on the disk like everything else",
        "journal/journal.py",
        """\
        await self._do(operation, essential=True)
""",
        """\
        await self._do(operation)
""",
        (
            "journal/test_disk.py::test_verdicts_and_frees_are_committed_from_the_reserve_of_a_full_disk",
        ),
    ),
    Mutant(
        "I3",
        "201 counts as 200",
        "forwarding/dispatcher.py",
        "        if attempt.status == 200:",
        "        if attempt.status in (200, 201):",
        ("forwarding/test_dispatcher.py::test_no_status_but_200_is_a_delivery",),
    ),
    Mutant(
        "I3",
        "201 in the answer's meaning counts as 200",
        "onlinesim/answer.py",
        """\
    if answer.status == 200:
        return Delivered""",
        """\
    if answer.status in (200, 201):
        return Delivered""",
        ("onlinesim/test_answer.py::test_only_200_is_delivered",),
    ),
    Mutant(
        "I3",
        "a redirect counts as 200",
        "forwarding/dispatcher.py",
        "        if attempt.status == 200:",
        "        if attempt.status in (200, 302):",
        ("forwarding/test_dispatcher.py::test_no_status_but_200_is_a_delivery",),
    ),
    Mutant(
        "I3",
        "the client repeats by itself on a fresh connection",
        "onlinesim/client.py",
        """\
                self._pool.clear()
            raise
""",
        """\
                self._pool.clear()
                return await self.push(body)
            raise
""",
        ("onlinesim/test_client_contract.py::test_a_request_is_never_sent_again_by_itself",),
    ),
    Mutant(
        "I3",
        "the same message found again is a new one",
        "journal/intake.py",
        '        if row["on_sim"] or (row["dated"] and _recent(db, row, now)):',
        '        if row["on_sim"]:',
        (
            "journal/test_intake.py::test_what_we_deleted_and_see_again_is_a_redelivery_for_seven_days",
        ),
    ),
    Mutant(
        "I3",
        "a clock that leapt forgets what it takes for old",
        "journal/prune.py",
        "    if begun > redelivery:\n        return bool(untimely) or bool(erased)\n",
        "",
        (
            "journal/test_prune.py::test_no_row_is_forgotten_by_a_clock_that_leapt_until_it_has_run_on",
        ),
    ),
    Mutant(
        "I3",
        "a clock that was wrong for a moment forgets what it settled then",
        "journal/prune.py",
        '_NEW = "coalesce(scts, 0) BETWEEN ? AND ?"',
        '_NEW = "0 BETWEEN ? AND ?"',
        (
            "journal/test_prune.py::test_what_was_settled_while_the_clock_was_wrong_for_a_moment_is_kept_by_its_stamp",
        ),
    ),
    Mutant(
        "I3",
        "a clock that leapt tells a redelivery's age",
        "journal/intake.py",
        "    return now.wall - steady.since(db, now) < REDELIVERY",
        "    return False",
        (
            "journal/test_intake.py::test_a_clock_that_leapt_tells_no_age_until_it_has_run_on_for_seven_days",
        ),
    ),
    Mutant(
        "I3",
        "rows of messages that still lie on a SIM are pruned",
        "journal/prune.py",
        '    f" AND {_FINISHED} AND {_GONE} AND {_FREED_BEFORE} LIMIT ?)"',
        '    f" AND {_FINISHED} AND {_FREED_BEFORE} LIMIT ?)"',
        (
            "journal/test_prune.py::test_what_still_lies_on_its_sim_is_known_for_good_though_its_text_goes",
        ),
    ),
    Mutant(
        "I3",
        "a part that came already is pushed again",
        "sms/parts.py",
        "        return Duplicate(best.message)",
        "        return Begins(completes=concat.total == 1)",
        ("sms/test_parts.py::test_the_same_part_again_is_a_duplicate",),
    ),
    Mutant(
        "I3",
        "more messages to send tells one message from its copy",
        "sms/identity.py",
        "bytes([body[0] & ~(tpdu.MMS | tpdu.LP)])",
        "bytes([body[0]])",
        ("sms/test_tpdu_identity.py::test_more_messages_and_loop_prevention_do_not_count",),
    ),
    Mutant(
        "I3",
        "an attempt begins while the journal can't be written",
        "forwarding/dispatcher.py",
        """\
        return not self._paused
""",
        """\
        return True
""",
        ("forwarding/test_dispatcher.py::test_nothing_begins_while_the_journal_cannot_be_written",),
    ),
    Mutant(
        "I3",
        "the reserve is kept though the disk is full",
        "journal/disk.py",
        "            self._reserve.give_up()",
        "            pass",
        ("journal/test_disk.py::test_the_first_commit_that_finds_no_room_gives_the_reserve_up",),
    ),
    Mutant(
        "I3",
        "a connection that lay idle for long is used again",
        "onlinesim/client.py",
        "MAX_IDLE = 10.0",
        "MAX_IDLE = 60.0",
        (
            "onlinesim/test_client_timing.py::test_a_connection_idle_for_over_ten_seconds_is_not_used",
        ),
    ),
    Mutant(
        "I3",
        "a discarded message whose 200 comes late is not delivered",
        "journal/life.py",
        """\
    (State.DISCARDED, Cause.ANSWERED_200): State.DELIVERED,
""",
        "",
        ("journal/test_attempts.py::test_a_200_after_discard_is_a_delivery_and_a_refusal_is_not",),
    ),
    Mutant(
        "I3",
        "a pass is whole though nobody told how many slots there are",
        "modem/store.py",
        "        whole = usage is not None",
        "        whole = True",
        (
            "modem/test_store.py::test_a_pass_slot_by_slot_is_no_whole_one_where_nobody_tells_how_many_slots_there_are",
        ),
    ),
    Mutant(
        "I3",
        "a pass is whole though something was read in between",
        "modem/store.py",
        """\
            if await between():
                whole = False
""",
        """\
            await between()
""",
        (
            "modem/test_store.py::test_a_pass_in_which_something_was_read_between_two_slots_is_no_whole_one",
        ),
    ),
    Mutant(
        "I4",
        "the mark of reserved ids is not written",
        "journal/ids.py",
        """\
            self._file.write(mark)
""",
        "",
        (
            "journal/test_ids.py::test_no_id_comes_back_when_one_of_the_files_is_lost_and_the_clock_goes_back",
        ),
    ),
    Mutant(
        "I4",
        "ids are used before their mark is written",
        "journal/ids.py",
        """\
            self._file.write(mark)
            self._reserved = mark
""",
        """\
            self._reserved = mark
            self._file.write(mark)
""",
        (
            "journal/test_disk.py::test_an_operation_that_the_disk_refuses_again_and_again_does_not_flap",
        ),
    ),
    Mutant(
        "I4",
        "a start goes on below the mark",
        "journal/ids.py",
        "self._aligned(max(self._reserved, floor, 1))",
        "self._aligned(max(floor, 1))",
        (
            "journal/test_ids.py::test_no_id_comes_back_when_one_of_the_files_is_lost_and_the_clock_goes_back",
        ),
    ),
    Mutant(
        "I1",
        "what says the same as a freed message without a stamp is that one, once copies were lost",
        "journal/salvage.py",
        " AND (scts IS NOT NULL OR sms_id NOT IN (SELECT sms_id FROM steps WHERE kind = ?))",
        " AND ? <> ''",
        (
            "journal/test_disk.py::test_a_message_without_a_stamp_is_new_again_once_the_one_with_lost_copies_is_not_there",
        ),
    ),
    Mutant(
        "I1",
        "a message without a stamp whose copies were lost is waited for for ever",
        "journal/intake.py",
        "            salvage.give_up(db, reading.sim)\n",
        "",
        (
            "journal/test_disk.py::test_a_message_without_a_stamp_is_new_again_once_the_one_with_lost_copies_is_not_there",
        ),
    ),
    Mutant(
        "I1",
        "what arrives without a stamp may be one whose copies were lost",
        "journal/salvage.py",
        "    if deliver.scts is None and arrived:\n        return None\n",
        "",
        (
            "journal/test_disk.py::test_what_arrives_without_a_stamp_is_not_the_one_whose_copies_were_lost",
        ),
    ),
    Mutant(
        "I4",
        "a start ignores the last id in messages",
        "journal/ids.py",
        ", (last or 0) + 1)",
        ")",
        (
            "journal/test_ids.py::test_the_ids_of_messages_do_not_come_back_though_nobody_noted_them",
        ),
    ),
    Mutant(
        "I1",
        "of too many past the store the latest are kept",
        "modem/hints.py",
        """\
        else:
            self.direct_lost += 1
""",
        """\
        else:
            self.direct.popleft()
            self.direct.append(Direct(found.rows[0].pdu, self.appearance))
            self.direct_lost += 1
""",
        (
            "modem/test_direct.py::test_of_too_many_past_the_store_the_first_are_held_and_the_others_counted",
        ),
    ),
    Mutant(
        "I4",
        "a start does not raise ids to the clock",
        "journal/ids.py",
        "self._aligned(max(self._reserved, floor, 1))",
        "self._aligned(max(self._reserved, 1))",
        ("journal/test_ids.py::test_a_start_raises_ids_to_the_clock",),
    ),
    Mutant(
        "I4",
        "a copied journal goes on with the ids of the first",
        "journal/ids.py",
        "    ids.leap(YEAR + int(machine[:8], 16) % YEAR)\n",
        "",
        (
            "journal/test_moved.py::test_a_copy_on_another_machine_gives_out_no_id_of_the_first_for_a_year",
        ),
    ),
    Mutant(
        "I4",
        "the journal's copy of the mark is ignored",
        "journal/ids.py",
        'int(mark["value"]) if mark else 0',
        "0",
        (
            "journal/test_ids.py::test_an_id_that_no_message_has_does_not_come_back_when_the_high_water_file_is_lost",
        ),
    ),
    Mutant(
        "I4",
        "a request begins before its content is frozen",
        "forwarding/dispatcher.py",
        """\
            await self._freezer.freeze(flight.message.sms_id)
""",
        "",
        (
            "forwarding/test_dispatcher.py::test_journal_that_refuses_to_freeze_means_that_nothing_was_sent",
        ),
    ),
    Mutant(
        "I4",
        "a part comes late whatever its stamp says",
        "journal/assembly.py",
        "SAME_SENDING = 300.0",
        "SAME_SENDING = 3000.0",
        (
            "journal/test_parts.py::test_a_late_part_is_one_by_its_stamp_which_may_be_five_minutes_off",
        ),
    ),
    Mutant(
        "I4",
        "a reload changes the number of what was attempted",
        "journal/attempts.py",
        '    if row["frozen"] and row["phone"] != phone:',
        '    if row["frozen"] and phone is None:',
        (
            "journal/test_attempts.py::test_what_had_an_attempt_is_held_and_goes_by_retry_under_its_old_number",
        ),
    ),
    Mutant(
        "I4",
        "smsId is sent as a string",
        "onlinesim/request.py",
        '        "smsId": message.sms_id,',
        '        "smsId": str(message.sms_id),',
        ("onlinesim/test_request_body.py::test_the_body_is_that_of_the_document",),
    ),
    Mutant(
        "I4",
        "text is trimmed",
        "sms/text.py",
        '    return clean("".join(text)) or EMPTY',
        '    return clean("".join(text)).strip() or EMPTY',
        ("sms/test_sms_text.py::test_white_space_is_not_nothing",),
    ),
    Mutant(
        "I4",
        "parts are decoded before they are joined",
        "sms/text.py",
        """\
        return part.alphabet, 0, 0
""",
        """\
        return part.alphabet, id(part), 0
""",
        ("sms/test_sms_text.py::test_a_pair_of_surrogates_may_lie_in_two_parts",),
    ),
    Mutant(
        "I4",
        "two cells of a national table are swapped",
        "sms/alphabets.py",
        '0x53: "Ş", 0x63: "ç",',
        '0x53: "ç", 0x63: "Ş",',
        ("sms/test_gsm7.py::test_shift_tables_are_those_of_annex_a",),
    ),
    Mutant(
        "I4",
        "parts of two senders are joined",
        "sms/parts.py",
        '    return f"{concat.reference}/{concat.width}/{concat.total}/{sender}"',
        '    return f"{concat.reference}/{concat.width}/{concat.total}"',
        ("journal/test_parts.py::test_two_senders_with_one_reference_are_kept_apart",),
    ),
    Mutant(
        "I4",
        "references of unequal width are equal",
        "sms/parts.py",
        '    return f"{concat.reference}/{concat.width}/{concat.total}/{sender}"',
        '    return f"{concat.reference}/{concat.total}/{sender}"',
        (
            "journal/test_parts.py::test_parts_that_differ_only_in_the_width_of_their_reference_are_kept_apart",
        ),
    ),
    Mutant(
        "I4",
        "parts of two SIMs are joined",
        "journal/assembly.py",
        "WHERE sim = ? AND part_key = ? ORDER",
        "WHERE sim >= 0 * ? AND part_key = ? ORDER",
        ("journal/test_parts.py::test_two_sims_with_one_sender_and_reference_are_kept_apart",),
    ),
    Mutant(
        "I4",
        "the window for missing parts runs from time stamps",
        "journal/assembly.py",
        """\
        outcome.collecting[sms_id] = now.mono + rules.multipart_timeout
""",
        """\
        since = now.wall if stamp is None else stamp
        outcome.collecting[sms_id] = now.mono + since - now.wall + rules.multipart_timeout
""",
        (
            "journal/test_parts.py::test_when_the_window_is_over_what_has_come_is_pushed_with_gaps_marked",
        ),
    ),
    Mutant(
        "I4",
        "a message that is withdrawn in flight is repeated",
        "forwarding/dispatcher.py",
        """\
        if not flight.leaves:
            again =""",
        """\
        if message:
            again =""",
        (
            "forwarding/test_dispatcher.py::test_message_withdrawn_in_flight_ends_its_attempt_and_is_not_repeated",
        ),
    ),
    Mutant(
        "I4",
        "what was to be frozen in a batch that failed is forgotten",
        "forwarding/freezer.py",
        """\
                if not frozen:
                    self._unfrozen[sms_id] = None
""",
        "",
        ("forwarding/test_freezer.py::test_all_of_a_batch_that_failed_are_still_to_be_frozen",),
    ),
    Mutant(
        "I4",
        "only the first message of a batch waits until it is frozen",
        "forwarding/freezer.py",
        """\
            self._begin_batch(sms_id)
        if sms_id in self._batches:
            await""",
        """\
            self._begin_batch(sms_id)
            await""",
        (
            "forwarding/test_freezer.py::test_whoever_asks_while_the_batch_of_a_message_is_committed_waits_for_that_commit",
        ),
    ),
    Mutant(
        "I5",
        "the interval is counted from the beginning of an attempt",
        "forwarding/dispatcher.py",
        "message.attempts + 1, now + verdict.after",
        "message.attempts + 1, (flight.began or now) + verdict.after",
        (
            "forwarding/test_dispatcher.py::test_failed_attempt_is_repeated_one_interval_after_its_end",
        ),
    ),
    Mutant(
        "I5",
        "retries go by the wall clock",
        "forwarding/dispatcher.py",
        """\
        message, now = flight.message, self._clock.monotonic()
""",
        """\
        message, now = flight.message, self._clock.wall()
""",
        (
            "forwarding/test_dispatcher.py::test_failed_attempt_is_repeated_one_interval_after_its_end",
        ),
    ),
    Mutant(
        "I5",
        "Retry-After is ignored",
        "onlinesim/answer.py",
        """\
    if answer.status in (429, 503) and answer.retry_after is not None:
        after = max(after, answer.retry_after)
""",
        "",
        ("onlinesim/test_answer.py::test_the_server_can_ask_for_a_longer_pause",),
    ),
    Mutant(
        "I5",
        "Retry-After shortens the interval",
        "onlinesim/answer.py",
        "        after = max(after, answer.retry_after)",
        "        after = answer.retry_after",
        ("onlinesim/test_answer.py::test_the_server_can_ask_for_a_longer_pause",),
    ),
    Mutant(
        "I5",
        "a Retry-After of three digits is the longest",
        "onlinesim/answer.py",
        "if len(significant) > 3 else",
        "if len(significant) > 2 else",
        ("onlinesim/test_answer.py::test_retry_after_counts_in_whole_seconds",),
    ),
    Mutant(
        "I5",
        "a start ignores when a message is due",
        "journal/attempts.py",
        'messages.outgoing(row, due=row["due_at"])',
        "messages.outgoing(row, due=None)",
        ("journal/test_attempts.py::test_the_rest_of_the_interval_is_waited_after_a_restart",),
    ),
    Mutant(
        "I5",
        "a wait of another boot is believed",
        "journal/attempts.py",
        '"due_at IS NULL OR due_boot <> :boot OR due_at <= :mono"',
        '"due_at IS NULL OR due_at <= :mono"',
        ("journal/test_attempts.py::test_the_monotonic_times_of_another_boot_say_nothing",),
    ),
    Mutant(
        "I5",
        "an attempt that ended unrecorded is not waited for",
        "journal/attempts.py",
        '"due_at IS NULL OR due_boot <> :boot OR due_at <= :mono"',
        '"due_boot <> :boot"',
        (
            "journal/test_attempts.py::test_the_whole_interval_is_waited_where_an_attempt_may_have_ended_unrecorded",
        ),
    ),
    Mutant(
        "I5",
        "a start that was cut short counts as an orderly end",
        "service/bridge.py",
        "self.journal.close(clean=self.started)",
        "self.journal.close(clean=True)",
        (
            "service/test_bridge.py::test_a_bridge_that_is_stopped_while_it_starts_leaves_no_orderly_end",
        ),
    ),
    Mutant(
        "I5",
        "the journal waits for the default interval whatever the config says",
        "service/settings.py",
        """\
        numbers=numbers(config),
        retry_interval=config.onlinesim.retry_interval,
""",
        """\
        numbers=numbers(config),
""",
        ("service/test_settings.py::test_each_layer_gets_every_key_that_it_goes_by",),
    ),
    Mutant(
        "I5",
        "a terminal error that only the config names is not found in an answer",
        "service/settings.py",
        """\
        allow_http=config.onlinesim.allow_http,
        terminal_errors=config.onlinesim.terminal_errors,
""",
        """\
        allow_http=config.onlinesim.allow_http,
""",
        ("service/test_settings.py::test_each_layer_gets_every_key_that_it_goes_by",),
    ),
    Mutant(
        "I5",
        "an attempt of what is held, ended unrecorded, is not waited for",
        "journal/attempts.py",
        " WHERE state IN ('pending', 'unassigned') AND frozen = 1 AND",
        " WHERE state = 'pending' AND frozen = 1 AND",
        (
            "journal/test_attempts.py::test_a_number_that_comes_back_after_a_crash_waits_for_the_whole_interval",
        ),
    ),
    Mutant(
        "I5",
        "a Retry-After does not outlive a reboot",
        "journal/attempts.py",
        "max(:interval, coalesce(wait, 0))",
        ":interval",
        ("journal/test_attempts.py::test_the_wait_that_a_server_asked_for_outlives_a_reboot",),
    ),
    Mutant(
        "I5",
        "where the wait isn't known, none is made",
        "journal/attempts.py",
        '        {"interval": rules.retry_interval, "boot"',
        '        {"interval": 0.0, "boot"',
        (
            "journal/test_attempts.py::test_the_whole_interval_is_waited_where_an_attempt_may_have_ended_unrecorded",
        ),
    ),
    Mutant(
        "I2",
        "any error of another kind says that a slot is empty",
        "modem/store.py",
        '    return reply.final.strip().upper() == b"ERROR"\n',
        "    return True\n",
        ("modem/test_session.py::test_a_slot_that_gives_an_error_is_not_taken_for_an_empty_one",),
    ),
    Mutant(
        "I2",
        "any +CMS ERROR says that a slot is empty",
        "modem/store.py",
        "        return reply.cms in EMPTY_CMS\n",
        "        return True\n",
        ("modem/test_session.py::test_a_slot_that_gives_an_error_is_not_taken_for_an_empty_one",),
    ),
    Mutant(
        "I2",
        "a pass that could not read a slot counts as whole",
        "modem/appearance.py",
        "complete=contents.whole)",
        "complete=True)",
        ("modem/test_session.py::test_a_slot_that_gives_an_error_is_not_taken_for_an_empty_one",),
    ),
    Mutant(
        "I1",
        "a slot whose message cannot be decoded is read only once",
        "modem/store.py",
        "or not self._doubtful(row) or found == before",
        "or True",
        (
            "modem/test_session.py::test_a_message_that_a_modem_cuts_short_when_it_is_read_is_read_again",
        ),
    ),
    Mutant(
        "I6",
        "a neighbour whose ICCID is cut off is the SIM that is known",
        "journal/sims.py",
        "    return None if shown and imsi not in",
        "    return None if not shown and imsi not in",
        ("journal/test_sims.py::test_a_shorter_iccid_with_an_imsi_is_the_sim_that_showed_both",),
    ),
    Mutant(
        "I6",
        "a listed ICCID that begins two SIMs' is the number of both",
        "numbers.py",
        "other.startswith(common)",
        "other == common",
        (
            "journal/test_sims.py::test_a_listed_iccid_that_begins_two_sims_gives_neither_its_number",
        ),
    ),
    Mutant(
        "I6",
        "a SIM of which only the common beginning shows has the number of its neighbour",
        "numbers.py",
        "min(listed, iccid, key=len)",
        "listed",
        ("test_numbers.py::test_a_listed_iccid_counts_where_it_can_mean_no_other_sim",),
    ),
    Mutant(
        "I6",
        "a listed ICCID that begins another listed one is a SIM's own",
        "numbers.py",
        "common in self._beginnings or any(",
        "any(",
        ("test_numbers.py::test_a_listed_iccid_that_begins_another_listed_one_means_neither",),
    ),
    Mutant(
        "I6",
        "the beginning of an ICCID goes before the IMSI",
        "numbers.py",
        "if found is None and imsi is not None:",
        "if found is None and imsi is not None and iccid is None:",
        ("test_numbers.py::test_a_row_with_the_imsi_goes_before_one_with_a_part_of_the_iccid",),
    ),
    Mutant(
        "I6",
        "SIMs that show the same beginning of their ICCIDs are one",
        "journal/sims.py",
        "if by_iccid is None or len(sim.iccid) == iccids.SHORTEST:",
        "if by_iccid is None:",
        (
            "journal/test_sims.py::test_neighbours_that_both_show_no_more_than_their_beginning_are_told_apart_by_imsi",
        ),
    ),
    Mutant(
        "I6",
        "what two SIMs show alike is the first one's",
        "journal/sims.py",
        "        yield start\n",
        "        pass\n",
        ("journal/test_sims.py::test_what_two_sims_show_alike_and_no_more_gives_neither_a_number",),
    ),
    Mutant(
        "I6",
        "the beginning of an ICCID proves a SIM",
        "modem/identity.py",
        "if number is not None and len(number) == iccids.SHORTEST:",
        "if False:",
        (
            "faults/test_faults.py::test_every_promise_holds_and_the_log_says_what_happened"
            "[two SIMs swap of which a modem shows only how both ICCIDs begin]",
        ),
    ),
    Mutant(
        "I6",
        "an ICCID that grew is no news for its neighbour",
        "journal/sims.py",
        "_note_iccid(db, key, sim.iccid) and",
        "_note_iccid(db, key, sim.iccid) and row is None and",
        (
            "journal/test_sims.py::test_an_iccid_that_only_grew_takes_the_number_from_its_neighbour_at_once",
        ),
    ),
    Mutant(
        "I4",
        "a part of today vouches for one of an earlier client",
        "journal/assembly.py",
        'row["held_for"] and not _one_sending(row, stamp)',
        'not row["held_for"] and not _one_sending(row, stamp)',
        ("journal/test_parts.py::test_a_part_of_today_does_not_vouch_for_an_earlier_clients",),
    ),
    Mutant(
        "I1",
        "a text past the store leaves no trace",
        "modem/hints.py",
        '            pdu = b"\\n".join((urc.line, urc.pdu or b"")).hex().upper()\n',
        "            return\n",
        ("modem/test_direct.py::test_a_text_past_the_store_is_held_as_what_cannot_be_read",),
    ),
    Mutant(
        "PIN",
        "the PIN of a row is tried on any SIM that may be its neighbour",
        "service/settings.py",
        "return None if cut else pins.get(row.phone)",
        "return pins.get(row.phone)",
        ("service/test_settings.py::test_a_pin_is_for_no_sim_that_may_be_a_neighbour",),
    ),
    Mutant(
        "I6",
        "two SIMs that show one ICCID at once are one",
        "modem/identity.py",
        "None not in imsis and self.imsi != other.imsi",
        "False",
        (
            "modem/test_fleet.py::test_of_two_sims_at_once_with_one_iccid_and_two_imsis_one_is_served",
        ),
    ),
    Mutant(
        "I6",
        "a listing is believed whatever store is read after it",
        "modem/store.py",
        "lambda: self._here(self._list_all(between))",
        "lambda: self._list_all(between)",
        (
            "modem/test_store.py::test_a_listing_after_which_another_store_is_read_is_no_listing_of_this_one",
        ),
    ),
    Mutant(
        "I6",
        "the beginning of an ICCID is enough where the SIM does not tell its IMSI",
        "modem/session.py",
        "if not sim.proved:",
        "if False:",
        ("modem/test_unknown_modems.py::test_the_beginning_of_an_iccid_alone_proves_no_sim",),
    ),
    Mutant(
        "I6",
        "a SIM that tells no IMSI goes by the number stored on it, though it may be listed",
        "numbers.py",
        "if imsi is None and self._by_imsi:",
        "if False:",
        ("test_numbers.py::test_a_sim_that_tells_no_imsi_may_be_one_that_is_listed_by_it",),
    ),
    Mutant(
        "I6",
        "what a SIM did not tell at first is never asked again",
        "modem/session.py",
        "            await self._look_for_identity(appearance, number)\n",
        "",
        (
            "modem/test_unknown_modems.py::test_what_a_sim_does_not_say_of_itself_at_first_is_asked_again",
        ),
    ),
    Mutant(
        "I1",
        "a modem that hands over texts goes on doing so",
        "modem/hints.py",
        "        if self.text_mode:\n            return",
        "        if False:\n            return",
        ("modem/test_direct.py::test_a_text_past_the_store_is_held_as_what_cannot_be_read",),
    ),
    Mutant(
        "I6",
        "a text past the store that looks like a PDU is one",
        "modem/hints.py",
        "if not pdu or self.text_mode:",
        "if not pdu:",
        ("modem/test_direct.py::test_a_text_past_the_store_is_held_as_what_cannot_be_read",),
    ),
    Mutant(
        "I6",
        "what was announced is read from whatever store the modem is at",
        "modem/store.py",
        """\
        result = await read
        await self.usage()
""",
        """\
        result = await read
""",
        ("modem/test_store.py::test_what_another_store_holds_is_not_taken_for_what_was_announced",),
    ),
    Mutant(
        "I6",
        "any IMSI proves a SIM that is known by its IMSI alone",
        "modem/identity.py",
        "proved = seen is not None and sim.imsi == seen",
        "proved = seen is not None",
        ("modem/test_session.py::test_a_sim_known_by_its_imsi_alone_is_proved_by_it",),
    ),
    Mutant(
        "I6",
        "of several numbers that may be meant one is taken",
        "journal/sims.py",
        "if len(set(phones.values())) == 1 else None",
        "if phones else None",
        (
            "journal/test_sims.py::test_of_several_imsis_that_are_listed_the_one_that_the_card_shows_gives_the_number",
        ),
    ),
    Mutant(
        "I3",
        "a delete is long ago where the clock says so, whatever the message's stamp says",
        "journal/intake.py",
        "for t in (freed, stamp))",
        "for t in (freed,))",
        (
            "journal/test_intake.py::test_what_was_deleted_while_the_clock_was_wrong_is_known_though_nobody_saw_it_leap",
        ),
    ),
    Mutant(
        "I3",
        "a delete before the clock was set is long ago",
        "journal/intake.py",
        "    if freed is None or freed < CLOCK_IS_SET:",
        "    if freed is None:",
        (
            "journal/test_intake.py::test_what_was_deleted_while_the_clock_was_wrong_is_known_though_nobody_saw_it_leap",
        ),
    ),
    Mutant(
        "I3",
        "a delete of this life of the host is long ago where the clock says so",
        "journal/intake.py",
        """\
    if row["boot"] == now.boot and now.mono - row["newest_at"] < REDELIVERY:
        return True
""",
        "",
        (
            "journal/test_intake.py::test_what_was_deleted_while_the_clock_was_wrong_is_known_though_nobody_saw_it_leap",
        ),
    ),
    Mutant(
        "I3",
        "the age of a part is taken from the clock of an earlier boot",
        "journal/assembly.py",
        'now.mono - row["newest_at"] if same_boot else',
        'now.mono - row["newest_at"] if same_boot or True else',
        ("journal/test_parts.py::test_a_repeated_part_changes_nothing_after_a_reboot_either",),
    ),
    Mutant(
        "I3",
        "a window that is over ends a message that is whole already",
        "journal/assembly.py",
        """\
WHERE sms_id = ? AND state = ?",
            (sms_id, State.COLLECTING),
        ).fetchone()
        if row is not None:
            finish(""",
        """\
WHERE sms_id = ?",
            (sms_id,),
        ).fetchone()
        if row is not None:
            finish(""",
        (
            "journal/test_parts.py::test_a_window_that_ends_while_the_last_part_is_written_ends_nothing",
        ),
    ),
    Mutant(
        "I7",
        "a window that is over in less than a tick is asked for again and again",
        "journal/journal.py",
        "asyncio.timeout(max(wait, SHORTEST_WAIT))",
        "asyncio.timeout(wait)",
        (
            "journal/test_parts.py::test_a_window_that_ends_between_two_ticks_of_the_loops_clock_is_waited_for",
        ),
    ),
    Mutant(
        "I5",
        "a message that is scheduled anew keeps its earlier time",
        "forwarding/schedule.py",
        "        return sms_id in self._due and self._due[sms_id][0] == sequence",
        "        return sms_id in self._due",
        (
            "forwarding/test_schedule.py::test_added_again_with_a_later_time_a_message_does_not_begin_at_the_earlier_one",
        ),
    ),
    Mutant(
        "I5",
        "attempts of one message overlap",
        "forwarding/dispatcher.py",
        """\
        flight = self._flights.get(message.sms_id)
""",
        """\
        flight = None
""",
        (
            "forwarding/test_dispatcher.py::test_message_added_again_while_in_flight_goes_on_without_overlap",
        ),
    ),
    Mutant(
        "I5",
        "an error token anywhere in the body ends a message",
        "onlinesim/answer.py",
        """\
        for candidate in (token, token.removesuffix("S")):
            if candidate in known:
""",
        """\
        for candidate in sorted(known):
            if candidate in token:
""",
        ("onlinesim/test_answer.py::test_anything_else_is_no_token",),
    ),
    Mutant(
        "I5",
        "a terminal error is repeated",
        "onlinesim/answer.py",
        """\
        return Refused(answer.status, answer.token)
""",
        """\
        pass
""",
        ("onlinesim/test_answer.py::test_a_terminal_error_ends_it_under_any_other_status",),
    ),
    Mutant(
        "I5",
        "the operator's retry does not wait for the interval",
        "journal/orders.py",
        """\
    due = attempts.rest_over(row, rules, now)
    row = db.execute(""",
        """\
    due = None
    row = db.execute(""",
        (
            "journal/test_attempts.py::test_a_refused_message_waits_for_the_operator_and_then_for_the_interval",
        ),
    ),
    Mutant(
        "I5",
        "the rest of a 200 may take longer than the attempt",
        "onlinesim/client.py",
        "self._deadline = min(self._deadline, loop.time() + seconds)",
        "self._deadline = loop.time() + seconds",
        (
            "onlinesim/test_client_timing.py::test_the_rest_of_a_200_is_read_within_the_attempts_time",
        ),
    ),
    Mutant(
        "I6",
        "the SIM is not checked before a read",
        "modem/store.py",
        """\
        await self.confirm()
        result = await read()
""",
        """\
        result = await read()
""",
        (
            "modem/test_session.py::test_what_is_read_while_another_sim_is_in_for_a_moment_is_not_the_first_ones",
        ),
    ),
    Mutant(
        "I6",
        "the SIM is not checked after a read",
        "modem/store.py",
        """\
        result = await read()
        await self.confirm()
""",
        """\
        result = await read()
""",
        ("modem/test_session.py::test_a_sim_swapped_between_listing_and_its_check_yields_nothing",),
    ),
    Mutant(
        "I6",
        "any ICCID proves that the SIM is in",
        "modem/identity.py",
        "proved = seen is not None and sim.iccid == seen",
        "proved = seen is not None",
        ("modem/test_session.py::test_a_sim_swapped_between_listing_and_its_check_yields_nothing",),
    ),
    Mutant(
        "I6",
        "a SIM that does not answer counts as proved",
        "modem/identity.py",
        "proved = seen is not None and sim.iccid == seen",
        "proved = seen is None or sim.iccid == seen",
        (
            "modem/test_session.py::test_what_was_read_is_not_believed_where_no_sim_answers_after_it",
        ),
    ),
    Mutant(
        "I6",
        "a hint during the check of a SIM is overheard",
        "modem/store.py",
        """\
        await check(self._channel, self.sim)
        if reason := self._unsettled():
            raise Unsettled(reason)
""",
        """\
        await check(self._channel, self.sim)
""",
        (
            "modem/test_session.py::test_what_was_read_is_not_believed_where_the_modem_reports_its_sim_during_the_check",
        ),
    ),
    Mutant(
        "I6",
        "a late reply is taken for the next command's",
        "at/channel.py",
        """\
            if self.needs_resync:
                await self._regain(self._timeout)
""",
        "",
        (
            "at/test_channel.py::test_a_late_reply_is_not_the_next_commands_where_answers_come_in_order",
        ),
    ),
    Mutant(
        "I6",
        "a direct message is attributed without a check",
        "modem/direct.py",
        """\
            await appearance.main.store.confirm()
            await self._record""",
        "            await self._record",
        (
            "modem/test_session.py::test_a_message_past_the_store_is_held_where_the_sim_changed_right_after",
        ),
    ),
    Mutant(
        "I6",
        "a copy of another SIM's store is believed",
        "modem/session.py",
        "        return self._sim_state().changed or self.hints.sim_out or unwatched",
        "        return unwatched",
        (
            "modem/test_old_copy.py::test_a_copy_that_shows_a_message_of_another_sim_is_made_anew_before_it_is_believed",
        ),
    ),
    Mutant(
        "I6",
        "a copy with new messages is believed at the first look",
        "modem/appearance.py",
        "        if unseen and not await",
        "        if False and not await",
        ("modem/test_old_copy.py::test_a_copy_with_anything_new_is_made_anew_at_the_first_look",),
    ),
    Mutant(
        "I6",
        "a number that two SIMs claim goes to both",
        "journal/sims.py",
        '        [other["own_number"] for other in claimed],',
        "        [],",
        ("journal/test_sims.py::test_a_number_stored_on_two_sims_belongs_to_neither",),
    ),
    Mutant(
        "I6",
        "a number that is listed for another SIM is used",
        "numbers.py",
        "        if own in self._phones:",
        '        if own == "":',
        ("test_numbers.py::test_a_sim_has_no_number_where_it_might_be_anothers",),
    ),
    Mutant(
        "I6",
        "what lies in the modem's memory belongs to the SIM that is in",
        "journal/messages.py",
        '    if reading.store == "ME":',
        '    if reading.store == "":',
        ("journal/test_intake.py::test_what_lay_in_the_modems_memory_at_start_is_held",),
    ),
    Mutant(
        "I6",
        "old messages on a SIM that is new here are pushed",
        "journal/messages.py",
        """\
    if listed or now.wall - deliver.scts.timestamp() <= rules.max_stored_age:
        return ""
""",
        """\
    return ""
""",
        ("journal/test_intake.py::test_only_what_lay_long_on_a_new_sim_is_stale",),
    ),
    Mutant(
        "I6",
        "messages that lay on a known SIM are held for their age",
        "journal/messages.py",
        "    if listed or now.wall",
        "    if now.wall",
        (
            "journal/test_intake.py::test_nothing_is_stale_on_a_known_sim_nor_without_a_limit_nor_undated",
        ),
    ),
    Mutant(
        "I6",
        "a modem whose SIM changed while the daemon was down is trusted",
        "journal/sims.py",
        """\
    changed = last is None or last["sim"] != key
""",
        """\
    changed = last is not None and last["sim"] != key
""",
        (
            "journal/test_sims.py::test_a_modem_has_changed_its_sim_until_one_is_completely_listed_and_no_other_seen",
        ),
    ),
    Mutant(
        "I6",
        "the SIM before last comes back unnoticed",
        "journal/sims.py",
        """\
        db.execute("DELETE FROM modems WHERE modem = ?", (sim.modem,))
""",
        """\
        pass
""",
        (
            "journal/test_sims.py::test_a_modem_has_changed_its_sim_until_one_is_completely_listed_and_no_other_seen",
        ),
    ),
    Mutant(
        "I1",
        "a SIM that comes back from another modem is believed to have brought nothing",
        "journal/sims.py",
        """\
    db.execute("DELETE FROM modems WHERE sim = ? AND modem <> ?", (key, sim.modem))
""",
        "",
        (
            "journal/test_sims.py::test_a_sim_that_was_in_another_modem_meanwhile_has_changed_in_the_first",
        ),
    ),
    Mutant(
        "I1",
        "a slot that our delete emptied is not freed if that is seen late",
        "modem/store.py",
        "return Outcome.FREED if wanted.copy in self._sent else Outcome.GONE",
        "return Outcome.GONE",
        (
            "modem/test_session.py::test_a_slot_that_our_delete_emptied_is_freed_however_late_that_is_seen",
        ),
    ),
    Mutant(
        "I1",
        "a merged SIM forgets that it was listed",
        "journal/sims.py",
        "listed = max(listed,",
        "listed = min(listed,",
        (
            "journal/test_sims.py::test_a_sim_that_was_listed_is_known_also_when_merged_with_one_that_was_not",
        ),
    ),
    Mutant(
        "I1",
        "a SIM that sent a word of ours cannot be merged",
        "journal/sims.py",
        ', "imsis", "own_words"):',
        ', "imsis"):',
        (
            "journal/test_sims.py::test_a_sim_that_sends_a_word_of_ours_can_be_merged_and_the_word_is_known_on",
        ),
    ),
    Mutant(
        "I6",
        "a merged SIM is known by the IMSI of now alone",
        "journal/sims.py",
        '"modems", "imsis", "own_words"):',
        '"modems", "own_words"):',
        (
            "journal/test_sims.py::test_a_card_with_several_imsis_whose_row_was_lost_is_merged_with_each_of_them",
        ),
    ),
    Mutant(
        "I1",
        "a message with a new number is told before the old one is withdrawn",
        "journal/journal.py",
        """\
        for sms_id in outcome.withdrawn:
            self._windows.pop(sms_id, None)
            self._listener.withdrawn(sms_id)
        for outgoing in outcome.pending:
            self._listener.pending(outgoing)
""",
        """\
        for outgoing in outcome.pending:
            self._listener.pending(outgoing)
        for sms_id in outcome.withdrawn:
            self._windows.pop(sms_id, None)
            self._listener.withdrawn(sms_id)
""",
        (
            "journal/test_attempts.py::test_a_message_with_a_new_number_is_withdrawn_before_it_is_told_anew",
        ),
    ),
    Mutant(
        "I1",
        "a restart while the SIM is identified is overheard",
        "modem/session.py",
        """\
        self.hints.begin()
        sim = await identity.sim_identity(channel, dialect)
        if not sim.proved:
            raise SimAbsent("18 digits of an ICCID may be a neighbour's too, and it gives no IMSI")
        self._owner.identified(self.modem, sim)
        own_numbers = await identity.own_numbers(channel)
        await identity.check(channel, sim)
""",
        """\
        sim = await identity.sim_identity(channel, dialect)
        if not sim.proved:
            raise SimAbsent("18 digits of an ICCID may be a neighbour's too, and it gives no IMSI")
        self._owner.identified(self.modem, sim)
        own_numbers = await identity.own_numbers(channel)
        await identity.check(channel, sim)
        self.hints.begin()
""",
        (
            "modem/test_session.py::test_a_modem_that_starts_anew_while_its_sim_is_identified_is_set_up_again",
        ),
    ),
    Mutant(
        "I6",
        "another card of the same subscriber is the same SIM",
        "journal/sims.py",
        '        return by_imsi if by_imsi is not None and by_imsi["iccid"] is None else None',
        "        return by_imsi",
        (
            "journal/test_sims.py::test_a_replaced_card_is_another_sim_and_keeps_the_number_listed_by_imsi",
        ),
    ),
    Mutant(
        "I6",
        "what was announced for one SIM is looked for on the next",
        "modem/session.py",
        """\
            self.hints.forget_arrivals()
""",
        """\
            pass
""",
        (
            "modem/test_session.py::test_what_was_announced_for_one_sim_makes_nothing_on_the_next_one_an_arrival",
        ),
    ),
    Mutant(
        "I6",
        "messages known from another SIM raise no doubt",
        "modem/appearance.py",
        """\
        if wary:
            await self._see_whose(contents, unseen)
""",
        "",
        (
            "modem/test_old_copy.py::test_a_copy_that_shows_a_message_of_another_sim_is_made_anew_before_it_is_believed",
        ),
    ),
    Mutant(
        "I6",
        "a number that is disabled can be said",
        "journal/sims.py",
        "row.phone == phone and row.enabled for row",
        "row.phone == phone for row",
        ("journal/test_attempts.py::test_a_number_that_is_disabled_cannot_be_said",),
    ),
    Mutant(
        "I6",
        "without a daemon the number that is said does not count",
        "service/offline.py",
        "Now.of(clock), sms_id, Outcome(), under)",
        "Now.of(clock), sms_id, Outcome())",
        ("service/test_offline.py::test_a_retry_under_a_number_that_is_said_needs_no_daemon",),
    ),
    Mutant(
        "I6",
        "a number that changes before the request begins is pushed as it was",
        "forwarding/dispatcher.py",
        """\
            if flight.began is None:  # its number may have changed before anything was sent
                flight.message = message
""",
        "",
        (
            "forwarding/test_dispatcher.py::test_number_that_changes_before_the_request_begins_is_the_one_that_is_pushed",
        ),
    ),
    Mutant(
        "I6",
        "a direct message whose SIM is not proved goes to the one that is in",
        "modem/direct.py",
        """\
            if direct.appearance != subject.token:
                await self.hold(subject.modem, direct.appearance)
                continue
""",
        "",
        (
            "modem/test_direct.py::test_a_message_past_the_store_that_comes_before_a_sim_is_proved_is_nobodys",
        ),
    ),
    Mutant(
        "I6",
        "the SIM is not checked after its own number was asked",
        "modem/session.py",
        """\
        await identity.check(channel, sim)
        seen""",
        "        seen",
        (
            "modem/test_session.py::test_a_sim_changed_between_its_iccid_and_its_own_number_is_seen_as_neither_mixture",
        ),
    ),
    Mutant(
        "I6",
        "that a SIM was out is forgotten once it is in",
        "modem/hints.py",
        "self.sim_out = self.sim_out or line",
        "self.sim_out = line",
        (
            "modem/test_old_copy.py::test_a_sim_that_was_out_is_not_forgotten_when_it_is_told_to_be_in",
        ),
    ),
    Mutant(
        "I6",
        "a copy is believed after a silence in which another SIM may have been in",
        "modem/session.py",
        "self._sim_state().changed or self.hints.sim_out or unwatched",
        "self._sim_state().changed or self.hints.sim_out",
        (
            "modem/test_old_copy.py::test_a_copy_is_made_anew_after_a_silence_in_which_another_sim_may_have_been_in",
        ),
    ),
    Mutant(
        "I6",
        "what is new has arrived though slots were left out before",
        "modem/shelf.py",
        """\
        if contents.whole:
            self._occupied = {}
            self.listed = True
""",
        """\
        self._occupied = {}
        self.listed = True
""",
        (
            "modem/test_shelf.py::test_a_pass_that_left_slots_out_takes_nothing_off_and_makes_nothing_an_arrival",
        ),
    ),
    Mutant(
        "I7",
        "backlog goes before what arrives now",
        "forwarding/schedule.py",
        """\
        sms_id = self._fresh.take(self._has_room)
        fresh = sms_id is not None
        if sms_id is None:
            sms_id = self._take_by_turns()
""",
        """\
        sms_id = self._take_by_turns()
        fresh = sms_id is None
        if sms_id is None:
            sms_id = self._fresh.take(self._has_room)
""",
        ("forwarding/test_dispatcher.py::test_the_only_free_place_goes_to_what_arrives_now",),
    ),
    Mutant(
        "I7",
        "one number may hold all places",
        "forwarding/schedule.py",
        "max(1, max_in_flight // 4)",
        "max_in_flight",
        (
            "forwarding/test_dispatcher.py::test_places_and_the_quarter_of_a_number_are_never_exceeded",
        ),
    ),
    Mutant(
        "I7",
        "what isn't fresh may hold all places",
        "forwarding/schedule.py",
        "max(1, max_in_flight * 3 // 4)",
        "max_in_flight",
        (
            "forwarding/test_dispatcher.py::test_fresh_message_is_attempted_at_once_before_ten_thousand_of_backlog",
        ),
    ),
    Mutant(
        "I7",
        "modems of one IMEI are taken for one",
        "modem/fleet.py",
        "if sim.key != its_sim.key:",
        "if False:",
        ("modem/test_fleet.py::test_modems_of_a_pool_that_share_one_imei_are_all_served",),
    ),
    Mutant(
        "I7",
        "an attempt has no end",
        "onlinesim/client.py",
        """\
        self._expired = True
        self._stream.abort()
""",
        """\
        self._expired = True
""",
        ("onlinesim/test_client_timing.py::test_an_attempt_ends_at_its_deadline_to_the_moment",),
    ),
    Mutant(
        "I7",
        "an announced message waits for a slow pass",
        "modem/appearance.py",
        """\
        await self.serve_arrivals()
        return True
""",
        """\
        return True
""",
        (
            "modem/test_session.py::test_an_announced_message_does_not_wait_for_the_end_of_a_pass_slot_by_slot",
        ),
    ),
    Mutant(
        "I7",
        "an announced message waits for all deletes",
        "modem/appearance.py",
        """\
            await self.serve_arrivals()
            if slot.store""",
        "            if slot.store",
        ("modem/test_session.py::test_an_announced_message_is_served_between_two_deletes",),
    ),
    Mutant(
        "I7",
        "ignored messages crowd out the others",
        "forwarding/schedule.py",
        "            lane = self._ignored if ignored else self._retries",
        "            lane = self._retries",
        (
            "forwarding/test_dispatcher.py::test_ignored_messages_do_not_crowd_out_backlog_and_retries",
        ),
    ),
    Mutant(
        "alarms",
        "an alarm whose message is gone never ends",
        "forwarding/alarms.py",
        "if alarm is cured or now - latest >= QUIET_FOR",
        "if alarm is cured",
        (
            "forwarding/test_alarms.py::test_a_good_answer_for_another_message_ends_an_alarm_only_after_a_quiet_while",
        ),
    ),
    Mutant(
        "alarms",
        "a clock that leaps makes an alarm",
        "service/alarms.py",
        "for k, (at, _) in self._amiss.items() if mono - at >=",
        "for k, (_, at) in self._amiss.items() if wall - at >=",
        (
            "service/test_alarms.py::test_how_long_a_modem_is_down_is_told_by_the_clock_that_never_leaps",
        ),
    ),
    Mutant(
        "I7",
        "a server that can't be reached is run over",
        "forwarding/reach.py",
        """\
            self.window = 1
""",
        """\
            self.window = None
""",
        ("forwarding/test_dispatcher.py::test_window_opens_step_by_step_once_the_server_answers",),
    ),
    Mutant(
        "I7",
        "a message that could not be found is not looked for again",
        "modem/appearance.py",
        """\
            else:
                self._look_in(LOOK_AGAIN)
""",
        """\
            else:
                pass
""",
        (
            "modem/test_session.py::test_a_message_that_lands_in_the_modems_memory_is_found_and_freed_there",
        ),
    ),
    Mutant(
        "I7",
        "a listing that flows never ends",
        "at/channel.py",
        "self._end_at(min(self._loop.time() + patience, self._latest))",
        "self._end_at(self._loop.time() + patience)",
        ("at/test_channel.py::test_a_listing_that_never_ends_takes_its_total_and_no_more",),
    ),
    Mutant(
        "I7",
        "a fresh message that its number held back is not called",
        "forwarding/schedule.py",
        """\
        for lane in (self._fresh, *self._turns):
            lane.call_back(phone)""",
        """\
        for lane in self._turns:
            lane.call_back(phone)""",
        (
            "forwarding/test_schedule.py::test_a_fresh_message_that_its_number_held_back_begins_when_a_place_is_free",
        ),
    ),
    Mutant(
        "I7",
        "an answer leaves the numbers that were silent before it",
        "forwarding/reach.py",
        """\
        self._silent.clear()
        self._silent_numbers.clear()
        if""",
        """\
        self._silent.clear()
        if""",
        (
            "forwarding/test_schedule.py::test_what_answered_since_tells_nothing_of_silence_from_before",
        ),
    ),
    Mutant(
        "I7",
        "a modem that goes takes the SIM along that another one has now",
        "modem/fleet.py",
        """\
        for sim in [sim for sim, owner in self._by_sim.items() if owner is keeper]:
            del self._by_sim[sim]
""",
        """\
        if keeper._sim is not None:
            self._by_sim.pop(keeper._sim, None)
""",
        (
            "modem/test_fleet.py::test_a_modem_that_goes_takes_no_sim_along_that_is_in_another_one_by_then",
        ),
    ),
    Mutant(
        "I7",
        "an arrival is forgotten before it is read",
        "modem/appearance.py",
        """\
            arrival = self._hints.arrivals[0]
            fresh = await self._announced(arrival)
            if fresh:
                await self._record(self.main, fresh, arrived=True)
            else:
                self._look_in(LOOK_AGAIN)
            if self._hints.arrivals and self._hints.arrivals[0] == arrival:
                self._hints.arrivals.popleft()
""",
        """\
            arrival = self._hints.arrivals.popleft()
            fresh = await self._announced(arrival)
            if fresh:
                await self._record(self.main, fresh, arrived=True)
            else:
                self._look_in(LOOK_AGAIN)
""",
        (
            "modem/test_session.py::test_a_message_whose_reading_is_thrown_into_doubt_has_arrived_all_the_same",
        ),
    ),
    Mutant(
        "I7",
        "a slot that was freed is listed once more",
        "modem/appearance.py",
        """\
            shelf.take(slot.slot)
""",
        "",
        ("modem/test_session.py::test_a_slot_that_was_freed_costs_no_listing",),
    ),
    Mutant(
        "I7",
        "a port that was closed stays locked while another program has it open",
        "at/serial_port.py",
        """\
        lambda: fcntl.ioctl(descriptor, termios.TIOCNXCL),
""",
        "",
        (
            "at/test_serial_port.py::test_a_closed_port_is_no_longer_exclusive_though_another_program_has_it_open",
        ),
    ),
    Mutant(
        "I8",
        "the key shows itself",
        "config/secret.py",
        '        return "Secret(hidden)"',
        '        return f"Secret({self._value})"',
        ("config/test_key.py::test_no_form_of_the_config_shows_the_key",),
    ),
    Mutant(
        "I8",
        "the text of a fault is logged",
        "forwarding/dispatcher.py",
        "error=type(error).__name__)",
        "error=repr(error))",
        (
            "forwarding/test_dispatcher.py::test_fault_in_an_attempt_is_told_and_the_message_stays_due",
        ),
    ),
    Mutant(
        "I8",
        "an answer is quoted as it came",
        "onlinesim/reply.py",
        """\
        if line is None:
            raise _no_status(closed=False)
""",
        """\
        if line is None:
            raise PartnerError("malformed", repr(bytes(waiting)))
""",
        ("onlinesim/test_reply.py::test_an_error_never_quotes_what_came",),
    ),
    Mutant(
        "I8",
        "texts are logged unasked",
        "service/log.py",
        """\
        if not self._show_text:
            fields =""",
        """\
        if self._show_text:
            fields =""",
        ("service/test_log.py::test_texts_and_pdus_are_left_out_unless_asked_for",),
    ),
    Mutant(
        "I8",
        "texts stay in the journal",
        "journal/prune.py",
        '"UPDATE messages SET text = NULL, erased = 1',
        '"UPDATE messages SET erased = 1',
        ("journal/test_disk.py::test_an_erased_text_is_in_no_file_any_more",),
    ),
    Mutant(
        "I8",
        "the request, key and all, is named as the reason of a failure",
        "service/daemon.py",
        """\
            return await client.push(request_body(message, key.reveal()))
""",
        """\
            body = request_body(message, key.reveal())
            try:
                return await client.push(body)
            except Exception as error:
                error.kind = body.decode()
                raise
""",
        ("endtoend/test_secrets.py::test_key_and_text_are_in_no_output_journal_or_process_list",),
    ),
    Mutant(
        "I8",
        "what was erased stays in the write-ahead log",
        "journal/disk.py",
        """\
            busy = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
""",
        """\
            busy = 0
""",
        ("journal/test_disk.py::test_an_erased_text_is_in_no_file_any_more",),
    ),
    Mutant(
        "I8",
        "a time-out shows the PIN",
        "modem/pin.py",
        '        raise CommandTimeout("no answer to AT+CPIN=") from None',
        '        raise CommandTimeout(f"no answer to AT+CPIN={pin}") from None',
        ("modem/test_session.py::test_a_pin_that_is_not_answered_shows_nowhere",),
    ),
    Mutant(
        "I8",
        "a clock that went back has not leapt",
        "journal/steady.py",
        "abs(now.wall - wall - passed) <= LEAP",
        "now.wall - wall - passed <= LEAP",
        ("journal/test_prune.py::test_a_clock_that_went_back_and_ran_on_is_believed",),
    ),
    Mutant(
        "PIN",
        "a PIN that was refused is sent again",
        "modem/pin.py",
        "    if not await intake.may_send_pin",
        "    if not pin and not await intake.may_send_pin",
        ("modem/test_session.py::test_a_refused_pin_is_never_sent_again_and_another_one_is",),
    ),
    Mutant(
        "PIN",
        "a PIN counts as accepted before the SIM took it",
        "journal/sims.py",
        "(iccid, digest, UNKNOWN))",
        "(iccid, digest, ACCEPTED))",
        ("journal/test_sims.py::test_a_pin_is_never_sent_twice_unless_it_was_accepted",),
    ),
    Mutant(
        "PIN",
        "a PIN whose answer was lost is sent again though nobody knows of the tries",
        "modem/pin.py",
        "untouched=left is not None",
        "untouched=True",
        (
            "modem/test_session.py::test_a_pin_whose_answer_was_lost_is_sent_again_only_if_no_try_is_gone",
        ),
    ),
    Mutant(
        "PIN",
        "a refusal of a PIN is not written",
        "modem/pin.py",
        """\
        await intake.pin_refused(iccid)
""",
        "",
        (
            "modem/test_session.py::test_a_refused_pin_is_never_sent_again_whatever_is_told_of_tries",
        ),
    ),
    Mutant(
        "PIN",
        "a PIN is sent though a try is gone",
        "modem/pin.py",
        "left < FULL_TRIES:",
        "left < 1:",
        ("modem/test_session.py::test_a_pin_is_not_sent_where_a_try_is_gone_already",),
    ),
    *DEFENCES,
)
