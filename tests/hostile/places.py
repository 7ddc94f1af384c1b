"""Things under a file's name that are no files, and names that no line can show."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from tests.hostile import tables
from tests.hostile.builders import xlsx
from tests.hostile.case import Case, Register

LINK = ("a link to another place", "链接")
NO_FILE = ("a folder or a device", "文件夹或设备")


def good() -> bytes:
    return xlsx(tables.money())


def _socket(path: Path) -> None:
    # The name of a socket may have 107 bytes at most: it is made beside, with a short one.
    with socket.socket(socket.AF_UNIX) as s:
        here = Path.cwd()
        os.chdir(path.parent)
        try:
            s.bind(path.name)
        finally:
            os.chdir(here)


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def register(r: Register) -> None:
    def place(name: str, file: str, en: str, zh: str, make) -> None:
        r.add(Case(name, file, None, "rejected", en, zh, make=make))

    place("link_to_a_secret", "link_to_a_secret.csv", *LINK, lambda p: p.symlink_to("/etc/passwd"))
    place("link_to_a_folder", "link_to_a_folder.xlsx", *LINK, lambda p: p.symlink_to("/etc"))
    place("link_to_memory", "link_to_memory.xlsx", *LINK, lambda p: p.symlink_to("/proc/self/mem"))
    place("link_without_end", "link_without_end.csv", *LINK, lambda p: p.symlink_to("/dev/zero"))
    place("link_to_nothing", "link_to_nothing.xlsx", *LINK, lambda p: p.symlink_to("not_there.xlsx"))
    place("link_to_itself", "link_to_itself.xlsx", *LINK, _loop)
    place("pipe", "pipe.csv", *NO_FILE, os.mkfifo)
    place("socket", "socket.xlsx", *NO_FILE, _socket)
    place("folder", "folder.xlsx", *NO_FILE, lambda p: p.mkdir())

    def named(name: str, file: str) -> None:
        r.add(Case(name, file, good, "accepted", "1 rows accepted", "接收1行"))

    named("name_of_two_lines", "名字\n两行.xlsx")
    named("name_with_a_bell", "名字\x07\x1b[2J\x1b[31m.xlsx")
    named("name_that_is_no_utf8", os.fsdecode(b"\xc8\xfd\xc4\xea\xbc\xb6\xff.xlsx"))
    named("name_of_255_bytes", "长" * 83 + "_.xlsx")
    named("name_that_turns_round", "成绩\u202excod.xlsx")
    named("name_of_a_command", "; rm -rf $HOME; 'x' \"y\" `z`.xlsx")
    named("name_like_an_option", "--help.xlsx")
    named("name_of_a_pattern", "[a-z]*?.xlsx")
    named("name_without_suffix", "没有扩展名")
    named("name_with_two_suffixes", "成绩.xlsx.exe")
    named("name_with_an_id", "530323201309010019.xlsx")
