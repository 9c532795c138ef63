import hashlib
import socket

import pytest

from grader.data.download import Manners, download, matches
from grader.errors import OperatorError

SHORT = Manners(seconds=2, attempts=3, pause=0.01)


@pytest.fixture
def get(site, tmp_path):
    def get(path="/file.bin", expected="", manners=SHORT, **options):
        target = tmp_path / "got"
        download(site.url + path, target, expected, manners=manners, **options)
        return target.read_bytes()

    return get


def sha256(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def test_a_file_is_fetched_checked_and_leaves_nothing_beside_it(site, get, tmp_path):
    told = []
    content = get(expected=sha256(site.content["/file.bin"]), progress=lambda done, total: told.append((done, total)))
    assert content == site.content["/file.bin"]
    assert told[-1] == (len(content), len(content))
    assert [one for one, _ in told] == sorted({one for one, _ in told})
    assert [path.name for path in tmp_path.iterdir()] == ["got"]


def test_a_broken_connection_goes_on_where_it_stopped(site, get):
    site.breaks = [300_000, 400_000]
    assert get() == site.content["/file.bin"]
    assert [wanted for _, wanted in site.asked] == ["", "bytes=300000-", "bytes=700000-"]


def test_an_interrupted_download_goes_on_at_the_next_call(site, get, tmp_path):
    site.breaks = [300_000, 0, 0, 0, 0]
    with pytest.raises(OperatorError, match=r"the connection ended after 300,000 of .*\. 0\.3 MB are kept"):
        get()
    assert (tmp_path / "got.part").stat().st_size == 300_000
    site.breaks, site.asked = [], []
    assert get() == site.content["/file.bin"]
    assert site.asked == [("/file.bin", "bytes=300000-")]


def test_a_server_without_ranges_sends_all_of_it_again(site, get):
    site.breaks, site.ranges = [300_000], False
    assert get() == site.content["/file.bin"]
    assert len(site.asked) == 2


def test_another_file_at_the_same_address_is_not_glued_to_the_first(site, get):
    site.breaks = [300_000, 0, 0, 0, 0]
    with pytest.raises(OperatorError):
        get()
    site.breaks, site.tag, site.content["/file.bin"] = [], '"two"', b"other" * 100_000
    assert get() == b"other" * 100_000


def test_without_a_mark_or_a_hash_a_half_is_not_trusted(site, get, tmp_path):
    site.tag = ""
    (tmp_path / "got.part").write_bytes(b"wrong")
    assert get() == site.content["/file.bin"]
    assert site.asked == [("/file.bin", "")]


def test_a_wrong_half_is_thrown_away_once(site, get, tmp_path):
    (tmp_path / "got.part").write_bytes(b"wrong")
    assert get(expected=sha256(site.content["/file.bin"])) == site.content["/file.bin"]
    assert [wanted for _, wanted in site.asked] == ["bytes=5-", ""]


def test_a_half_that_is_complete_already(site, get, tmp_path):
    (tmp_path / "got.part").write_bytes(site.content["/file.bin"])
    assert get(expected=sha256(site.content["/file.bin"])) == site.content["/file.bin"]
    assert len(site.asked) == 1


def test_a_wrong_checksum_keeps_nothing(site, get, tmp_path):
    with pytest.raises(OperatorError, match=r"is not the published file: its md5 is [0-9a-f]{32}, expected 0123"):
        get(expected="md5:0123456789")
    assert list(tmp_path.iterdir()) in ([], [tmp_path / "got.part.etag"])
    assert len(site.asked) == 1


def test_a_file_that_is_not_there_is_asked_for_once(site, get):
    with pytest.raises(OperatorError, match=r"/gone could not be fetched: the server says 404 Not Found"):
        get("/gone")
    assert len(site.asked) == 1


def test_a_busy_server_is_asked_again(site, get):
    site.statuses = [503, 429]
    assert get() == site.content["/file.bin"]
    assert len(site.asked) == 3


def test_a_server_that_stays_busy(site, get):
    site.statuses = [503] * 9
    with pytest.raises(OperatorError, match=r"the server says 503 .*run the same command again"):
        get()
    assert len(site.asked) == SHORT.attempts


def test_a_silent_server_is_asked_again(site, get):
    site.silent = [1.5]
    assert get(manners=Manners(seconds=0.3, attempts=3, pause=0.01)) == site.content["/file.bin"]
    assert len(site.asked) == 2


def test_no_server(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(OperatorError, match="Connection refused"):
        download(f"http://127.0.0.1:{port}/x", tmp_path / "got", manners=SHORT)


def test_other_addresses_are_refused(tmp_path):
    (tmp_path / "secret").write_text("x")
    with pytest.raises(OperatorError, match="is not a web address"):
        download((tmp_path / "secret").as_uri(), tmp_path / "got")


def test_a_file_larger_than_the_disk_is_not_begun(site, get, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(OperatorError, match=r"no space in the data store: 1\.0 MB are still to come, 0\.0 MB are free"):
        get()


def test_a_hash_may_be_given_by_its_beginning(tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    assert matches(tmp_path / "file", "sha256:ba7816bf")
    assert matches(tmp_path / "file", "")
    assert not matches(tmp_path / "file", "sha256:00000000")
