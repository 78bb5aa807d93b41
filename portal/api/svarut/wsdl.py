"""The WSDL of ForsendelsesServiceV9, a file beside this one."""

from __future__ import annotations

from pathlib import Path

WSDL = Path(__file__).with_name("ForsendelsesServiceV9.wsdl")
"""KS' own WSDL, with the placeholder ADRESSE for the service's address."""
