"""Defects of answering: links, answers, revisions, and what machines do to them."""

from __future__ import annotations

from typing import Final

from tests.defects.kinds import Defect, Edit, defect

_VIEWS: Final = "surveys/respondent/views.py"
_BASE: Final = "surveys/respondent/base.py"
_ANSWERING: Final = "surveys/services/answering.py"
_TEST_ANSWERING: Final = "tests/surveys/services/test_answering.py"
_FIRST: Final = "surveys/services/first_answers.py"
_TEST_FIRST: Final = "tests/surveys/respondent/test_first_answers.py"
_TEST_RACES: Final = "tests/surveys/services/test_answering_races.py"
_TEST_SURVEY: Final = "tests/surveys/respondent/test_survey.py"
_TEST_FAULTS: Final = "tests/surveys/respondent/test_faults.py"
_TEST_SCANNERS: Final = "tests/surveys/respondent/test_scanners.py"
_OPEN_UNTIL: Final = (
    "     AND (i.expires_at IS NULL OR i.expires_at > %(now)s)\n"
    '     AND s.reopened_at IS NULL{first_answers.AS_SAID if as_said else ""}\n), stored AS ('
)

ANSWERS: Final[tuple[Defect, ...]] = (
    defect(
        "store-on-get",
        "A mail scanner that follows the links gives an answer that nobody gave.",
        _VIEWS,
        "        shown = pages.block_ids(asked, asked.answers)\n        number = _page_number(",
        "        if preselect:\n"
        "            answering.store_answers(\n"
        "                asked, preselect, language=asked.language, now=timezone.now()\n"
        "            )\n"
        "        shown = pages.block_ids(asked, asked.answers)\n        number = _page_number(",
        _TEST_SURVEY, _TEST_SCANNERS,
    ),
    defect(
        "unsubscribe-on-get",
        "A scanner that opens the link unsubscribes the customer.",
        _VIEWS,
        '        noticing.note(request, hash_of(token), "unsubscribe")\n',
        "        unsubscribing.unsubscribe(found)\n",
        "tests/surveys/respondent/test_unsubscribe.py",
    ),
    defect(
        "head-counts-as-a-post",
        "A scanner's HEAD is taken for a sent form.",
        _BASE,
        '            if request.method != "POST":\n', '            if request.method == "GET":\n',
        _TEST_SURVEY, _TEST_SCANNERS, "tests/surveys/respondent/test_unsubscribe.py",
    ),
    defect(
        "only-the-first-revision-kept",
        "What a customer answered before they changed their mind is gone.",
        _ANSWERING,
        "  SELECT id, n_revisions, %(revision)s::jsonb, %(now)s FROM stored\n",
        "  SELECT id, n_revisions, %(revision)s::jsonb, %(now)s FROM stored"
        " WHERE n_revisions = 1\n",
        _TEST_ANSWERING,
    ),
    defect(
        "second-tab-blanks-the-first",
        "What was answered in one tab is blanked by sending the other.",
        _ANSWERING,
        "    values = _column_values(answers)\n",
        '    blank = dict.fromkeys(_COLUMNS) | dict.fromkeys(COMMENT_COLUMNS, "")\n'
        "    values = blank | _column_values(answers)\n",
        _TEST_ANSWERING, _TEST_RACES,
    ),
    defect(
        "double-click-makes-two-revisions",
        "A double click stands in the history as a change of mind.",
        _ANSWERING,
        "  WHERE {changed} OR (r.completed_at IS NULL AND {complete})\n", "  WHERE true\n",
        _TEST_ANSWERING,
    ),
    defect(
        "changed-answer-never-counted",
        "An answer that a customer corrects stays wrong in every report.",
        _ANSWERING,
        "SELECT id, %(now)s FROM stored\n),",
        "SELECT id, %(now)s FROM stored WHERE n_revisions = 1\n),",
        _TEST_ANSWERING,
    ),
    Defect(
        "expired-link-answers",
        "A survey that closed months ago still takes answers.",
        (
            Edit(_ANSWERING, _OPEN_UNTIL, _OPEN_UNTIL.partition("\n")[2]),
            Edit(
                _ANSWERING,
                '    if status == "expired" or (expires_at is not None and expires_at <= now):\n',
                '    if status == "expired":\n',
            ),
        ),
        (_TEST_ANSWERING, _TEST_SURVEY),
    ),
    defect(
        "closes-while-storing",
        "An answer is taken though the survey closed while it was on its way.",
        _ANSWERING, _OPEN_UNTIL, _OPEN_UNTIL.partition("\n")[2],
        _TEST_ANSWERING, _TEST_RACES,
    ),
    defect(
        "reopens-while-storing",
        "An answer is stored for a resolution that did not hold.",
        _ANSWERING, _OPEN_UNTIL,
        _OPEN_UNTIL.replace("     AND s.reopened_at IS NULL", "     "),
        _TEST_ANSWERING, _TEST_RACES,
    ),
    defect(
        "first-answer-read-by-another-questionnaire",
        "A page that was open while its questionnaire changed files answers under other questions.",
        _FIRST, "i.version_id = %(version_id)s AND ", "", _TEST_FIRST,
    ),
    defect(
        "first-answer-after-the-first",
        "A second tab goes on as if the customer had answered nothing in the first.",
        _ANSWERING, '"NOTHING" if as_said else _merge(', "_merge(", _TEST_FIRST,
    ),
    defect(
        "first-answer-lost-with-its-connection",
        "An answer is refused since the database was started again an hour ago.",
        _ANSWERING,
        "        raise NotAsSaidError from error  # perhaps stored: whoever sends it again changes"
        " nothing\n",
        "        raise\n",
        _TEST_FIRST,
    ),
    defect(
        "completed-again-and-again",
        "Changing an answer moves the time at which the survey was completed.",
        _ANSWERING,
        "    completed_at = COALESCE(r.completed_at, CASE WHEN {complete} THEN %(now)s END),\n",
        "    completed_at = CASE WHEN {complete} THEN %(now)s END,\n",
        _TEST_ANSWERING,
    ),
    defect(
        "token-stored-in-clear",
        "Whoever steals a dump of the database can answer for everyone.",
        "surveys/services/tokens.py",
        '    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()\n',
        '    return token.encode("utf-8", "surrogatepass")\n',
        "tests/surveys/services/test_tokens.py",
    ),
    defect(
        "token-compared-by-prefix",
        "A link that is nearly right opens somebody's survey.",
        _ANSWERING,
        " WHERE i.token_hash = %s\n\"\"\"  # noqa: S608 -- the names are ours\n\n\ndef find(",
        " WHERE substr(i.token_hash, 1, 2) = substr(%s::bytea, 1, 2)\n"
        "\"\"\"  # noqa: S608 -- the names are ours\n\n\ndef find(",
        _TEST_ANSWERING, _TEST_SURVEY,
    ),
    defect(
        "token-too-short",
        "Links can be guessed.",
        "surveys/services/tokens.py", "mac[:20]", "mac[:8]",
        "tests/surveys/services/test_tokens.py",
    ),
    defect(
        "early-acknowledgement",
        "The database is away, the customer is thanked, and the answer is lost.",
        _BASE,
        '            return self.send_again(HTTPStatus.SERVICE_UNAVAILABLE, "retry")\n',
        '            return HttpResponse(status=303, headers={"Location": "done/"})\n',
        _TEST_FAULTS,
    ),
    defect(
        "typed-text-lost-when-away",
        "When the database is away, what a customer typed is gone.",
        _BASE,
        "                if (value := self.last(name)) is not None\n",
        "                if (value := None) is not None\n",
        _TEST_FAULTS,
    ),
    defect(
        "no-limit-per-link",
        "A flood on one link takes the server from everyone.",
        _BASE, "            if not LIMITER.allows(token[:100]):\n", "            if False:\n",
        _TEST_FAULTS,
    ),
    defect(
        "hidden-link-taken-for-a-person",
        "A scanner that opens the hidden link passes for a human reader.",
        "surveys/services/openings.py",
        "    if link == HIDDEN:\n        return Sign.HIDDEN\n", "",
        _TEST_SCANNERS,
    ),
    defect(
        "link-in-the-referer",
        "The secret link reaches every site that the page links to.",
        _BASE, '    "Referrer-Policy": "no-referrer",\n', "",
        _TEST_SURVEY,
    ),
    defect(
        "link-in-the-log",
        "Secret links stand in the server's log.",
        _BASE, "        response._has_been_logged = True", "        response._seen = True",
        _TEST_FAULTS,
    ),
    defect(
        "statement-timeout-dropped",
        "A slow database keeps every web worker until nobody gets a page.",
        "config/settings.py",
        '    _libpq["options"] = "-c statement_timeout=4500 -c lock_timeout=4000"\n', "    pass\n",
        "tests/config",
    ),
)  # fmt: skip
