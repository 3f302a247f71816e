"""What things are called in the report's language. A code without a text is shown as it is, so an old result still prints."""

from collections.abc import Collection

from pdd_audit.core.measurement import Unit
from pdd_audit.core.questions import Checklists, Practice, Question
from pdd_audit.core.result import ItemRecord
from pdd_audit.texts import Lang, Words
from pdd_audit.texts.numbers import DASH, decimal_text, metric_value


class Names:
    """Titles and labels of one language, looked up in the checklists and in the texts."""

    def __init__(self, checklists: Checklists, lang: Lang) -> None:
        self.lang = lang
        self.words = Words(lang)
        self.scales = {str(name): scale for name, scale in checklists.scales.items()}
        self.practices: dict[str, Practice] = {practice.practice.id: practice for practice in checklists.practices}
        self.questions: dict[str, Question] = {item.id: item for practice in checklists.practices for item in practice.items}

    def coded(self, prefix: str, code: str) -> str:
        """The text of ``prefix.code`` (or of its ``name``), else the code."""
        for key in (f"{prefix}.{code}", f"{prefix}.{code}.name"):
            if self.words.has(key):
                return self.words(key)
        return code

    def practice(self, practice_id: str) -> str:
        practice = self.practices.get(practice_id)
        return practice.practice.title.in_language(self.lang) if practice else practice_id

    def short_practice(self, practice_id: str) -> str:
        practice = self.practices.get(practice_id)
        return practice.practice.short_title.in_language(self.lang) if practice else practice_id

    def holds(self, question_id: str) -> str:
        """The point as it reads when it holds; beside it stands how far it does."""
        question = self.questions.get(question_id)
        return question.title.ok.in_language(self.lang) if question else question_id

    def fails(self, question_id: str) -> str:
        question = self.questions.get(question_id)
        return question.title.fail.in_language(self.lang) if question else question_id

    def level(self, question_id: str, code: str) -> str:
        """The word a person picked: from the question's own scale, else a common one."""
        question = self.questions.get(question_id)
        scale = self.scales.get(question.scale) if question and question.scale else None
        for level in scale.levels if scale else ():
            if level.code == code:
                return level.label.in_language(self.lang)
        return self.coded("report.level", code)

    def na_reason(self, question_id: str, code: str | None) -> str:
        if code is None:
            return self.words("report.state.na_plain")
        practice = self.practices.get(question_id.partition(".")[0])
        known = practice.practice.na_reasons.get(code) if practice else None
        return self.words("report.state.na", reason=known.in_language(self.lang) if known else code)

    def picked(self, question_id: str, answer: str | Collection[str] | None, reason: str | None = None) -> str:
        """An answer as people gave it: a word of the scale, ticks of how many, not known, not applicable and why; or that there is none."""
        if answer is None:
            return self.words("report.state.unanswered")
        if answer == "unknown":
            return self.words("report.state.unknown")
        if answer == "na":
            return self.na_reason(question_id, reason)
        if isinstance(answer, str):
            return self.level(question_id, answer)
        question = self.questions.get(question_id)
        return self.words("report.against.ticked", done=len(answer), all=len(question.criteria) if question else len(answer))

    def answered(self, item: ItemRecord) -> str:
        """What a question's record says was answered, by people or by data."""
        if item.state == "data":
            return self.words("report.state.data" if item.value is not None else "report.state.data_none")
        given = {"unanswered": None, "unknown": "unknown", "na": "na"}
        return self.picked(item.id, given.get(item.state, item.answer), item.reason)

    def metric(self, metric_id: str) -> str:
        return self.coded("metric_names", metric_id)

    def definition(self, metric_id: str) -> str:
        key = f"metric_names.{metric_id}.definition"
        return self.words(key) if self.words.has(key) else ""

    def value(self, value: float | None, unit: Unit) -> str:
        """A metric's value with its unit, or a dash."""
        return DASH if value is None else self.words(f"metric_names.unit.{unit}", value=metric_value(value, unit))

    def remedy(self, question_id: str, action: str) -> str | None:
        """The remedy of this question that the action names in either language; None if it names none."""
        question = self.questions.get(question_id)
        remedy = question.remedy_named(action) if question else None
        return remedy.do.in_language(self.lang) if remedy else None


def cut(text: str, most: int) -> str:
    """At most so many characters and a mark that there were more."""
    return text if len(text) <= most else f"{text[:most]}…"


def short_number(value: float, digits: int = 1) -> str:
    """Rounded, without a trailing .0: limits and hours read '2', '2.5'."""
    text = decimal_text(value, digits)
    return text.rstrip("0").rstrip(".") if "." in text else text
