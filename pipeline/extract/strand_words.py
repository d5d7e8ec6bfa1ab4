"""How telling words for the industrial ecosystems begin, in ten languages. Data."""

from __future__ import annotations

STRAND_WORDS = {
    "tourism": """
        turis|besöksnäring|matkailu|touris
    """,
    "mobility": """
        mobilit|fordonsindustri|automotiv|automobil|movilid|liikkuvuu|autoteollisuu|automoc|transportmedel
    """,
    "aerospace_defence": """
        rymd|flygindustri|försvarsindustri|försvar|aerospa|defence|défense|difesa|defensa|verteidigung
        luftfahrt|raumfahrt|ilmailu|puolustus|flyg|luft-
    """,
    "construction": """
        bygg|construction|bauwirtschaft|bauwesen|baugewerbe|rakent|construcción|costruzion|construcți|bau
    """,
    "agrifood": """
        livsmedel|jordbruk|agri-food|agrifood|agroaliment|agrar|ernährung|maatalou|elintarvik|agroalimenta
        landbruk|lantbruk
    """,
    "energy_intensive": """
        energiintensiv|energikrävande|energy-intensive|energieintensiv|energiaintensiiv|energointensiv
        energy intensive|intensité energ|gran consumo|intensità energ
    """,
    "textiles": """
        textil|textile|tessil|tekstiil|tekstil
    """,
    "creative_cultural": """
        kulturella|kreativa|cultural|creative|kultur-|kreativ|culturelles|créatives|culturales|creativas
        culturali|luovat|kulturell
    """,
    "digital": """
        digital|numérique|digitaali
    """,
    "renewable_energy": """
        förnybar|förnyelsebar|renewable|erneuerbar|renouvelable|renovable|rinnovabil|uusiutuva|fornybar
        regenerabil
    """,
    "electronics": """
        elektroni|electronic|électroni|electróni|elettroni|elektronik
    """,
    "retail": """
        detaljhandel|handel|retail|einzelhandel|vähittäis|commerce de détail|comercio minorista
        vendita al dettaglio|comerț cu amănuntul
    """,
    "proximity_social": """
        närhetsekonomi|närekonomi|proximity|nahversorgung|sozialwirtschaft|prossimità|lähitalou|yhteisötalou
        proximit|social ekonomi|social economy|économie sociale|economía social|economia social
    """,
    "health": """
        hälsa|hälso|health|gesundheit|santé|salud|salute|terveys|helse|sundhed|sănătate|vård
    """,
}

_TOO_SMALL = """
economia economía ekonomi energi energy industri industria industrias industrie industrier
industries näringar sektorn teollisuus wirtschaft économie
"""
TOO_SMALL = frozenset(_TOO_SMALL.split())
"""Parts of names that name nothing alone."""
