"""Made-up tax and bank numbers with valid check digits."""

from __future__ import annotations

from random import Random

from stdnum.iso7064 import mod_11_10, mod_97_10


def _digits(random: Random, count: int) -> str:
    return "".join(str(random.randint(0, 9)) for _ in range(count))


def iban(random: Random) -> str:
    """Return a German IBAN (ISO 13616)."""
    account = f"{random.randint(1, 7)}{_digits(random, 7)}{_digits(random, 10)}"
    return f"DE{mod_97_10.calc_check_digits(account + 'DE')}{account}"


def vat_id(random: Random) -> str:
    """Return a German VAT id, whose check digit is that of ISO 7064 MOD 11,10."""
    number = f"{random.randint(1, 9)}{_digits(random, 7)}"
    return f"DE{number}{mod_11_10.calc_check_digit(number)}"


def personal_tax_id(random: Random) -> str:
    """Return a Steuer-IdNr. (§ 139b AO): of the first ten digits exactly one occurs twice, the last is the check digit."""
    while True:
        chosen = random.sample("0123456789", 9)
        number = "".join(random.sample([*chosen, chosen[0]], 10))
        if number[0] != "0":
            return number + mod_11_10.calc_check_digit(number)


def tax_number(random: Random, office: str, form: str = "") -> str:
    """Return a Steuernummer as the Land of a tax office writes it; ``office`` is the number it begins with, ``form`` as of a ``Place``."""
    if form == "NW":
        return f"{office}/{random.randint(5000, 5899)}/{random.randint(1000, 7999)}"
    return f"{office}{'' if form == 'BW' else '/'}{random.randint(100, 899)}/{random.randint(10000, 79999)}"
