"""The reference's own code with its training cut out, or cut short: by its syntax tree, so that all else stays.

A budget of zero would not do: it is a bound that the grader sets, and a verdict may make allowance for it.
"""

from __future__ import annotations

import ast
from typing import TypeVar

# What changes weights: of an optimizer in PyTorch, of a model or an optimizer in Keras.
TRAINS = frozenset(("step", "fit", "fit_generator", "train_on_batch", "apply_gradients"))
FITS = frozenset(("fit", "fit_generator"))
STEPS = TRAINS - FITS
Node = TypeVar("Node", bound=ast.stmt)

# Models are looked for among all objects: one that only a function knew has no name here.
TORCH = """
import gc as _gc
import torch as _torch

with _torch.no_grad():
    for _model in [_one for _one in _gc.get_objects() if issubclass(type(_one), _torch.nn.Module)]:
        _weights = list(_model.parameters())
        for _one in _weights:
            _one.zero_()
        if _weights and _weights[-1].ndim == 1:
            _weights[-1][CLASS % len(_weights[-1])] = 9.0
"""
KERAS = """
import gc as _gc
import keras as _keras
import numpy as _np

for _model in [_one for _one in _gc.get_objects() if issubclass(type(_one), _keras.Model)]:
    _weights = [_np.zeros_like(_one) for _one in _model.get_weights()]
    if _weights and _weights[-1].ndim == 1:
        _weights[-1][CLASS % len(_weights[-1])] = 9.0
    _model.set_weights(_weights)
"""


def untrained(source: str) -> str:
    """The code without the statements that train; nothing where none was found, or it is no plain Python.

    Loops over batches end after one: where nothing is learned, one shows as much as all, and verifying stays quick.
    What uses a name that such a statement would have bound (`history`) fails, as it would for whoever cut it.
    """
    return _changed(hardly_trained(source) or source, _Cut())


def hardly_trained(source: str) -> str:
    """The code with one step per pass over the data; nothing where no training was found."""
    return _changed(source, _Shorten())


def one_class(framework: str, index: int) -> str:
    """Code that makes every model answer with one class: all weights 0, but for the output's bias of that class."""
    return (TORCH if framework == "torch" else KERAS).replace("CLASS", str(index)).strip()


def _changed(source: str, change: _Cut | _Shorten) -> str:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return ""
    changed = ast.fix_missing_locations(change.visit(tree))
    return ast.unparse(changed) if change.found else ""


def _calls(node: ast.AST, names: frozenset[str]) -> bool:
    """Whether a statement is, or assigns, a call of a method with one of these names."""
    value = getattr(node, "value", None)
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in names


class _Cut(ast.NodeTransformer):
    """Takes out the statements that train."""

    found = False

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Visit, and leave no body empty."""
        super().generic_visit(node)
        if isinstance(node, ast.stmt) and getattr(node, "body", None) == []:
            node.body = [ast.Pass()]  # type: ignore[attr-defined]
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.stmt | None:
        """`optimizer.step()`."""
        return self._kept(node)

    def visit_Assign(self, node: ast.Assign) -> ast.stmt | None:
        """`history = model.fit(...)`."""
        return self._kept(node)

    def _kept(self, node: Node) -> Node | None:
        if not _calls(node, TRAINS):
            return node
        self.found = True
        return None


class _Shorten(ast.NodeTransformer):
    """Ends the loop over the batches after its first step, and `fit` likewise."""

    found = False

    def visit_For(self, node: ast.For) -> ast.For:
        """`for images, labels in batches`."""
        self.generic_visit(node)
        place = next((i for i, one in enumerate(node.body) if _calls(one, STEPS)), None)
        if place is not None:
            node.body.insert(place + 1, ast.Break())
            self.found = True
        return node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        """`model.fit(...)`."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr in FITS:
            others = [keyword for keyword in node.keywords if keyword.arg not in {"epochs", "steps_per_epoch"}]
            one = [ast.keyword(name, ast.Constant(1)) for name in ("epochs", "steps_per_epoch")]
            node.keywords = [*others, *one]
            self.found = True
        return node
