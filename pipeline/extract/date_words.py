"""What the words beside a date say about it, in ten languages. Data.

deadline  the day is a deadline
until     up to this day; what ends must be said elsewhere
open      the day is an opening
submit    it is about applying (says no role alone)
isopen    something is open; whatever its subject is
stage     a paper to be handed in
event, decision, project, published, other: not a deadline; projects: the same, but not as a label
programme what opens is a programme, no call
former    a day that no longer holds
"""

from __future__ import annotations

DATE_WORDS = {
    "deadline": """
        submission:|submissions:|inlämning:|einreichung:|abgabe:|dépôt:|dépôt :|presentación:|presentazione:
        depunere:|jättö:
        deadline*|closing date*|closing time|cut-off*|cut off date*|cutoff*|closes|closed|closing on|will close
        close on|close at|due on|due by
        shuts|shut|close|closure|end of submission|submission ends|cut-off|collected on
        proposals due|applications due|is due|are due|due date|submission date|last day to apply|final date
        last date|extended to
        extended until|moved to|postponed to|must be in by|closing|expiry date|bids due|due:|new deadline*
        final day
        sista ansökningsdag*|sista ansökningsdatum|sista dag|sista dagen|sista datum|stänger|stängde|stängd|stängt
        stängs|går ut|löper ut
        sista inlämning*|slutdatum|sista dag att söka|förlängd till|förlängs till|flyttas till|flyttad till
        sista chansen|stängning*
        stängningsdatum|sista ansökan|inlämningsdag|inlämningsdatum
        sulkeutu*|määräai*|määräpäiv*|viimeinen hakupäivä|takaraja|pidennet*|jatkettu|viimeinen jättöpäivä
        jättöpäivä
        søknadsfrist*|frist|fristen|frister|ansøgningsfrist*|stenger|stengte|stengt|stenges|lukker|lukkede|lukket
        siste frist|sidste frist
        forlenget til|utsatt til|forlænget til|udsat til|innleveringsfrist*|utløper|udløber|frister:
        siste søknadsdag|sidste dag
        einreichfrist*|einreichungsfrist*|antragsfrist*|bewerbungsfrist*|fristen|abgabefrist*|stichtag*
        einsendeschluss|bewerbungsschluss
        annahmeschluss|schließt|schliesst|schlusstermin|einreichtermin*|einreichungstermin*|einreichschluss
        einreichungsschluss|verlängert bis
        verschoben auf|antragsschluss|abgabetermin|fristende|einreichungsende|einsendefrist*|vorlagefrist*
        date limite*|dates limites*|clôtur*|clos|échéance*|délai*|dernier délai|date butoir|dernier jour|ferme
        fermera|fermeture*|date de fin|prolongé*
        reporté*|date de remise|relevé|relève|relevés|relèves|levée|date de dépôt|dernier appel
        fecha de corte|fechas de corte|data di scadenza|plazo|plazos|fecha límite|fecha limite|fechas límite
        fecha de cierre|cierre|cierra|cierran|cerrará|cerró
        se cerró|vence|vencimiento
        último día|fin de plazo|ampliado hasta|fecha tope|cierre de
        scadenza|scadenze|scade|scadono|scadrà|scadranno|termine ultimo|termine per|termini per|chiusura|chiude
        chiudono|chiuderà|data ultima
        ultimo giorno|prorogat*|termine di presentazione|chiuso
        termen limită|termenul limită|termenul-limită|termen-limită|termenele limită|termenul|termen|data limită
        dată limită|data închiderii
        închide|închid|închidere*|închiderea|prelungit*|termen final|data-limită|ultima zi
    """,
    "until": """
        by|until|till|before|no later than|not later than|at the latest|latest by|up to and including|through
        latest|no later
        ends|ended|ending|end on|expires|expire|runs to|finishes|ahead of|prior to|not after
        senast|ej senare än|inte senare än|ikke senere enn|till och med|t.o.m.|t.o.m|t o m|fram till|före|innan
        till den|avslutas|slutar|upphör|fram t o m
        viimeistään|mennessä|asti|saakka|ennen|päättyy|päättyi|päättyvät|päättyen
        innen|senest|til og med|t.o.m|fram til|frem til|før|inden|avsluttes|åpen til|åpent til
        bis|spätestens|bis zum|bis einschließlich|vor dem|endet|enden|endete|läuft am|läuft bis
        jusqu'au|jusqu'à|jusque|au plus tard|avant le|pour le|d'ici le|d'ici au|se termine|prend fin|prendra fin
        attendu|attendus|attendues|attendue
        hasta|hasta el|hasta las|antes del|a más tardar|como máximo el|finaliza|finalizará|termina|concluye|acaba
        antes de
        entro|entro il|fino al|fino alle|entro e non oltre|prima del|non oltre|termina|terminerà|si conclude
        fino all'|sino al
        până la|până pe|până în|până|pana la|cel târziu|înainte de|nu mai târziu de|se încheie|expiră|se termină
    """,
    "open": """
        open date|open since|ouverts depuis|ouvertes depuis|abiertas desde|aperto da|aperta da|avoinna alkaen
        åpent fra og med|beginn der einreichfrist|beginn der antragsfrist|beginn der bewerbungsfrist
        inicio del plazo|inicio de plazo|apertura del plazo|début du dépôt
        start of submission|ouvert depuis|ouverte depuis|abierta desde|abierto desde|öppen sedan|öppet sedan
        start of application*|submission starts|offen seit|einreichstart
        opens|opened|opening*|will open|open on|open from|opens on|launched|launch|launches|available from
        open as of|starting from|call opening
        öppnar|öppnade|öppnas|öppnat|öppnades|öppning*|med start|från och med|fr.o.m.|fr.o.m|lanseras|lanserade
        ansök från|öppningsdatum
        avasi|avautu*|avataan|avattiin|aukeaa|aukesi|alkaa|alkoi|alkaen|käynnistyy|avautumi*
        åpner|åpnet|åpnes|åpnede|åbner|åbnede|åbning*|åpning*|lanseres|åpningsdato
        öffnet|öffnete|eröffnet*|startete|gestartet|öffnung*|beginn der einreichung|einreichbeginn
        start der einreichung|ab dem|startdatum
        ouvre|ouvrira|a ouvert|ouvert le|ouverte le|ouverture*|à partir du|s'ouvre|lancé*|lancement*|s'ouvrira
        abre|abrirá|abrió|abierta el|apertura|a partir del|se abre|publicará|publicarán|lanzó|lanzará|lanzamiento
        apre|aprirà|apertura*|si apre|a partire dal|aperto dal|aperta dal|aprono|apriranno|aperte dal
        se deschide|deschider*|deschis pe|începând cu|lansat*|lansare*|se lansează|deschide
    """,
    "submit": """
        sent|apply|applied|application*|applicant*|proposal*|submit*|submission*|hand in|handed in|upload*|call
        calls
        bids|bid|expression of interest
        expressions of interest|window|intake|send|reach us|offers|tenders|funding round|application round
        call period|tender|participate
        ansök*|sök|söka|söker|utlysning*|skicka|skickas|tar vi emot|ta emot|tas emot|lämna|lämnas|lämnar|inlämn*
        komma in|kommit in
        ansökningsperiod*|ansökningsomgång*|inkomma|inkommit|inne|erbjudande*|ansökan|fönster|period|ansökningstid*
        valmisteluhaku|hankehaku|rahoitushaku|avustushaku|jatkohaku|haku|haut|haku*|hakea|hakem*|haettav*|haetaan
        jättää|jätettävä*|toimite*|haussa|hae|hakija*|lähet*
        søk*|utlysning*|ansøg*|søg*|tilskud|pulje*|sende|sendes|send|indsend*|lever*
        einreich*|eingereicht*|einzureichen|antrag*|anträge*|anträgen|bewerb*|beworben|aufruf*|ausschreibung*
        förderaufruf*|vorschläge*
        einsenden|eingehen|eingegangen|wettbewerbsaufruf*|bekanntmachung*|vorzulegen|call|abschicken|abzugeben
        mitmachen|abgegeben|abgeben|teilnehmen|beantrag*|projektideen|interessenbekundung*
        candidat*|dossier*|dépôt|dépos*|appel|appels|soumett*|soumis*|soumission*|répondre|proposition*|postul*
        envoy*|transmis*
        período|periodo|période|periode|perioada|finestra|ventana|solicitud*|propuesta*|presenta*|convocatoria*
        enviar*|envi*|candidatura*|solicitar|ayudas|remitir*
        domand*|candidatur*|propost*|bando|bandi|inviat*|inviar*|presenta*|istanz*|avviso|trasmess*|partecipa*
        propuner*|cerer*|apel*|depun*|depus*|aplica*|aplici*|candidatur*|transmit*|trimit*|înscrieți proiect*
    """,
    "isopen": """
        open|öppen|öppet|öppna|auki|avoinna|åpen|åpne|åpent|åben|åbne|åbent|offen|geöffnet|ouvert
        ouverte|ouverts|ouvertes|abierto|abierta|abiertas|abiertos|aperto|aperta|aperte|aperti|deschis|deschisă
        deschise
    """,
    "programme": """
        programme|programmet|programmets|ohjelma|ohjelman|programm|programma|programa|programul|hackathon*
    """,
    "stage": """
        concept note*|full proposal*|full application*|first stage|second stage|stage 1|stage 2|first step
        second step|outline proposal*|pre-proposal*|pre-application*
        skiss|skissen|skisser|fullständig ansökan|steg 1|steg 2|ideskiss|idéskiss|föranmälan
        konseptiluonno*|ideahaku*|täysi hakemus|skisse|hovedsøknad*|vollantrag*|vollanträge*|projektskizze*|skizze*
        konzeptnote*
        note de concept|notes de concept|note conceptuelle|notes conceptuelles|proposition complète
        propositions complètes|note succincte|notes succinctes
        nota conceptual|notas conceptuales|propuesta completa|propuestas completas|nota concettuale
        proposta completa|proposte complete
        notă conceptuală|note conceptuale|propunere completă|propuneri complete
    """,
    "event": """
        webinar*|info day*|info session*|information day*|information session*|infoday*|info-day*|workshop*|seminar
        seminars|conference*|meeting*|event|events
        registra*|registrer*|registrier*|rekisterö*|înregistr*|enregistr*|s'enregistrer|register|registration*
        registered|brokerage*|matchmaking|kick-off*|kickoff*|launch event|open days|join us
        join|forum|fair|q&a session*|training*|summit
        webbinari*|webinari*|infodag*|informationsdag*|informationsmöt*|infomöt*|informationsträff*|seminari*
        konferens*|möte*|träff*|skrivarstuga*
        öppet hus|anmäl|anmälan|anmäler|anmälning*|frågestund*|mässa|mässan|utbildning*|digital drop-in|drop-in
        webinaari*|infotilaisuu*|infopäiv*|hakuinfo*|seminaari*|tilaisuu*|ilmoittau*|työpaj*|tapahtum*|kokou*
        hakuklinikka*|koulutu*
        informasjonsmøte*|infomøte*|møte*|seminar*|konferanse*|påmelding*|meld deg*|arrangement*|informationsmøde*
        møde*|tilmeld*|konference*
        informationsveranstaltung*|infoveranstaltung*|veranstaltung*|infotag*|informationstag*|konferenz*|tagung*
        anmeld*|online-sitzung|messe|schulung*
        webinaire*|réunion*|journée*|atelier*|séminaire*|conférence*|inscri*|s'inscrire|événement*|évènement*
        rendez-vous|salon|formation*
        jornada*|seminario*|webinario*|taller*|conferencia*|reunión*|reuniones|inscri*|evento*|sesión informativa
        sesiones informativas|apuntarse|feria
        giornata*|giornate*|eventi|incontr*|convegn*|iscri*|fiera|seminari
        sesiun*|eveniment*|conferinț*|înscri*|întâlnir*|târg
    """,
    "decision": """
        decid*|decision*|result*|evaluat*|award*|notif*|selected|selection|announced|approved|adopted|signature*
        signed|grant agreement*|successful|winners|ranking
        beslut*|besked*|utvärder*|godkän*|resultat*|beviljade|prioriterade|väljer|fördelade|bedöm*|vinnare*
        tillkännag*|antogs|kontrakt*
        päätö*|päätetään|arvioin*|tulok*|hyväksy*|myön*|valitaan|valinta*|rahoituspää*
        vedtak*|beslutning*|avgjør*|svar|afgørelse*|tilsagn*|behandl*|godkjen*|godkend*|bevilg*|tildel*|kontrakt*
        entscheid*|entschieden|ergebnis*|bewertung*|begutacht*|bewillig*|bekannt gegeben|genehmigt|auswahl*
        bescheid*|verabschiedet
        décision*|résultat*|évaluation*|sélection*|lauréat*|annonc*|approuv*|attribu*|notifi*|adopt*|signature*
        resolución|resultado*|evaluación|decisi*|concedi*|adjudic*|aprob*|notific*|adopt*|firma|fallo|entrega
        risultat*|valutazion*|esit*|graduatori*|approvat*|assegnat*|comunic*|adottat*|firma|selezione
        decizi*|rezultat*|evaluar*|anunț*|aprobat*|selecți*|semnar*|adoptat*
    """,
    "project": """
        project start*|projects start*|projects can start|projects may start|start date|starting date
        start of projects|project end|be completed|tiltakene|ferdige|ferdig|afsluttet|valmiit|valmiina|be finished
        be spent|be finalised|finalised|project runs
        projects run|duration|implementation|work begins|begins|projects must|activities|final report*|reporting
        report|start of activities
        expected start|grant period|programme runs|programme period|eligibility period|project period
        costs incurred
        projektstart*|projekttid*|starta|startar|slutför*|vara klara|vara klart|avslutade|genomför*|slutrapport*
        projektperiod*
        slutredovis*|lägesrapport*|insatser*|pågår
        toteutus*|toteute*|loppurapor*|kestävät|kestää
        prosjektstart*|prosjektperiode*|sluttrapport*|slutrapport*|gjennomfør*|gennemfør*|oppstart*
        projektstart*|projektbeginn|projektlaufzeit|laufzeit|umgesetzt*|umsetz*|projektende|beginnen|durchführ*
        abgeschlossen*|starten|förderzeitraum
        bewilligungszeitraum|projektdauer|abschluss
        travaux|début des projets|démarr*|débuter*|durée*|fin des projets|achev*|réalis*|rapport|mise en œuvre
        début du projet|commencer*
        inicio de los proyectos|inicio del proyecto|ejecución|ejecut*|duración|finalización de|comenzar*|informe
        período de ejecución|comienzo|empezar*
        avvio dei progetti|avvio|durata|realizz*|conclus*|rendicont*|inizio|attività|inizieranno|avviati
        implement*|începerea|durata|perioada de implementare|raport*|începutul|activități*|demara*
    """,
    "projects": """
        project run|projekten|projektet|projekt|hankkeet|hankkeiden|hanke|hankkeen|prosjektene|prosjektet|prosjekt
        projekterne|vorhaben|projekte
    """,
    "published": """
        published|publication date|updated|posted|last modified|news article|release date|date of publication
        last update
        publicerad*|publicerat|publicering*|publicerades|uppdaterad*|senast uppdaterad|senast ändrad|nyhet|nyheter
        julkaistu|päivitetty|julkaistiin|publisert|oppdatert|sist oppdatert|udgivet|opdateret|offentliggjort
        sidst opdateret
        veröffentlicht*|veröffentlichung*|aktualisiert|stand|publié|publiée|mis à jour|mise à jour|publication
        publiés
        publicado|publicada|publicadas|actualizado|publicación|pubblicat*|aggiornat*|publicat|publicată|actualizat*
        pubblicazione
    """,
    "other": """
        questions|helpdesk|evaluators|experts|comments|consultation|survey|feedback|regulation|directive|since|born
        founded|strategy|agreement|hotline
        frågor|remiss*|samråd*|enkät*|förordning*|sedan|avtal|kysymyk*|kysely*|lausun*|asetu*|spørsmål|høring*
        spørgsmål|siden
        fragen|konsultation*|verordnung|gutachter*|seit|richtlinie|évaluateurs|experts|règlement|depuis|sondage
        directive|consultation*
        evaluadores|evaluador|expertos|preguntas|consulta*|reglamento|desde el|directiva|encuesta|quesiti
        chiariment*|valutatori|esperti|regolamento|consultazione|direttiva|faq
        întrebări|clarificări|evaluatori*|experți*|regulament*|consultare*|directiva
    """,
    "former": """
        originally|initially|previously|formerly|instead of|previous call|last year|old deadline|earlier deadline
        last call closed|rather than
        ursprungligen|ursprunglig|tidigare|i stället för|istället för|förra|föregående|alun perin|alkuperäi*
        aiemmin|aiem*|edelli*|sijaan
        opprinnelig*|tidligere|forrige|oprindelig*|i stedet for|ursprünglich*|bisher*|statt|vorher|vorig*|anstatt
        letzte ausschreibung
        initialement|au lieu du|précédent*|initiale|inicialmente|en lugar del|anterior*|en vez del|inizialmente
        anziché|precedent*|invece del
        inițial*|anterior*|în loc de
    """,
}
