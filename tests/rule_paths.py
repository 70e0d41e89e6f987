"""Where the paths of a rule lead among the fact classes, and which words stand there."""

from collections.abc import Iterator

from ledger.facts.fact import Fact, catalogue
from ledger.facts.shape import shape_of
from ledger.facts.values import Slug
from ledger.law.rule import ANY_DECISION, Change, Event, Rule


def changes(rule: Rule) -> list[Change]:
    """What moves, extends or stops a running deadline."""
    return [*rule.stopped_by, *(one for one in (rule.moved_by, rule.replaced_by, rule.promised_by) if one)]


def events_of(rule: Rule) -> list[Event | Change]:
    """Every kind of entry that a rule asks for."""
    return [*rule.starts, *(event for one in rule.starts for event in one.unless), *rule.met, *changes(rule)]


def facts_named(names: tuple[str, ...]) -> list[type[Fact]]:
    """The fact types that names stand for."""
    decisions = [fact for fact in catalogue().values() if fact.is_decision]
    return decisions if ANY_DECISION in names else [catalogue()[name] for name in names]


def reached(fact: type[Fact], path: str) -> Iterator[tuple[type[Fact], str]]:
    """The types a path from a fact type may lead to, each with the field it ends at (none when it ends at a ref)."""
    name, _, rest = path.partition(".")
    pointer = fact.declared.refs.get(name)
    if pointer is None:
        yield fact, path
        return
    to = [catalogue()[one] for one in pointer.to] or list(catalogue().values())
    for target in (one for one in to if one.is_decision or not pointer.decision):
        yield from reached(target, rest) if rest else [(target, "")]


def has(fact: type[Fact], path: str) -> bool:
    """Whether a fact type has a field, or a list with such a field inside."""
    name, _, inside = path.partition(".")
    if name not in fact.model_fields:
        return False
    item = shape_of(fact).fields[name].item
    return not inside or (item is not None and inside in item.fields)


def leads(fact: type[Fact], path: str, *, to_field: bool) -> bool:
    """Whether a path of refs exists, ending at a field or at an entry."""
    if path in ("occurred_on", "received", "answer_due", ""):
        return True
    return any(has(target, end) if to_field else not end for target, end in reached(fact, path))


def words(fact: type[Fact], path: str) -> list[Slug]:
    """The words that the field at the end of a path may take; none when it takes any."""
    found: list[Slug] = []
    for target, field in reached(fact, path):
        if has(target, field) and field in target.model_fields:
            annotation = target.model_fields[field].annotation
            kinds = [annotation, *getattr(annotation, "__args__", ())]
            found += [word for kind in kinds if isinstance(kind, type) and issubclass(kind, Slug) for word in kind]
    return found


def words_of(name: str) -> set[str]:
    """The words that the fields of a fact type take, and its fields that are yes or no."""
    fields = shape_of(catalogue()[name]).fields
    yes_or_no = {field for field, info in catalogue()[name].model_fields.items() if "bool" in str(info.annotation)}
    return {str(word) for field in fields for word in words(catalogue()[name], field)} | yes_or_no


def conditions(event: Event | Change) -> Iterator[str]:
    """The words that an event asks for, or that it may not be; of a field that is yes or no, its name."""
    for where in (event.where, getattr(event, "where_not", {})):
        for path, values in where.items():
            yield from (path if value is True else str(value) for value in values)
