"""By which words a post announces a call, and by which it is about an event, a result or a job. Pure."""

from __future__ import annotations

import re

from pipeline.extract import sentences
from pipeline.extract.role_names import CUES, DEADLINE


def _any(words: str) -> re.Pattern[str]:
    return re.compile("|".join(line.strip() for line in words.strip().splitlines()), re.IGNORECASE)


_TITLES_CALL = _any(
    r"""
    \bcalls? (?:\w+ ){0,4}(?:is |are |now )*(?:open(?:s|ed|ing)?|launched|published|out)\b
    \b(?:open|new|first|second|third|fourth|last) (?:\w+ ){0,3}calls?(?! for (?:evaluators|experts|papers))\b
    \b(?:opens?|launch(?:es|ed)?|publish(?:es|ed)?|announc\w+) (?:[\w€.,-]+ ){0,8}calls?\b
    \butlysning\w* (?:[\w:åäö.-]+ ){0,6}(?:öppn|öppen|öppet|pågår|startar|är ute)
    \b(?:öppnar|startar|lanserar) (?:[\w:åäö-]+ ){0,4}\w*utlysning
    \b(?:ny|nya|öppen|öppna|första|andra|sista) (?:[\w:åäö-]+ ){0,3}\w*utlysning
    \b(?:sista chansen|nu kan du|dags) att söka\b
    \b(?:haku|haut)\w* (?:\w+ ){0,4}(?:auki|avoinna|avautu\w+|käynnissä|alkoi|alkaa)\b
    \butlysning\w* (?:er )?åpne?\b
    \b(?:aufruf|ausschreibung|call)\w* (?:\w+ ){0,4}(?:offen|geöffnet|gestartet|läuft)\b
    \bappels? à (?:projets|propositions|candidatures)\b
    \bconvocatorias?\b
    \bbando\b
    """
)
_ELSE = _any(
    r"""
    \binfo(?:rmation)? ?(?:day|session)s?\b|\bwebinars?\b|\bconferences?\b|\bworkshops?\b|\bsummit\b|\bbrokerage\b
    \bmatch-?making\b|\bsave the date\b|\bsign up\b|\bregister (?:now|for|to)\b|\bagenda\b|\bceremony\b
    \bresults?\b|\bwinners?\b|\bawarded\b|\bawards?\b
    \b(?:projects?|proposals?|companies) (?:\w+ )?(?:selected|funded)\b
    \bselect(?:s|ed) \d|\bgrant agreements?\b|\bgranted\b|\breceived \d+\b|\bevaluation (?:results?|of)\b
    \bsuccess stor|\bnewsletter\b
    \bconsultation|\bhave your say\b|\bhearing\b|\bremiss|\bsamråd|\blausunto|\bhøring|\bkonsultation
    \bvacanc|\btraineeships?\b|\bjob\b|\brecruit|\bcalls? for (?:evaluators|experts|papers)\b|\bseconded\b
    \bwebb?inari|\binfodag|\binformationsträff|\bseminari|\bkonferens|\bfrukostmöte|\bworkshop|\banmäl dig\b
    \bresultat|\bbeviljade?s?\b|\bvinnare\b|\bpristagare\b|\bfick stöd\b|\bfår stöd\b|\bfår \d+ miljoner\b
    \blediga? (?:jobb|tjänst)|\bvi söker\b|\brekrytera|\bpraktikant|\btjänsteutlysning
    \btulokset\b|\bwebinaari|\binfotilaisuus|\bergebnisse\b|\bstellenangebot|\bveranstaltung|\brésultats\b|\bresultados\b
    """
)
_SPEAKS = _any(
    r"""
    \bcalls? for (?:proposals|applications|projects)\b.{0,80}\b(?:open|launch|clos|deadline|until)
    \b(?:can|may) (?:now )?apply\b|\bapply (?:by|before|until|no later)\b
    \bapplications? (?:close|deadline|are open)
    \bsubmit (?:your |their )?(?:proposals?|applications?)\b|\bproposals due\b
    \bdeadline for (?:proposals|applications)\b
    \butlysning\w*(?: \w+){0,4} (?:öppnar|öppnade|är öppen|är öppna|stänger|har öppnat)\b
    \b(?:kan|får) (?:\w+ ){0,5}söka (?:\w+ ){0,3}(?:pengar|medel|stöd|bidrag|finansiering)\b
    \bsista (?:ansöknings)?dag(?:en)? (?:att söka|för ansökan|för att söka)|\bsista ansökningsdag\b
    \bansök(?:an|ningar)? (?:\w+ ){0,5}senast\b|\bhur mycket kan ni (?:söka|få)\b
    \bhakuaika\b|\bhaku (?:on (?:auki|avoinna)|sulkeutuu|päättyy)\b|\bsøknadsfrist|\bansøgningsfrist
    \beinreichfrist|\bantragsfrist|\bbewerbungsfrist|\bdate limite\b|\bplazo de presentación\b|\btermine ultimo\b
    \bdata limită\b|\b(?:kann|können) (?:man |sie )?sich .{0,60}\bbewerben\b
    \bhaku (?:\w+ ){0,2}kestää\b|\bhakuihin\b
    """
)


def titles_call(title: str) -> bool:
    """Whether a title says that a call is there, whatever else it names."""
    return bool(_TITLES_CALL.search(title))


def is_about_else(title: str) -> bool:
    """Whether a title speaks of an event, a result or a job."""
    return bool(_ELSE.search(title))


def speaks_of_call(text: str) -> bool:
    """Whether a text says that one can apply, or has a deadline and applying in one sentence."""
    if _SPEAKS.search(text):
        return True
    roles = ({cue.role for cue in CUES.find(piece.text)} for piece in sentences.split(text))
    return any({DEADLINE, "submit"} <= found for found in roles)
