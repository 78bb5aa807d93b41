"""The tables of the world outside, made when they are not there."""

from __future__ import annotations

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (nokkel TEXT PRIMARY KEY, verdi TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS register (mappe TEXT PRIMARY KEY, avtrykk TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS person (fnr TEXT PRIMARY KEY, freg TEXT NOT NULL, krr TEXT NOT NULL, lesing TEXT NOT NULL)
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS virksomhet (
    orgnr TEXT PRIMARY KEY, enhet TEXT NOT NULL, lesing TEXT NOT NULL, leder TEXT) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS virksomhet_leder ON virksomhet (leder);
CREATE TABLE IF NOT EXISTS fullmakt (
    pid TEXT, orgnr TEXT, navn TEXT, roller TEXT, PRIMARY KEY (pid, orgnr)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tilhorighet (
    orgnr TEXT PRIMARY KEY, hovedenhet TEXT, hovedenhet_navn TEXT, slettet INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mottatt (
    nr INTEGER PRIMARY KEY AUTOINCREMENT, system TEXT NOT NULL, referanse TEXT NOT NULL, noekkel TEXT NOT NULL,
    leverandor_ref TEXT NOT NULL UNIQUE, mottaker TEXT NOT NULL, tidspunkt REAL NOT NULL, sha256 TEXT,
    storrelse INTEGER NOT NULL, kall INTEGER NOT NULL DEFAULT 1);
CREATE INDEX IF NOT EXISTS mottatt_noekkel ON mottatt (system, noekkel);
CREATE INDEX IF NOT EXISTS mottatt_referanse ON mottatt (system, referanse);
CREATE TABLE IF NOT EXISTS hendelse (
    nr INTEGER PRIMARY KEY AUTOINCREMENT, system TEXT NOT NULL, referanse TEXT NOT NULL, leverandor_ref TEXT NOT NULL,
    art TEXT NOT NULL, tidspunkt REAL NOT NULL, synlig_fra REAL NOT NULL, melding TEXT);
CREATE INDEX IF NOT EXISTS hendelse_system ON hendelse (system, nr);
CREATE TABLE IF NOT EXISTS lesing (
    nr INTEGER PRIMARY KEY AUTOINCREMENT, referanse TEXT NOT NULL, leverandor_ref TEXT NOT NULL, pid TEXT, lenke TEXT,
    status TEXT NOT NULL, neste REAL NOT NULL, forsok INTEGER NOT NULL DEFAULT 0, feil TEXT, sha256 TEXT,
    storrelse INTEGER, tidspunkt REAL);
CREATE INDEX IF NOT EXISTS lesing_neste ON lesing (status, neste);
CREATE TABLE IF NOT EXISTS varsel (leverandor_ref TEXT PRIMARY KEY, fra TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS signering (
    referanse TEXT PRIMARY KEY, oppdrag TEXT NOT NULL, dokument BLOB NOT NULL, status TEXT NOT NULL) WITHOUT ROWID;
"""
