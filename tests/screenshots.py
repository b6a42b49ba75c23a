"""`make screenshots`: pictures of the running product with its sample data.

Starts everything in a home of its own, signs in, resolves a case, opens its mail and survey, and
takes each page at phone and desktop width, light and dark. Without arguments only the pictures
that the README shows are written, to docs/screenshots; with a directory, all of them go there.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.services import find_chromium

HERE = Path(__file__).parent.parent / "docs" / "screenshots"
WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")
STAFF = {
    "overview": "/",
    "overview-compared": "/?period=28d&compare=previous",
    "agents": "/agents/",
    "causes": "/causes/",
    "cause": "/causes/plan-change/",
    "cause-changed": "/causes/plan-change/?change=2026-08-24",
    "matrix": "/matrix/",
    "trend": "/trend/",
    "trend-compared": "/trend/?period=28d&compare=previous",
    "who-answered": "/who-answered/",
    "segments": "/segments/?channel=phone&b_channel=chat",
    "responses-found": "/responses/?q=plan&show=dismayed",
    "responses": "/responses/",
    "cases": "/cases/",
    "inbox": "/demo/inbox/",
    "policies": "/policies/",
    "policy": "/policies/default/",
    "new-policy": "/policies/new/",
    "policy-dry-run": "/policies/default/?dry_run=1",
    "questionnaires": "/questionnaires/",
    "gallery": "/questionnaires/new/",
    "questionnaire-import": "/questionnaires/import/",
    "translations": "/questionnaires/default/translations/?language=ar",
    "questionnaire-mail": "/questionnaires/default/mail/",
    "questionnaire-links": "/questionnaires/default/links/",
    "versions": "/questionnaires/default/versions/",
    "version": "/questionnaires/default/versions/1/",
    "compare": "/questionnaires/default/compare/?old=1&new=draft",
    "review": "/questionnaires/default/review/",
    "brands": "/brands/",
    "new-brand": "/brands/new/",
    "connections": "/connections/",
    "follow-ups": "/follow-ups/",
    "actions": "/actions/",
    "settings": "/settings/",
}
SHOWN = {
    "overview-1280-light",
    "overview-390-dark",
    "agents-1280-light",
    "builder-1280-light",
    "cause-1280-light",
    "survey-390-light",
    "survey-ar-390-dark",
    "mail-390-light",
}


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    chromium = find_chromium()
    if chromium is None:
        sys.stderr.write("screenshots need Chromium: apt install chromium\n")
        return 1
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    with serving() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        _design(browser, address)
        for width in WIDTHS:
            for scheme in SCHEMES:
                _tour(browser, address, width, scheme, folder)
    return 0


@contextmanager
def serving() -> Iterator[str]:
    """The product with sample data on a free port; all of it is stopped and removed after."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="stabledoor-shots-") as home:
        command = [sys.executable, "manage.py", "up", "--demo", "--port", str(port)]
        process = subprocess.Popen(
            [*command, "--home", home],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        try:
            assert process.stdout is not None
            for line in process.stdout:
                sys.stderr.write(line)
                if line.startswith("ready "):
                    break
            else:
                raise SystemExit("the product did not start; its last lines stand above")
            yield line.split()[1]
        finally:
            process.terminate()
            process.wait(60)


def _sign_in(page: Page) -> None:
    page.fill("input[name=username]", "admin@demo.example")
    page.fill("input[name=password]", "stabledoor-demo")
    page.click("main button[type=submit]")


def _design(browser: Browser, address: str) -> None:
    """Leave a draft of the default questionnaire with a change, an addition and a fault."""
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/login/")
    _sign_in(page)
    page.goto("/questionnaires/default/?at=F1")
    page.fill("#F1-stem", "Thinking only about the help you had, how satisfied are you?")
    _wait_until_stored(page, "F1", "the help you had")
    page.click("#add-fix")
    page.click(".outline-block[data-block=fix] button:text-is('One of several')")
    page.wait_for_selector("#X1-stem")
    page.fill("#X1-stem", "How many times did you have to get in touch?")
    _wait_until_stored(page, "X1", "How many times")
    page.fill("#X1-options-1-label", "Once")
    page.fill("#X1-options-2-label", "More than once")
    page.click("#row-C1")
    page.wait_for_selector("#C1-stem")
    page.fill("#C1-stem", "How much did the problem and the way we handled it bother you?")
    _wait_until_stored(page, "C1", "the way we handled it")
    context.close()


def _wait_until_stored(page: Page, item: str, words: str) -> None:
    """The outline shows what is stored."""
    page.wait_for_selector(f"#row-{item}:has-text('{words}')")


def _builder(page: Page, shot: _Camera, width: int) -> None:
    """At the question that the lint refuses; on a phone each pane by itself."""
    page.goto("/questionnaires/default/?at=C1")
    page.frame_locator("#preview-frame").locator("main").wait_for(state="attached")
    page.wait_for_timeout(500)
    shot.take("builder")
    for pane in ("Outline", "Preview") if width < 500 else ():
        page.locator(".pane-tabs").get_by_text(pane).click()
        shot.take(f"builder-{pane.lower()}")


def _tour(browser: Browser, address: str, width: int, scheme: str, folder: Path | None) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 844 if width < 500 else 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        base_url=address,
        device_scale_factor=2 if width < 500 else 1,
    )
    page = context.new_page()
    shot = _Camera(page, f"{width}-{scheme}", folder)
    page.goto("/login/")
    shot.take("login")
    _sign_in(page)
    for name, path in STAFF.items():
        page.goto(path)
        shot.take(name)
    _builder(page, shot, width)
    page.goto("/agents/")
    page.click("main table a >> nth=0")
    shot.take("agent")
    page.goto("/")
    page.click("#f-masked .term")
    page.wait_for_timeout(300)
    shot.take("meaning")
    _printed(page, shot)
    page.goto("/cases/")
    page.click("main table a >> nth=0")
    shot.take("case")
    for language, suffix in (("en", ""), ("ar", "-ar")):
        _survey(page, shot, language, suffix)
    context.close()


