"""The words that say who can apply. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.extract.sentences import Sentence

_HEADS = re.compile(
    r"^(?:vem kan (?:söka|ansöka)|vilka kan söka|who can apply|who is eligible|eligible applicants?"
    r"|eligibility|kuka voi hakea|hakijat|hvem kan søke|hvem kan søge|"
    r"wer kann (?:sich bewerben|einreichen|teilnehmen)|antragsberechtigt|qui peut (?:candidater|postuler"
    r"|participer)|bénéficiaires(?: éligibles)?|quién puede (?:participar|solicitar)|beneficiarios|"
    r"chi può (?:partecipare|presentare domanda)|beneficiari|cine poate (?:aplica|participa)"
    r"|solicitanți eligibili|målgrupp)\b",
    re.I,
)
_SAYS = re.compile(
    r"\b(?:can apply|may apply|are eligible|is eligible|who can apply|kan söka|kan ansöka|voivat hakea"
    r"|voi hakea|kan søke|kan søge|antragsberechtigt|können sich bewerben|"
    r"peuvent (?:candidater|postuler|participer)|pueden (?:participar|solicitar|presentarse)"
    r"|possono (?:partecipare|presentare)|pot (?:aplica|participa)|können .{3,60} einreichen)\b",
    re.I,
)
_NOT_WHO = re.compile(r"^(?:you|ni|du|man|one|vous|sie)\b|projects with|\d{4}", re.I)


def find(sentences: Sequence[Sentence]) -> str:
    """One sentence, as written; "" when none says it."""
    for sentence in sentences:
        if sentence.labels and _HEADS.match(sentence.labels[0]) and sentence.text.strip() != sentence.labels[0]:
            return sentence.text.strip()
    said = (s.text.strip() for s in sentences if _SAYS.search(s.text) and not s.text.rstrip().endswith("?"))
    return next((text for text in said if not _NOT_WHO.search(text)), "")
