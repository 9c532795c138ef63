"""`fetch_openml` from the store."""

import pytest

pytestmark = pytest.mark.data

PIECES = {
    "frame": """
from sklearn.datasets import fetch_openml
mnist = fetch_openml('mnist_784', version=1)
assert mnist.data.shape == (250, 784) and mnist['target'].iloc[3] == '3' and list(mnist.data)[0] == 'pixel1'
X, y = mnist['data'], mnist['target'].astype('uint8')
assert mnist.frame.shape == (250, 785) and mnist.keys() >= {'data', 'target', 'DESCR', 'feature_names'}
""",
    "arrays": """
import numpy as np, sklearn.datasets
X, y = sklearn.datasets.fetch_openml('mnist_784', version=1, return_X_y=True, as_frame=False, parser='liac-arff')
assert isinstance(X, np.ndarray) and X.shape == (250, 784) and y[4] == '4' and y.astype(int).max() == 9
X[0] = 0
""",
    "fashion": "assert fetch_openml('Fashion-MNIST', as_frame=False).target.shape == (250,)",
    "number": "assert fetch_openml(data_id=554).data.shape == (250, 784)",
    "absent": "fetch_openml('titanic', version=1)",
    "digits": "from sklearn.datasets import load_digits\nassert load_digits().images.shape == (1797, 8, 8)",
}


@pytest.fixture(scope="module")
def results(hand_in, store, tmp_path_factory):
    return hand_in(PIECES, tmp_path_factory.mktemp("sklearn-data"), data=store)


@pytest.mark.parametrize("name", [name for name in PIECES if name != "absent"])
def test_it_is_served(results, name):
    assert results[name]["error"] == ""
    kinds = [note["kind"] for note in results[name]["notes"]]
    assert kinds == (["stand-in"] if name == "fashion" else [])


def test_other_sets_are_missing(results):
    assert results["absent"]["error"].startswith("URLError")
    assert [(note["kind"], note["subject"]) for note in results["absent"]["notes"]] == [("missing", "titanic")]
