"""Our own routes: who gets a document, a photo, an export, and as what; every refusal looks the same."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.testclient import TestClient

from core.access.open_account import open_account
from core.base.errors import AccountNotFound
from core.base.rights import Viewer
from core.clients.account_record import delete_account
from core.documents.documents import mark_seen
from core.documents.openings import OPENED, note_opening, openings_of, write_openings
from core.identity.members import deactivate, set_rights, unassign
from core.store import close_store, now, reader, writer
from core.store.tables import TABLES
from core.web import export_downloads
from core.web.guard import Guard, for_strangers, is_shut, page_meant
from core.web.routes import routes as app_routes

SYSTEM = Viewer.system("tests")
HEADERS = ("content-security-policy", "x-content-type-options", "referrer-policy", "cross-origin-resource-policy")


def row_of(document_id: int) -> dict:
    with writer(SYSTEM) as tx:
        return tx.get("document", document_id)


@pytest.fixture
def files(firm, settings):
    """The two documents' files, and a way to add another document to the own account."""
    settings.documents.mkdir(parents=True)
    for name in ("eigenes.txt", "fremdes.txt"):
        (settings.documents / name).write_text("Grüße", "utf-8")

    def add(file: str, media_type: str, content: bytes | None = b"x") -> int:
        if content is not None:
            (settings.documents / file).write_bytes(content)
        with writer(SYSTEM) as tx:
            return tx.insert(
                "document", account_id=firm.own, name=file, uploaded_at=now(), is_from_client=True, file=file, media_type=media_type
            )

    return add


@pytest.fixture
def photo(firm, settings):
    settings.photos.mkdir(parents=True)
    Image.new("RGB", (512, 512), "teal").save(settings.photos / "p.webp")
    with writer(SYSTEM) as tx:
        photo = tx.insert("photo", account_id=firm.own, file="p.webp", sha256="x", created_at=now())
        tx.update("account", firm.own, photo_id=photo)
    return photo


def assert_missing(answer) -> None:
    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (404, b"", "private, no-store")
    assert all(header in answer.headers for header in HEADERS)


@pytest.mark.parametrize("who", ["owner", "everything", "assigned"])
def test_a_document_goes_to_who_sees_its_account(shell, firm, files, who):
    answer = shell(who).get(f"/document/{firm.document}")
    assert (answer.status_code, answer.text, answer.headers["cache-control"]) == (200, "Grüße", "private, no-store")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_forbidden_missing_and_signed_out_look_alike(shell, firm, files):
    for client, document in (
        (shell("unassigned"), firm.document),
        (shell("assigned"), firm.foreign_document),
        (shell("assigned"), 999_999),
        (shell(), firm.document),
        (shell(kundenblick="erfunden"), firm.document),
    ):
        assert_missing(client.get(f"/document/{document}"))
    assert row_of(firm.foreign_document)["seen_at"] is None


def test_a_document_is_gone_with_the_right(shell, firm, files):
    anna, emil = shell("assigned"), shell("everything")
    assert 200 == anna.get(f"/document/{firm.document}").status_code == emil.get(f"/document/{firm.document}").status_code
    unassign(SYSTEM, firm.assigned, firm.own)
    deactivate(SYSTEM, firm.everything)
    assert_missing(anna.get(f"/document/{firm.document}"))
    assert_missing(emil.get(f"/document/{firm.document}"))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"Range": "bytes=0-0"},
        {"Sec-Purpose": "prefetch"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"},
    ],
    ids=str,
)
def test_fetching_a_file_marks_nothing_as_seen(shell, firm, files, method, sent):
    """Whoever makes a browser fetch an address must not take the mark of new uploads away."""
    before = row_of(firm.document)
    assert before["seen_at"] is None
    for way in ("", "?download=1"):
        assert shell("assigned").request(method, f"/document/{firm.document}{way}", headers=sent).status_code in (200, 206)
    assert row_of(firm.document) == before


def test_no_route_writes_when_it_is_only_read(shell, firm, files, settings):
    """What a person sees or may do is changed by messages of our page and by POST alone; only a ticket's door is a GET that writes."""

    def everything() -> dict[str, int]:
        with writer(SYSTEM) as tx:
            return {name: tx.value(f"SELECT bit_xor(hash(t)) FROM {name} t") for name in TABLES if name not in ("session", "audit_entry")}

    client = shell("assigned")
    before = everything()
    for route in app_routes(settings):
        if "GET" in route.methods and route.path != "/auth/enter":
            client.get(route.path.replace("{id}", str(firm.document)))
    assert everything() == before


def test_opening_an_upload_in_the_page_clears_new_for_the_whole_firm(firm):
    mark_seen(firm.account("own", "assigned"), firm.document)
    first = row_of(firm.document)
    assert firm.assigned == first["seen_by"]
    mark_seen(firm.account("own"), firm.document)
    assert first == row_of(firm.document)


