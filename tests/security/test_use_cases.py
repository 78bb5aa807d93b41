"""Every public function that is told who acts refuses one without rights, whichever door the call came through."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

import fiks
from fiks.core.actor import Aktor, Aktortype, system
from fiks.core.audit import Audit
from fiks.core.crypto import encryption
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet, IkkeTilgang
from fiks.core.values.address import Adresse
from fiks.edialog import queries as edialog_queries
from fiks.edialog.models import EdialogSkjema
from fiks.edialog.rules import Avsender, Endring, Mottakeroppsett, Skjemaoppsett, Utkast
from fiks.konfigurasjon.audit.queries import Utvalg
from fiks.konfigurasjon.avtale import activation
from fiks.konfigurasjon.avtale.service import NyAvtale, version_in_force
from fiks.konfigurasjon.gjennomgang import service as gjennomgang_service
from fiks.konfigurasjon.grupper import service
from fiks.konfigurasjon.integrasjon import grants, queries
from fiks.konfigurasjon.integrasjon import service as integrasjon_service
from fiks.konfigurasjon.integrasjon.grants import Tilgangsvalg
from fiks.konfigurasjon.integrasjon.rules import Integrasjonsfakta
from fiks.konfigurasjon.konto.rules import (
    Altinnoppsett,
    Angrefristoppsett,
    Bankkonto,
    Forside,
    Lagringsoppsett,
    Postkasseoppsett,
    Printoppsett,
)
from fiks.konfigurasjon.models import Tilgang
from fiks.konfigurasjon.organisasjon.rules import Fakturaopplysninger, Kontakt
from fiks.konfigurasjon.person.altinn import Altinnpart
from fiks.konfigurasjon.rot.corrections import Grunnopplysninger
from fiks.konfigurasjon.rules import Innehaver, Innehavertype, Organisasjonstype, P, Svar, for_machines
from fiks.konfigurasjon.tilgang.bulk_rules import Filrad
from fiks.konfigurasjon.tilgang.service import Endringer
from fiks.print.print_houses import Vilkar
from fiks.svarinn.models import Organisasjonskobling
from fiks.svarinn.rules import Koblingsfakta, Systemfakta
from fiks.svarut.inbox.queries import postboks_of_person
from fiks.svarut.letters import Mottaker
from fiks.svarut.models import Levering
from fiks.svarut.mottak.bulk_writer import NyForsendelse
from fiks.svarut.rules import Bane, Mottakertype, Slettetype
from fiks.svarut.sealed_content import number_index
from fiks.svarut.sender.log import Brevutvalg
from fiks.svarut.svarinn.access import Postrett
from fiks.svarut.svarinn.worklist import Mottaksutvalg
from fiks.utsending.brev import bundled_template
from fiks.utsending.draft.service import Fakta
from fiks.utsending.filer.rules import Funngruppe, Girovalg
from fiks.utsending.overview.dashboard import Nokkeltall
from fiks.utsending.rows.address_protection import mask_row
from fiks.utsending.rules import Art, Utsendingstatus
from fiks.utsending.samlet.analysis.setup import Oppsett
from fiks.utsending.sending.stop_report import Gruppe
from portal.api.varsling.status_query import ask_in_halves
from tests.integration.houses import new_administrator, new_fnr, new_orgnr
from tests.integration.printers import FakePrinter
from tests.integration.systems import make_system, use_svarinn
from tests.integration.utsending.kommuner import (
    ROOT,
    Postkasser,
    today,
)
from tests.integration.worlds import World
from tests.security.people import Scene
from tests.security.things import ROW, Things, make_things, receiver

REFUSES, EMPTY, STEP = "refuses", "shows nothing", "step"
REFUSES_READ, EMPTY_READ = "refuses but for the auditor", "shows nothing but to the auditor"
"""Reads of who holds what, which ORG.LES is for; of the rightless below, the auditor holds it."""

USE_CASES: dict[str, str] = {
    "konfigurasjon.authorization.require": REFUSES,
    "konfigurasjon.authorization.require_each": REFUSES,
    "konfigurasjon.authorization.may": EMPTY,
    "konfigurasjon.authorization.rettigheter": STEP,
    "konfigurasjon.authorization.rights_on": STEP,
    "konfigurasjon.authorization.holder_of": STEP,
    "konfigurasjon.tilgang.lock.require_administrator": REFUSES,
    "konfigurasjon.tilgang.lock.require_fresh_login": STEP,
    "konfigurasjon.tilgang.lock.require_person": STEP,
    "konfigurasjon.tilgang.holders.single_grant": REFUSES,
    "konfigurasjon.tilgang.holders.known_holders": EMPTY_READ,
    "konfigurasjon.tilgang.holders.groups_here": EMPTY_READ,
    "konfigurasjon.tilgang.holders.require_matching_name": STEP,
    "konfigurasjon.tilgang.holders.visible_affiliated_persons": STEP,
    "konfigurasjon.tilgang.holders.visible_holdings": STEP,
    "konfigurasjon.tilgang.holders.listed_names": STEP,
    "konfigurasjon.tilgang.conditions.is_visible_to": STEP,
    "konfigurasjon.tilgang.conditions.is_administered_by": STEP,
    "konfigurasjon.tilgang.matrix.matrix": REFUSES_READ,
    "konfigurasjon.tilgang.queries.ressurser": EMPTY_READ,
    "konfigurasjon.tilgang.queries.nodes": EMPTY_READ,
    "konfigurasjon.tilgang.queries.unused_count": EMPTY_READ,
    "konfigurasjon.tilgang.person_page.person": REFUSES_READ,
    "konfigurasjon.tilgang.queries.persons": EMPTY_READ,
    "konfigurasjon.tilgang.rows.insert_grant": STEP,
    "konfigurasjon.tilgang.rows.insert_grants": STEP,
    "konfigurasjon.tilgang.rows.is_granted_to_self": STEP,
    "konfigurasjon.tilgang.rows.audit_changed_end": STEP,
    "konfigurasjon.tilgang.rows.audit_grant": STEP,
    "konfigurasjon.tilgang.rows.end_grant": STEP,
    "konfigurasjon.tilgang.service.grant": REFUSES,
    "konfigurasjon.tilgang.service.revoke": REFUSES,
    "konfigurasjon.tilgang.service.change_end": REFUSES,
    "konfigurasjon.tilgang.service.save_matrix": REFUSES,
    "konfigurasjon.tilgang.service.is_already_saved": STEP,
    "konfigurasjon.grupper.service.create_gruppe": REFUSES,
    "konfigurasjon.grupper.service.rename_gruppe": REFUSES,
    "konfigurasjon.grupper.service.add_members": REFUSES,
    "konfigurasjon.grupper.service.remove_members": REFUSES,
    "konfigurasjon.grupper.service.delete_gruppe": REFUSES,
    "konfigurasjon.grupper.service.is_deleted": REFUSES,
    "konfigurasjon.grupper.queries.grupper": EMPTY_READ,
    "konfigurasjon.grupper.queries.gruppe": REFUSES_READ,
    "konfigurasjon.grupper.queries.medlem": REFUSES_READ,
    "konfigurasjon.tilgang.bulk.grantable_ressurser": REFUSES,
    "konfigurasjon.tilgang.bulk.plan": REFUSES,
    "konfigurasjon.tilgang.bulk.grant_from_file": REFUSES,
    "konfigurasjon.tilgang.export.export_grants": REFUSES_READ,
    "konfigurasjon.duplicate_submit.was_just_made": STEP,
    "konfigurasjon.tilgang.colleagues.remove_leaver": REFUSES,
    "konfigurasjon.tilgang.colleagues.was_leaver_removed": REFUSES,
    "konfigurasjon.gjennomgang.queries.review_status": REFUSES_READ,
    "konfigurasjon.gjennomgang.queries.review_waiting_for": EMPTY,
    "konfigurasjon.gjennomgang.queries.review": REFUSES,
    "konfigurasjon.gjennomgang.queries.rows": EMPTY,
    "konfigurasjon.gjennomgang.queries.selected_rows": EMPTY,
    "konfigurasjon.gjennomgang.service.start_review": REFUSES,
    "konfigurasjon.gjennomgang.service.answer_review": REFUSES,
    "konfigurasjon.tilgang.queries.ressurser_with": EMPTY,
    "konfigurasjon.integrasjon.queries.may_see_integrasjoner": EMPTY,
    "konfigurasjon.tilgang.queries.administers_any_ressurs": EMPTY,
    "konfigurasjon.integrasjon.grants.approve_integrasjon": REFUSES,
    "konfigurasjon.integrasjon.grants.approve_global_integrasjon": REFUSES,
    "konfigurasjon.integrasjon.grants.withdraw_tilgang": REFUSES,
    "konfigurasjon.integrasjon.grants.is_withdrawn": REFUSES,
    "konfigurasjon.integrasjon.grants.withdraw_integrasjon": REFUSES,
    "konfigurasjon.integrasjon.login.record_refusals": STEP,
    "konfigurasjon.integrasjon.queries.integrasjoner": REFUSES,
    "konfigurasjon.integrasjon.queries.global_integrasjoner": REFUSES,
    "konfigurasjon.integrasjon.queries.integrasjon": REFUSES,
    "konfigurasjon.integrasjon.queries.own_integrasjon": REFUSES,
    "konfigurasjon.integrasjon.queries.is_deleted": REFUSES,
    "konfigurasjon.integrasjon.queries.tilganger_of": REFUSES,
    "konfigurasjon.integrasjon.queries.grant_options": EMPTY,
    "konfigurasjon.integrasjon.service.create_integrasjon": REFUSES,
    "konfigurasjon.integrasjon.service.create_global_integrasjon": REFUSES,
    "konfigurasjon.integrasjon.service.change_integrasjon": REFUSES,
    "konfigurasjon.integrasjon.service.new_password": REFUSES,
    "konfigurasjon.integrasjon.service.delete_integrasjon": REFUSES,
    "konfigurasjon.audit.queries.audit_log": REFUSES,
    "konfigurasjon.audit.queries.export_rows": REFUSES,
    "konfigurasjon.audit.search.note_search": REFUSES,
    "konfigurasjon.audit.search.begin_export": REFUSES,
    "konfigurasjon.audit.access_log.views_of_own_data": EMPTY,
    "konfigurasjon.person.logout.end_sessions": STEP,
    "konfigurasjon.person.logout.end_sessions_of": STEP,
    "konfigurasjon.person.logout.end_all_sessions": REFUSES,
    "konfigurasjon.person.logout.end_own_session": REFUSES,
    "konfigurasjon.tilgang.colleagues.end_for_colleague": REFUSES,
    "konfigurasjon.tilgang.colleagues.colleague_name": REFUSES,
    "konfigurasjon.person.representation.choose_representation": REFUSES,
    "konfigurasjon.avtale.activation.initialise": REFUSES,
    "konfigurasjon.avtale.activation.configure": REFUSES,
    "konfigurasjon.avtale.activation.service_ressurs": REFUSES,
    "konfigurasjon.avtale.service.publish_avtale": REFUSES,
    "konfigurasjon.avtale.service.sign_avtale": REFUSES,
    "konfigurasjon.organisasjon.own_data.set_kontakt": REFUSES,
    "konfigurasjon.organisasjon.own_data.set_innbyggerkontakt": REFUSES,
    "konfigurasjon.organisasjon.own_data.set_faktura": REFUSES,
    "konfigurasjon.organisasjon.own_data.set_avtaleadministrator": REFUSES,
    "konfigurasjon.organisasjon.own_data.finish_setup": REFUSES,
    "konfigurasjon.organisasjon.own_data.set_logo": REFUSES,
    "konfigurasjon.organisasjon.own_data.remove_logo": REFUSES,
    "konfigurasjon.konto.service.create_konto": REFUSES,
    "konfigurasjon.konto.service.rename_konto": REFUSES,
    "konfigurasjon.konto.service.deactivate_konto": REFUSES,
    "konfigurasjon.konto.service.activate_konto": REFUSES,
    "konfigurasjon.konto.queries.kontoer_held": EMPTY,
    "konfigurasjon.konto.queries.kontoer_held_select": STEP,
    "konfigurasjon.konto.queries.note_use": STEP,
    "konfigurasjon.konto.settings.set_forside": REFUSES,
    "konfigurasjon.konto.settings.set_altinn": REFUSES,
    "konfigurasjon.konto.settings.set_sdp": REFUSES,
    "konfigurasjon.konto.settings.set_print": REFUSES,
    "konfigurasjon.konto.settings.set_lagring": REFUSES,
    "konfigurasjon.konto.safeguards.set_angrefrist": REFUSES,
    "konfigurasjon.konto.safeguards.set_bankkonto": REFUSES,
    "konfigurasjon.konto.password.password_created_at": REFUSES,
    "konfigurasjon.konto.password.new_password": REFUSES,
    "konfigurasjon.konto.password.record_refusals": STEP,
    "konfigurasjon.konto.settings.follow_organisation": STEP,
    "konfigurasjon.rot.corrections.change_organisasjon": REFUSES,
    "konfigurasjon.rot.corrections.rename_person": REFUSES,
    "konfigurasjon.person.names.learn_name": STEP,
    "konfigurasjon.person.names.rename_and_audit": STEP,
    "konfigurasjon.organisasjon.service.create_organisasjon": REFUSES,
    "konfigurasjon.organisasjon.service.add_administrator": REFUSES,
    "konfigurasjon.organisasjon.service.grant_on_organisation": STEP,
    "konfigurasjon.operators.require_root": REFUSES,
    "konfigurasjon.operators.require_root_and_reason": REFUSES,
    "konfigurasjon.rot.queries.organisations": REFUSES,
    "konfigurasjon.rot.queries.organisation": REFUSES,
    "konfigurasjon.rot.queries.agreements": REFUSES,
    "konfigurasjon.rot.queries.agreement": REFUSES,
    "konfigurasjon.rot.queries.global_integrasjoner": REFUSES,
    "konfigurasjon.rot.queries.global_integrasjon": REFUSES,
    "konfigurasjon.rot.queries.is_deleted": REFUSES,
    "konfigurasjon.operators.make_operator": REFUSES,
    "konfigurasjon.operators.remove_operator": REFUSES,
    "konfigurasjon.rot.queries.operators": REFUSES,
    "konfigurasjon.service.register_person": REFUSES,
    "konfigurasjon.tilgang.service.grant_privilegium": REFUSES,
    "drift.queries.overview": REFUSES,
    "drift.queries.throughput": REFUSES,
    "drift.restore_guard.declare_restored": REFUSES,
    "drift.service.freeze": REFUSES,
    "drift.service.stop": STEP,
    "drift.service.thaw": REFUSES,
    "drift.service.thaw_anyway": REFUSES,
    "drift.service.mark_reconciled": REFUSES,
    "edialog.access.number_of": STEP,
    "edialog.access.may_see_sensitive": STEP,
    "edialog.access.require": REFUSES,
    "edialog.access.hold": REFUSES,
    "edialog.access.hold_editable": REFUSES,
    "edialog.attachments.add_file": REFUSES,
    "edialog.attachments.remove_file": REFUSES,
    "edialog.mottaker.queries.mottaker_of": REFUSES,
    "edialog.mottaker.queries.mottaker": REFUSES,
    "edialog.mottaker.queries.configured_mottakere": EMPTY,
    "edialog.mottaker.queries.configurable_kontoer": EMPTY,
    "edialog.mottaker.service.set_mottaker": REFUSES,
    "edialog.mottaker.service.create_mottaker": REFUSES,
    "edialog.mottaker.service.change_mottaker": REFUSES,
    "edialog.mottaker.service.set_status": REFUSES,
    "edialog.mottaker.service.set_printleverandor": REFUSES,
    "edialog.queries.skjema": REFUSES,
    "edialog.queries.newest_draft": REFUSES,
    "edialog.queries.own_rows": EMPTY,
    "edialog.queries.own_skjemaer": EMPTY,
    "edialog.queries.count_hidden": EMPTY,
    "edialog.queries.own_row": REFUSES,
    "edialog.mottaker.forms.forms_of_konto": REFUSES,
    "edialog.mottaker.forms.has_mottaker": REFUSES,
    "edialog.mottaker.forms.add_form": REFUSES,
    "edialog.mottaker.forms.change_form": REFUSES,
    "edialog.mottaker.forms.remove_form": REFUSES,
    "edialog.mottaker.forms.is_removed": REFUSES,
    "edialog.mottaker.forms.restore_standard": REFUSES,
    "edialog.service.begin": REFUSES,
    "edialog.service.begin_reply": REFUSES,
    "edialog.service.save": REFUSES,
    "edialog.service.save_part": REFUSES,
    "edialog.service.reopen_failed": STEP,
    "edialog.service.discard_draft": REFUSES,
    "edialog.service.is_discarded": EMPTY,
    "edialog.service.send": REFUSES,
    "registeroppslag.rules.hourly_limit": STEP,
    "registeroppslag.queries.look_ups_within_an_hour": STEP,
    "registeroppslag.queries.is_neighbour_of_recent": STEP,
    "registeroppslag.service.look_up_contact": REFUSES,
    "registeroppslag.service.look_up_person": REFUSES,
    "registeroppslag.service.look_up_organisation": REFUSES,
    "registeroppslag.service.require_look_up_left": STEP,
    "sms.kontoer.create_smskonto": REFUSES,
    "sms.kontoer.change_smskonto": REFUSES,
    "sms.kontoer.set_active": REFUSES,
    "sms.kontoer.kontoer_of": EMPTY,
    "sms.kontoer.konto_for_admin": REFUSES,
    "sms.service.send_to_number": REFUSES,
    "sms.service.send_to_numbers": REFUSES,
    "sms.service.send_to_person": REFUSES,
    "sms.service.plan_sending": REFUSES,
    "sms.service.send_to_list": REFUSES,
    "sms.service.find_earlier_sending": EMPTY,
    "sms.lookup.look_up": REFUSES,
    "sms.service.record_act": STEP,
    "sms.queries.status": REFUSES,
    "sms.queries.konto": REFUSES,
    "sms.queries.sendings": REFUSES,
    "sms.queries.sending": REFUSES,
    "sms.queries.receivers": REFUSES,
    "svarinn.service.create_system": REFUSES,
    "svarinn.service.change_system": REFUSES,
    "svarinn.service.set_active": REFUSES,
    "svarinn.service.add_kobling": REFUSES,
    "svarinn.service.change_kobling": REFUSES,
    "svarinn.service.remove_kobling": REFUSES,
    "svarinn.service.require_post_arkiv": STEP,
    "svarinn.service.post_arkiv": EMPTY,
    "svarinn.service.altinn_parts": STEP,
    "svarinn.service.record": STEP,
    "svarinn.system_queries.administered_systems": EMPTY,
    "svarinn.system_queries.may_create": EMPTY,
    "svarinn.system_queries.systems": REFUSES,
    "svarinn.system_queries.system": REFUSES,
    "svarinn.system_queries.koblinger": REFUSES,
    "svarinn.credentials.password_made_at": REFUSES,
    "svarinn.credentials.new_password": REFUSES,
    "svarinn.credentials.set_certificate": REFUSES,
    "svarinn.credentials.remove_certificate": REFUSES,
    "svarinn.credentials.certificate": REFUSES,
    "svarinn.credentials.certificate_content": REFUSES,
    "svarinn.login.record_refusals": STEP,
    "svarut.svarinn.access.require_receiver": REFUSES,
    "svarut.svarinn.access.post_right": STEP,
    "svarut.svarinn.queue.waiting_letters": REFUSES,
    "svarut.svarinn.encrypted_zip.download_package": REFUSES,
    "svarut.svarinn.encrypted_zip.download_name": REFUSES,
    "svarut.svarinn.acknowledgement.confirm": REFUSES,
    "svarut.svarinn.acknowledgement.report_failure": REFUSES,
    "svarut.svarinn.worklist.systems_received": EMPTY,
    "svarut.svarinn.worklist.count_waiting": EMPTY,
    "svarut.svarinn.worklist.worklist": EMPTY,
    "svarut.svarinn.worklist.next_letter": EMPTY,
    "svarut.svarinn.manual_access.require_access": REFUSES,
    "svarut.svarinn.manual_access.recheck_access": REFUSES,
    "svarut.svarinn.manual_access.open_letter": REFUSES,
    "svarut.svarinn.access.record_act": STEP,
    "svarut.svarinn.manual_access.possible_assignees": REFUSES,
    "svarut.svarinn.manual_access.other_systems": REFUSES,
    "svarut.svarinn.manual_actions.receive": REFUSES,
    "svarut.svarinn.manual_actions.require_received": REFUSES,
    "svarut.svarinn.manual_actions.reject": REFUSES,
    "svarut.svarinn.manual_actions.send_back": REFUSES,
    "svarut.svarinn.manual_actions.forward": REFUSES,
    "svarut.svarinn.manual_actions.assign": REFUSES,
    "svarut.svarinn.manual_actions.write_note": REFUSES,
    "svarut.svarinn.manual_actions.one_file": REFUSES,
    "svarut.svarinn.manual_actions.all_files": REFUSES,
    "svarut.svarinn.manual_actions.one_file_head": REFUSES,
    "svarut.svarinn.manual_actions.all_files_head": REFUSES,
    "svarut.svarinn.repeated_form.has_rejected": EMPTY,
    "svarut.svarinn.repeated_form.has_sent_back": EMPTY,
    "svarut.svarinn.repeated_form.has_forwarded": EMPTY,
    "svarut.svarinn.page_images.file_pages": REFUSES,
    "svarut.svarinn.page_images.page_picture": REFUSES,
    "svarut.sender.log.log_page": EMPTY,
    "svarut.sender.log.log_of_receiver": EMPTY,
    "svarut.sender.log.export_rows": EMPTY,
    "svarut.sender.log.readable_kontoer": EMPTY,
    "svarut.sender.log_search.find_receiver": REFUSES,
    "svarut.sender.log_search.begin_export": REFUSES,
    "svarut.sender.letter_page.letter_for_sender": REFUSES,
    "svarut.sender.letter_page.title_of": REFUSES,
    "svarut.sender.statistics.statistics": EMPTY,
    "svarut.sender.statistics.all_rows": EMPTY,
    "svarut.sender.statistics.letters_in": EMPTY,
    "svarut.mottak.sender.is_repeat": REFUSES,
    "svarut.mottak.sender.require_right": REFUSES,
    "svarut.mottak.sender.require_sender": REFUSES,
    "svarut.mottak.sender.reserve_id": REFUSES,
    "svarut.mottak.letter_writer.write_letter": STEP,
    "svarut.sender.status_queries.may_read": EMPTY,
    "svarut.sender.status_queries.statuses": REFUSES,
    "svarut.sender.status_queries.events": REFUSES,
    "svarut.sender.status_queries.signing_events": REFUSES,
    "svarut.sender.status_queries.documents": REFUSES,
    "svarut.sender.status_queries.letters_by_reference": REFUSES,
    "svarut.mottak.bulk_writer.accept_letters": REFUSES,
    "svarut.access_log.record_view": STEP,
    "svarut.inbox.access.begin_download": REFUSES,
    "svarut.inbox.access.mark_read": REFUSES,
    "svarut.inbox.letter.open_letter": REFUSES,
    "svarut.inbox.letter.open_linked": REFUSES,
    "print.operations.manual_decision.confirm_has_not_package": REFUSES,
    "print.operations.manual_decision.confirm_has_package": REFUSES,
    "print.operations.manual_decision.confirm_not_printed": REFUSES,
    "print.operations.manual_decision.confirm_printed": REFUSES,
    "print.print_houses.change_agreement": REFUSES,
    "print.print_houses.add_house": REFUSES,
    "print.operations.move_order.move_order": REFUSES,
    "print.queries.order": REFUSES,
    "svarut.paper.manual_opening.open_letter": REFUSES,
    "svarut.paper.manual_queue.waiting_letters": REFUSES,
    "svarut.paper.manual_queue.taken_letters": REFUSES,
    "svarut.paper.manual_queue.chosen_letters": EMPTY,
    "svarut.paper.manual_queue.mark_printed": REFUSES,
    "svarut.paper.manual_queue.mark_returned": REFUSES,
    "svarut.paper.manual_queue.queues": EMPTY,
    "svarut.paper.manual_queue.is_in_use": EMPTY,
    "svarut.operations.manual_decision.decide_delivered": REFUSES,
    "svarut.operations.manual_decision.decide_not_delivered": REFUSES,
    "svarut.sender.actions.mark_read_externally": REFUSES,
    "svarut.sender.actions.set_manually_handled": REFUSES,
    "svarut.sender.actions.delete_documents": REFUSES,
    "svarut.sender.actions.delete_letters": REFUSES,
    "svarut.sender.actions.keep_unread_off_paper": REFUSES,
    "svarut.paper.cancellation.stop_paper": REFUSES,
    "svarut.paper.cancellation.stop_failed_paper": STEP,
    "svarut.sender.actions.stop_unsent": REFUSES,
    "svarut.sender.actions.retry_failed": REFUSES,
    "svarut.signing.copies.give_up_lost_copy": REFUSES,
    "utsending.access.find_visible": REFUSES,
    "utsending.access.find_visible_with_rights": REFUSES,
    "utsending.access.require": REFUSES,
    "utsending.access.require_with_rights": REFUSES,
    "utsending.approval.service.send_back": REFUSES,
    "utsending.approval.service.withdraw": REFUSES,
    "utsending.approval.service.approve": REFUSES,
    "utsending.approval.service.release": REFUSES,
    "utsending.approval.service.stop": REFUSES,
    "utsending.receivers.error_file.export_bad_rows": REFUSES,
    "utsending.receivers.error_file.list_columns": REFUSES,
    "utsending.draft.confirm.accept_repairs": REFUSES,
    "utsending.draft.confirm.confirm_control": REFUSES,
    "utsending.letters.cover_sheet.preview_cover": REFUSES,
    "utsending.overview.dashboard.key_figures": EMPTY,
    "utsending.overview.dashboard.tasks_for": EMPTY,
    "utsending.overview.mailing_page.detail": REFUSES,
    "utsending.deletion.discard.contents": REFUSES,
    "utsending.deletion.discard.discard_draft": REFUSES,
    "utsending.deletion.discard.delete_mailing": STEP,
    "utsending.draft.service.create_utsending": REFUSES,
    "utsending.draft.service.update_utsending": REFUSES,
    "utsending.draft.service.choose_template": REFUSES,
    "utsending.draft.service.park_bad_rows": REFUSES,
    "utsending.draft.service.send_unreachable": REFUSES,
    "utsending.draft.service.override_sent_before": REFUSES,
    "utsending.editing.reopen.reopen": STEP,
    "utsending.filer.giro.set_giro": REFUSES,
    "utsending.filer.upload.add_files": REFUSES,
    "utsending.filer.upload.add_zip": REFUSES,
    "utsending.filer.upload.missing_files": REFUSES,
    "utsending.filer.upload.remove_files": REFUSES,
    "utsending.filer.upload.try_again": REFUSES,
    "utsending.filer.viewing.file_of": REFUSES,
    "utsending.filer.viewing.file_page": REFUSES,
    "utsending.filer.viewing.file_pdf": REFUSES,
    "utsending.filer.viewing.sample_of": REFUSES,
    "utsending.filer.queries.overview": REFUSES,
    "utsending.filer.queries.rows_without_files": REFUSES,
    "utsending.filer.queries.files": REFUSES,
    "utsending.filer.queries.finding_groups": REFUSES,
    "utsending.filer.requirements.accept_unused": REFUSES,
    "utsending.filer.requirements.reopen_with_files": STEP,
    "utsending.samlet.letter_list.letters": REFUSES,
    "utsending.samlet.letter_list.letter_counts": REFUSES,
    "utsending.samlet.letter_list.letter_strip": REFUSES,
    "utsending.samlet.viewing.pictures": REFUSES,
    "utsending.samlet.viewing.page_picture": REFUSES,
    "utsending.samlet.viewing.page_characters": REFUSES,
    "utsending.samlet.queries.is_busy": REFUSES,
    "utsending.samlet.queries.state": REFUSES,
    "utsending.samlet.queries.offered_setups": REFUSES,
    "utsending.samlet.service.set_up": REFUSES,
    "utsending.samlet.service.cut_again": REFUSES,
    "utsending.samlet.service.remove_extra": REFUSES,
    "utsending.samlet.service.remove_file": REFUSES,
    "utsending.samlet.trial.try_out": REFUSES,
    "utsending.sending.stop_report.count_groups": REFUSES,
    "utsending.sending.stop_report.group_rows": REFUSES,
    "utsending.sending.copy_unsent.new_from_unsent": REFUSES,
    "utsending.draft.wizard.wizard_progress": REFUSES,
    "utsending.draft.wizard.neighbours": REFUSES,
    "utsending.access_log.record_view": STEP,
    "utsending.sending.progress.obstacles": REFUSES,
    "utsending.sending.progress.progress": REFUSES,
    "utsending.sending.progress.letters": REFUSES,
    "utsending.sending.progress.timeline": REFUSES,
    "utsending.sending.progress.count_unposted": REFUSES,
    "utsending.receivers.typed.look_up": REFUSES,
    "utsending.receivers.typed.add_row": REFUSES,
    "utsending.receivers.typed.remove_row": REFUSES,
    "utsending.letters.preview.order_preview": REFUSES,
    "utsending.letters.test_letter.order_test_letter": REFUSES,
    "utsending.letters.test_letter.last_test_letter": REFUSES,
    "utsending.receivers.list_summary.first_due": REFUSES,
    "utsending.receivers.list_summary.list_findings": REFUSES,
    "utsending.letters.preview.preview": REFUSES,
    "utsending.letters.preview.preview_file": REFUSES,
    "utsending.letters.preview.document_page": REFUSES,
    "utsending.cost.price_list.price_years": REFUSES,
    "utsending.cost.price_list.prices_of": REFUSES,
    "utsending.cost.price_list.set_prices": REFUSES,
    "utsending.cost.estimate.estimate_cost": REFUSES,
    "utsending.production.service.start_production": REFUSES,
    "utsending.overview.mailings.visible_kontoer": EMPTY,
    "utsending.overview.mailings.mailings": EMPTY,
    "utsending.overview.mailings.production_progress": REFUSES,
    "utsending.production.new_date.produce_with_new_date": REFUSES,
    "utsending.earlier_mailings.find_repeats": REFUSES,
    "utsending.sending.reports.begin_report": REFUSES,
    "utsending.sending.reports.report_rows": REFUSES,
    "utsending.sending.reports.letter_deadline": REFUSES,
    "utsending.sending.retry.retry_letter": REFUSES,
    "utsending.sending.retry.retry_all": REFUSES,
    "utsending.sending.retry.do_not_print": REFUSES,
    "utsending.sending.retry.stop_paper": REFUSES,
    "utsending.sending.retry.count_unread": REFUSES,
    "utsending.templates.house_templates.publish": REFUSES,
    "utsending.templates.service.set_stamping": REFUSES,
    "utsending.rows.queries.finding_counts": REFUSES,
    "utsending.rows.queries.rows": REFUSES,
    "utsending.rows.queries.forecast_counts": REFUSES,
    "utsending.approval.sample.sample": REFUSES,
    "utsending.approval.sample.letter_of": REFUSES,
    "utsending.approval.sample.order_sample": REFUSES,
    "utsending.sending.sender_change.change_sender": REFUSES,
    "utsending.templates.service.template_version": REFUSES,
    "utsending.templates.service.newest_version": REFUSES,
    "utsending.templates.service.fields_of": REFUSES,
    "utsending.templates.service.save_template": REFUSES,
    "utsending.templates.service.chosen_template": REFUSES,
    "utsending.transitions.move": STEP,
    "utsending.transitions.must_move": STEP,
    "utsending.transitions.was_moved_by": STEP,
    "utsending.transitions.write_history": STEP,
    "utsending.receivers.uploads.upload": REFUSES,
    "utsending.receivers.uploads.remove_list": REFUSES,
    "utsending.receivers.uploads.read_again": REFUSES,
    "utsending.receivers.uploads.map_columns": REFUSES,
}
"""Reviewed by hand. STEP: no use case but a part of one, inside its transaction and after its check."""

RIGHTLESS = (
    "uten",
    "utlopt",
    "avsluttet",
    "revisor",
    "annen_konto",
    "annen_kommune",
    "mottaker",
    "navnlos",
    "operator",
)


AUDITOR = ("konfigurasjon.audit.queries.", "konfigurasjon.audit.search.")
"""What the auditor among them has a right to all the same."""

OPERATOR = (
    "drift.",
    "konfigurasjon.operators.require_root",
    "konfigurasjon.rot.queries.",
    "konfigurasjon.organisasjon.service.",
    "konfigurasjon.rot.corrections.",
    "konfigurasjon.person.names.",
    "konfigurasjon.avtale.service.publish_avtale",
    "konfigurasjon.integrasjon.service.create_global_integrasjon",
    "print.print_houses.add_house",
    "svarut.operations.manual_decision.",
    "svarut.signing.copies.give_up_lost_copy",
    "utsending.templates.house_templates.publish",
    "utsending.sending.sender_change.change_sender",
    "utsending.templates.service.set_stamping",
)
"""What the operator among them has a right to: the platform, and nothing of an organisation's."""

