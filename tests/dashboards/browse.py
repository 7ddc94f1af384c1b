"""Open the dashboards in a real browser and say what stands on them, as JSON. Run in Superset's own environment.

    dashboards/.venv/bin/python tests/dashboards/browse.py ADDRESS ACCOUNT PASSWORD_FILE PICTURES SLUG…

One line a dashboard: {slug, status, title, charts: [{title, error, empty, …}], elsewhere: [addresses beyond ADDRESS]}.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Playwright, Request, sync_playwright
from playwright.sync_api import Error as PlaywrightError

WIDTH = 1600
# High enough that all of a dashboard is in sight: Superset draws what is seen.
HEIGHT = 4200
# Seconds for a page: a busy machine is no fault of a dashboard.
PATIENCE = int(os.environ.get("BROWSE_SECONDS", "600"))
# What a chart shows: its title, an error box, words for no rows, or a drawing, a figure or rows.
LOOK = """
() => [...document.querySelectorAll('[data-test="dashboard-component-chart-holder"]')].map(holder => {
  const text = selector => (holder.querySelector(selector)?.innerText || '').trim();
  const title = text('[data-test="editable-title"], .header-title');
  if (!title) return null;  // words of the dashboard itself
  const rows = holder.querySelectorAll('table tbody tr').length;
  const canvas = [...holder.querySelectorAll('canvas')].filter(c => c.width > 0 && c.height > 0).length;
  const figure = text('.header-line');
  return {
    title,
    busy: !!holder.querySelector('[data-test="loading-indicator"], .loading'),
    error: text('[data-test="error-alert"], .ant-alert-error, [role="alert"]'),
    empty: !(rows || canvas || figure) || /没有数据|No data/.test(figure),
    says: (holder.innerText || '').slice(0, 200),
  };
}).filter(Boolean)
"""

BOTTOM = """
() => Math.max(600, ...[...document.querySelectorAll('[data-test="dashboard-component-chart-holder"]')]
  .map(holder => holder.getBoundingClientRect().bottom))
"""


def open_browser(driver: Playwright) -> Browser:
    return driver.chromium.launch(
        executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
        args=["--no-sandbox", "--disable-gpu", "--font-render-hinting=none"],
    )


def log_in(page: Page, address: str, account: str, password: str) -> None:
    """Fill in the form and send it. A form that is sent before its script runs goes nowhere: it is sent again.

    Raises PlaywrightError where the account does not get in.
    """
    for last in (False, False, True):
        page.goto(f"{address}/login/", wait_until="load")
        page.wait_for_timeout(1000)
        page.locator('input[name="username"], [data-test="username-input"]').first.fill(account)
        page.locator('input[name="password"], [data-test="password-input"]').first.fill(password)
        page.locator('[data-test="login-button"], button[type="submit"]').first.click()
        try:
            page.wait_for_url(lambda url: "/login" not in url, wait_until="commit", timeout=PATIENCE * 1000 / 4)
            return
        except PlaywrightError:
            if last:
                raise


def open_dashboard(page: Page, address: str, slug: str) -> dict[str, Any]:
    """What a dashboard shows once every chart stands still, or when patience ends; nothing where it is refused."""
    answer = page.goto(f"{address}/superset/dashboard/{slug}/", wait_until="domcontentloaded")
    status = answer.status if answer else 0
    charts: list[dict[str, Any]] = []
    # A page that is refused has nothing to wait for.
    end = time.monotonic() + (PATIENCE if status < 400 else 0)
    still = 0
    while time.monotonic() < end and still < 3:
        page.wait_for_timeout(1500)
        charts = page.evaluate(LOOK)
        settled = bool(charts) and not any(c["busy"] or (c["empty"] and not c["error"]) for c in charts)
        still = still + 1 if settled else 0
    return {"slug": slug, "status": status, "title": page.title(), "charts": charts}


def main(address: str, account: str, password_file: str, pictures: str, *slugs: str) -> None:
    elsewhere: list[str] = []

    def note(request: Request) -> None:
        # What the content policy stops (Superset's counting pixel) never leaves the browser.
        if not request.url.startswith((address, "data:", "blob:")) and request.failure != "csp":
            elsewhere.append(request.url)

    with sync_playwright() as driver:
        browser = open_browser(driver)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, locale="zh-CN")
        page.set_default_timeout(PATIENCE * 1000)
        page.on("requestfinished", note)
        page.on("requestfailed", note)
        log_in(page, address, account, Path(password_file).read_text(encoding="utf-8").strip())
        for slug in slugs:
            began = time.monotonic()
            found = open_dashboard(page, address, slug)
            bottom = page.evaluate(BOTTOM)
            page.screenshot(
                path=str(Path(pictures) / f"dashboard-{slug}.png"),
                timeout=PATIENCE * 1000,
                clip={"x": 0, "y": 0, "width": WIDTH, "height": min(bottom + 24, HEIGHT)},
            )
            found |= {"elsewhere": elsewhere, "seconds": round(time.monotonic() - began)}
            print(json.dumps(found, ensure_ascii=False), flush=True)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
