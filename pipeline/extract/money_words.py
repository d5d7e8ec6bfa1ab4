"""What the words beside an amount say about it, in ten languages. Data.

budget   what the call hands out               call     names the call (with `has` it makes a budget)
each     what one project gets                 upto     a ceiling: of a project, unless a budget is named
programme  the money of a whole programme or period
awarded  money already given                   cost     costs, turnover, fees, fines: not money to apply for
part     a share of an amount named before     least    a floor
"""

from __future__ import annotations

MONEY_WORDS = {
    "budget": """
        budget|budgets|total|totals|in total|overall|available|total funding|funding available|is set aside
        set aside|earmarked|indicative amount|overall amount
        allocation|allocated|envelope|pot|worth|call budget|altogether|indicative budget|budget of|distribute
        distributes|total budget|on offer|purse|hand out|hands out|will hand out|funding
        up for grabs|puts up|to spend|put aside|reserved|ready for|invites bids
        budget*|totalt|sammanlagt|samlade|avsätts|avsatt|avsätter|finns|finnas|fanns|att söka|att fördela|utlyser
        utlyses|anslår|anslag*|ram|ramen|total|tillgängligt|bidragsbudget*|potten|rymmer|lediga medel|på totalt
        delar ut|finansiering|finansieringen|total finansiering|fondmedel
        medel|finns det|till förfogande|utlysningsbudget*|fördelas|omfattar|avsatta
        budjetti*|jaossa|yhteensä|haettavissa|haettavana|määrärah*|käytettävissä|myönnetään|rahoitusta
        kokonaisbudjetti*|varattu|avustusta|rahaa|varoja|rahoitus|kokonaisrahoitu*|osoitettu|haettavaksi|potti
        suuruinen
        rammen|ramme|rammen er|budsjett*|totalt|satt av|tilgjengelig*|utlyst|lyser ut|utlyses|samlet|fordele
        til rådighet|afsat|puljen|pulje|avsatt|i potten|støtte|disponib*|rummer|potten|utlysningsramme*
        utlysningsbeløp|setter av|afsætter|til fordeling|midler|økonomisk ramme|finansiering
        budget|budgets|gesamtbudget*|insgesamt|zur verfügung|bereit|fördermittel*|fördervolumen|mittelvolumen
        mittel|ausgestattet|dotiert|fördersumme|bereitgestellt
        gesamtmittel|budgetvolumen|gesamtvolumen|budget des aufrufs|fördertopf|volumen|dotierung
        stellt|finanzvolumen|fördertopf*|finanzmittel|gesamtförderung|umfang|verteilt|vergibt|finanzierung
        enveloppe*|doté|dotée|dotés|dotation*|disponible*|montant total|budget total|montant global|mobilis*
        s'élève|consacr*|alloué*|budget de|crédits|au total|financement*|somme|met à disposition|réservé*|fonds
        dotación|dotada|dotado|presupuest*|disponible*|importe total|cuantía total|fondos|asciende|destina*
        cuenta con|en total|crédito|total de|financiación|bolsa|subvenciones|reparte|repartirá|movilizará|importe
        dotazione|stanziat*|risorse|budget|disponibil*|ammontano|ammonta|complessiv*|messi a disposizione
        a disposizione|fondi|importo totale|plafond|totale|pari a|mette a|finanziament*|ammontare|mette in palio
        destina*|messi a bando
        buget*|alocat*|alocare*|disponibil*|total|valoarea totală|suma totală|în valoare|fonduri|dotat|alocă
        finanțare*|pune la dispoziție|sumă|apel de
    """,
    "call": """
        call|calls|this topic|topic|utlysning*|erbjudandet|haku|haussa|haku*|hakukierro*|utlysning*|pulje*|aufruf*
        ausschreibung*|förderaufruf*|wettbewerb
        appel|appels|convocatoria*|bando|bandi|avviso|apel*|competition|tender|consortium|callen|bekanntmachung*
    """,
    "has": """
        has|have|offers|of|with|har|på|är|on|er|hat|umfasst|beträgt|ha|è|a|de|est|dispose|es|tiene|dispone|are
        provides|makes available|vale|este|are|is|sind
        cuenta con|prevede|comporta|offre|ofrece|oferă|tilbyr|erbjuder|innehåller|rymmer|mit|con|avec|med|cu|di
    """,
    "each": """
        per project|each project|each|every project|per proposal|per grant|per applicant|per sme|per company
        per beneficiary|per third party|per team|apiece|per participant
        maximum grant*|grant request*|any grant|lump sum*|per action|grant size|per startup|per consortium
        a project can|one project|per award|individual grants
        per organisation|contribution per|projects of|grants of|grants between|grants from|vouchers
        voucher|per voucher|size of the grant*|per partner|support per
        per projekt|varje projekt|ett projekt|projekten kan|projekt kan|per företag|per ansökan|vart och ett
        per sökande|stödet är|per bolag|per aktör|per deltagare|bidraget är
        projektstöd*|varje företag|enskilt projekt|stödbelopp*|per insats|en ansökan|per organisation
        hanketta kohti|hankkeelle|hanke voi|per hanke|hankekohtai*|yhdelle hankkeelle|hakijaa kohti|yhden hankkeen
        kukin hanke|yritystä kohti|kullekin|yksittäi*|per hakija
        hvert prosjekt|per prosjekt|pr. prosjekt|per søknad|pr. søknad|hvert projekt|pr. projekt|per bedrift
        det enkelte|et projekt|et prosjekt|søkes om|det kan søkes|kan søke om|pr. ansøgning|per søker|ett prosjekt
        je projekt|pro projekt|je vorhaben|pro vorhaben|jedes projekt|jedes vorhaben|pro antrag|je antrag
        pro unternehmen|ein projekt|einzelne projekte|je unternehmen|pro konsortium|je konsortium|einzelprojekt*
        pro kopf
        par projet|chaque projet|par bénéficiaire|par dossier|par entreprise|un projet|l'aide est|par candidat*
        chacun*|par lauréat|par consortium|par action|subvention par|contribution par
        por proyecto|cada proyecto|por beneficiari*|por empresa|la ayuda no|por solicitud|cada uno|cada una
        un proyecto|por entidad|por consorcio|por propuesta|del proyecto|de los proyectos
        per progetto|ogni progetto|ognun*|ciascun*|per impresa|per beneficiario|contributo massimo|un progetto
        per proposta|a progetto|singolo progetto|per domanda|ogni proposta|singoli progetti
        per proiect|un proiect|fiecare proiect|pe proiect|grant maxim|fiecare|per beneficiar|pentru un proiect
        per solicitant|pe solicitant
    """,
    "upto": """
        up to|maximum|max|max.|at most|no more than|not exceed|ceiling|capped at|between|ranging|from
        upp till|högst|som mest|maximalt|mellan|max|enintään|korkeintaan|välillä|inntil|maksimalt|maks|maks.|højst
        op til|mellom|mellem|opp til
        bis zu|höchstens|maximal|maximal*|zwischen|bis|jusqu'à|maximum|au maximum|plafonn*|entre|au plus|maximale
        hasta|máximo|como máximo|máxima|no superará|entre|fino a|massimo|al massimo|non superiore*|tra|massima
        fino ad
        maximum|maxim|până la|cel mult|maximă|între
    """,
    "programme": """
        whole programme|entire programme|programme budget|the programme|programme has|the programme's|programme of
        funding period|programming period|over seven years|seven-year
        total programme|programme total|programme is worth|programming|multiannual|the fund has|overall programme
        whole period|programme's total|the eu budget|eu budget
        hela programmet|programmet|programmets|programperiod*|program|budgetperiod*|programmets totala
        hela perioden|under perioden|för perioden|regionalfonden
        ohjelman|ohjelma|ohjelmassa|ohjelmakau*|ohjelmalla|koko kau*|rahastokau*|ohjelman koko
        programmet|hele programmet|programperiode*|perioden|hele perioden
        programm|das programm|förderperiode*|programmperiode*|gesamte periode|programms|programmlaufzeit
        programmbudget*|laufzeit des programms|gesamten zeitraum|periode
        le programme|du programme|programme|période|programmation|sur la période|pluriannuel*|volet
        el programa|del programa|programa|período|periodo|programación|hasta 2027|plurianual
        il programma|del programma|programma|programmazione|periodo|nel periodo|settennio|pluriennale
        programul|programului|program|perioada|programare|multianual*
    """,
    "awarded": """
        selected|has selected|awarded|granted|won|were given|signed|received|has funded|have funded|was given
        went to|has awarded
        recipients|beneficiaries received|were selected|have received|has granted
        beviljade|beviljats|beviljat|fördelade|fördelat|fått|fick|tilldelades|tilldelats|prioriterade|får dela
        delar på|delade ut|gick till|har gått
        myönsi|myönnettiin|sai|saivat|jakoi|on myöntänyt|myönnetty|rahoitti|bevilget|bevilgede|har fått|tildelt
        tildelte|fikk|har fået|uddelt|delte ut|delt ut
        überreicht*|gingen|erhielten|erhielt|erhalten haben|vergab|bewilligte|bewilligt|wurden gefördert|ging an
        übergab|hat vergeben|zugesagt|wurden vergeben
        a attribué|ont reçu|attribué*|a accordé|lauréats|ont obtenu|a reçu|ont été accordés|ont été attribués
        a octroyé|sélectionnés
        ha concedido|concedió|han recibido|adjudicó|ha adjudicado|recibieron|concedidos|fueron concedid*|recibió
        otorgó|ha otorgado|han obtenido
        ha assegnato|assegnati|hanno ricevuto|ha concesso|sono stati assegnati|hanno ottenuto|finanziati
        ha finanziato|sono andati
        a acordat|au primit|a primit|au fost acordat*|a alocat deja|au obținut|a finanțat|au fost finanțate
    """,
    "cost": """
        capital expenditure|capex|total costs|total cost|turnover|costs|cost of|salary|salaries|fee|fees|fine|fines
        balance sheet|revenue*|investment costs|project cost*|project budget*|project size|price|participation fee
        investment|investment of|l'investimento|investimento|investissement|inversión|investering*|investition*
        eligible costs|have generated|projects have|damage
        omsättning|omsätt*|kostnad*|kostar|totalkostnad*|avgift*|böter|investeringskostnad*|balansomslutning
        projektkostnad*|projektbudget*|prosjektbudsjett*|projektets budget|lön
        liikevaih*|kustannu*|maksaa|hinta|omsetning|kostnad*|koster|omkostning*|omsætning
        gesamtkosten|kosten|umsatz|jahresumsatz|gebühr*|projektkosten|bilanzsumme|investitionskosten|kostet|schäden
        coût*|chiffre d'affaires|dépenses|frais|coûts|bilan|coste*|volumen de negocio|facturación|gastos|cuesta
        coste total
        costi|costo|fatturato|spese|costa|bilancio|cifra de afaceri|cost total|costuri*|cheltuieli|taxă
    """,
    "part": """
        of which|including|varav|därav|josta|joista|mistä|hvorav|heraf|hvoraf|davon|darunter|dont|de los cuales
        de las cuales|de los que|di cui|dei quali|din care|thereof|incl.
    """,
    "least": """
        at least|smallest|minsta|minimibelopp*|vähimmäis*|mindestbetrag|mindest*|minstebeløp|min.|min|minimum
        minimum of|no less than|not less than|lägst|minst|vähintään|minimum|mindestens
        au moins|au minimum|como mínimo|mínimo|al menos|almeno|minimo|cel puțin|minim|mindst
    """,
}
