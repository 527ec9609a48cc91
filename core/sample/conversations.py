"""Mails between the sample's clients and staff, alternating, the client first."""

# By sort of client: subject, then the mails; one of the office ends with its writer's name, one of the client with the client's.
MAILS = {
    "company": [
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
            "Adressänderung",
            [
                "wir sind umgezogen; die neue Anschrift steht im Portal.",
                "vielen Dank, wir haben sie übernommen und teilen sie dem Finanzamt mit.",
            ],
        ),
        (
            "Bescheid vom Finanzamt",
            [
                "heute kam der Bescheid für {last_year}. Stimmt er mit Ihrer Berechnung überein?",
                "wir haben ihn geprüft: Eine Rückstellung wurde nicht anerkannt. Wir legen Einspruch ein, die Frist ist notiert.",
                "einverstanden, bitte legen Sie Einspruch ein.",
            ],
        ),
    ],
    "person": [
        (
            "Bescheid vom Finanzamt",
            [
                "heute kam der Bescheid für {last_year}. Stimmt er mit Ihrer Berechnung überein?",
                "wir haben ihn geprüft: Das häusliche Arbeitszimmer wurde nicht anerkannt. Wir legen Einspruch ein, die Frist ist notiert.",
                "einverstanden, bitte legen Sie Einspruch ein.",
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
        (
            "Unterlagen für {last_year}",
            [
                "die Unterlagen für {last_year} sind jetzt im Portal. Fehlt noch etwas?",
                "vielen Dank! Es fehlt noch die Nebenkostenabrechnung, alles andere ist da.",
                "die Abrechnung kommt von der Hausverwaltung, ich reiche sie nach.",
            ],
        ),
        (
            "Arbeitszimmer",
            [
                "ich arbeite jetzt drei Tage in der Woche zu Hause. Kann ich das Arbeitszimmer absetzen?",
                "für diese Tage gibt es die Tagespauschale. Bitte notieren Sie, wann Sie zu Hause gearbeitet haben.",
                "mache ich, danke für die schnelle Antwort.",
            ],
        ),
        (
            "Kurzer Termin",
            [
                "haben Sie {weekday} um {hour} Uhr eine halbe Stunde Zeit? Es geht um ein Erbe.",
                "der Termin passt gut. Bringen Sie bitte den Erbschein mit.",
            ],
        ),
        (
            "Vermietung der Wohnung",
            [
                "wir vermieten ab dem nächsten Ersten unsere kleine Wohnung. Was müssen wir aufheben?",
                "bitte den Mietvertrag, die Rechnungen und die Abrechnungen der Hausverwaltung. Die Abschreibung rechnen wir aus.",
            ],
        ),
    ],
    "club": [
        (
            "Kassenbericht {last_year}",
            [
                "anbei der Kassenbericht für {last_year}, so wie ihn die Versammlung genehmigt hat.",
                "vielen Dank, wir sehen ihn durch und melden uns mit Rückfragen.",
            ],
        ),
        (
            "Zuwendungsbestätigung",
            [
                "eine Spenderin möchte eine Bestätigung über {amount}. Dürfen wir sie selbst ausstellen?",
                "ja, solange der Freistellungsbescheid gilt. Ein Muster liegt im Portal.",
                "danke, das hilft uns sehr.",
            ],
        ),
        (
            "Freistellungsbescheid",
            [
                "das Finanzamt fragt nach dem Tätigkeitsbericht. Bis wann muss er dort sein?",
                "wir haben eine Frist bis zum Monatsende erbeten. Bitte schicken Sie uns den Entwurf.",
                "der Entwurf liegt im Portal.",
            ],
        ),
        (
            "Einnahmen vom Fest",
            [
                "beim Fest haben wir {amount} eingenommen. Müssen wir darauf Steuern zahlen?",
                "das zählt zum wirtschaftlichen Geschäftsbetrieb. Unter der Freigrenze bleibt es steuerfrei, bitte die Belege aufheben.",
            ],
        ),
    ],
    "estate": [
        (
            "Abrechnung {last_year}",
            [
                "die Abrechnung für {last_year} ist fertig und liegt im Portal.",
                "vielen Dank, wir tragen die Beträge in die Feststellungserklärung ein.",
            ],
        ),
        (
            "Reparatur am Haus",
            [
                "die Reparatur kostet {amount}. Können wir das in diesem Jahr ganz abziehen?",
                "als Erhaltungsaufwand ja, oder auf mehrere Jahre verteilt. Wir rechnen beides.",
                "dann bitte in diesem Jahr.",
            ],
        ),
        (
            "Anteile der Beteiligten",
            [
                "eine Beteiligte ist ausgezogen. Ändert das etwas an der Aufteilung?",
                "nein, es zählt der Anteil laut Grundbuch. Bitte teilen Sie uns nur die neue Anschrift mit.",
            ],
        ),
    ],
}

# What the office sends on its own.
NOTICES = {
    "company": [
        ("Auswertung {month}", "die betriebswirtschaftliche Auswertung für {month} liegt in Ihrem Portal. Rückfragen gern jederzeit."),
        (
            "USt-Voranmeldung {next_month}",
            "zur Erinnerung: Die Voranmeldung ist am 10. fällig, bitte laden Sie die Belege bis zum 5. hoch.",
        ),
        ("Lohndaten {next_month}", "zur Erinnerung: Die Lohndaten brauchen wir bis zum 20."),
        ("Fehlende Belege {month}", "für {month} fehlen uns noch einzelne Belege. Die Liste finden Sie im Portal unter Aufgaben."),
        ("Rechnung zu Ihren Leistungen", "die Rechnung über unsere Leistungen liegt im Portal. Vielen Dank für das Vertrauen."),
        ("Bitte um Freigabe", "der Entwurf steht zur Freigabe bereit. Wenn alles stimmt, genügt ein Klick."),
    ],
    "person": [
        ("Rechnung zu Ihren Leistungen", "die Rechnung über unsere Leistungen liegt im Portal. Vielen Dank für das Vertrauen."),
        ("Bitte um Freigabe", "Ihre Steuererklärung steht zur Freigabe bereit. Wenn alles stimmt, genügt ein Klick."),
        (
            "Fehlende Unterlagen {last_year}",
            "für {last_year} fehlen uns noch einzelne Unterlagen. Die Liste finden Sie im Portal unter Aufgaben.",
        ),
    ],
    "club": [
        ("Bitte um Freigabe", "die Körperschaftsteuererklärung steht zur Freigabe bereit. Wenn alles stimmt, genügt ein Klick."),
        ("Unterlagen {last_year}", "für den Jahresbericht {last_year} fehlt uns noch die Spendenliste. Vielen Dank vorab."),
    ],
    "estate": [
        ("Bitte um Freigabe", "die Feststellungserklärung steht zur Freigabe bereit. Wenn alles stimmt, genügt ein Klick."),
        ("Unterlagen {last_year}", "für {last_year} fehlen uns noch einzelne Abrechnungen. Die Liste finden Sie im Portal unter Aufgaben."),
    ],
}

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
