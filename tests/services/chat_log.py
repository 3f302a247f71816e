"""An invented chat log of a month: three agents, quick by day, short of hands on weekend evenings."""

import random
from datetime import datetime, timedelta

from tests.data.builders import as_csv

HEADER = ["会话ID", "消息时间", "发送方", "客服账号", "消息内容"]
FIRST = datetime(2026, 10, 1)
DAYS = 28


def chat_log(seed: int = 7, days: int = DAYS, a_day: int = 90) -> bytes:
    """One row a message. From 20:00 to 22:00 on Saturdays and Sundays four in ten wait too long or for ever; else about three in 100."""
    rng = random.Random(seed)
    rows = []
    for number in range(days * a_day):
        began = FIRST + timedelta(days=number // a_day, hours=8, seconds=rng.randrange(15 * 3600 + 1800))
        short = began.weekday() >= 5 and 20 <= began.hour < 22
        talk = f"talk-{number}"
        rows.append([talk, f"{began:%Y-%m-%d %H:%M:%S}", "买家", "", "在吗"])
        missed = rng.random() < (0.4 if short else 0.03)
        if missed and rng.random() < 0.5:
            continue
        wait = rng.randrange(200, 4000) if missed else rng.randrange(5, 150)
        replied = began + timedelta(seconds=wait)
        rows.append([talk, f"{replied:%Y-%m-%d %H:%M:%S}", "客服", rng.choice(["小林", "小周", "小何"]), "在的"])
    return as_csv([HEADER, *rows])
