"""What is written into the browser is constant, and reaches what it is meant for."""

from pdd_audit.ui import browser


def test_the_uploader_speaks_our_words_whatever_its_key(monkeypatch):
    said = []
    monkeypatch.setattr(browser.st, "html", said.append)
    browser.uploader_says("proof:a.b}", "选择文件", "或拖到这里")
    (style,) = said
    assert style.count(".st-key-proof-a-b- ") == 4, "as Streamlit writes it in the page, and nothing of it ends the rule"
    assert 'content: "选择文件"' in style and 'content: "或拖到这里"' in style
