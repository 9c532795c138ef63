"""Cells that ask for a keyboard, a network, Colab or a debugger, in a real kernel with the watcher in place."""

import numpy as np
import pytest

from grader.probe.shell import installed

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def running(kernel_with):
    return kernel_with("environment")


@pytest.fixture
def kernel(running):
    running.begin()
    return running


def test_input_gets_an_empty_line(kernel):
    text, error = kernel.cell("name = input('Your name? ')\nimport getpass\nprint(repr(name), repr(getpass.getpass()))")
    assert error == ""
    assert text == "Your name? \n\n'' ''\n"
    assert kernel.notes()[0] == ("input", "input")


def test_a_loop_that_waits_for_a_word_ends(kernel):
    _, error = kernel.cell("while input('continue? ') != 'yes': pass")
    assert error == "EOFError"
    assert kernel.notes() == [("input", "input")]


def test_pip_is_answered_by_what_is_installed(kernel):
    text, error = kernel.cell("!pip install -q numpy==1.0 'no-such-package>=2' > /dev/null 2>&1")
    assert error == ""
    assert f"numpy {np.__version__} is installed (numpy==1.0 was asked for)" in text
    assert "no-such-package is not installed here" in text
    assert [note for note in kernel.notes() if note[0] == "missing"] == [("missing", "no-such-package")]


@pytest.mark.parametrize("line", ["%pip install numpy", "!python3 -m pip install numpy", "%conda install -y numpy"])
def test_every_way_to_install(kernel, line):
    text, error = kernel.cell(line)
    assert (" is installed" in text, error) == (True, "")
    assert [kind for kind, _ in kernel.notes()] == ["command"]


def test_network_commands_are_not_run(kernel):
    text, error = kernel.cell(
        "!wget -q https://example.org/data.zip\n!sudo apt-get update\n!git clone git@host:x/y.git"
    )
    assert error == ""
    assert "there is no network: `wget -q https://example.org/data.zip` was not run" in text
    notes = kernel.notes()
    assert ("missing", "https://example.org/data.zip") in notes
    assert ("missing", "git@host:x/y.git") in notes
    assert [kind for kind, _ in notes].count("command") == 3


def test_other_lines_run_and_so_does_what_stands_around_an_answer(kernel):
    text, error = kernel.cell("""
        folder = "made"
        !mkdir -p {folder} && cd $folder && curl -O http://x.org/y; echo 'a; wget b' && pwd
        files = !ls -d mad*
        print(files)
    """)
    assert error == ""
    lines = text.replace("\r", "").splitlines()
    assert lines[0].startswith("[grader] there is no network: `curl -O http://x.org/y`")
    assert lines[1] == "curl: (6) Could not resolve host: x.org"
    assert lines[2] == "a; wget b"
    assert lines[3].endswith("/made")
    assert lines[4] == "['made']"


def test_bash_cells_run_without_their_network(kernel):
    text, error = kernel.cell("%%bash\nX=5\nwget http://x.org/y\necho $X $((X+1))\n")
    assert error == ""
    assert text.splitlines() == ["[grader] there is no network: `wget http://x.org/y` was not run", "5 6"]


def test_commands_that_would_not_end(kernel):
    text, error = kernel.cell("!cat\n!streamlit run app.py\n!sleep 1000 &\nprint('on')")
    assert error == ""
    assert text.endswith("on\n")
    assert "`streamlit run app.py` was not run" in text
    assert "`sleep 1000 &` was not run" in text


def test_colab(kernel):
    text, error = kernel.cell("""
        import google.colab
        from google.colab import drive, files, output, userdata
        from google.colab.patches import cv2_imshow
        drive.mount('drive')
        print(files.upload(), files.download('x'), google.colab.drive is drive)
    """)
    assert error == ""
    assert "Mounted at " in text
    assert text.endswith("{} None True\n")
    assert kernel.notes()[:2] == [("substitution", "google.colab"), ("substitution", "Google Drive")]


