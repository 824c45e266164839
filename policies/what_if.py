"""What would be decided for one account, from one address, to one system, at one moment, and why no other rule was it."""

from dataclasses import dataclass

from accounts.models import Account
from methods.models import RegisteredMethod
from methods.usable import for_sign_in, listed, only_usable
from policies.allowances import as_allowance, rule_for, today
from policies.facts import Circumstances, Facts, facts_for
from policies.requirements import Outcome, Requirement, decide, would_decide
from policies.rulebook.content import Book, Part, Rule
from policies.rulebook.matching import Miss, misses
from policies.rulebook.method_rules import MethodRule


@dataclass(frozen=True)
class Looked:
    """A rule that was looked at; without a reason it speaks of this sign-in."""

    rule: Rule
    reasons: list[Miss]
    decided: bool


@dataclass(frozen=True)
class Answer:
    """The decision, what the rules on trial would change, the facts it was made by, and every rule up to the last with the reasons why it was passed over."""

    requirement: Requirement
    trial: Requirement | None  # what would be decided otherwise if the rules that only report counted
    facts: Facts
    looked: list[Looked]
    methods: "Counted"


@dataclass(frozen=True)
class Counted:
    """The rule about methods that counts for the account; the methods that it leaves usable, in order, and those that it does not."""

    rule: MethodRule
    usable: list[RegisteredMethod]
    refused: list[RegisteredMethod]


def what_if(account: Account, book: Book, at: Circumstances) -> Answer:
    """Ask `book` as the door does."""
    registered = listed(account)
    facts = facts_for(account, registered, book, at)
    requirement = decide(facts, book)
    trial = would_decide(facts, book) if requirement.reported else None
    registers = facts.none_usable and requirement.outcome is not Outcome.ALLOW
    parts = {Part.SIGN_IN, Part.REGISTRATION} if registers else {Part.SIGN_IN}
    looked = [
        Looked(rule, list(misses(rule, facts, book)), book.ref(rule) == requirement.rule) for rule in book.rules if rule.part in parts
    ]
    rule = rule_for(book, facts)
    usable = only_usable(registered, as_allowance(rule, today(at.moment)))
    return Answer(requirement, trial, facts, looked, Counted(rule, usable, [one for one in for_sign_in(registered) if one not in usable]))