BY_HAND = (
    "svarut.svarinn.manual_access.",
    "svarut.svarinn.manual_actions.",
    "svarut.svarinn.page_images.",
    "svarut.svarinn.worklist.",
)
"""Asked about a letter that waits for a mottakersystem, of people whom Altinn lets see its receiver's post."""


@cache
def use_cases() -> dict[str, Callable[..., Any]]:
    """Every public function of the house with a parameter `actor`, by its name below `fiks`."""
    return dict(_discover())


def _discover() -> Iterator[tuple[str, Callable[..., Any]]]:
    for found in pkgutil.walk_packages(fiks.__path__, "fiks."):
        if found.name.endswith(".child"):
            continue
        module = importlib.import_module(found.name)
        for name, member in vars(module).items():
            if not inspect.isfunction(member) or member.__module__ != found.name or name.startswith("_"):
                continue
            if "actor" in inspect.signature(member).parameters:
                yield f"{found.name}.{name}".removeprefix("fiks."), member


@pytest.fixture(scope="module")
def things(app: Flask, scene: Scene) -> Things:
    with app.app_context():
        with transaction() as tx:  # what another file has begun to write as them is their own, and shown
            tx.execute(delete(EdialogSkjema).where(EdialogSkjema.person_id.in_(scene.person.values())))
        return make_things(scene.lillevik, Utsendingstatus.SENDES)


