"""Words of strangers' tables: what begins a row that is no data, and what saving in the wrong encoding leaves of a text."""

FOOTERS = ("合计", "总计", "汇总", "说明：", "说明:", "合計", "小计")
DAMAGE = ("\ufffd", "锟斤拷")

__all__ = ["DAMAGE", "FOOTERS"]
