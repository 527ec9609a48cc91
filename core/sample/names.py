"""The names of the sample's 120 clients; none of them exists."""

BUSY = "Nordlicht Versand GmbH"
EMPTY = "Kanuverein Havelwelle e. V."
SILENT = "Hans-Jürgen Großkopf"
DISPUTED = "Möbelhaus Überlinger KG"
HALF_SIGNED = "Architekturbüro Weber & Söhne PartG mbB"
NEW = "Lea Sommerfeld"
COUPLE, COUPLE_COMPANY = "Sabine und Markus Thielemann", "Thielemann Haustechnik GmbH"
# Who was forgotten: hours not billed since their new agreement lies unsigned; a draft, a questionnaire and a mandate nobody asks about.
UNBILLED, UNDECIDED, UNANSWERED = "Metallbau Drexler GmbH", "Glaserei Kühnel GmbH", "Rüdiger Höß"
DORMANT = "Hannelore Zwick"
# Heard from every week or every month until they fell silent; days since then.
QUIET = {"Fatma Çelik": 47, "Fotostudio Lichtfang": 64, "Druckerei Löwenhag GmbH": 83}
# Larger than the rest: several times as much of everything.
LARGE = {
    "Spedition Ritterhoff GmbH & Co. KG": 7.0,
    "Großhandel Früchte-Franz GmbH": 6.0,
    "Autohaus Brückner GmbH": 5.0,
    "Reinigungsdienst Blitzblank GmbH": 5.0,
    "Pflegedienst Abendrot gGmbH": 4.0,
    "Brauerei Zum Löwen AG": 4.0,
    "Sanitär Wüst GmbH": 3.0,
}
# Companies whose services are free of value added tax (§ 4 UStG), and farms, whose year begins in July.
EXEMPT = {
    "Physiotherapie Eichhorn & Wölk GbR",
    "Zahnarztpraxis Dr. Böttcher & Kollegen GbR",
    "Pflegedienst Abendrot gGmbH",
    "Kita-Träger Zwergenwiese gGmbH",
    "Immobilien Seeblick GmbH & Co. KG",
}
FARMS = {"Landwirtschaft Petersen-Hof GbR"}
LONG = "Süddeutsche Landmaschinen-, Forsttechnik- und Gartengerätehandelsgesellschaft Gebrüder Käßbohrer-Öttinger mbH & Co. KG"

# Name | family name of the person who runs it, if part of the name | legal form
COMPANIES = f"""{BUSY}||GmbH
{DISPUTED}|Überlinger|KG
{HALF_SIGNED}|Weber|PartG mbB
{COUPLE_COMPANY}|Thielemann|GmbH
{LONG}|Käßbohrer|GmbH & Co. KG
Conrad's Kaffeerösterei e. K.|Conrad|e. K.
Bäckerei Hövelmann GmbH & Co. KG|Hövelmann|GmbH & Co. KG
Schreinerei Nüßle e. K.|Nüßle|e. K.
Autohaus Brückner GmbH|Brückner|GmbH
Elektrotechnik Sänger GmbH|Sänger|GmbH
Gartenbau Lüdecke|Lüdecke|Einzelunternehmen
Malerbetrieb Strauß & Sohn OHG|Strauß|OHG
Buchhandlung am Markt, Inh. Ruth Köster e. K.|Ruth Köster|e. K.
Metallbau Drexler GmbH|Drexler|GmbH
Physiotherapie Eichhorn & Wölk GbR|Eichhorn|GbR
Weingut Rebmann-Schäfer GbR|Rebmann|GbR
Dachdeckerei Hagedorn GmbH|Hagedorn|GmbH
Augenoptik Weißgerber GmbH|Weißgerber|GmbH
Fahrradwerkstatt Speiche UG (haftungsbeschränkt)||UG (haftungsbeschränkt)
Druckerei Löwenhag GmbH|Löwenhag|GmbH
Café Sonnenaufgang OHG||OHG
Spedition Ritterhoff GmbH & Co. KG|Ritterhoff|GmbH & Co. KG
Rosen-Apotheke, Inh. Dr. Eva Zöllner e. K.|Zöllner|e. K.
Zahnarztpraxis Dr. Böttcher & Kollegen GbR|Böttcher|GbR
Tierarztpraxis Dr. Heike Voß|Heike Voß|Freiberuflich
Steinmetz Grünewald|Grünewald|Einzelunternehmen
Restaurant Bella Vista, Inh. Paolo Ferrante|Ferrante|Einzelunternehmen
Imbiss Bosporus, Inh. Deniz Yıldırım|Deniz Yıldırım|Einzelunternehmen
Nähatelier Faden & Form GbR||GbR
Softwareschmiede Achtzig20 GmbH||GmbH
Webagentur Pixelhafen UG (haftungsbeschränkt)||UG (haftungsbeschränkt)
Ingenieurbüro Statik Plus PartG mbB||PartG mbB
Rechtsanwälte Hohenfels Dörr PartG mbB|Dörr|PartG mbB
Fahrschule Vollgas|Maurer|Einzelunternehmen
Reinigungsdienst Blitzblank GmbH||GmbH
Pflegedienst Abendrot gGmbH||gGmbH
Kita-Träger Zwergenwiese gGmbH||gGmbH
Hausverwaltung Oltmanns GmbH|Oltmanns|GmbH
Immobilien Seeblick GmbH & Co. KG||GmbH & Co. KG
Windpark Hohe Geest GmbH & Co. KG||GmbH & Co. KG
Landwirtschaft Petersen-Hof GbR|Petersen|GbR
Molkerei Alpenglück eG||eG
Brauerei Zum Löwen AG||AG
Feinkost Dal Bosco GmbH|Dal Bosco|GmbH
Modehaus Jacoby KG|Jacoby|KG
Sanitär Wüst GmbH|Wüst|GmbH
Friseur Haargenau, Inh. Jasmin Özkan|Jasmin Özkan|Einzelunternehmen
Fotostudio Lichtfang|Kröger|Einzelunternehmen
Kieswerk Ellerbrook GmbH & Co. KG|Ellerbrook|GmbH & Co. KG
Medizintechnik Aßmann GmbH|Aßmann|GmbH
Beteiligungsgesellschaft Thielhorst mbH|Thielhorst|GmbH
Yogahaus Stille|Bergmann|Einzelunternehmen
Glaserei Kühnel GmbH|Kühnel|GmbH
Großhandel Früchte-Franz GmbH|Franz|GmbH""".splitlines()

