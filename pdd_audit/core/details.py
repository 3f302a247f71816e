"""Tables that only one page asks for: counted when it is opened, kept beside the compact tables. Small whatever the shop's size.

Each name stands for a function of ``data.relations.details``; a table may lack rows, never a column. Parcels are those on the pickup
clock; ``parcels`` counts them, ``yuan`` is the expected compensation. A null courier, outlet or province is one that is not known.
"""

DETAIL_COLUMNS: dict[str, tuple[str, ...]] = {
    # What can be chosen above a page: name (courier | outlet | province | goods), code, label, parcels.
    "choices": ("name", "code", "label", "parcels"),
    # How long the uploads of the last 28 days waited, as the cut knew them: kind (event | refund | open), whole minutes.
    "waits": ("courier", "band", "day_type", "kind", "minute", "parcels"),
    # Parcels nobody has collected: outlet of the label, whole minutes of age and to the deadline (0 or less: late already).
    "open_now": ("courier", "outlet", "day", "band", "day_type", "age_minute", "left_minute", "yuan", "parcels"),
    # Parcels open at 18:00 of a past day and due before midnight; age_slot and due_slot in steps of core.replay.SLOT minutes.
    "past_open": ("courier", "band", "day_type", "day", "days_later", "age_slot", "due_slot", "parcels", "late"),
    # Waits of each past day of upload in the same steps; slot null: still waiting at the limit.
    "past_waits": ("courier", "band", "day_type", "day", "slot", "parcels"),
    # Deadlines of the last days that were missed: days from the upload to it, its minute of the day, from which minute of it on it ran.
    "missed_deadlines": ("day", "days_later", "due_minute", "from_minute", "parcels"),
    # Uploads by hour, both clocks decided; promise_hours from midnight before the upload, yuan at stake for all of them.
    "cutoff": ("courier", "hour", "promise_hours", "asks", "parcels", "late", "missed", "broken", "yuan"),
    # Orders still to be uploaded: minutes to the promise in steps of ten, and whether the rules want the pickup by then.
    "waiting": ("courier", "left_minute", "asks", "orders", "yuan"),
    # Uploads and pickups by hour (what: upload | at_once | pickup).
    "vans": ("what", "courier", "day", "hour", "day_type", "parcels", "late"),
    # Mature parcels by day and band of the upload; promise: 24h | 48h | longer after the confirmation, null unknown.
    "mix": ("courier", "outlet", "day", "band", "remote", "promise", "parcels", "late"),
    # Late parcels by day and hour of the upload; label: used | never_used, null unknown; scanned: until the cut.
    "breaches": ("courier", "outlet", "day", "hour", "label", "exempt", "scanned", "parcels", "yuan"),
    # First scans by their own day and hour.
    "pickup_hours": ("courier", "day", "hour", "parcels"),
    # Scanned parcels: bulk of exact share their second with many, before_label of labelled, standing of settled; batches: such seconds.
    "scans": ("courier", "outlet", "exact", "bulk", "batches", "labelled", "before_label", "settled", "standing"),
    # Rows of the files at each step on their way into the figures, and what left between two steps: see core.ladder.
    "ladder": ("side", "step", "reason", "rows"),
    # Orders with the same outcome: each component ok | broken | none | open | unknown.
    "perfect": ("promise", "pickup", "first_move", "after_sale", "orders", "yuan"),
    # Bookings about lateness by what the files know of their order (late | in_time | undecided | unlinked | elsewhere); category
    # "expected": late orders not fined yet, with the compensation to expect; "refund" (said | inferred): orders refunded for want of a
    # pickup; "affected": orders behind any of these, each once.
    "cost": ("category", "verdict", "orders", "yuan"),
}
