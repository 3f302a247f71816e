"""What team mode is told: checked as a whole, and no secret in any refusal."""

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.core.team_settings import read_settings
from pdd_audit.texts import LANGS, error_text

GOOD = {
    "PDD_AUDIT_PUBLIC_URL": "https://audit.example.com", "PDD_AUDIT_OIDC_ISSUER": "https://id.example.com/realms/shop",
    "PDD_AUDIT_OIDC_CLIENT_ID": "pdd-audit", "PDD_AUDIT_OIDC_CLIENT_SECRET": "kf83-Qz71-mm20-Wa95",
}
SECRET = "PDD_AUDIT_OIDC_CLIENT_SECRET"


def refuse_to_read(file: str) -> str:
    raise FileNotFoundError(file)


def read(**changed):
    return read_settings({name: value for name, value in (GOOD | changed).items() if value is not None}, refuse_to_read)


def test_what_is_whole_is_read():
    settings = read(PDD_AUDIT_PUBLIC_URL="HTTPS://Audit.Example.com:443/")
    assert (settings.public_url, settings.host, settings.callback) == (
        "https://audit.example.com", "audit.example.com", "https://audit.example.com/oidc/callback")
    assert settings.cookie("a") == "__Host-a"
    assert (settings.client_header, read(PDD_AUDIT_CLIENT_HEADER="X-Real-IP").client_header) == ("", "X-Real-IP")
    here = read(PDD_AUDIT_PUBLIC_URL="http://127.0.0.1:8501", PDD_AUDIT_OIDC_ISSUER="http://localhost:3000")
    assert (here.public_url, here.cookie("a"), here.secure) == ("http://127.0.0.1:8501", "a", False)


def test_secrets_may_come_from_files():
    files = {"/run/secrets/oidc": GOOD[SECRET] + "\n"}
    given = GOOD | {SECRET: "", f"{SECRET}_FILE": "/run/secrets/oidc"}
    settings = read_settings(given, files.__getitem__)
    assert settings.client_secret == GOOD[SECRET]
    assert GOOD[SECRET] not in repr(settings)


@pytest.mark.parametrize(("name", "value", "code"), [
    *((name, None, "setting_missing") for name in GOOD),
    (SECRET, "changeme", "setting_weak"), (SECRET, "changeme-changeme-1", "setting_weak"), (SECRET, "a" * 40, "setting_weak"), (SECRET, "kf83Qz71mm20", "setting_weak"),
    (f"{SECRET}_FILE", "/run/secrets/x", "setting_twice"),
    ("PDD_AUDIT_OIDC_ISSUER", "http://id.example.com", "setting_plain"), ("PDD_AUDIT_PUBLIC_URL", "http://audit.example.com", "setting_plain"),
    ("PDD_AUDIT_PUBLIC_URL", "http://localhost.example.com", "setting_plain"),
    ("PDD_AUDIT_PUBLIC_URL", "https://audit.example.com/tools", "setting_path"), ("PDD_AUDIT_PUBLIC_URL", "audit.example.com", "setting_url"),
    ("PDD_AUDIT_PUBLIC_URL", "https://boss:kf83-Qz71-mm20-Wa95@audit.example.com", "setting_url"), ("PDD_AUDIT_OIDC_ISSUER", "https://id.example.com?x=1", "setting_url"),
    ("PDD_AUDIT_CLIENT_HEADER", "X-Real-IP: 1", "setting_header"), ("PDD_AUDIT_OIDC_ISSUER", "ftp://id.example.com", "setting_url"), ("PDD_AUDIT_PUBLIC_URL", "https://audit.example.com:99999", "setting_url"),
])
def test_what_is_missing_or_unsafe_is_refused_by_name_and_never_with_a_secret(name, value, code):
    with pytest.raises(AuditError) as refusal:
        read(**{name: value})
    assert refusal.value.code == code
    for lang in LANGS:
        told = " ".join(error_text(refusal.value, lang))
        assert name.removesuffix("_FILE") in told and GOOD[SECRET] not in told


def test_a_file_that_cannot_be_read_is_named_by_its_variable():
    with pytest.raises(AuditError) as refusal:
        read(**{SECRET: None, f"{SECRET}_FILE": "/nowhere"})
    assert (refusal.value.code, refusal.value.values["name"]) == ("setting_file", f"{SECRET}_FILE")
