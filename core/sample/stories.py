"""The stories of some clients: one who never answers, a disputed invoice, missing signatures, a couple with a company."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from core.sample import messages, names
from core.sample.mail import Mail
from core.sample.money import UNSIGNED_DAYS, Money
from core.sample.office import Client, Office
from core.sample.papers import Papers
from core.sample.rhythm import DAY
from core.sample.work import Work


class Stories:
    """Add the stories to clients whose other rows are there."""

    def __init__(self, office: Office, papers: Papers, work: Work, mail: Mail, money: Money) -> None:
        self.office, self.papers, self.work, self.mail, self.money = office, papers, work, mail, money
        self.calendar = office.calendar

    def tell(self, clients: dict[str, Client]) -> None:
        """Add all stories; ``clients`` are by name."""
        self._silent(clients[names.SILENT])
        self._disputed(clients[names.DISPUTED])
        self._half_signed(clients[names.HALF_SIGNED])
        self._forgotten(clients[names.UNBILLED])
        self._couple(clients[names.COUPLE], clients[names.COUPLE_COMPANY])

    def _forgotten(self, client: Client) -> None:
        """Tell why a client's hours are not billed; what else was forgotten lies among the papers."""
        self.work.note(
            client, "Neue Vergütungsvereinbarung verschickt. Rechnungen ruhen, bis sie unterschrieben ist.", self._ago(UNSIGNED_DAYS - 1, 655)
        )  # fmt: skip

    def _ago(self, days: int, minutes: int) -> datetime:
        return self.calendar.utc(self.calendar.today - days * DAY, minutes)

    def _silent(self, client: Client) -> None:
        for place, days in enumerate(range(290, 5, -31)):
            subject, text = messages.SILENT_REMINDERS[min(place // 2, 3)]
            self.mail.say(client, self._ago(days, 571), False, subject, text, thread=f"{client.account_id}-erinnerung")
        self.mail.chat(client, "Unterlagen fehlen", [
            (self._ago(120, 600), False, "Guten Tag, können Sie uns die Unterlagen bis Monatsende schicken?"),
            (self._ago(60, 640), False, "Wir erreichen Sie telefonisch nicht. Bitte melden Sie sich."),
            (self._ago(9, 555), False, "Ohne Ihre Unterlagen können wir die Erklärung nicht abgeben."),
        ], is_closed=False)  # fmt: skip
        self.work.note(
            client, "Antwortet seit Monaten nicht, weder auf Post noch am Telefon. Vor der Schätzung die Inhaberin fragen.",
            self._ago(9, 600), is_pinned=True,
        )  # fmt: skip
        year = self.calendar.today.year - 1
        self.work.task(
            client, f"Unterlagen {year} anmahnen (4. Mal)", self._ago(12, 540), self.calendar.today - 3 * DAY, "in_progress", "urgent"
        )

    def _disputed(self, client: Client) -> None:
        day = self.calendar.today - 38 * DAY
        lines = [("Beratung nach Aufwand: Schließung der Filiale", Decimal("11.5"), Decimal(165))]
        invoice = self.money.invoice(client, day, lines, "unpaid")
        self.money.number_all()
        number = self.money.numbers[invoice]
        thread = f"{client.account_id}-widerspruch"
        for place, (received, subject, text) in enumerate(messages.DISPUTE):
            self.mail.say(
                client, self._ago(30 - 6 * place, 620 + 40 * place), received, subject.replace("{day}", f"{day:%d.%m.%Y}"), text, thread=thread,
                person=client.people[0],
            )  # fmt: skip
        moments = [self._ago(5, 512), self._ago(5, 655), self._ago(4, 1135)]
        spoken = [(moment, is_client, text) for moment, (is_client, text) in zip(moments, messages.DISPUTE_CHAT, strict=True)]
        self.mail.chat(client, f"Widerspruch Rechnung {number}", spoken, is_closed=False)
        self.work.note(client, f"Rechnung {number} wird bestritten. Nicht mahnen, bis Frau Lindner die Stunden geprüft hat.",
                       self._ago(4, 640), is_pinned=True)  # fmt: skip
        self.work.task(client, f"Stunden zur Rechnung {number} prüfen", self._ago(4, 650), self.calendar.today + 2 * DAY, "planned", "high")
        self.money.credit(client, self.calendar.today - 25 * DAY, Decimal("300.00"), "Überzahlung Vorjahr")

    def _half_signed(self, client: Client) -> None:
        year = self.calendar.today.year
        sent = self._ago(16, 600)
        self.papers.contract(client, sent, f"Steuerberatungsvertrag {year} mit neuer Vergütung", done=1)
        self.mail.say(client, self._ago(6, 580), False, "Ihre Unterschrift fehlt noch",
                      "den Vertrag hat erst eine von drei Personen unterschrieben. Bitte denken Sie an die anderen beiden.")  # fmt: skip
        self.work.task(client, "Fehlende Unterschriften zum Vertrag nachfassen", sent, self.calendar.today + 3 * DAY, "in_progress", "high")

    def _couple(self, private: Client, company: Client) -> None:
        both = " und ".join(person.name for person in private.people[:2])
        self.work.note(
            private, f"Gleiche Kontakte wie {company.name}: {both}. Rückfragen gesammelt stellen.", self._ago(40, 700), is_pinned=True
        )
        self.work.note(company, f"Privat ebenfalls Mandanten: {private.name}.", self._ago(40, 702) + timedelta(seconds=20), is_pinned=True)
