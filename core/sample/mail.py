"""Mails, chats and portal sign-ins of the sample's clients."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.sample import conversations, messages, texts
from core.sample.names import BUSY, NEW, SILENT
from core.sample.office import HUGE, OFFICE_ADDRESS, Client, Office, Person
from core.sample.rhythm import DAY


class Mail:
    """Add the conversations of one client after the other to the rows."""

    def __init__(self, office: Office) -> None:
        self.office, self.rows, self.random, self.calendar = office, office.rows, office.random, office.calendar

    def of(self, client: Client) -> None:
        """Add the mails, chats and sign-ins of one client."""
        if client.name == NEW:
            self.say(client, client.since + timedelta(minutes=20), False, "Willkommen in Ihrem Portal",
                     "schön, dass Sie da sind. Mit dem Link können Sie sich anmelden und Unterlagen hochladen.")  # fmt: skip
            return
        if client.name == SILENT:
            return
        busy = client.name == BUSY
        for _ in range(HUGE["threads"] if busy else 0):
            self._thread(client, *self._shop_turns())
        for _ in range(HUGE["mails"] if busy else self.office.count((22 if client.trades else 8) * client.scale)):
            subject, turns = self.office.choose(client, conversations.MAILS)
            self._thread(client, subject, turns)
        for _ in range(HUGE["notices"] if busy else self.office.count(3.5 * client.scale)):
            subject, text = self.office.choose(client, conversations.NOTICES)
            self.say(client, self.office.moment(client), False, subject, text)
        for _ in range(HUGE["chats"] if busy else self.office.count(2.2 * client.scale)):
            self._chat(client)
        for person in client.people:
            self._logins(client, person)

    def _shop_turns(self) -> tuple[str, list[str]]:
        subject, text = self.random.choice(conversations.SHOP_MAILS)
        answers = self.random.choices([0, 1, 2], [25, 50, 25])[0]
        return subject, [text, *self.random.sample(conversations.SHOP_ANSWERS, 1), "danke, das hilft uns weiter."][: answers + 1]

    def _thread(self, client: Client, subject: str, turns: list[str]) -> None:
        moment = self.office.moment(client, is_client=True)
        subject, thread = self.office.fill(subject, moment), f"{client.account_id}-{moment:%Y%m%d%H%M%S}-{self.random.randint(100, 999)}"
        person = self.office.person(client)
        for place, text in enumerate(turns):
            self.say(client, moment, place % 2 == 0, ("AW: " if place else "") + subject, text, thread=thread, person=person)
            answered = self._answer(client, moment, 14, is_client=place % 2 == 1)
            if answered is None:
                return
            moment = answered

    def _answer(self, client: Client, moment: datetime, hours: float, *, is_client: bool) -> datetime | None:
        """Draw when the other side answers; None when it has not by now, or the client has fallen silent."""
        found = self.calendar.later(moment, hours, is_client=is_client)
        until = client.quiet_since or client.until if is_client else client.until
        return found if found is not None and found <= until else None

    def say(
        self, client: Client, moment: datetime, received: bool, subject: str, text: str, *, thread: str = "", person: Person | None = None
    ) -> None:
        """Add a mail from the client (``received``) or to it; recent ones from the client may be unread."""
        person = person or self.office.person(client)
        staff = self.office.members[self.office.staff(client)]
        text = self.office.fill(text, moment)
        if received:
            body = f"Guten Tag,\n\n{text}\n\nViele Grüße\n{person.writes_as}"
        else:
            body = f"Guten Tag {person.writes_as},\n\n{text}\n\nMit freundlichen Grüßen\n{staff}\nMusterkanzlei Lindner & Partner"
        is_new = (self.calendar.end - moment).days < 5
        self.rows.add(
            "email", account_id=client.account_id, subject=self.office.fill(subject, moment), sent_at=moment,
            direction="received" if received else "sent", from_address=person.email if received else OFFICE_ADDRESS,
            to_address=OFFICE_ADDRESS if received else person.email, body=body,
            is_read=self.random.random() < (0.45 if is_new else 1.0 if received else 0.82),
            has_failed=not received and self.random.random() < 0.012,
            thread=thread or f"{client.account_id}-{moment:%Y%m%d%H%M%S}-{self.random.randint(100, 999)}",
        )  # fmt: skip

    def _chat(self, client: Client) -> None:
        subject, turns = self.office.choose(client, messages.CHATS)
        moment = self.office.moment(client, is_client=True)
        spoken = []
        for place, text in enumerate(turns):
            spoken.append((moment, place % 2 == 0, self.office.fill(text, moment)))
            answered = self._answer(client, moment, 5, is_client=place % 2 == 1)
            if answered is None or self.random.random() < 0.06:
                break
            moment = answered
        self.chat(client, self.office.fill(subject, spoken[0][0]), spoken)

    def chat(self, client: Client, subject: str, spoken: list[tuple[datetime, bool, str]], *, is_closed: bool | None = None) -> None:
        """Add a chat of (moment, whether from the client, text), oldest first."""
        person = self.office.person(client)
        staff = self.office.staff(client)
        last, from_client, text = spoken[-1]
        age = (self.calendar.end - last).days
        read = self.calendar.later(last, 3)
        if from_client and age < 8 and self.random.random() < 0.5:
            read = spoken[-2][0] if len(spoken) > 1 else None
        chat = self.rows.add(
            "chat", account_id=client.account_id, subject=subject, created_at=spoken[0][0], last_message_at=last, last_message=text,
            last_is_from_client=from_client, last_by_name=person.name if from_client else self.office.members[staff],
            read_at=read, is_closed=age > 21 if is_closed is None else is_closed,
        )  # fmt: skip
        for moment, is_client, said in spoken:
            self.rows.add(
                "chat_message", account_id=client.account_id, chat_id=chat, sent_at=moment, is_from_client=is_client, text=said,
                staff_member_id=None if is_client else staff, contact_id=person.contact_id if is_client else None,
            )  # fmt: skip

    def _logins(self, client: Client, person: Person) -> None:
        if person.first_login_at is None:
            if person.logs_in and client.state == "pending" and self.random.random() < 0.3:
                self._login(client, person, self.calendar.moment(is_client=True, since=client.since), "failed")
            return
        self._login(client, person, person.first_login_at, "success")
        until = client.quiet_since or client.until
        people = sum(other.first_login_at is not None for other in client.people)
        for _ in range(HUGE["logins"] // people if client.name == BUSY else self.office.count(14 * client.scale)):
            self._sign_in(client, person, self.calendar.moment(is_client=True, since=person.first_login_at, until=until))
        if person is client.people[0] and (client.quiet_since or self.random.random() < 0.15):
            # Out of habit, every week or every other at about the same hour.
            every, hour = (7 if client.quiet_since else self.random.choice([7, 7, 14])), self.random.randint(8, 21)
            day = self.calendar.local_day(max(person.first_login_at, self.calendar.start)) + DAY
            while (moment := self.calendar.utc(day, hour * 60 + self.random.randint(0, 59))) < until:
                self._sign_in(client, person, moment)
                day += every * DAY

    def _sign_in(self, client: Client, person: Person, moment: datetime) -> None:
        """Add a sign-in, now and then at the second try."""
        if self.random.random() < 0.07:
            self._login(client, person, moment, "failed")
            moment = min(moment + timedelta(seconds=self.random.randint(9, 80)), self.calendar.end)
        self._login(client, person, moment, "success")

    def _login(self, client: Client, person: Person, moment: datetime, outcome: str) -> None:
        self.rows.add(
            "login", account_id=client.account_id, contact_id=person.contact_id, contact_email_id=person.address_id, email=person.email,
            tried_at=moment, network_address=f"203.0.113.{person.contact_id % 253 + 1}", outcome=outcome,
            device=texts.DEVICES[(person.contact_id + self.random.choice([0, 0, 0, 1])) % len(texts.DEVICES)],
        )  # fmt: skip