def arguments(scene: Scene, things: Things) -> dict[str, Any]:
    """A right value for every parameter of every use case, by its name. A new name must be added here."""
    fakta = Fakta(tittel="Brev", art=Art.FLETTEBREV, brevdato=today())
    levering_id = session().scalar(
        select(Levering.id).where(Levering.forsendelse_id == things.forsendelse_id)
    )
    address = Adresse("Ola Nordmann", "Storgata 1", "", "", "4262", "AVALDSNES", "")
    letter = NyForsendelse(
        konto_id=scene.lillevik.konto_id,
        organisasjon_id=scene.lillevik.id,
        tittel="Brev",
        mottakertype=Mottakertype.PERSON,
        mottaker=Mottaker(new_fnr(), address),
        dokumenter=(),
    )
    tilgang_id = session().scalar(
        select(Tilgang.id).where(Tilgang.person_id == scene.person["sende"], Tilgang.avsluttet.is_(None))
    )
    gruppe_id = service.create_gruppe(scene.lillevik.id, navn=f"Gruppe {uuid4().hex[:8]}", actor=ROOT)
    gjennomgang_id = gjennomgang_service.open_review(scene.lillevik.id) or gjennomgang_service.start_review(
        scene.lillevik.id, actor=ROOT
    )
    return {
        "tilgang_id": tilgang_id,
        "gruppe_id": gruppe_id,
        "gjennomgang_id": gjennomgang_id,
        "gyldig_til": None,
        "innehaver": Innehaver(Innehavertype.PERSON, scene.person["uten"]),
        "innehavere": [Innehaver(Innehavertype.PERSON, scene.person["sende"])],
        "privilegier": [P.SENDE],
        "vist": "",
        "endringer": Endringer(),
        "personer": [scene.person["uten"]],
        "fjern_tilganger": True,
        "svar": {tilgang_id: Svar.BEHOLD},
        "besvart": frozenset({None}),
        "tilganger": [tilgang_id],
        "rader": [Filrad(2, new_fnr(), "Nils Ny", "Eiendomsskatt", "SVARUT.LESE")],
        **_of_integrasjon(scene),
        **_of_mottak(scene),
        "utsending_id": things.utsending_id,
        "fnr": new_fnr(),
        "tidspunkt": datetime.now(UTC),
        "systemnavn": "Fagsystem",
        "alt": Slettetype.ALLE,
        "boks": postboks_of_person(new_fnr(), 4),
        "forsendelse_id": things.forsendelse_id,
        "levering_id": levering_id,
        "organisasjon_id": scene.lillevik.id,
        "konto_id": scene.lillevik.konto_id,
        "ressurs_id": scene.lillevik.konto_id,
        "limit": 10,
        "tjeneste_kode": "SVARUT",
        "avtale": NyAvtale(None, "Hovedavtale", "Ny tekst"),
        "avtale_id": version_in_force(None).id,  # type: ignore[union-attr]
        "administrator": new_administrator(),
        "data": new_administrator(),
        "person": new_administrator(),
        "begrunnelse": "Den forrige sluttet",
        "kontakt": Kontakt("Storgata 1", "4262", "AVALDSNES", "a@b.no", ("a@b.no",)),
        "faktura": Fakturaopplysninger(new_orgnr(), "Lillevik", "Storgata 1", "4262", "AVALDSNES"),
        "logo": b"png",
        "logo_type": "image/png",
        "person_id": scene.person["uten"],
        "sesjon_id": uuid4(),
        "spor": lambda pid: [],
        "rett": Postrett(frozenset({number_index(receiver())}), frozenset(), 4),
        "malversjon_id": things.malversjon_id,
        "versjon_id": things.malversjon_id,
        "del_id": things.del_id,
        "radnr": ROW,
        "nr": 0,
        "side": 1,
        "aar": today().year,
        "antall": 0,
        "tidligere": (),
        "park": True,
        "send": True,
        "quick": False,
        "brevdato": today(),
        "digest": b"\0" * 32,
        "grunn": "En god nok grunn",
        "since": timedelta(hours=1),
        "step": timedelta(minutes=5),
        "navn": "Navn",
        "orgnr": new_orgnr(),
        "type": Organisasjonstype.KOMMUNE,
        "visningsnavn": "Konto",
        "avsender": f"konto-{uuid4()}",
        "pid": new_fnr(),
        "orgnrs": frozenset({"310000000"}),
        "privilegium": P.SENDE,
        "privileges": P.SENDE,
        "fakta": fakta,
        "utvalg": Utvalg(),
        "newest": 2**31,
        "letters": [letter],
        "ids": [things.forsendelse_id],
        "ordre_id": uuid4(),
        "pakke_id": uuid4(),
        "leverandor": "GRAFISK_DIGITAL",
        "til": "MANUELL_PRINT",
        "fra": "Kari Nordmann",
        "ny": Grunnopplysninger("Lillevik", new_orgnr(), "KOMMUNE", "9901"),
        "houses": {},
        "vern": World().vern,
        "world": World().verden,
        "vilkar": Vilkar(),
        "referanse": "sak 2026/17",
        "bane": Bane.ENKELT,
        "tittel": "Brev",
        "eksempel": address,
        "trykker": FakePrinter(),
        "brevutvalg": Brevutvalg(konto_id=scene.lillevik.konto_id),
        "made_until": datetime.now(UTC),
        "mottaker": encryption.blind_index(current().index_key, "mottaker", things.pid),
        "forside": Forside(new_orgnr(), "Lillevik", "Storgata 1", "4262", "AVALDSNES"),
        "altinn": Altinnoppsett(),
        "sdp": Postkasseoppsett(False),
        "lagring": Lagringsoppsett("30"),
        "angrefrist": Angrefristoppsett("30"),
        "bankkonto": Bankkonto("99990212348"),
        "utskrift": Printoppsett("MANUELL_PRINT"),
        "gruppe": Gruppe.STOPPET,
        "funngruppe": Funngruppe("PDF_LIGGENDE", 1),
        "girovalg": Girovalg(),
        "filer": [("brev.pdf", [b"%PDF-1.7"])],
        "hvilke": "alle",
        "nummer": new_fnr(),
        "hjemmel": "EIENDOMSSKATT",
        "register": Postkasser(),
        "skjerm": mask_row,
        "values": {"navn": "Kari"},
        "koder": None,
        "priser": {},
        "filformat": "csv",
        "mal": bundled_template("brev"),
        "art": "LISTE",
        "filnavn": "liste.csv",
        "chunks": [b"navn\nKARI\n"],
        "kobling": {"navn": "navn"},
        "tekst": "Vannet er stengt.",
        "numre": ["+4790000001"],
        "fnrs": [new_fnr()],
        "ask": ask_in_halves,
        "aktivert": True,
        "liste": "90000001",
        "nokkel": "",
        "sms_id": uuid4(),
        "utsendelse_id": uuid4(),
        "skjema_id": things.skjema_id,
        "skjemaoppsett": Skjemaoppsett("Klage", "Klage på vedtak"),
        "mottaker_id": edialog_queries.mottaker(things.ident).id,
        "fil_id": uuid4(),
        "ident": "ÆØÅX",
        "forslag": Avsender(),
        "utkast": Utkast(),
        "endring": Endring(tittel="Hei"),
        "sensitivt": False,
        "svar_pa_id": None,
        "spraak": "nb",
        "leser": None,
        "oppsett": Mottakeroppsett(new_orgnr(), "Lillevik", "Torget 1", "", "", "4262", "AVALDSNES", True),
    }


