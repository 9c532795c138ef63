"""What runs inside the student's kernel: it serves data, watches what the code builds, and reports it.

It imports nothing of `grader` and no framework by itself: hooks wait until the student's code imports one. It lives in
a hostile place. Nothing that it says is believed without validation, and it is given nothing worth stealing: no label,
no threshold, no reference.

    kernel.py        starts the IPython kernel with the hooks in place
    recorder.py      the state of one run: configuration, current question, notes, blobs
    report.py        after each question: asks every watcher, sends one message
    live.py          the same in a student's own notebook, where nothing is served or cut

A *watcher* is a module with `install(recorder)` (once, before student code), `begin(recorder)` (a question starts) and
`observe(recorder, plan) -> dict` (what it saw, as the fields of `grader.records.Observation` in JSON form).
"""
