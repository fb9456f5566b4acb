"""The comparison of two commits: what it checks out, what it times, and what it makes of it."""

import subprocess

import pytest
from rich.console import Console

from benchmarks.commit_pair import ROOT, check_out, make_table, time_pairs


def git(repository, *arguments):
    who = ("-c", "user.name=Curator", "-c", "user.email=curator@plant.example")
    command = ("git", "-C", str(repository), *who, *arguments)
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repository(tmp_path):
    """A repository of two commits: then.txt, and now.txt in its place."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / "then.txt").write_text("then")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "Then")
    git(folder, "mv", "then.txt", "now.txt")
    git(folder, "commit", "--quiet", "--message", "Now")
    return folder


def test_another_commit_is_checked_out_beside_the_work(repository):
    with check_out("HEAD~1", repository) as tree:
        assert (tree / "then.txt").exists()
        assert not (tree / "now.txt").exists()
        assert (repository / "now.txt").exists()


def test_nothing_is_left_of_the_other_commit(repository):
    with check_out("HEAD~1", repository) as tree:
        pass
    assert not tree.exists()
    assert len(git(repository, "worktree", "list").splitlines()) == 1


def test_ratios_are_of_each_pair_not_of_the_medians():
    pairs = [({"training": base}, {"training": now}) for base, now in ((1, 1.1), (4, 4), (9, 8.1))]
    console = Console(width=110)
    with console.capture() as capture:
        console.print(make_table("5bee921", pairs))
    row = next(line for line in capture.get().splitlines() if "training" in line)
    assert [float(cell) for cell in row.split("│")[2:-1]] == [4000, 4000, 1.0, 0.9, 1.1]


@pytest.mark.slow
def test_training_and_analysis_are_timed_with_the_code_of_each_tree(recordings):
    recording = recordings / "test_normal" / "take9_0.wav"
    [pair] = time_pairs((ROOT, ROOT), recordings / "train_normal", recording, 1)
    for seconds in pair:
        assert seconds.keys() == {
            "training",
            "training, processor time",
            "analysis",
            "analysis, processor time",
            "analysis, without HTTP and database",
        }
        assert seconds["analysis, without HTTP and database"] < seconds["analysis"]