def _of_integrasjon(scene: Scene) -> dict[str, Any]:
    """An integrasjon of Lillevik's that may send."""
    house, own = system("test"), uuid4()
    integrasjon_service.create_integrasjon(
        scene.lillevik.id,
        integrasjon_id=own,
        fakta=Integrasjonsfakta("Fagsystem", new_orgnr()),
        actor=house,
    )
    valg = [Tilgangsvalg(P.SENDE, scene.lillevik.konto_id)]
    shown = queries.tilganger_digest(own, scene.lillevik.id)
    grants.approve_integrasjon(own, scene.lillevik.id, valg=valg, shown=shown, actor=house)
    [held] = queries.tilganger_of(own, scene.lillevik.id, actor=house)
    return {
        "integrasjon_id": own,
        "tilgang_id": held.id,
        "valg": valg,
        "ressurser": [scene.lillevik.konto_id],
        "shown": queries.tilganger_digest(own, scene.lillevik.id),
        "kode": "FELLES.TEST",
        "forespurte": for_machines(),
        "replaces": held.gyldig_fra,
    }


def _of_mottak(scene: Scene) -> dict[str, Any]:
    """A mottakersystem of Lillevik's that receives for an organisation."""
    if not activation.is_active(scene.lillevik.id, "SVARINN"):
        use_svarinn(scene.lillevik.id, scene.person["admin"], "admin")
    made = make_system(new_orgnr(), i=scene.lillevik.id)
    kobling = select(Organisasjonskobling.id).where(Organisasjonskobling.mottakersystem_id == made.id)
    return {
        "system_id": made.id,
        "kobling_id": session().scalar(kobling),
        "systemfakta": Systemfakta("Arkiv", ("a@b.no",)),
        "koblingsfakta": Koblingsfakta(new_orgnr()),
        "aktiv": False,
        "data": made.nokler.certificate,
        "mottaksutvalg": Mottaksutvalg(),
        "til_system_id": made.id,
        "til_person": None,
        "til_enhet": "Arkivet",
        "notat": "Ring tilbake",
        "feilmelding": "Arkivet er nede",
        "permanent": True,
    }


