"""What a status means, and what a change from one to another is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from surveys.helpdesks.base import IGNORED, REOPENED, RESOLVED, Outcome

OPEN: Final = "open"
Meaning = Literal["resolved", "open", "ignored"]

_MEANINGS: Final[Mapping[str, Meaning]] = {
    RESOLVED: RESOLVED,
    OPEN: OPEN,
    REOPENED: OPEN,
    IGNORED: IGNORED,
}


def _words(text: str, meaning: str) -> dict[str, str]:
    return {word.strip(): meaning for word in text.split("|")}


#: Statuses by the names they have in helpdesks set to some other language, too.
WORDS: Final[Mapping[str, str]] = MappingProxyType(
    _words(
        "resolved|solved|closed|done|completed|complete|fixed|finished|gelöst|erledigt|behoben"
        "|geschlossen|abgeschlossen|fertig|résolu|résolue|fermé|fermée|clos|close|terminé|terminée"
        "|resuelto|resuelta|solucionado|cerrado|cerrada|hecho|listo|finalizado|resolvido|resolvida"
        "|fechado|fechada|encerrado|concluído|risolto|risolta|chiuso|chiusa|completato|opgelost"
        "|gesloten|afgesloten|gereed|löst|stängd|klar|løst|lukket|lukket|ratkaistu|suljettu|valmis"
        "|rozwiązane|rozwiązany|zamknięte|zamknięty|gotowe|vyřešeno|uzavřeno|hotovo|megoldva"
        "|lezárva|rezolvat|închis|çözüldü|kapatıldı|kapalı|tamamlandı|решено|решена|закрыто"
        "|закрыта|закрыт|готово|выполнено|вирішено|закрито|تم الحل|مغلق|解決|解決済み|クローズ"
        "|完了|已解决|已关闭|完成|已完成|已解決|已關閉|해결됨|종료됨|완료",
        RESOLVED,
    )
    | _words(
        "open|opened|reopened|re-opened|new|in progress|active|to do|todo|offen|neu|wieder geöffnet"
        "|wiedereröffnet|in bearbeitung|in arbeit|ouvert|ouverte|nouveau|nouvelle|rouvert|en cours"
        "|à faire|abierto|abierta|nuevo|nueva|reabierto|en curso|en progreso|aberto|aberta|novo"
        "|nova|reaberto|em andamento|em progresso|aperto|aperta|nuovo|riaperto|in corso|geopend"
        "|nieuw|heropend|in behandeling|öppen|ny|åpen|åben|avoin|uusi|otwarte|otwarty|nowe|nowy"
        "|w toku|otevřeno|otevřený|nový|nyitott|új|deschis|nou|açık|yeni|открыто|открыта|открыт"
        "|новый|новая|в работе|відкрито|новий|مفتوح|جديد|未解決|オープン|新規|進行中|打开|开放|新建"
        "|处理中|進行中|열림|신규|진행 중",
        OPEN,
    )
    | _words(
        "pending|on hold|on-hold|hold|waiting|waiting on customer|waiting for customer"
        "|waiting on third party|pending reminder|pending close|snoozed|merged|spam|wartend"
        "|warten|warten auf kunde|en attente|pendiente|pendente|in attesa|in afwachting",
        IGNORED,
    )
)


class Statuses:
    """What the statuses of one connection mean: as it says itself, else by the helpdesk's ids,
    else by their names."""

    def __init__(self, own: Mapping[str, str], known: Mapping[str, str]) -> None:
        """`own` of the connection, `known` of the helpdesk: id or name to a meaning."""
        self._own = {_key(name): meaning for name, meaning in own.items()}
        self._known = {_key(name): meaning for name, meaning in known.items()}

    def meaning(self, *names: str) -> Meaning | None:
        """What a status means that goes by these names and ids; None where nobody says."""
        keys = [_key(name) for name in names if name.strip()]
        for known in (self._own, self._known, WORDS):
            for key in keys:
                if (meaning := _MEANINGS.get(known.get(key, ""))) is not None:
                    return meaning
        return None

    def own(self, *names: str) -> Meaning | None:
        """The same, as far as the connection says it."""
        keys = (_key(name) for name in names if name.strip())
        return next((m for k in keys if (m := _MEANINGS.get(self._own.get(k, "")))), None)


def _key(name: str) -> str:
    return " ".join(name.casefold().split())


def change(after: Meaning | None, before: Meaning | None, label: str) -> tuple[Outcome, str]:
    """What it is when a status becomes `after`; `before` is None where it is not told.

    An open case that comes from where it waited may have been resolved before that: it is told
    as reopened, which changes nothing of a case that never was resolved.
    """
    if after is None:
        return IGNORED, f"nobody said what the status “{_short(label)}” means"
    if after == IGNORED:
        return IGNORED, f"the status “{_short(label)}” neither resolves nor reopens"
    if after == before:
        return IGNORED, f"was {'resolved' if after == RESOLVED else 'open'} before"
    if after == RESOLVED:
        return RESOLVED, ""
    return REOPENED, ""


def _short(label: str) -> str:
    return label if len(label) <= 80 else f"{label[:79]}…"