OTHERS = f"""{EMPTY}|e. V.
Turn- und Sportverein Mühlbach 1898 e. V.|e. V.
Förderverein Grundschule am Weiher e. V.|e. V.
Kleingartenverein Morgensonne e. V.|e. V.
Musikverein Oberes Tal e. V.|e. V.
Tierschutzverein Pfotenglück e. V.|e. V.
Bürgerstiftung Schönau|Stiftung
Stiftung Waldkapelle|Stiftung
Erbengemeinschaft Nachlass Irmgard Döring|Erbengemeinschaft
Erbengemeinschaft Haus Lindenallee 7|Erbengemeinschaft
WEG Fliederweg 12–18|WEG
WEG Am Alten Güterbahnhof 3|WEG""".splitlines()

COUPLES = f"""{COUPLE}
Anna und Peter Kühn
Dr. Claudia und Bernd Vogelsang
Ayşe und Mehmet Aydın
Familie Dreßler
Familie Hövelmann
Familie Petersen
Familie Nguyễn-Krause
Familie Strauß""".splitlines()

PERSONS = f"""{SILENT}
{NEW}
Sean O'Malley
Alexandra Freifrau von Hohenstein-Tübbeke
Prof. Dr. Dr. Wolf-Dieter Schönfelder
Günther Müller
Ute Mueller
Karl Müller-Lüdenscheidt
Lars Schmidt
Birgit Schmitt
Jürgen Schmid
Renate Weiß
Oliver Weiss
Zoë Lambrecht
Łukasz Wróblewski
Søren Kjærgaard
Ramona Jäger
Thorsten Brückner
Katja Sänger
Monika Überlinger
Florian Drexler
Nadine Wüst
Paolo Ferrante
Henning Oltmanns
Lotte Jacoby
Ingo Hagedorn
Dr. Eva Zöllner
Erika Stöhr
Waltraud Pfeiffer
Dieter Kaltenbach
Svetlana Petrova
Mirko Radić
Fatma Çelik
Benedikt Huber
Theresa Obermayr
Jan-Niklas Fährmann
Ole Hinrichsen
Gisela Rößner
Friedrich Wilhelm Kappes
Hannelore Zwick
Marlene Tiefenbach
Konstantin Ebeling
Julia Mahlke
Rüdiger Höß
Silke Bäumler""".splitlines()

# {company: private client} with the same first contact: one person, two accounts.
SHARED = {
    COUPLE_COMPANY: COUPLE,
    "Bäckerei Hövelmann GmbH & Co. KG": "Familie Hövelmann",
    "Landwirtschaft Petersen-Hof GbR": "Familie Petersen",
    "Malerbetrieb Strauß & Sohn OHG": "Familie Strauß",
    "Autohaus Brückner GmbH": "Thorsten Brückner",
    "Elektrotechnik Sänger GmbH": "Katja Sänger",
    DISPUTED: "Monika Überlinger",
    "Metallbau Drexler GmbH": "Florian Drexler",
    "Sanitär Wüst GmbH": "Nadine Wüst",
    "Restaurant Bella Vista, Inh. Paolo Ferrante": "Paolo Ferrante",
    "Hausverwaltung Oltmanns GmbH": "Henning Oltmanns",
    "Modehaus Jacoby KG": "Lotte Jacoby",
    "Dachdeckerei Hagedorn GmbH": "Ingo Hagedorn",
    "Rosen-Apotheke, Inh. Dr. Eva Zöllner e. K.": "Dr. Eva Zöllner",
    "Förderverein Grundschule am Weiher e. V.": "Julia Mahlke",
}
