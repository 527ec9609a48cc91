"""Real German towns with their tax offices, and which clients cannot be elsewhere."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A town: the postcode of its middle, its dialling code, its tax office and the number tax numbers begin with there."""

    postcode: str
    town: str
    dialling_code: str
    tax_office: str
    office_number: str
    # How tax numbers are written in its Land, where not as in most: ``BW`` or ``NW``.
    form: str = ""


# Finanzamt of the town, unless another is named; Baden-Württemberg (BW) and North Rhine-Westphalia (NW) have forms of their own.
PLACES = [
    Place(postcode, town, code, f"Finanzamt {office or town}", number, form)
    for postcode, town, code, office, number, form in (
        line.split("|")
        for line in """10115|Berlin|030|Mitte/Tiergarten|34|
20095|Hamburg|040|Hamburg-Mitte|48|
28195|Bremen|0421||60|
30159|Hannover|0511|Hannover-Nord|25|
33602|Bielefeld|0521|Bielefeld-Innenstadt|305|NW
34117|Kassel|0561||026|
37073|Göttingen|0551||20|
38100|Braunschweig|0531|Braunschweig-Wilhelmstraße|14|
39104|Magdeburg|0391||102|
40213|Düsseldorf|0211|Düsseldorf-Altstadt|103|NW
44135|Dortmund|0231|Dortmund-Ost|317|NW
45127|Essen|0201|Essen-NordOst|111|NW
48143|Münster|0251|Münster-Innenstadt|337|NW
50667|Köln|0221|Köln-Altstadt|214|NW
52062|Aachen|0241|Aachen-Stadt|201|NW
53111|Bonn|0228|Bonn-Innenstadt|205|NW
55116|Mainz|06131|Mainz-Mitte|26|
60311|Frankfurt am Main|069||047|
64283|Darmstadt|06151||007|
65183|Wiesbaden|0611||040|
66111|Saarbrücken|0681||040|
67433|Neustadt an der Weinstraße|06321|Neustadt|31|
68159|Mannheim|0621|Mannheim-Stadt|38|BW
69117|Heidelberg|06221||32|BW
70173|Stuttgart|0711|Stuttgart II|95|BW
72070|Tübingen|07071||86|BW
76133|Karlsruhe|0721|Karlsruhe-Stadt|35|BW
78462|Konstanz|07531||09|BW
79098|Freiburg im Breisgau|0761|Freiburg-Stadt|06|BW
80331|München|089||143|
86150|Augsburg|0821|Augsburg-Stadt|103|
89073|Ulm|0731||88|BW
90402|Nürnberg|0911|Nürnberg-Nord|241|
91054|Erlangen|09131||216|
93047|Regensburg|0941||244|
94032|Passau|0851||153|
97070|Würzburg|0931||257|
99084|Erfurt|0361||151|
01067|Dresden|0351|Dresden-Nord|202|
04109|Leipzig|0341|Leipzig I|232|
06108|Halle (Saale)|0345|Halle|110|
07743|Jena|03641||162|
14467|Potsdam|0331||046|
18055|Rostock|0381||079|
23552|Lübeck|0451||22|
24103|Kiel|0431||20|
26122|Oldenburg|0441|Oldenburg (Oldenburg)|64|
49074|Osnabrück|0541|Osnabrück-Stadt|66|
58095|Hagen|02331||321|NW
42103|Wuppertal|0202|Wuppertal-Elberfeld|132|NW
47051|Duisburg|0203|Duisburg-Süd|109|NW
44787|Bochum|0234|Bochum-Mitte|306|NW
56068|Koblenz|0261||22|
54290|Trier|0651||42|
74072|Heilbronn|07131||65|BW
85049|Ingolstadt|0841||124|
87435|Kempten (Allgäu)|0831|Kempten|127|
88212|Ravensburg|0751||77|BW
95444|Bayreuth|0921||208|
96047|Bamberg|0951||207|
83022|Rosenheim|08031||156|
19053|Schwerin|0385||090|
03046|Cottbus|0355||056|
09111|Chemnitz|0371|Chemnitz-Süd|214|
08056|Zwickau|0375||227|
24937|Flensburg|0461||15|
21335|Lüneburg|04131||33|""".splitlines()
    )
]
# Clients whose names say where they are.
AT = {
    "Nordlicht Versand GmbH": "Hamburg",
    "Kanuverein Havelwelle e. V.": "Potsdam",
    "Süddeutsche Landmaschinen-, Forsttechnik- und Gartengerätehandelsgesellschaft Gebrüder Käßbohrer-Öttinger mbH & Co. KG": "Ulm",
    "Weingut Rebmann-Schäfer GbR": "Neustadt an der Weinstraße",
    "Immobilien Seeblick GmbH & Co. KG": "Konstanz",
    "Möbelhaus Überlinger KG": "Konstanz",
    "Monika Überlinger": "Konstanz",
    "Windpark Hohe Geest GmbH & Co. KG": "Flensburg",
    "Familie Petersen": "Flensburg",
    "Molkerei Alpenglück eG": "Kempten (Allgäu)",
    "Brauerei Zum Löwen AG": "Bamberg",
    "Kieswerk Ellerbrook GmbH & Co. KG": "Lüneburg",
    "Henning Oltmanns": "Oldenburg",
    "Webagentur Pixelhafen UG (haftungsbeschränkt)": "Hamburg",
    "Ole Hinrichsen": "Kiel",
    "Søren Kjærgaard": "Flensburg",
    "Benedikt Huber": "München",
    "Theresa Obermayr": "Rosenheim",
}
# Clients named after their house.
HOUSES = {
    "WEG Fliederweg 12–18": "Fliederweg 12",
    "WEG Am Alten Güterbahnhof 3": "Am Alten Güterbahnhof 3",
    "Erbengemeinschaft Haus Lindenallee 7": "Lindenallee 7",
}
STREETS = """Ahornweg|Albert-Schweitzer-Straße|Alte Landstraße|Am Anger|Am Bach|Am Hang|Am Markt|Am Sportplatz|Amselweg|Bachstraße|Bahnhofstraße
Beethovenstraße|Bergstraße|Birkenweg|Breite Straße|Brückenstraße|Buchenweg|Burgstraße|Dorfstraße|Eichendorffstraße|Erlenweg|Feldstraße
Fichtenweg|Friedhofstraße|Friedrichstraße|Gartenstraße|Goethestraße|Grüner Weg|Hauptstraße|Heideweg|Hohe Straße|Im Winkel|Industriestraße
Jahnstraße|Kantstraße|Kapellenweg|Kastanienallee|Kirchplatz|Kirchstraße|Klosterstraße|Königstraße|Lange Straße|Lerchenweg|Lessingstraße
Lindenstraße|Marktplatz|Meisenweg|Mittelstraße|Mozartstraße|Mühlenweg|Neue Straße|Nordstraße|Parkstraße|Poststraße|Rathausplatz|Ringstraße
Rosenweg|Schillerstraße|Schlossstraße|Schulstraße|Seestraße|Sonnenweg|Talstraße|Uferstraße|Waldstraße|Wiesenweg|Ziegelstraße""".replace(
    "\n", "|"
).split("|")
BY_TOWN = {place.town: place for place in PLACES}
