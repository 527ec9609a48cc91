"""Mails between the sample's clients and staff, alternating, the client first."""

# Subject, then the mails; one of the office ends with its writer's name, one of the client with the client's.
MAILS = [
    (
        "Unterlagen {month}",
        [
            "anbei die Belege für {month}. Ein Tankbeleg fehlt noch, den reiche ich nach.",
            "vielen Dank, die Belege sind vollständig angekommen. Den Tankbeleg buchen wir mit, sobald er da ist.",
            "der Tankbeleg liegt jetzt im Portal.",
        ],
    ),
    (
        "Frage zur Kassenführung",
        [
            "wie lange müssen wir die Kassenstreifen aufheben? Der Karton wird langsam voll.",
            "bitte bewahren Sie sie zehn Jahre auf; eingescannt und unveränderbar abgelegt genügt ebenfalls.",
            "danke, dann scannen wir sie ab sofort.",
        ],
    ),
    (
        "Rückfrage zum Kontoauszug",
        [
            "auf dem Auszug vom {day} steht eine Abbuchung über {amount}, die wir nicht zuordnen können. Haben Sie eine Idee?",
            "das ist die Vorauszahlung an die Berufsgenossenschaft. Den Bescheid dazu finden Sie im Portal.",
        ],
    ),
    (
        "Neue Mitarbeiterin ab {next_month}",
        [
            "zum Ersten fängt eine neue Mitarbeiterin bei uns an, 30 Stunden die Woche. Was brauchen Sie von uns?",
            "schön! Bitte laden Sie den Personalfragebogen, die Steuer-IdNr. und die Bescheinigung der Krankenkasse hoch.",
            "ist alles hochgeladen. Der Vertrag kommt morgen.",
            "danke, wir melden sie rechtzeitig an.",
        ],
    ),
    (
        "Bescheid vom Finanzamt",
        [
            "heute kam der Bescheid für {last_year}. Stimmt er mit Ihrer Berechnung überein?",
            "wir haben ihn geprüft: Das häusliche Arbeitszimmer wurde nicht anerkannt. Wir legen Einspruch ein, die Frist ist notiert.",
            "einverstanden, bitte legen Sie Einspruch ein.",
        ],
    ),
    (
        "Termin Jahresgespräch",
        [
            "passt Ihnen {weekday} um {hour} Uhr für das Jahresgespräch?",
            "der Termin passt gut. Wir schicken Ihnen vorher den Entwurf des Abschlusses.",
        ],
    ),
    (
        "Umsatzsteuer-Voranmeldung {month}",
        [
            "bis wann brauchen Sie die Rechnungen für die Voranmeldung?",
            "bitte bis zum 5., damit wir bis zum 10. in Ruhe übermitteln können.",
            "das schaffen wir.",
        ],
    ),
    (
        "Vorauszahlung senken",
        [
            "unser Gewinn fällt dieses Jahr deutlich kleiner aus. Kann man die Vorauszahlungen herabsetzen?",
            "ja, dafür brauchen wir eine Auswertung bis einschließlich {month}. Den Antrag bereiten wir vor.",
            "die Zahlen sind freigegeben, bitte stellen Sie den Antrag.",
            "der Antrag ist gestellt. Erfahrungsgemäß dauert es drei Wochen.",
        ],
    ),
    (
        "Leasing oder Kauf",
        [
            "wir überlegen, einen Transporter für rund 38.000 € zu kaufen. Wäre Leasing günstiger?",
            "wir haben beides gerechnet, die Gegenüberstellung liegt im Portal. Bei Ihrer Fahrleistung spricht mehr für den Kauf.",
        ],
    ),
    (
        "Lohnabrechnung {month}",
        [
            "in der Abrechnung fehlt die Prämie für zwei Kollegen. Können Sie das korrigieren?",
            "das korrigieren wir mit dem nächsten Lauf. Die Nachberechnung finden Sie im Lohnjournal.",
        ],
    ),
    (
        "Betriebsprüfung angekündigt",
        [
            "wir haben eine Prüfungsanordnung für drei Jahre bekommen. Was ist zu tun?",
            "bitte schicken Sie uns die Anordnung. Wir stimmen den Beginn ab und stellen die Daten zusammen.",
            "die Anordnung ist hochgeladen. Der Prüfer heißt uns am {weekday} willkommen, ich hoffe, Sie sind dabei.",
            "selbstverständlich. Wir rufen Sie vorher an und gehen die Punkte durch.",
        ],
    ),
    (
        "Spendenbescheinigung nachgereicht",
        [
            "beim Aufräumen habe ich noch eine Spendenbescheinigung über {amount} gefunden.",
            "die nehmen wir noch auf. Bitte das Original aufbewahren.",
        ],
    ),
    (
        "Adressänderung",
        [
            "wir sind umgezogen; die neue Anschrift steht im Portal.",
            "vielen Dank, wir haben sie übernommen und teilen sie dem Finanzamt mit.",
        ],
    ),
]

# What the office sends on its own.
NOTICES = [
    ("Auswertung {month}", "die betriebswirtschaftliche Auswertung für {month} liegt in Ihrem Portal. Rückfragen gern jederzeit."),
    ("Fristen {next_month}", "zur Erinnerung: Die Voranmeldung ist am 10. fällig, die Lohndaten brauchen wir bis zum 20."),
    ("Fehlende Belege {month}", "für {month} fehlen uns noch einzelne Belege. Die Liste finden Sie im Portal unter Aufgaben."),
    ("Rechnung zu Ihren Leistungen", "die Rechnung über unsere Leistungen liegt im Portal. Vielen Dank für das Vertrauen."),
    ("Bitte um Freigabe", "der Entwurf steht zur Freigabe bereit. Wenn alles stimmt, genügt ein Klick."),
]

# Subjects of an online shop's daily mails, sent by its own people.
SHOP_MAILS = [
    ("Retoure {number}", "die Retoure {number} über {amount} ist gutgeschrieben, der Beleg liegt im Portal."),
    ("Gutschrift Lieferant {number}", "der Lieferant hat {amount} gutgeschrieben. Bitte mit der Rechnung verrechnen."),
    ("Zahlung ohne Rechnung {number}", "zu der Zahlung über {amount} finden wir keine Rechnung. Haben Sie eine?"),
    ("Zollbescheid {number}", "anbei der Zollbescheid zur Lieferung {number}. Die Einfuhrumsatzsteuer beträgt {amount}."),
    ("Abrechnung Marktplatz {mm}", "die Abrechnung des Marktplatzes weicht um {amount} von unserer Liste ab."),
    ("Inventurdifferenz Regal {number}", "bei der Zählung fehlt Ware für {amount}. Wie buchen wir das?"),
]
SHOP_ANSWERS = [
    "vielen Dank, ist gebucht.",
    "wir klären das mit dem Zahlungsdienst und melden uns.",
    "bitte laden Sie den Beleg noch hoch, dann ist der Vorgang vollständig.",
    "die Differenz ist gefunden: eine doppelte Gebühr. Korrigiert.",
]