def arguments_of(name: str, values: dict[str, Any], things: Things) -> dict[str, Any]:
    """The values for this use case."""
    if name.startswith("utsending.samlet."):
        return values | {"oppsett": Oppsett(sider=1)}
    if not name.startswith(BY_HAND):
        return values
    return values | {
        "forsendelse_id": things.mottaksbrev_id,
        "spor": post_arkiv,
        "nr": 1,
        "vist": None,
        "notert": None,
    }


def post_arkiv(pid: str) -> list[Altinnpart]:
    """Everybody holds Post/arkiv for the receiver of the letters that wait."""
    return [Altinnpart(receiver(), "Havvik kommune", frozenset({("ROLLE", "A0236")}))]


def call(use_case: Callable[..., Any], values: dict[str, Any], actor: Aktor) -> Any:
    """Call with values by name; what is given lazily is taken out."""
    given: list[Any] = []
    named: dict[str, Any] = {}
    for name, parameter in inspect.signature(use_case).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD or (parameter.default is not parameter.empty):
            continue
        value = actor if name == "actor" else values[name]
        if parameter.kind is parameter.KEYWORD_ONLY:
            named[name] = value
        else:
            given.append(value)
    result = use_case(*given, **named)
    return list(result) if inspect.isgenerator(result) else result


