"""The sample firm's invoices, from the hours worked, with lines, payments and credits."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from core.sample import texts
from core.sample.names import BUSY, NEW, UNBILLED
from core.sample.office import MONTHS, Client, Office
from core.sample.rhythm import DAY, bank_day, month_start
from core.store import Row

CENT = Decimal("0.01")
VAT = Decimal("0.19")
# Statuses of invoices up to 40 days old, each taken once before the list begins again.
RECENT_STATUSES = ["paid"] * 12 + ["unpaid"] * 7 + ["partially_paid"] * 2 + ["in_progress"] * 2 + ["scheduled"] * 2
# Since when the agreement lies unsigned without which ``UNBILLED`` is sent no invoice.
UNSIGNED_DAYS = 205
# Text, quantity, unit price.
Line = tuple[str, Decimal, Decimal]


class Money:
    """Add invoices at the end of each month for all clients, in the order of their days."""

    def __init__(self, office: Office) -> None:
        self.office, self.rows, self.random, self.calendar = office, office.rows, office.random, office.calendar
        self.numbers: dict[int, str] = {}
        self._recent_statuses: list[str] = []

    def of_all(self, clients: list[Client]) -> None:
        """Add the invoices of all clients, month by month; then the credits."""
        unbilled: dict[int, list[Row]] = {}
        for entry in sorted(self.rows.tables["time_entry"], key=lambda row: row["worked_on"]):
            unbilled.setdefault(entry["account_id"], []).append(entry)
        ended = [(month, day) for month in self.calendar.months() if (day := _invoice_day(month)) < self.calendar.today]
        for place, (month, day) in enumerate(ended, 1):
            for client in clients:
                entries = unbilled.get(client.account_id, [])
                due = [entry for entry in entries if entry["worked_on"] <= day]
                # Companies are billed every month, private clients every quarter, all others twice a year.
                is_time = month.month % {"company": 1, "person": 3, "other": 6}[client.kind] == 0
                if client.name == UNBILLED and (self.calendar.today - day).days < UNSIGNED_DAYS:
                    continue
                if not due or not is_time or self.calendar.utc(day, 0) < client.since:
                    continue
                unbilled[client.account_id] = entries[len(due) :]
                self._of_month(client, day, month, due, later=len(ended) - place)
        for client in clients:
            if client.name != NEW and client.account_id in unbilled and (self.random.random() < 0.14 or client.name == BUSY):
                known = (self.calendar.today - self.calendar.local_day(client.since)).days
                # Banks may have rested for some days before it, and the money did not come before the client.
                booked = self.calendar.today - self.random.randint(3, min(90, known - 10)) * DAY
                self.credit(client, booked, Decimal(self.random.choice([45, 80, 150, 300, 800])), "Überzahlung")

    def _of_month(self, client: Client, day: date, month: date, entries: list[Row], later: int) -> None:
        billed: dict[tuple[str, Decimal], int] = {}
        for entry in entries:
            key = (str(entry["text"]), entry["rate"])
            billed[key] = billed.get(key, 0) + entry["minutes"]
        if len(billed) > 12:
            by_rate: dict[tuple[str, Decimal], int] = {}
            for (_, rate), minutes in billed.items():
                by_rate["Buchungen und Rückfragen nach Aufwand", rate] = (
                    by_rate.get(("Buchungen und Rückfragen nach Aufwand", rate), 0) + minutes
                )
            billed = by_rate
        lines: list[Line] = [(text, (Decimal(minutes) / 60).quantize(Decimal("0.0001")), rate) for (text, rate), minutes in billed.items()]
        if client.has_wages:
            slips = client.account_id % 23 + 1
            lines.append((f"Lohnabrechnungen {MONTHS[month.month - 1]} {month.year}", Decimal(slips), Decimal("18.50")))
        invoice = self.invoice(client, day, lines, self._status(client, day, later))
        for entry in entries:
            entry |= {"invoice_id": invoice, "is_billed": True}

    def _status(self, client: Client, day: date, later: int) -> str:
        """Draw the status of an invoice after which ``later`` months were billed."""
        if client.name == BUSY:
            # Nordlicht pays late: whatever the day, its newest invoice is open and the one before, long due, partly so.
            return {0: "unpaid", 1: "partially_paid"}.get(later, "paid")
        age = (self.calendar.today - day).days
        if age <= 40:
            self._recent_statuses = self._recent_statuses or self.random.sample(RECENT_STATUSES, len(RECENT_STATUSES))
            return self._recent_statuses.pop()
        # A payment that was scheduled or on its way has arrived by then.
        return self.random.choices(["paid", "unpaid", "partially_paid"], [980, 12, 8] if age > 120 else [88, 7, 5])[0]

    def invoice(self, client: Client, day: date, lines: list[Line], status: str) -> int:
        """Add an invoice with its lines, VAT as the last, and the payments its status asks for; returns its id."""
        priced = [(text, quantity, price, (quantity * price).quantize(CENT, ROUND_HALF_UP)) for text, quantity, price in lines]
        net = sum(amount for *_, amount in priced)
        tax = (net * VAT).quantize(CENT, ROUND_HALF_UP)
        priced.append(("Umsatzsteuer 19 %", Decimal(1), tax, tax))
        total = net + tax
        parts = {"paid": [total], "partially_paid": [(total * Decimal(self.random.choice(["0.25", "0.4", "0.5"]))).quantize(CENT)]}.get(
            status, []
        )
        if status == "paid" and total > 400 and self.random.random() < 0.06:
            parts = [(total / 2).quantize(CENT), total - (total / 2).quantize(CENT)]
        created = self.calendar.utc(day, self.random.randint(540, 1020))
        invoice = self.rows.add(
            "invoice", account_id=client.account_id, number="", issued_on=day, due_on=day + timedelta(days=14), total=total,
            paid_amount=sum(parts, Decimal("0.00")), status=status, created_at=created,
        )  # fmt: skip
        for place, (text, quantity, price, amount) in enumerate(priced, 1):
            self.rows.add(
                "invoice_line", account_id=client.account_id, invoice_id=invoice, position=place, text=text,
                quantity=quantity.quantize(Decimal("0.0001")), unit_price=price.quantize(Decimal("0.0001")),
                amount=amount.quantize(Decimal("0.0001")),
            )  # fmt: skip
        paid = day
        for part in parts:
            paid, method = self._paid(paid)
            self.rows.add(
                "payment", account_id=client.account_id, invoice_id=invoice, paid_on=paid, amount=part, reference=None,
                method=method, created_at=max(created, self.calendar.utc(paid, self.random.randint(500, 900))),
            )  # fmt: skip
        return invoice

    def _paid(self, since: date) -> tuple[date, str]:
        """Draw day and method of a payment before today; cash if no bank has worked since."""
        yesterday = self.calendar.today - DAY
        paid = bank_day(since + self.random.randint(2, 16) * DAY)
        if paid > yesterday:
            paid = bank_day(yesterday, -DAY)
        method = self.random.choice(texts.METHODS)
        return (paid, method) if paid >= since else (since, "Bar")

    def number_all(self) -> None:
        """Number the invoices, year by year in the order of their days."""
        used: dict[int, int] = {}
        for row in sorted(self.rows.tables["invoice"], key=lambda row: (row["issued_on"], row["created_at"], row["invoice_id"])):
            year = row["issued_on"].year
            used[year] = used.get(year, 0) + 1
            row["number"] = self.numbers[row["invoice_id"]] = f"{year}-{used[year]:05d}"
        for row in self.rows.tables["payment"]:
            row["reference"] = f"RE {self.numbers[row['invoice_id']]}"

    def credit(self, client: Client, day: date, amount: Decimal, text: str) -> None:
        """Add money of the client that the firm holds; it came by bank, on ``day`` or the last bank day before."""
        day = bank_day(day, -DAY)
        created = self.calendar.utc(day, self.random.randint(500, 1000))
        self.rows.add("credit", account_id=client.account_id, booked_on=day, amount=amount, text=text, created_at=created)


def _invoice_day(month: date) -> date:
    """Return the last day of the month that is not on a weekend."""
    day = month_start(month, 1) - DAY
    return day - max(day.weekday() - 4, 0) * DAY
