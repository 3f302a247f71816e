"""What the Couriers page says in sentences. Pure: no streamlit. Foreign names come out as they are; the page makes them safe."""

from pdd_audit.services.look_at_couriers import Compared, CouriersLook
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count, decimal_text, percent, signed

MOST_NAMED = 2


def points_of(difference: float) -> str:
    """A difference of shares in points, without a sign."""
    return decimal_text(abs(difference) * 100, 1)


def signed_points(difference: float) -> str:
    return signed(difference * 100, 1)


def headline(look: CouriersLook, words: Words) -> str:
    """The one sentence: who looks bad and is not, who is to be talked to, or what else the late parcels come from."""
    if not look.late:
        return words("couriers.title.none_late", n=count(look.parcels), hours=decimal_text(look.limit_hours, 0))
    looks = _listed([unit.name for unit in look.misleading], words)
    talk, points, at_outlet = _talk(look, words)
    if looks and talk:
        return words("couriers.title.looks_and_talk", looks=looks, talk=talk)
    if talk:
        return words("couriers.title.talk_outlet" if at_outlet else "couriers.title.talk_courier", talk=talk, points=points)
    if looks:
        return words("couriers.title.looks", looks=looks)
    beyond = _beyond(look)
    if beyond:
        return words("couriers.title.beyond", names=_listed(beyond, words))
    if look.split.in_vans:
        return words("couriers.title.vans", late=count(look.late), n=count(look.split.in_vans))
    return words("couriers.title.alike")


def _talk(look: CouriersLook, words: Words) -> tuple[str, str, bool]:
    """Who is to be talked to, and by how much the first of them is above its peers: outlets before whole couriers."""
    if look.worse_outlets:
        first = look.worse_outlets[0]
        named = [(outlet.unit.name, words.courier(outlet.courier)) for outlet in look.worse_outlets]
        names = [words("couriers.outlet_of", outlet=outlet, courier=courier) for outlet, courier in named]
        return _listed(names, words), points_of(first.unit.against.difference), True
    worse = sorted(look.worse_couriers, key=lambda unit: unit.against.p)
    if worse:
        return _listed([unit.name for unit in worse], words), points_of(worse[0].against.difference), False
    return "", "", False


def _beyond(look: CouriersLook) -> list[str]:
    """Units far outside the funnel, and not through a missed van."""
    if look.ranking is None:
        return []
    units = look.ranking.units
    return [str(name) for name in units.loc[(units["where"] == "above998") & (units["van_late"] == 0), "name"]]


def _listed(names: list[str], words: Words) -> str:
    return words("data.listed").join(map(words.courier, names[:MOST_NAMED])) + ("…" if len(names) > MOST_NAMED else "")


def split_line(look: CouriersLook, words: Words) -> str:
    """15,957 parcels, 478 late: so many in missed vans, so many scattered."""
    split = look.split
    if not split.vans:
        return words("couriers.split_none", n=count(look.parcels), late=count(look.late))
    return words(
        "couriers.split",
        n=count(look.parcels),
        late=count(look.late),
        in_vans=count(split.in_vans),
        vans=len(split.vans),
        days=split.bad_days,
        scattered=count(split.scattered),
    )


def adjusted_title(look: CouriersLook, words: Words) -> tuple[str, str | None]:
    """The conclusion of the comparison at a like mix, and the courier whose numbers it speaks of."""
    if look.misleading:
        unit = look.misleading[0]
        title = words(
            "couriers.adjusted.title_looks",
            name=words.courier(unit.name),
            crude=points_of(unit.against.crude_difference),
            adjusted=decimal_text(unit.against.difference * 100, 1),
        )
        return title, unit.name
    if look.worse_couriers:
        return words(
            "couriers.adjusted.title_worse", names=_listed([unit.name for unit in look.worse_couriers], words)
        ), look.worse_couriers[0].name
    return words("couriers.adjusted.title_alike"), None


def verdict_of(unit: Compared) -> str:
    """Code of what may be said of one courier beside the others."""
    if unit.uneven:
        return "uneven"
    if unit.worse:
        return "worse"
    if unit.simpson:
        return "looks"
    return "better" if unit.tells and unit.against.high < 0 else "same"


def cause_title(look: CouriersLook, words: Words) -> str:
    """Which cause comes first, or that too little is known."""
    pareto = look.causes
    assert pareto is not None, "drawn only where something was late"
    if not pareto.enough:
        return words("couriers.cause.title_few", n=count(pareto.total))
    if pareto.record_first:
        return words("couriers.cause.title_unknown", share=percent(pareto.causes[-1].share))
    first = pareto.causes[0]
    return words(
        "couriers.cause.title", cause=words(f"couriers.cause.name.{first.code}"), n=count(first.parcels), share=percent(first.share)
    )
