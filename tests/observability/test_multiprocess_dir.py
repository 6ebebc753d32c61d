import os
import subprocess
import sys
import textwrap

from tests.bundle import ROOT


def run(code: str, memory: str) -> str:
    """Run ``code`` in a new process with a folder in ``memory``, and return its output."""
    setup = f"""
        import os
        from pathlib import Path
        from service.observability import multiprocess_dir
        memory = Path({memory!r})
        folder = multiprocess_dir.make_folder(memory)
        os.environ[multiprocess_dir.VARIABLE] = str(folder)
    """
    process = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(setup) + textwrap.dedent(code)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout


def test_a_process_creates_one_folder_and_removes_it(tmp_path):
    code = """
        assert multiprocess_dir.make_folder(memory) == folder == multiprocess_dir.current_folder()
        multiprocess_dir.remove_folder()
    """
    run(code, str(tmp_path))
    assert os.listdir(tmp_path) == []


def test_the_folder_of_a_killed_server_is_removed_when_the_next_starts(tmp_path):
    run("os._exit(0)", str(tmp_path))
    [left] = os.listdir(tmp_path)
    code = f"""
        assert not (folder.parent / {left!r}).exists()
        multiprocess_dir.remove_folder()
    """
    run(code, str(tmp_path))
    assert os.listdir(tmp_path) == []


def test_the_folder_of_a_running_server_is_kept(tmp_path):
    code = """
        import subprocess, sys
        second = "from pathlib import Path; import service.observability.multiprocess_dir as d; "
        second += f"d.make_folder(Path({str(memory)!r})); d.remove_folder()"
        subprocess.run([sys.executable, "-c", second], check=True)
        assert folder.exists()
    """
    run(code, str(tmp_path))


def test_without_writable_shared_memory_the_folder_is_a_temporary_one(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    code = """
        assert str(folder.parent) == os.environ["TMPDIR"]
        multiprocess_dir.remove_folder()
    """
    run(code, str(tmp_path / "nonesuch"))


def test_the_counters_of_exited_processes_are_merged_into_one_file_per_type(tmp_path):
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
