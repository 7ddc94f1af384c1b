"""The steps of docs/dashboards.md, "a chart of your own", in a real browser. Run in Superset's own environment.

    dashboards/.venv/bin/python tests/dashboards/own_chart.py ADDRESS ACCOUNT PASSWORD_FILE PICTURES NAME

Prints one line of JSON: {rows: {conclusion: targets}, errors: [boxes], drawn: canvases of the bars, listed: charts}.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from browse import PATIENCE, log_in, open_browser
from playwright.sync_api import Locator, Page, sync_playwright

DATA_SET, COLUMN, METRIC = "规划目标", "结论", "目标数"
ERRORS = '[data-test="error-alert"], .ant-alert-error, [role="alert"]'


def _offered(page: Page, kind: str, label: str) -> Locator:
    """A column or a metric in the list of the data set, which shows what the search leaves."""
    page.get_by_placeholder("搜索指标和列").fill(label)
    option = f'[data-test="DatasourcePanelDragOption"]:has(.{kind}-option-label:text-is("{label}"))'
    return page.locator(option).first


def _drag(page: Page, kind: str, label: str, control: str) -> None:
    _offered(page, kind, label).drag_to(page.locator(f'[data-test="{control}"] [data-test="dnd-labels-container"]'))
    page.locator(f'[data-test="{control}"]').get_by_text(label, exact=True).wait_for()


def _draw(page: Page, shown: str) -> None:
    page.locator('[data-test="run-query-button"]').click()
    page.locator(f"{shown}, {ERRORS}").first.wait_for()
    page.wait_for_timeout(2000)


def make_chart(page: Page, address: str, name: str, pictures: Path) -> dict[str, Any]:
    """Table, then bars, then saved under `name`."""
    page.goto(f"{address}/tablemodelview/list/", wait_until="domcontentloaded")
    page.get_by_role("link", name=DATA_SET, exact=True).click()
    _drag(page, "column", COLUMN, "groupby")
    _drag(page, "metric", METRIC, "metrics")
    _draw(page, ".slice_container table tbody tr")
    page.screenshot(path=str(pictures / "own-table.png"))
    cells = [row.locator("td").all_inner_texts() for row in page.locator(".slice_container table tbody tr").all()]
    errors = page.locator(ERRORS).all_inner_texts()

    page.locator('[data-test="bar-chart"]').first.click()
    page.locator('[data-test="groupby"] [data-test="remove-control-button"]').click()
    _drag(page, "column", COLUMN, "x_axis")
    _draw(page, ".slice_container canvas")
    page.screenshot(path=str(pictures / "own-bars.png"))
    errors += page.locator(ERRORS).all_inner_texts()
    drawn = page.locator(".slice_container canvas").count()

    page.locator('[data-test="query-save-button"]').click()
    page.locator('[data-test="new-chart-name"]').fill(name)
    page.locator('[data-test="btn-modal-save"]').click()
    page.locator('[data-test="save-modal-body"]').wait_for(state="detached")
    page.goto(f"{address}/chart/list/", wait_until="domcontentloaded")
    page.get_by_role("link", name=name, exact=True).first.wait_for()
    return {
        "rows": {conclusion.strip(): figure.strip() for conclusion, figure in cells},
        "errors": errors,
        "drawn": drawn,
        "listed": page.get_by_role("link", name=name, exact=True).count(),
    }


def main(address: str, account: str, password_file: str, pictures: str, name: str) -> None:
    with sync_playwright() as driver:
        browser = open_browser(driver)
        page = browser.new_page(viewport={"width": 1600, "height": 1100}, locale="zh-CN")
        page.set_default_timeout(min(PATIENCE, 120) * 1000)
        log_in(page, address, account, Path(password_file).read_text(encoding="utf-8").strip())
        try:
            print(json.dumps(make_chart(page, address, name, Path(pictures)), ensure_ascii=False), flush=True)
        finally:
            page.screenshot(path=str(Path(pictures) / "own-end.png"))
            browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
