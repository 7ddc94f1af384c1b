"""The one exception a user may see."""

from __future__ import annotations


class SchoolhouseError(Exception):
    """A fault that the user can act on: what is wrong, where, and what to do, in English and in Chinese.

    `where` names file, sheet, row and column as far as they are known. It never holds a person's identifier.
    """

    def __init__(self, en: str, zh: str, *, where: str = "", fix_en: str = "", fix_zh: str = "") -> None:
        super().__init__(en)
        self.en, self.zh, self.where, self.fix_en, self.fix_zh = en, zh, where, fix_en, fix_zh

    def line(self, language: str = "zh") -> str:
        """One printable line in `zh` or `en`."""
        what, fix = (self.zh, self.fix_zh) if language == "zh" else (self.en, self.fix_en)
        dash = ":" if language == "zh" else ": "
        text = f"{self.where}{dash}{what}" if self.where else what
        return f"{text}{'。' if language == 'zh' else '. '}{fix}" if fix else text

    def to_dict(self) -> dict[str, str]:
        return {
            "error_en": self.en,
            "error_zh": self.zh,
            "where": self.where,
            "fix_en": self.fix_en,
            "fix_zh": self.fix_zh,
        }
