"""What would be decided for one account, from one address, to one system, at one moment, and why no other rule was it."""

from dataclasses import dataclass

from accounts.models import Account
from methods.usable import listed
from policies.facts import Circumstances, Facts, facts_for
from policies.requirements import Outcome, Requirement, decide
from policies.rulebook.content import Book, Part, Rule
from policies.rulebook.matching import Miss, misses


@dataclass(frozen=True)
class Looked:
    """A rule that was looked at; without a reason it speaks of this sign-in."""

    rule: Rule
    reasons: list[Miss]
    decided: bool


@dataclass(frozen=True)
class Answer:
    """The decision, the facts it was made by, and every rule up to the last with the reasons why it was passed over."""

    requirement: Requirement
    facts: Facts
    looked: list[Looked]


def what_if(account: Account, book: Book, at: Circumstances) -> Answer:
    """Ask `book` as the door does."""
    facts = facts_for(account, listed(account), book, at)
    requirement = decide(facts, book)
    registers = facts.none_usable and requirement.outcome is not Outcome.ALLOW
    parts = {Part.SIGN_IN, Part.REGISTRATION} if registers else {Part.SIGN_IN}
    looked = [
        Looked(rule, list(misses(rule, facts, book)), book.ref(rule) == requirement.rule) for rule in book.rules if rule.part in parts
    ]
    return Answer(requirement, facts, looked)
