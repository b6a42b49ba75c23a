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
    "agents": "/agents/",
    "causes": "/causes/",
    "cause": "/causes/plan-change/",
    "matrix": "/matrix/",
    "trend": "/trend/",
    "responses": "/responses/",
    "cases": "/cases/",
    "inbox": "/demo/inbox/",
    "policies": "/policies/",
    "questionnaires": "/questionnaires/",
    "questionnaire-mail": "/questionnaires/default/mail/",
    "questionnaire-links": "/questionnaires/default/links/",
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
    page.fill("input[name=username]", "admin@demo.example")
    page.fill("input[name=password]", "stabledoor-demo")
    page.click("main button[type=submit]")
    for name, path in STAFF.items():
        page.goto(path)
        shot.take(name)
    page.goto("/agents/")
    page.click("main table a >> nth=0")
    shot.take("agent")
    page.goto("/cases/")
    page.click("main table a >> nth=0")
    shot.take("case")
    for language, suffix in (("en", ""), ("ar", "-ar")):
        _survey(page, shot, language, suffix)
    context.close()


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
