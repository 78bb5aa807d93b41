"""Accessibility: makes a letter PDF/UA-1 as well as PDF/A-3a.

WeasyPrint writes one or the other. PDF/A does not know `pdfuaid`, so its extension schema must be embedded.
Not checked here, since the template decides it: that the first heading is of level one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pydyf

_CLAIM = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1" />\
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">\
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>\
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>part</pdfaProperty:name>\
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>Which part of ISO 14289 the file follows</pdfaProperty:description>\
</rdf:li></rdf:Seq></pdfaSchema:property>\
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description></rdf:RDF>"""


def claim_pdf_ua(pdf: pydyf.PDF) -> None:
    """Declare PDF/UA-1 in the metadata, and show the title instead of the file name, as PDF/UA requires."""
    pdf.catalog["ViewerPreferences"] = pydyf.Dictionary({"DisplayDocTitle": "true"})
    metadata = _object(pdf, pdf.catalog["Metadata"])
    metadata.stream = [part.replace(b"</rdf:RDF>", _CLAIM) for part in metadata.stream]


def add_header_id_tree(pdf: pydyf.PDF) -> None:
    """Add the name tree of table headers that cells refer to by id; WeasyPrint leaves it out."""
    elements = [o for o in pdf.objects if isinstance(o, pydyf.Dictionary) and "ID" in o]
    named = sorted((element["ID"].data, element) for element in elements)
    names = [part for _, element in named for part in (element["ID"], element.reference)]
    root = _object(pdf, pdf.catalog["StructTreeRoot"])
    root["IDTree"] = pydyf.Dictionary({"Names": pydyf.Array(names)})


def mark_margins_as_artifacts(pdf: pydyf.PDF) -> None:
    """Mark text in page margins as artifacts, so that screen readers skip it.

    WeasyPrint gives it content ids, but leaves its elements out of the structure tree.
    """
    root = _object(pdf, pdf.catalog["StructTreeRoot"])
    told = set(_below(pdf, root))
    pages = [_object(pdf, reference) for reference in pdf.page_references]
    for page, elements in zip(pages, _object(pdf, root["ParentTree"])["Nums"][1::2], strict=True):
        aside = {n for n, reference in enumerate(elements) if reference not in told}
        elements[:] = [b"null" if n in aside else reference for n, reference in enumerate(elements)]
        stream = _object(pdf, page["Contents"]).stream
        for at, item in enumerate(stream):
            if isinstance(item, pydyf.Dictionary) and item.get("MCID") in aside:
                stream[at - 1 : at + 1] = "/Artifact", pydyf.Dictionary({"Type": "/Pagination"})


def _below(pdf: pydyf.PDF, element: Any) -> Iterator[bytes]:
    """Yield references of all structure elements below this one."""
    for kid in element["K"]:
        if isinstance(kid, bytes):
            yield kid
            yield from _below(pdf, _object(pdf, kid))


def _object(pdf: pydyf.PDF, reference: bytes) -> Any:
    return pdf.objects[int(reference.split()[0])]
