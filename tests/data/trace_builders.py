"""Answers of tracking services as they would arrive. Every number, name and place in them is invented."""

import json

GOT, LEFT, WAITS = "【义乌江东网点】的 甲某（13800000000） 已揽收", "快件离开【义乌】 已发往 【杭州】", "商家已发货，等待揽收"


def kuaidi100(nodes, waybill="780000000000001", **more):
    """``nodes``: (time, sentence, code of the node or None), newest first as the source sends them."""
    data = [{"time": at, "ftime": at, "context": text} | ({"statusCode": code} if code else {}) for at, text, code in nodes]
    return {"message": "ok", "nu": waybill, "ischeck": "0", "com": "zhongtong", "status": "200", "state": "0", "data": data} | more


def kdniao(nodes, waybill="780000000000002", **more):
    """``nodes``: (time, sentence), oldest first."""
    traces = [{"AcceptTime": at, "AcceptStation": text, "Location": "金华市"} for at, text in nodes]
    return {"LogisticCode": waybill, "ShipperCode": "YTO", "Success": True, "State": "2", "Traces": traces} | more


def pdd(nodes, key="logistics_ordertrace_get_resposne"):
    """``nodes``: (time, action, sentence)."""
    return {key: {"trace_list": [{"time": at, "status_time": at, "action": action, "desc": text} for at, action, text in nodes]}}


def fetched(answer, waybill="780000000000003", source="pdd", courier="韵达", at="2026-10-28 08:00:00"):
    """A line of the file that ``fetch`` writes."""
    return {"source": source, "waybill": waybill, "courier": courier, "fetched_at": at, "answer": answer}


def document(value):
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def lines(*values):
    return "".join(json.dumps(value) + "\n" for value in values).encode()
