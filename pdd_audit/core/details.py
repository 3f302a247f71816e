"""Tables that only one page asks for: counted when it is opened, kept beside the compact tables. Small whatever the shop's size.

Each name stands for a function of ``data.relations.details``; a table may lack rows, never a column. Parcels are those on the pickup
clock; ``parcels`` counts them, ``yuan`` is the expected compensation. A null courier, outlet or province is one that is not known.
"""

DETAIL_COLUMNS: dict[str, tuple[str, ...]] = {
    # What can be chosen above a page: name (courier | outlet | province | goods), code, label, parcels.
    "choices": ("name", "code", "label", "parcels"),
}