def test_breakpoints_and_browsers_are_passed(kernel):
    text, error = kernel.cell("""
        import pdb, webbrowser
        from IPython.core.debugger import set_trace
        breakpoint(); pdb.set_trace(); pdb.Pdb().set_trace(); set_trace()
        print(webbrowser.open('http://x.org'))
    """)
    assert (text, error) == ("False\n", "")
    assert kernel.notes() == [("command", "breakpoint"), ("command", "webbrowser")]


def test_post_mortem_debuggers_end(kernel):
    assert kernel.cell("%pdb on\n1 / 0")[1] == "ZeroDivisionError"
    assert kernel.cell("%debug")[1] == ""
    assert kernel.cell("%pdb off\nprint('on')")[0].endswith("on\n")


@pytest.mark.data
def test_opencv_pictures_are_shown_by_matplotlib(kernel):
    code = """
        import matplotlib.pyplot as plt, numpy as np
        from google.colab.patches import cv2_imshow
        shown = []
        plt.show = lambda: shown.append(plt.gca().images[0].get_array()[0, 0].tolist())
        cv2_imshow(np.full((2, 2, 3), (10, 20, 30), dtype=np.uint8))
        print(shown)
    """
    assert kernel.cell(code) == ("[[30, 20, 10]]\n", "")


@pytest.mark.parametrize(("name", "there"), [("NUMPY", True), ("no_such_package", False), ("numpy-gpu", True)])
def test_a_package_counts_under_its_other_names(name, there):
    assert bool(installed(name)) is there


@pytest.mark.parametrize("code", ["exit()", "quit", "exit(1)", "import sys; sys.exit(0)"])
def test_exit_ends_the_cell_and_not_the_kernel(kernel, code):
    assert kernel.cell(code)[1] == "SystemExit"
    assert kernel.cell("import time; time.sleep(0.3); print('alive')") == ("alive\n", "")


def test_only_modules_that_the_hand_in_imports_are_missing(kernel):
    library = "try:\n    import library_tries_this\nexcept ImportError: pass\nfound = True"
    code = f"""
        import sys, types
        exec({library!r}, {{"__name__": "some.library"}})
        try:
            import urllib2
        except ImportError: pass
        import torchsummary_of_nowhere.part
    """
    assert kernel.cell(code)[1] == "ModuleNotFoundError"
    assert kernel.notes() == [("missing", "torchsummary_of_nowhere")]


def test_a_module_that_lies_beside_the_hand_in_counts(kernel):
    code = """
        import pathlib, sys
        sys.path.insert(0, '')
        pathlib.Path('mine.py').write_text('import not_there')
        import mine
    """
    assert kernel.cell(code)[1] == "ModuleNotFoundError"
    assert kernel.notes() == [("missing", "not_there")]


def test_a_package_that_is_bridged_is_not_said_to_be_missing(kernel):
    printed, error = kernel.cell("!pip install opendatasets a-package-of-nowhere")
    assert (error, "opendatasets is not installed here: a stand-in is given" in printed) == ("", True)
    assert kernel.notes() == [
        ("command", "pip install opendatasets a-package-of-nowhere"),
        ("substitution", "opendatasets"),
        ("missing", "a-package-of-nowhere"),
    ]


def test_a_download_fails_as_it_does_without_a_network(kernel):
    code = """
        import subprocess
        for command in ("wget -q https://nowhere.example/a.zip", "curl -O https://nowhere.example/b.zip"):
            done = subprocess.run(command, shell=True, capture_output=True, text=True)
            print(done.returncode, done.stderr.strip())
        done = subprocess.run("wget https://nowhere.example/c.zip && echo unzipped", shell=True, capture_output=True)
        print(done.returncode, b"unzipped" in done.stdout.splitlines())
    """
    assert kernel.cell(code)[0].splitlines() == [
        "4 wget: unable to resolve host address 'nowhere.example'",
        "6 curl: (6) Could not resolve host: nowhere.example",
        "4 False",
    ]
