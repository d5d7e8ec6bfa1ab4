"""Headings of lists of planned calls (Article 49(2) of Regulation (EU) 2021/1060), in four languages. Data.

Each line of a field is a pattern; they are tried field by field in this order, so that "start date of the call" is
a start and "support for the call" an amount. Columns of persons come first: they are not kept.
"""

from __future__ import annotations

HEADINGS = {
    "person": r"""
        contact|responsible|e-?mail|\bphone|kontakt|handläggare|ansvarig|telefon|saksbehandler|yhteyshenkilö|sähköposti
        puhelin
    """,
    "window": r"""
        start(ing)? (date )?(and|to|[-–/]) end|opening (date )?(and|[-–/]) clos|open(ing)? period
        application period|call period|^period$|^dates?$|time ?table|^time$
        start- ?och slut|ansökningsperiod|ansökningstid|öppettid|utlysningsperiod|^tid(er|splan)?$
        start- ?og slutt?|søknadsperiode|utlysningsperiode|søkeperiode
        alkamis- ja (päättymis|loppu)|hakuaika|aikataulu|^ajankohta$
    """,
    "start": r"""
        \bstart|\bopen(s|ing)?\b|^from\b|\blaunch
        startdatum|öppnar|öppning|^från|öppningsdatum
        startdato|åpner|åpning|^fra\b
        alkamis|alkaa|avautu|aukeaa|alkupäivä|aloitus
    """,
    "end": r"""
        \bend(s|ing)?\b|\bclos(e|es|ing)\b|deadline|\buntil\b|cut-?off
        slutdatum|stänger|stängning|sista (ansöknings)?da|^till\b
        sluttdato|slutdato|stenger|frist|^til\b
        päättymis|päättyy|sulkeutu|määräaika|loppupäivä|lopetus
    """,
    "amount": r"""
        amount|budget|allocation|funding available|available fund|total support|support \(|\beur\b|\bsek\b|€
        belopp|stödmedel|medel totalt|summa
        beløp|støttebeløp|midler
        määrä|rahoitus(?!osuus)|budjetti
    """,
    "area": r"""
        geograph|\barea covered|\bregions?\b|\bterritor|programme area
        geografisk|^region(en)?$|^område$|^län$
        maantiete|alueellinen|^alue
    """,
    "applicants": r"""
        applicant|beneficiar|who can apply
        sökande|stödmottagare|stödberättiga|vem kan söka|^målgrupp
        søker|støttemottaker|hvem kan søke
        hakija|tuensaaja|tukikelpoi
    """,
    "objective": r"""
        objective|priority|priorities|prioritet|prioriter|\bpolicy|\bso\b
        \bmål\b|politiskt|särskilt mål|specifikt|insatsområde|programområde
        målsetting|spesifik|innsatsområde
        tavoite|toimintalinja
    """,
    "ignored": r"""
        last update|updated|uppdaterad|oppdatert|päivitetty|^nr$|^no\.?$|^#$|^id$
        co-?financ|funding rate|intervention rate|stödandel|medfinansiering|rahoitusosuus|tukiprosentti
        \bfund\b|\bfond\b|\brahasto\b|programme$|^program(met)?$|^ohjelma$|\bstatus\b|\btila\b|^cci
        decision|beslut|vedtak|päätös
    """,
    "note": r"""
        remark|comment|description|additional|\bnotes?\b|further information
        anmärkning|kommentar|beskrivning|övrigt|information
        merknad|beskrivelse|annet
        huomautu|lisätie|kuvaus
    """,
    "link": r"""
        \burl\b|\blinks?\b|web|länk|lenke|linkki
    """,
    "name": r"""
        \bcalls?\b|\btitle\b|\bname\b|\btype of project
        utlysning|\bnamn\b|benämning|titel|ansökningsomgång
        utlysing|\bnavn\b|tittel
        \bhaku|\bhaun\b|\bnimi\b|hankety
    """,
}
