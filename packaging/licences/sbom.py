"""The bill of materials of a bundle: CycloneDX 1.6 in JSON."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from licences.component import Component

if TYPE_CHECKING:
    from cyclonedx.model.component import Component as Entry

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://github.com/tlgui/tlgui/sbom")


def write(components: Sequence[Component], out: Path, epoch: int) -> None:
    """Write the bill of materials; equal components and time give equal bytes.

    Args:
        epoch: Time of the build, seconds since 1970.
    """
    from cyclonedx.model.bom import Bom
    from cyclonedx.output.json import JsonV1Dot6

    from tlgui import __version__

    entries: dict[str, Entry] = {}
    for one in components:
        if not one.inside:
            entries[one.name] = entry(one)
    for one in components:
        if one.inside:
            entries[one.inside].components.add(entry(one))
    bill = Bom(components=entries.values(), serial_number=serial(components, __version__))
    bill.metadata.timestamp = datetime.fromtimestamp(epoch, UTC)
    bill.metadata.component = root = application(__version__)
    bill.register_dependency(root, entries.values())
    out.write_text(JsonV1Dot6(bill).output_as_string(indent=2) + "\n", encoding="utf-8", newline="\n")


def application(version: str) -> Entry:
    """TLGUI itself."""
    from cyclonedx.contrib.license.factories import LicenseFactory
    from cyclonedx.model.component import Component as Entry
    from cyclonedx.model.component import ComponentType

    licence = LicenseFactory().make_with_id("Apache-2.0")
    return Entry(name="TLGUI", version=version, type=ComponentType.APPLICATION, bom_ref="tlgui", licenses=[licence])


def entry(one: Component) -> Entry:
    """One component as CycloneDX has it."""
    from cyclonedx.contrib.license.factories import LicenseFactory
    from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri
    from cyclonedx.model.component import Component as Entry
    from cyclonedx.model.component import ComponentType
    from packageurl import PackageURL

    kind = ComponentType.MACHINE_LEARNING_MODEL if one.name == "TLGUI starter model" else ComponentType.LIBRARY
    where = ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(one.source))
    return Entry(
        name=one.name,
        version=one.version or None,
        type=kind,
        bom_ref=reference(one),
        purl=PackageURL.from_string(one.purl),
        licenses=[LicenseFactory().make_from_string(one.licence)],
        external_references=[where],
    )


def reference(one: Component) -> str:
    """A name for a component that no other has, although several wheels may hold the same library."""
    return f"{one.inside}/{one.purl}" if one.inside else one.purl


def serial(components: Sequence[Component], version: str) -> uuid.UUID:
    """The number of this bill: the same for the same contents."""
    lines = [f"{reference(one)} {one.licence}" for one in components]
    return uuid.uuid5(NAMESPACE, "\n".join([version, *sorted(lines)]))