def rightless(scene: Scene, who: str) -> Aktor:
    """Somebody logged in; `navnlos` is a person of whom nothing is known, as a careless door could make one."""
    if who == "navnlos":
        return Aktor(
            Aktortype.PERSON, "", organisasjon_id=scene.lillevik.id, acr=4, auth_time=datetime.now(UTC)
        )
    return scene.aktor(who)


def test_every_use_case_is_reviewed() -> None:
    assert set(use_cases()) == set(USE_CASES)
    prefixes = (*AUDITOR, *OPERATOR, *BY_HAND)
    assert not [one for one in prefixes if not any(name.startswith(one) for name in USE_CASES)]


@pytest.mark.parametrize(
    "name", [name for name, kind in USE_CASES.items() if kind in (REFUSES, REFUSES_READ)]
)
def test_a_use_case_refuses_whoever_has_no_right(app: Flask, scene: Scene, things: Things, name: str) -> None:
    with app.app_context():
        values = arguments(scene, things)
        before = _audited()
        for who in RIGHTLESS:
            if who == "revisor" and (USE_CASES[name] == REFUSES_READ or name.startswith(AUDITOR)):
                continue
            if who == "operator" and name.startswith(OPERATOR):
                continue
            with pytest.raises((IkkeTilgang, IkkeFunnet)):
                call(use_cases()[name], arguments_of(name, values, things), rightless(scene, who))
            session().rollback()
        assert _audited() == before


