"""A questionnaire's JSON as it arrives in a form: a file, or pasted text."""

from __future__ import annotations

from typing import Final

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from surveys.questionnaire.schema import MAX_DEFINITION_BYTES, DefinitionError

#: Shown again beside a fault; a whole large document would only be in the way.
_MOST_SHOWN: Final = 20_000


def document_in(request: HttpRequest) -> tuple[bytes, str]:
    """The JSON, and what of it to show again beside a fault.

    Raises: DefinitionError where there is none, or more than a definition may have.
    """
    uploaded = request.FILES.get("file")
    if isinstance(uploaded, UploadedFile):
        if (uploaded.size or 0) > MAX_DEFINITION_BYTES:
            raise _too_large()
        raw = uploaded.read(MAX_DEFINITION_BYTES + 1)
        shown = ""
    else:
        text = request.POST.get("document", "")
        raw = text.encode("utf-8", "surrogatepass")
        shown = text[:_MOST_SHOWN]
    if len(raw) > MAX_DEFINITION_BYTES:
        raise _too_large()
    if not raw.strip():
        raise DefinitionError("$", "There is nothing in it. Choose a file or paste its text.")
    return raw, shown


def _too_large() -> DefinitionError:
    most = MAX_DEFINITION_BYTES // 1024
    return DefinitionError("$", f"It is larger than {most} KiB, the most a questionnaire may have.")
