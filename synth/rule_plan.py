"""What a scenario of rules is about: where it is planted, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass

Row = dict[str, object]


@dataclass(frozen=True)
class Expected:
    """A rule's outcome at an edition; `entity_id` is '' where the entity is a person, who has another name inside."""

    region_code: str
    school_year: str
    rule_id: str
    outcome: str
    entity_id: str


@dataclass(frozen=True)
class Scene:
    """The county and its schools by what scenarios need of them. `year` is the first of the last school year."""

    region: str
    year: int
    compulsory: tuple[str, ...]
    juniors: tuple[str, ...]
    town_juniors: tuple[str, ...]
    village_primary: str
    special: str

    @property
    def school_year(self) -> str:
        return f"{self.year}-{self.year + 1}"

    def evidence(self, code: str, name: str, entity: str, conclusion: str, number: int) -> Row:
        """A line of the register of evidence."""
        return {
            "指标代码": code, "指标名称": name, "对象代码": entity, "结论": conclusion,
            "佐证编号": f"ZC{self.year}-{number:03d}", "佐证日期": f"{self.year + 1}-05-28",
            "责任单位": "政府教育督导室",
        }  # fmt: skip
