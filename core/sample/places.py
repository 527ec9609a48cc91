"""Real German towns: (postcode, town, dialling code)."""

PLACES = [
    tuple(line.split("|"))
    for line in """10115|Berlin|030
20095|Hamburg|040
28195|Bremen|0421
30159|Hannover|0511
33602|Bielefeld|0521
34117|Kassel|0561
37073|Göttingen|0551
38100|Braunschweig|0531
39104|Magdeburg|0391
40213|Düsseldorf|0211
44135|Dortmund|0231
45127|Essen|0201
48143|Münster|0251
50667|Köln|0221
52062|Aachen|0241
53111|Bonn|0228
55116|Mainz|06131
60311|Frankfurt am Main|069
64283|Darmstadt|06151
65183|Wiesbaden|0611
66111|Saarbrücken|0681
67433|Neustadt an der Weinstraße|06321
68159|Mannheim|0621
69117|Heidelberg|06221
70173|Stuttgart|0711
72070|Tübingen|07071
76133|Karlsruhe|0721
78462|Konstanz|07531
79098|Freiburg im Breisgau|0761
80331|München|089
86150|Augsburg|0821
89073|Ulm|0731
90402|Nürnberg|0911
91054|Erlangen|09131
93047|Regensburg|0941
94032|Passau|0851
97070|Würzburg|0931
99084|Erfurt|0361
01067|Dresden|0351
04109|Leipzig|0341
06108|Halle (Saale)|0345
07743|Jena|03641
14467|Potsdam|0331
18055|Rostock|0381
23552|Lübeck|0451
24103|Kiel|0431
26122|Oldenburg|0441
49074|Osnabrück|0541
58095|Hagen|02331
42103|Wuppertal|0202
47051|Duisburg|0203
44787|Bochum|0234
56068|Koblenz|0261
54290|Trier|0651
74072|Heilbronn|07131
85049|Ingolstadt|0841
87435|Kempten (Allgäu)|0831
88212|Ravensburg|0751
95444|Bayreuth|0921
96047|Bamberg|0951
83022|Rosenheim|08031
19053|Schwerin|0385
03046|Cottbus|0355
09111|Chemnitz|0371
08056|Zwickau|0375
24937|Flensburg|0461
21335|Lüneburg|04131""".splitlines()
]