def _audited() -> int:
    return session().execute(select(func.count()).select_from(Audit)).scalar_one()


@pytest.mark.parametrize("name", [name for name, kind in USE_CASES.items() if kind in (EMPTY, EMPTY_READ)])
def test_a_read_over_many_shows_nothing_of_what_one_has_no_right_to(
    app: Flask, scene: Scene, things: Things, name: str
) -> None:
    with app.app_context():
        values = arguments(scene, things)
        for who in ("uten", "utlopt", "avsluttet", "revisor", "mottaker", "navnlos", "operator"):
            if who == "revisor" and USE_CASES[name] == EMPTY_READ:
                continue
            shown = call(use_cases()[name], arguments_of(name, values, things), rightless(scene, who))
            if isinstance(shown, Nokkeltall):
                shown = shown.sendt or shown.pagaende or shown.til_godkjenning or shown.feil
            assert not shown, who


def test_the_checks_let_the_right_person_through(app: Flask, scene: Scene, things: Things) -> None:
    """The refusals above are about rights and not about wrong arguments: with the right the same calls go on."""
    with app.app_context():
        values, admin = arguments(scene, things), scene.aktor("admin")
        for name in (
            "overview.mailing_page.detail",
            "sending.progress.timeline",
            "rows.queries.rows",
            "sending.reports.report_rows",
        ):
            assert call(use_cases()[f"utsending.{name}"], values, admin)
        assert call(use_cases()["utsending.overview.mailings.mailings"], values, admin)