@pytest.mark.parametrize(
    ("file", "media_type", "shown"),
    [
        ("a.pdf", "application/pdf", True),
        ("a.png", "image/png", True),
        ("a.txt", "text/plain", True),
        ("a.html", "text/html", False),
        ("a.svg", "image/svg+xml", False),
        ("a.xml", "application/xml", False),
        ("a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", False),
        ("a", "", False),
    ],
)
def test_what_could_run_in_our_origin_is_only_handed_out(shell, files, file, media_type, shown):
    answer = shell("owner").get(f"/document/{files(file, media_type, b'<script>alert(1)</script>')}")
    assert answer.headers["content-disposition"].startswith("inline" if shown else "attachment")
    assert shown or answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "script-src" not in answer.headers["content-security-policy"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("path", "shut"),
    [
        ("/_stcore/metrics", True),
        ("/_stcore/script-health-check", True),
        ("/_stcore/agent/interact", True),
        ("/_STCORE/Metrics", True),
        ("/info/_stcore/metrics", True),
        ("/_stcore", True),
        ("/_stcore/anything/new", True),
        ("/component/x/index.html", True),
        ("/app/static/x", True),
        ("/oauth2callback", True),
        ("/_stcore/health", False),
        ("/_stcore/host-config", False),
        ("/_stcore/stream", False),
        ("/_stcore/upload_file/a/b", False),
        ("/media/x", False),
        ("/overview", False),
        ("/", False),
    ],
)
def test_only_what_pages_need_of_streamlit_is_open_to_who_is_signed_in(shell, path, shut):
    assert is_shut(path) is shut
    if shut:
        assert shell("owner").get(path).status_code == 403


def test_no_path_leads_out_of_the_folder(shell, files, settings):
    (settings.documents / "link").symlink_to(settings.database)
    for file in ("../kundenblick.duckdb", "/etc/passwd", "link", ".", "", "fehlt.txt"):
        assert_missing(shell("owner").get(f"/document/{files(file, 'text/plain', None)}"))


@pytest.mark.parametrize("path", ["/document/", "/photo/"])
@pytest.mark.parametrize("wanted", ["0", "-1", "x", "1.0", "²", "1" * 18, "9" * 60, "9" * 5000, "%00", "1%20OR%201=1"])
def test_nonsense_for_an_id_is_missing(shell, path, wanted):
    assert_missing(shell("owner").get(path + wanted))


def test_a_photo_comes_in_the_size_asked_for(shell, photo):
    client = shell("assigned")
    for asked, got in (("", 512), ("40", 48), ("88", 88), ("9999", 512), ("²", 512), ("-1", 512), ("1" * 5000, 512)):
        answer = client.get(f"/photo/{photo}", params={"size": asked})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
        assert (got, got) == Image.open(io.BytesIO(answer.content)).size
    disc = Image.open(io.BytesIO(client.get(f"/photo/{photo}?size=48&round=1").content)).convert("RGBA")
    assert (disc.size, disc.getpixel((0, 0))[3], disc.getpixel((24, 24))[3]) == ((48, 48), 0, 255)
    assert_missing(shell("unassigned").get(f"/photo/{photo}"))
    assert_missing(shell().get(f"/photo/{photo}"))


def test_a_replaced_or_broken_photo_is_missing(shell, photo, firm, settings):
    (settings.photos / "p.webp").write_bytes(b"RIFF broken")
    assert_missing(shell("owner").get(f"/photo/{photo}?size=48"))
    with writer(SYSTEM) as tx:
        tx.update("account", firm.own, photo_id=None)
    assert_missing(shell("owner").get(f"/photo/{photo}"))


def test_an_export_is_made_anew_for_the_one_it_was_offered_to(shell, firm):
    made = []
    key = export_downloads.offer(
        Viewer.staff(firm.everything), "Ä/b.csv", exports_type := "text/csv; charset=utf-8", lambda: made.append(1) or b"a;b"
    )
    assert_missing(shell("owner").get(f"/export/{key}"))
    assert_missing(shell().get(f"/export/{key}"))
    assert_missing(shell("everything").get("/export/erfunden"))
    assert made == []
    client = shell("everything")
    answer = client.get(f"/export/{key}")
    assert (b"a;b", exports_type, [1]) == (answer.content, answer.headers["content-type"], made)
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''%C3%84%2Fb.csv"
    set_rights(SYSTEM, firm.everything, {"view_all_accounts"})
    assert_missing(client.get(f"/export/{key}"))
    assert made == [1]


def test_an_export_asks_the_store_again_and_goes_stale(shell, firm, monkeypatch):
    def gone() -> bytes:
        raise AccountNotFound()

    assert_missing(shell("owner").get(f"/export/{export_downloads.offer(Viewer.staff(firm.owner), 'x', 'text/csv', gone)}"))
    monkeypatch.setattr(export_downloads._exports, "lasts_s", -1)
    assert_missing(shell("owner").get(f"/export/{export_downloads.offer(Viewer.staff(firm.owner), 'x', 'text/csv', lambda: b'x')}"))


def test_health_asks_the_store(shell):
    client = shell()
    answer = client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"store": "ok", "backup": "none"})
    close_store()
    answer = client.get("/health")
    assert (answer.status_code, answer.json()) == (503, {"store": "unavailable", "backup": "none"})
    assert_missing(client.get("/document/1"))


