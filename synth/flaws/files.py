"""Flaws of whole files, planted when the tables are saved: broken, strange, sent twice, of another office."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

from synth.flaws.bench import Bench, Spot
from synth.flaws.registry import NOTE, REJECT_FILE, flaw, folder_of
from synth.sheets import Sheet, write_workbook

_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the only moment a packed file may carry


def file_spot(path: Path) -> Spot:
    """A saved file as the gate names it: by the beginning of its SHA-256."""
    return Spot(path, entity_type="file", entity_id=hashlib.sha256(path.read_bytes()).hexdigest()[:12])


def _save(bench: Bench, name: str, data: bytes) -> Spot:
    path = folder_of(bench) / name
    path.write_bytes(data)
    return file_spot(path)


@flaw("F001", "空文件(0字节)", REJECT_FILE, "unknown_files", on_disk=True)
def empty(bench: Bench) -> Spot:
    return _save(bench, "班级班额表(空).csv", b"")


@flaw("F002", "工作簿传到一半中断", REJECT_FILE, "unknown_files", on_disk=True)
def cut_off(bench: Bench) -> Spot:
    data = (folder_of(bench) / "分年级学生情况统计表.xlsx").read_bytes()
    return _save(bench, "分年级学生情况统计表(中断).xlsx", data[: len(data) * 2 // 3])


@flaw("F003", "图片误存为表格", REJECT_FILE, "unknown_files", on_disk=True)
def picture(bench: Bench) -> Spot:
    return _save(bench, "校园活动照片.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)


@flaw("F004", "旧版工作簿只剩文件头", REJECT_FILE, "unknown_files", on_disk=True)
def old_workbook(bench: Bench) -> Spot:
    return _save(bench, "教师信息(旧版).xls", bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 1024)


@flaw("F005", "不属于任何报表模板的表", REJECT_FILE, "unknown_files", on_disk=True)
def unknown_form(bench: Bench) -> Spot:
    path = folder_of(bench) / "校车运行台账.xlsx"
    rows = [["一号线", 42, 6.5], ["二号线", 38, 8.0]]
    write_workbook(path, [Sheet("台账", [["线路", "乘坐人数", "里程"]], rows, title="校车运行台账")])
    return file_spot(path)


@flaw("F006", "班额表没有学校标识码一列", REJECT_FILE, "unknown_files", on_disk=True)
def column_missing(bench: Bench) -> Spot:
    path = folder_of(bench) / "班级班额表(缺列).xlsx"
    rows = [["小学", "一年级", "1班", 40], ["小学", "一年级", "2班", 41]]
    write_workbook(path, [Sheet("班额", [["学段", "年级", "班级", "班级人数"]], rows, title="班级班额表")])
    return file_spot(path)


@flaw("F007", "同一文件换名再报一次", NOTE, "duplicate_file", on_disk=True)
def sent_again(bench: Bench) -> Spot:
    return _save(bench, "教师任课安排表(终稿).csv", (folder_of(bench) / "教师任课安排表.csv").read_bytes())


@flaw("F008", "只有说明文字的工作簿", REJECT_FILE, "unknown_files", on_disk=True)
def words_only(bench: Bench) -> Spot:
    path = folder_of(bench) / "填报说明.xlsx"
    lines = [["一、请于9月20日前报送。"], ["二、联系人见通知。"]]
    write_workbook(path, [Sheet("说明", [["填报说明"]], lines)])
    return file_spot(path)


@flaw("F009", "压缩包里没有表格", REJECT_FILE, "unknown_files", on_disk=True)
def package(bench: Bench) -> Spot:
    path = folder_of(bench) / "材料打包.zip"
    with zipfile.ZipFile(path, "w") as z:
        z.writestr(zipfile.ZipInfo("说明.txt", _EARLIEST), "材料稍后补报")
    return file_spot(path)


@flaw("F010", "文本表格另存为UTF-16", NOTE, on_disk=True)
def wide_text(bench: Bench) -> Spot:
    path = folder_of(bench) / "研训员联系学校表.csv"
    path.write_bytes(path.read_bytes().decode("utf-8-sig").encode("utf-16"))
    return Spot(path)


@flaw("F011", "文本表格的扩展名写成.xlsx", NOTE, on_disk=True)
def wrong_suffix(bench: Bench) -> Spot:
    path = folder_of(bench) / "优质高中招生计划表.csv"
    return Spot(path.rename(path.with_suffix(".xlsx")))


@flaw("F012", "成绩册网页版另存为.xls", REJECT_FILE, "unknown_files", on_disk=True)
def web_page(bench: Bench) -> Spot:
    page = "<html><body><table><tr><td>校内通知</td></tr></table></body></html>"
    return _save(bench, "校内通知.xls", page.encode("utf-8"))