def _printed(page: Page, shot: _Camera) -> None:
    """The report pages as paper shows them."""
    page.emulate_media(media="print")
    for name in ("overview", "agents", "causes", "cause", "who-answered"):
        page.goto(STAFF[name])
        shot.take(f"{name}-print")
    page.emulate_media(media="screen")


def _survey(page: Page, shot: _Camera, language: str, suffix: str) -> None:
    """Resolve a case, read its mail, and answer it as the customer would."""
    page.goto("/demo/inbox/")
    page.select_option("select[name=language]", language)
    page.click("form[action='/demo/case/'] button")
    page.wait_for_selector("main a[href^='/demo/inbox/']", timeout=30_000)
    page.wait_for_timeout(3_000)
    page.goto("/demo/inbox/")
    page.click("main a[href^='/demo/inbox/'] >> nth=0")
    document = page.get_attribute("iframe", "src") or ""
    page.goto(document)
    shot.take("mail" + suffix)
    links = re.findall(r'href="([^"]+/s/[^"]+\?(?:F1|C1)=4)"', page.content())
    page.goto(links[0])
    shot.take("survey" + suffix)
    for step in ("survey-2", "survey-3", "done"):
        page.click("main button[type=submit]:not([name=lang]) >> nth=0")
        shot.take(step + suffix)


class _Camera:
    """Takes full-page pictures, all of them into a folder or only those the README shows."""

    def __init__(self, page: Page, suffix: str, folder: Path | None) -> None:
        self.page = page
        self.suffix = suffix
        self.folder = folder

    def take(self, name: str) -> None:
        title = f"{name}-{self.suffix}"
        if self.folder is None and title not in SHOWN:
            return
        path = (self.folder or HERE) / f"{title}.png"
        self.page.screenshot(path=path, full_page=self.folder is not None)


if __name__ == "__main__":
    sys.exit(main())