NO_MORE = "svarut.svarinn.manual_actions.require_received"
"""It is of letters that wait no longer, and nothing is told of them but that they were received."""
RECEIVED = [
    name
    for name, kind in USE_CASES.items()
    if kind == REFUSES and name.startswith(BY_HAND) and name != NO_MORE
]


@pytest.mark.parametrize("name", RECEIVED)
def test_a_waiting_letter_is_for_who_receives_for_its_system_and_has_altinns_right(
    app: Flask, scene: Scene, name: str
) -> None:
    with app.app_context():
        things = make_things(scene.lillevik)
        values = arguments_of(name, arguments(scene, things), things)
        nothing = {"spor": lambda pid: [], "rett": Postrett(frozenset(), frozenset(), 4)}
        for who in ("motta", "admin"):
            with pytest.raises(IkkeTilgang, match="MOTTAK_UTEN_POST_ARKIV"):
                call(use_cases()[name], values | nothing, scene.aktor(who))
            session().rollback()
        call(use_cases()[name], values, scene.aktor("motta"))
        session().rollback()


def test_nobody_stops_or_keeps_off_paper_a_mailing_by_naming_a_konto_of_their_own(
    app: Flask, scene: Scene, things: Things
) -> None:
    """The konto that is checked must be the mailing's."""
    with app.app_context():
        before = _statuses(things.utsending_id)
        for name in ("svarut.sender.actions.keep_unread_off_paper", "svarut.paper.cancellation.stop_paper"):
            done = use_cases()[name](things.utsending_id, scene.annen_konto, actor=scene.aktor("annen_konto"))
            assert getattr(done, "stoppet", done) == 0
        assert _statuses(things.utsending_id) == before


def _statuses(utsending_id: UUID) -> list[tuple[str, datetime]]:
    session().rollback()
    rows = session().execute(
        select(Levering.status, Levering.neste_forsok).where(Levering.utsending_id == utsending_id)
    )
    return sorted((row[0], row[1]) for row in rows)