def test_an_unforeseen_error_has_a_number_and_no_trace(settings, store, caplog):
    def broken(_):
        raise ZeroDivisionError("canary-4711")

    app = Starlette(routes=[Route("/broken", broken)], middleware=[Middleware(Guard, settings=settings)])
    answer = TestClient(app, raise_server_exceptions=False).get("/broken")
    assert answer.status_code == 500
    assert all(header in answer.headers for header in HEADERS)
    assert "canary" not in answer.text and len(answer.text) == 6
    assert answer.text in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "opened"),
    [
        ("GET", "/", True),
        ("GET", "/overview", True),
        ("GET", "/static/js/index.js", True),
        ("GET", "/_stcore/health", True),
        ("GET", "/_stcore/host-config", True),
        ("GET", "/overview/_stcore/health", True),
        ("POST", "/auth/leave", True),
        ("POST", "/", False),
        ("PUT", "/_stcore/upload_file/a/b", False),
        ("GET", "/media/x.pdf", False),
        ("GET", "/MEDIA/x.pdf", False),
        ("GET", "/component/x/index.html", False),
        ("GET", "/_stcore/bidi-components/x", False),
        ("GET", "/_stcore/metrics", False),
        ("POST", "/_stcore/agent/mcp", False),
        ("GET", "/page/_stcore/agent/mcp", False),
        ("GET", "/app/static/x", False),
        ("GET", "/auth/login", False),
    ],
)
def test_strangers_reach_the_sign_in_and_nothing_else(method, path, opened):
    assert opened == for_strangers(path, method)


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/overview/x", "/overview"),
        ("/overview/x/y/", "/overview"),
        ("//somewhere.example/x", "/somewhere.example"),
        ("/\\somewhere.example/x", "/%5Csomewhere.example"),
        ("/a\r\nb/x", "/a%0D%0Ab"),
        ("/", None),
        ("/overview", None),
        ("/overview/", None),
        ("/document/12", None),
        ("/static/js/index.js", None),
        ("/Media/x.pdf", None),
        ("/auth/enter", None),
        ("/today", "/"),
        ("/accounts?q=gmbh", None),
        ("/?q=gmbh", "/accounts"),
        ("/?field-7=is:x&sort=-net_due", "/accounts"),
        ("/?kind=is:company", "/accounts"),
        ("/?said=leave_unsure", None),
        ("/?oidc=another&first=x", None),
    ],
)
def test_an_address_with_more_than_a_page_leads_to_the_page_and_nowhere_else(path, page):
    where, _, asked = path.partition("?")
    assert page == page_meant(where, asked)


def test_each_opening_and_download_is_told_with_who_and_when(shell, firm, files):
    anna, account = shell("assigned"), firm.account("own")
    url = f"/document/{firm.document}"
    top = {"sec-fetch-site": "none", "sec-fetch-dest": "document"}
    own = {"sec-fetch-site": "same-origin"}
    assert anna.get(url, headers=top).status_code == 200, "by its address, as a colleague sends it"
    anna.get(f"{url}?download=1", headers=own)
    told = [(row["who"], row["way"]) for row in openings_of(account, firm.document)]
    assert told == [("Anna Zugeordnet", "downloaded"), ("Anna Zugeordnet", "opened")], "also before it is written"
    # What is nobody's own opening: the page's frame, a part further on, a HEAD, a prefetch, another site, the same once more.
    anna.get(url, headers=own | {"sec-fetch-dest": "iframe"})
    anna.get(f"{url}?download=1", headers=own | {"range": "bytes=2-"})
    anna.head(f"{url}?download=1", headers=own)
    anna.get(f"{url}?download=1", headers=own | {"sec-purpose": "prefetch"})
    anna.get(f"{url}?download=1", headers={"sec-fetch-site": "cross-site"})
    anna.get(f"{url}?download=1", headers=own)
    assert write_openings() == 2 and write_openings() == 0
    assert [(row["who"], row["way"]) for row in openings_of(account, firm.document)] == told
    with reader(firm.viewer("unassigned")) as r:
        assert r.rows("SELECT * FROM document_opening") == []
    theirs = open_account(firm.viewer("assigned"), firm.own)
    note_opening(account.viewer, {"account_id": firm.own, "document_id": firm.document}, OPENED)
    unassign(SYSTEM, firm.assigned, firm.own)
    with pytest.raises(AccountNotFound):
        openings_of(theirs, firm.document)


def test_openings_go_with_their_document(firm, files):
    own, foreign = firm.account("own"), firm.account("foreign")
    for account, document in ((own, firm.document), (foreign, firm.foreign_document)):
        note_opening(account.viewer, {"account_id": account.account_id, "document_id": document}, OPENED)
    write_openings()
    delete_account(own, own_name(firm))
    with reader(SYSTEM) as r:
        assert [row["document_id"] for row in r.rows("SELECT document_id FROM document_opening")] == [firm.foreign_document]


def own_name(firm) -> str:
    with reader(SYSTEM) as r:
        return r.value("SELECT name FROM account WHERE account_id = $id", id=firm.own)
