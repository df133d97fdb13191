"""Runs a script as `python3 script` would, and tells what it leaves to be shown: the value of its last expression and its open figures.

    rich.py MARK SCRIPT

The script gets the module `__main__`, sys.argv, sys.path, tracebacks and exit code that it would have without this. What it leaves goes to standard
error in frames, which Coracle takes out of the stream: RS, MARK, the length as four hex digits, and that many bytes of a JSON document; a length of 0
ends it. A frame is one write of at most PIPE_BUF bytes, so that other writers cannot come between. A script that fails, or that leaves nothing to be
shown, has no frames.
"""

import _thread
import ast
import builtins
import fcntl
import os
import sys
import types

MOST_BYTES = 8 * 1024 * 1024 - 65536
MOST_TEXT = 1024 * 1024
FRAME_BYTES = 4000
MOST_ROWS = 1000


def run(path):
    """Answers the value of the script's last expression, None without one. Raises what the script raises."""
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=path, __cached__=None, __builtins__=builtins)
    sys.modules["__main__"] = main
    with open(path, "rb") as script:
        tree = compile(script.read(), path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    last = tree.body[-1] if tree.body else None
    # A text that stands alone is the module's documentation.
    if not isinstance(last, ast.Expr) or (len(tree.body) == 1 and isinstance(last.value, ast.Constant) and isinstance(last.value.value, str)):
        exec(compile(tree, path, "exec", dont_inherit=True), main.__dict__)
        return None
    tree.body.pop()
    exec(compile(tree, path, "exec", dont_inherit=True), main.__dict__)
    return eval(compile(ast.Expression(last.value), path, "eval", dont_inherit=True), main.__dict__)


def quietly(work):
    """What the script's own objects do while they are shown must not reach its output or its end."""
    try:
        return work()
    except BaseException:
        return None


def png_of(figure):
    import base64
    import io

    image = io.BytesIO()
    figure.savefig(image, format="png", bbox_inches="tight")
    return base64.b64encode(image.getvalue()).decode()


def figure_of(value):
    """The newest open figure; or the one that the value is or belongs to."""
    plots = sys.modules.get("matplotlib.pyplot")
    if plots is not None and plots.get_fignums():
        return plots.figure(plots.get_fignums()[-1])
    figures = sys.modules.get("matplotlib.figure")
    return value if figures is not None and isinstance(value, figures.Figure) else None


def frame_results(value):
    import json

    pandas = sys.modules.get("pandas")
    if pandas is None or not isinstance(value, (pandas.DataFrame, pandas.Series)):
        return {}
    frame = value.to_frame() if isinstance(value, pandas.Series) else value
    shown = frame.head(MOST_ROWS)
    split = json.loads(shown.to_json(orient="split", date_format="iso", default_handler=str))
    table = {"columns": split["columns"], "index": split["index"], "data": split["data"], "shape": list(frame.shape)}
    return {
        "html": shown.to_html(max_rows=MOST_ROWS),
        "json": [dict(zip(map(str, split["columns"]), row)) for row in split["data"]],
        "dataframe": table,
    }


def method_results(value):
    """What an object says of itself, by the names that notebooks use."""
    if isinstance(value, type):
        return {}
    found = {}
    for field, method in (("html", "_repr_html_"), ("svg", "_repr_svg_"), ("markdown", "_repr_markdown_"), ("json", "_repr_json_")):
        shown = quietly(lambda: getattr(value, method)())
        if isinstance(shown, str) or (field == "json" and isinstance(shown, (dict, list))):
            found[field] = shown
    image = quietly(lambda: value._repr_png_())
    if isinstance(image, bytes):
        import base64

        found["png"] = base64.b64encode(image).decode()
    return found


def results_of(value):
    found = {}
    if value is not None:
        text = quietly(lambda: repr(value))
        if isinstance(text, str):
            found["result"] = text[:MOST_TEXT]
        found.update(method_results(value))
        found.update(quietly(lambda: frame_results(value)) or {})
    png = quietly(lambda: (lambda figure: figure is not None and png_of(figure))(figure_of(value)))
    if png:
        found["png"] = png
    return found


def encode(found):
    """The largest results are left out until the rest fits."""
    import json

    texts = {name: quietly(lambda value=value: json.dumps(value, allow_nan=False)) for name, value in found.items()}
    texts = {name: text for name, text in texts.items() if text is not None}
    while sum(map(len, texts.values())) > MOST_BYTES:
        del texts[max(texts, key=lambda name: len(texts[name]))]
    return ("{" + ",".join(json.dumps(name) + ":" + text for name, text in texts.items()) + "}").encode() if texts else b""


class Deaf:
    """A stream that drops what this thread writes, and passes on what others do."""

    def __init__(self, stream):
        self.stream = stream
        self.thread = _thread.get_ident()

    def write(self, text):
        return len(text) if _thread.get_ident() == self.thread else self.stream.write(text)

    def __getattr__(self, name):
        return getattr(self.stream, name)


def tell(descriptor, mark, value):
    import contextlib
    import warnings

    with contextlib.redirect_stdout(Deaf(sys.stdout)), contextlib.redirect_stderr(Deaf(sys.stderr)), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        document = encode(results_of(value))
    if document:
        parts = [document[start : start + FRAME_BYTES] for start in range(0, len(document), FRAME_BYTES)]
        for part in [*parts, b""]:
            os.write(descriptor, b"\x1e" + mark.encode() + b"%04x" % len(part) + part)


def script_traceback(traceback):
    """Without the frames of this file."""
    while traceback is not None and traceback.tb_frame.f_code.co_filename == __file__:
        traceback = traceback.tb_next
    return traceback


def main(mark, path):
    # Out of the way of the numbers that the script's own files get.
    descriptor = fcntl.fcntl(2, fcntl.F_DUPFD_CLOEXEC, 512)
    sys.argv = [path]
    sys.path[0] = os.path.dirname(path)
    try:
        value = run(path)
    except SystemExit:
        raise
    except BaseException as error:
        failure = error
    else:
        if value is not None or "matplotlib.pyplot" in sys.modules:
            quietly(lambda: tell(descriptor, mark, value))
        return
    traceback = script_traceback(failure.__traceback__)
    sys.excepthook(type(failure), failure.with_traceback(traceback), traceback)
    if isinstance(failure, KeyboardInterrupt):
        import signal

        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    sys.exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
