"""The folder through which workers add up their metrics: made, shared, and cleared away."""

import os
import subprocess
import sys
import textwrap

from tests.bundle import ROOT


def run(code: str, memory: str) -> str:
    """What a new process prints, whose folders are below ``memory``."""
    begin = f"""
        import os
        from pathlib import Path
        from service.observability import multiprocess_dir
        multiprocess_dir._MEMORY = Path({memory!r})
        folder = multiprocess_dir.make_folder()
        os.environ[multiprocess_dir.VARIABLE] = str(folder)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(begin) + textwrap.dedent(code)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_folder_is_the_same_at_each_call_and_goes_at_the_end(tmp_path):
    code = """
        assert multiprocess_dir.make_folder() == folder == multiprocess_dir.made_folder()
        multiprocess_dir.remove_folder()
    """
    run(code, str(tmp_path))
    assert os.listdir(tmp_path) == []


def test_what_a_killed_server_leaves_behind_goes_when_the_next_starts(tmp_path):
    run("os._exit(0)", str(tmp_path))
    [left] = os.listdir(tmp_path)
    code = f"""
        assert not (folder.parent / {left!r}).exists()
        multiprocess_dir.remove_folder()
    """
    run(code, str(tmp_path))
    assert os.listdir(tmp_path) == []


def test_the_folder_of_a_server_that_lives_stays(tmp_path):
    code = """
        import subprocess, sys
        again = "from pathlib import Path; import service.observability.multiprocess_dir as f; "
        again += f"f._MEMORY = Path({str(folder.parent)!r}); f.make_folder(); f.remove_folder()"
        subprocess.run([sys.executable, "-c", again], check=True)
        assert folder.exists()
    """
    run(code, str(tmp_path))


def test_without_a_writable_memory_the_folder_is_a_temporary_one(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    code = """
        assert str(folder.parent) == os.environ["TMPDIR"]
        multiprocess_dir.remove_folder()
    """
    run(code, str(tmp_path / "nonesuch"))


def test_what_processes_that_have_ended_counted_is_kept_in_one_place(tmp_path):
    code = """
        from service.observability import prometheus_export
        from service.observability import metrics
        prometheus_export.drop_process(os.getpid())
        for number in range(5):
            if (pid := os.fork()) == 0:
                metrics.queue_rejected()
                metrics.queue_waited(0.02)
                metrics.queue_depth(3, 300)
                metrics.ready()
                os._exit(0)
            os.waitpid(pid, 0)
            prometheus_export.drop_process(pid)
        body, _ = prometheus_export.exposition("")
        text = body.decode()
        assert "enrich_queue_rejected_articles_total 5.0" in text
        assert 'enrich_queue_wait_seconds_bucket{le="0.025"} 5.0' in text
        assert "enrich_queue_wait_seconds_count 5.0" in text
        assert "enrich_worker_ready{" not in text
        print(sorted(path.name for path in folder.glob("*.db")))
        multiprocess_dir.remove_folder()
    """
    assert run(code, str(tmp_path)) == "['counter_ended.db', 'histogram_ended.db']\n"
