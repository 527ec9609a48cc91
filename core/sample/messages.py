"""Chat messages of the portal by sort of client, alternating, the client first; and the texts of the stories."""

CHATS = {
    "company": [
        (
            "Fahrtenbuch",
            [
                "Reicht das Fahrtenbuch als Tabelle?",
                "Leider nicht, es muss unveränderbar sein. Eine App geht.",
                "Gut, dann nehmen wir eine App.",
                "Prima. Bitte ab dem Monatsersten lückenlos führen.",
            ],
        ),
        (
            "Belege {month}",
            [
                "Die Belege sind hochgeladen.",
                "Danke! Es fehlt noch die Handyrechnung.",
                "Kommt heute Abend.",
                "Alles da, wir buchen.",
            ],
        ),
        (
            "Kurze Rückfrage",
            [
                "Können Sie kurz anrufen? Es geht um die Kaution fürs Büro.",
                "Ich rufe um {hour} Uhr an.",
                "Passt, danke.",
            ],
        ),
        (
            "Lohn {month}",
            [
                "Eine Kollegin ist seit Montag krank. Müssen wir etwas melden?",
                "Nein, die Krankmeldung rufen wir elektronisch ab.",
                "Sehr gut.",
                "Bitte nur die Tage ins Portal eintragen.",
                "Ist erledigt.",
            ],
        ),
        (
            "Rechnung ins Ausland",
            [
                "Muss auf die Rechnung nach Österreich Umsatzsteuer?",
                "Nein, bei einem Unternehmen mit USt-IdNr. geht sie netto hinaus.",
                "Und der Hinweis auf die Steuerschuldnerschaft?",
                "Ja, der muss darauf stehen. Ein Muster liegt im Portal.",
            ],
        ),
        (
            "Kaufbeleg verloren",
            [
                "Der Beleg vom Baumarkt ist weg. Was nun?",
                "Bitte um eine Kopie fragen; zur Not ein Eigenbeleg.",
                "Eigenbeleg ist hochgeladen.",
            ],
        ),
        (
            "Urlaub",
            [
                "Wir sind ab {weekday} zwei Wochen weg.",
                "Danke für den Hinweis, schönen Urlaub! Die Voranmeldung ist schon raus.",
            ],
        ),
    ],
    "person": [
        (
            "Einkommensteuer {last_year}",
            [
                "Wann ist unsere Erklärung fertig?",
                "Es fehlt noch die Bescheinigung der Versicherung.",
                "Habe ich gerade fotografiert.",
            ],
        ),
        (
            "Urlaub",
            [
                "Ich bin ab {weekday} zwei Wochen weg.",
                "Danke für den Hinweis, schönen Urlaub! Die Fristen behalten wir im Blick.",
            ],
        ),
        (
            "Beleg verloren",
            [
                "Die Handwerkerrechnung ist weg. Was nun?",
                "Bitte um eine Kopie fragen, der Betrieb hat sie noch.",
                "Ist hochgeladen.",
            ],
        ),
        (
            "Kurze Rückfrage",
            [
                "Können Sie kurz anrufen? Es geht um den Bescheid.",
                "Ich rufe um {hour} Uhr an.",
                "Passt, danke.",
            ],
        ),
    ],
    "club": [
        (
            "Spenden",
            [
                "Zählt ein geschenkter Rasenmäher als Spende?",
                "Ja, als Sachspende; wir brauchen eine Rechnung oder einen Wert.",
                "Die Rechnung ist im Portal.",
            ],
        ),
        (
            "Kurze Rückfrage",
            [
                "Können Sie kurz anrufen? Es geht um die Kasse.",
                "Ich rufe um {hour} Uhr an.",
                "Passt, danke.",
            ],
        ),
    ],
    "estate": [
        (
            "Kurze Rückfrage",
            [
                "Können Sie kurz anrufen? Es geht um die Rechnung des Dachdeckers.",
                "Ich rufe um {hour} Uhr an.",
                "Passt, danke.",
            ],
        ),
        (
            "Abrechnung {last_year}",
            [
                "Die Abrechnung ist hochgeladen.",
                "Danke! Es fehlt noch die Seite mit den Versicherungen.",
                "Kommt heute Abend.",
            ],
        ),
    ],
}

SILENT_REMINDERS = [
    ("Unterlagen für Ihre Steuererklärung {last_year}", "wir bitten um die Unterlagen für {last_year}. Eine Liste liegt bei."),
    ("Erinnerung: Unterlagen {last_year}", "die Unterlagen für {last_year} fehlen uns noch. Können wir helfen?"),
    ("Zweite Erinnerung: Unterlagen {last_year}", "leider haben wir noch nichts von Ihnen gehört. Die Abgabefrist rückt näher."),
    ("Bitte melden Sie sich", "ohne Ihre Unterlagen schätzt das Finanzamt. Bitte rufen Sie uns kurz an."),
]
DISPUTE = [
    (True, "Ihre Rechnung vom {day}", "die Position „Beratung nach Aufwand“ war so nicht vereinbart. Wir zahlen vorerst nicht."),
    (
        False,
        "AW: Ihre Rechnung vom {day}",
        "die Stunden sind in drei Gesprächen zur Filialschließung entstanden. Die Aufstellung legen wir bei.",
    ),
    (
        True,
        "AW: AW: Ihre Rechnung vom {day}",
        "zwei der drei Gespräche galten dem Jahresabschluss, der pauschal abgerechnet wird. Wir widersprechen.",
    ),
]
DISPUTE_CHAT = [
    (True, "Guten Morgen, haben Sie unseren Widerspruch gesehen?"),
    (False, "Ja. Frau Lindner prüft die Stunden und ruft Sie an."),
    (True, "Bitte noch diese Woche. Bis dahin lassen wir die Rechnung offen."),
]
