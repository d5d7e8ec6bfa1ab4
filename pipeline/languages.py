"""In which language a text is written, by its frequent little words ("and", "och", "ja"). Pure.

A word of several languages counts for each in part. Neighbours of the languages we read are known too: Danish is
not taken for Norwegian, nor Portuguese for Spanish.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

# The beginning of a text tells its language. Some calls quote a long English topic after it.
_READ = 3000
# Evidence that a guess needs: in all, per word of the text, and as a multiple of the runner-up's.
_LEAST, _LEAST_SHARE, _LEAD = 2.0, 0.06, 1.5

_LITTLE = {
    "en": """the and of to in for is are be with that this which from by on as at will can should have has not
        their or an must may were was it its into about under between these such open call apply deadline
        january february march june july october""",
    "sv": """och att det som en av för är med till på inte den från eller kan ska har ett om vid samt mellan inom
        under över också där när detta dessa de i sina söka utlysning utlysningen ansökan stöd januari
        februari mars maj juni juli augusti oktober nya är senast mer alla""",
    "no": """og at det som en av for er med til på ikke den fra eller kan skal har et om ved samt mellom innen
        under over også der når dette disse de i å sine søke utlysning utlysningen utlysningene søknad
        søknader støtte januar februar mars mai juni juli august oktober nye seg etter blir må hva mer alle
        bare frist ble være nå får gjelder gjennom bedrifter næring prosjekt prosjekter prosjektet prosjektene
        kommuner utvikling midler midlene""",
    "fi": """ja on ei että sekä tai joka jotka ovat myös mukaan kanssa voi voivat se ne oli kun niin kuin mutta ole
        vain jo noin asti saakka mennessä osana hakea haku hakuaika hanke hankkeet hankkeiden hankkeissa
        rahoitus rahoitusta rahoitetaan tukea tuetaan avoinna kello klo vuoden vuonna vuosille tammikuuta
        helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta
        marraskuuta joulukuuta euroa koko ohjelman toinen tämä tässä sen joiden joissa""",
    "de": """der die das und in den von zu mit sich des auf für ist im dem nicht ein eine als auch es an werden aus
        er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum kann können zur bis
        durch oder sowie stehen wegen januar februar märz mai juni juli oktober dezember antrag anträge aufruf
        frist insgesamt rund""",
    "fr": """le la les de des du et en un une dans que qui pour sur est au aux par avec plus sont ce cette ces se
        ou il elle leur leurs été être à ont peuvent doit ainsi entre jusqu appel projet projets date janvier
        février mars avril mai juin juillet août septembre octobre novembre décembre tous toutes nos vous nous
        ses deux l d qu n s sous vers nouveaux nouvelles entreprises""",
    "es": """el la los las de del y en un una que por con para se es al lo como más su sus son o entre hasta desde
        puede pueden este esta estos ha han también sobre cuando convocatoria convocatorias ayudas plazo
        proyecto proyectos abierta enero febrero marzo abril mayo junio julio agosto septiembre octubre
        noviembre diciembre próximo días países tres cinco comisión europea menos empresas""",
    "it": """il lo la i gli le di del della dei delle degli dal dalla e in un una che per con su si è al alla alle
        nel nella come più sono o tra fino può possono questo questa anche ha hanno ogni bando domande domanda
        progetto progetti entro gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre
        novembre dicembre l d imprese europea sui sulla""",
}
_NEIGHBOURS = {
    "da": """og at det som en af for er med til på ikke den fra eller kan skal har et om ved samt mellem inden
        under over også der når dette disse de i sine søge ansøgning ansøge støtte nye sig efter bliver hvad
        mere alle kun blev være gennem får nu virksomheder projekter projekterne projektet kommuner udvikling
        midler afsat puljen hvert senest inden ansøgningsfrist""",
    "nl": """de het een en van in te dat op voor met is zijn niet aan er om ook als bij door naar uit wordt worden
        kan kunnen deze dit of die tot over heeft subsidie aanvraag aanvragen""",
    "pt": """o a os as de do da dos das e em um uma que por com para se é ao no na nos nas como mais seu são ou
        entre até pode podem este esta também não candidaturas projetos""",
    "pl": """i w na z do się nie że o jest od dla za po przez oraz jak są lub być może wniosek wnioski projekty
        projektów nabór który które""",
    "ro": """și de în la a cu pe care din pentru nu este sunt mai sau prin al ale o un fi până se către după lei
        apel proiecte proiectelor cel privind termen propuneri euro""",
    "et": """ja on ei et ning või mis kes ka oma see kui taotlus toetus projektid aasta""",
    "ca": """el la els les de del i en un una que per amb es és al com més seu són o entre fins pot poden aquest
        aquesta també ajuts projectes dels l d empreses""",
}
# Endings that speak for one language: Finnish cases, and Norwegian's spelling of what Danish writes as "-tion".
_ENDINGS = {
    "fi": re.compile(r"\w{3,}(?:ssa|ssä|stä|llä|ään|uun|iin|jen|ksi|ista|ille)"),
    "no": re.compile(r"\w{2,}sjon(?:en|er|ene)?s?"),
}
_WORD = re.compile(r"[^\W\d_]+")


def _worth() -> dict[str, list[tuple[str, float]]]:
    """For each little word its languages and what it says for each: half as much if two have it."""
    lists = {language: set(text.split()) for language, text in (_LITTLE | _NEIGHBOURS).items()}
    shared = Counter(word for words in lists.values() for word in words)
    worth: dict[str, list[tuple[str, float]]] = {}
    for language, words in lists.items():
        for word in words:
            worth.setdefault(word, []).append((language, 1.0 / shared[word]))
    return worth


_WORTH = _worth()


def language_of(text: str) -> str:
    """The language of `text` (ISO 639-1) if it is clearly one that this module knows, else ""."""
    said, words = _said(text)
    best = _best(said)
    second = max((said[language] for language in said if language != best), default=0.0)
    clear = said.get(best, 0.0) >= max(_LEAST, _LEAST_SHARE * words, _LEAD * second)
    return best if clear else ""


def likeliest_language(text: str) -> str:
    """The language that most words of `text` speak for; "" only where no word says anything."""
    return _best(_said(text)[0])


def _said(text: str) -> tuple[dict[str, float], int]:
    """What the words say for each language, and the number of words."""
    words = _WORD.findall(text[:_READ].casefold())
    said: dict[str, float] = {}
    for word in words:
        for language, worth in _WORTH.get(word, ()):
            said[language] = said.get(language, 0.0) + worth
        if word not in _WORTH:
            for language, ending in _ENDINGS.items():
                if ending.fullmatch(word):
                    said[language] = said.get(language, 0.0) + 0.5
    return said, len(words)


def _best(said: Mapping[str, float]) -> str:
    return max(said, key=said.__getitem__, default="")
