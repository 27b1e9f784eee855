"""Body models as pickles: what distributed files hold is read, and nothing in them is run."""

import io
import pickle
import pickletools
import struct
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse

from hmu.errors import InputError
from hmu.io.arrays import BadArray
from hmu.motion import modelfile
from hmu.motion.bodymodel import BodyModel, locate
from support.bodies import VERTICES, model_arrays, parameters


class Ch:
    """An expression as chumpy pickles one: its attributes, caches left out."""

    def __init__(self, **state: Any) -> None:
        self.__dict__.update(_dirty_vars=set(), _itr=None, _depends_on_deps={}, **state)


class Select(Ch):
    """A choice of the values of another."""


Ch.__module__, Select.__module__ = "chumpy.ch", "chumpy.reordering"


@pytest.fixture
def chumpy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the two classes be pickled under the names that they have in chumpy."""
    monkeypatch.setitem(sys.modules, "chumpy", types.ModuleType("chumpy"))
    for kind in (Ch, Select):
        module = types.ModuleType(kind.__module__)
        setattr(module, kind.__name__, kind)
        monkeypatch.setitem(sys.modules, kind.__module__, module)


class Python2Pickler(pickle._Pickler):
    """Writes bytes as Python 2's ``str``, as its pickles of arrays have them."""

    dispatch = dict(pickle._Pickler.dispatch)  # noqa: RUF012

    def save_bytes(self, content: bytes) -> None:
        self.write(pickle.BINSTRING + struct.pack("<i", len(content)) + content)
        self.memoize(content)

    dispatch[bytes] = save_bytes


_OLD_NAMES = {
    b"numpy._core": b"numpy.core",
    b"scipy.sparse._csc\n": b"scipy.sparse.csc\n",
    b"scipy.sparse._coo\n": b"scipy.sparse.coo\n",
}


def python2(value: object) -> bytes:
    """A pickle as Python 2 and the libraries of its time wrote it."""
    stream = io.BytesIO()
    Python2Pickler(stream, 2).dump(value)
    content = stream.getvalue()
    for new, old in _OLD_NAMES.items():
        content = content.replace(new, old)
    return content


def distributed(arrays: dict[str, np.ndarray]) -> dict[str, object]:
    """The fields of ``SMPLH_MALE.pkl``: sparse, expressions, text, and arrays in either order."""
    shapes = arrays["shapedirs"]
    padded = np.concatenate([shapes, shapes[..., :3]], axis=2)
    places = np.arange(padded.size).reshape(padded.shape)[..., : shapes.shape[2]]
    chosen = Select(
        a=Ch(x=padded), idxs=places.ravel().astype(np.int64), preferred_shape=shapes.shape
    )
    return {
        **arrays,
        "J_regressor": scipy.sparse.csc_matrix(arrays["J_regressor"]),
        "J_regressor_prior": scipy.sparse.coo_matrix(arrays["J_regressor"]),
        "shapedirs": chosen,
        "v_template": Ch(x=np.asfortranarray(arrays["v_template"])),
        "weights": arrays["weights"].astype(">f4"),
        "bs_style": "lbs",
        "joint2num": np.array({"Pelvis": 0}, dtype=object),
    }


FIELDS = ("v_template", "shapedirs", "J_regressor", "kintree_table")


def check(path: Path, arrays: dict[str, np.ndarray], names: tuple[str, ...] = FIELDS) -> None:
    for name, found in zip(names, modelfile.read(path, names), strict=True):
        np.testing.assert_array_equal(found, arrays[name], err_msg=name)


@pytest.mark.usefixtures("chumpy")
def test_a_pickle_of_python_2_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = model_arrays()
    path = tmp_path / "SMPLH_MALE.pkl"
    path.write_bytes(python2(distributed(arrays)))
    names = {f"{op[1]}" for op in pickletools.genops(path.read_bytes()) if op[0].name == "GLOBAL"}
    assert names == {
        "__builtin__ set",
        "chumpy.ch Ch",
        "chumpy.reordering Select",
        "numpy dtype",
        "numpy ndarray",
        "numpy.core.multiarray _reconstruct",
        "scipy.sparse.coo coo_matrix",
        "scipy.sparse.csc csc_matrix",
    }  # those of the files in mano_v1_2.zip
    for library in ("chumpy", "chumpy.ch", "chumpy.reordering"):
        monkeypatch.delitem(sys.modules, library)
    check(path, arrays)
    (weights,) = modelfile.read(path, ("weights",))
    np.testing.assert_array_equal(weights, arrays["weights"].astype(np.float32))
    (prior,) = modelfile.read(path, ("J_regressor_prior",))
    np.testing.assert_array_equal(prior, arrays["J_regressor"])


@pytest.mark.usefixtures("chumpy")
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_of_python_3_are_read(tmp_path: Path, protocol: int) -> None:
    arrays = model_arrays()
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(distributed(arrays), protocol))
    check(path, arrays)


@pytest.mark.parametrize("kind", ["csc", "csr", "coo"])
def test_sparse_matrices_are_what_scipy_makes_of_them(tmp_path: Path, kind: str) -> None:
    random = np.random.default_rng(0)
    row, column = random.integers(0, 5, 40), random.integers(0, 7, 40)  # places occur twice
    matrix = scipy.sparse.coo_matrix((random.normal(size=40), (row, column)), (5, 7))
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps({"m": matrix.asformat(kind)}, 2))
    (found,) = modelfile.read(path, ("m",))
    np.testing.assert_allclose(found, matrix.toarray(), rtol=1e-15)


@pytest.mark.usefixtures("chumpy")
def test_a_body_is_the_same_from_either_file(tmp_path: Path) -> None:
    arrays = model_arrays()
    np.savez(tmp_path / "model.npz", **arrays)
    (tmp_path / "model.pkl").write_bytes(python2(distributed(arrays)))
    old, new = (BodyModel.read(tmp_path / f"model.{kind}") for kind in ("pkl", "npz"))
    poses, trans, betas = parameters()
    np.testing.assert_array_equal(old.joints(poses, trans, betas), new.joints(poses, trans, betas))


class Attack:
    """Pickles as a call, which a reader without care would make."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.call


def attack(name: str, argument: str = "open('here', 'w')") -> bytes:
    """A pickle that asks for a function by name and calls it."""
    module, function = name.rsplit(".", 1)
    text = pickle.SHORT_BINUNICODE + bytes([len(argument)]) + argument.encode()
    return b"c" + f"{module}\n{function}\n".encode() + text + b"\x85R."


@pytest.mark.parametrize(
    "name",
    [
        "os.system",
        "posix.system",
        "subprocess.Popen",
        "builtins.eval",
        "__builtin__.eval",
        "builtins.getattr",
        "builtins.__import__",
        "numpy.load",
        "numpy.fromfile",
        "numpy.testing._private.utils.runstring",
        "numpy.f2py.crackfortran.getlincoef",
        "scipy.sparse.load_npz",
        "chumpy.ch.ChLambda",
        "operator.attrgetter",
        "hmu.motion.modelfile.read",
    ],
)
def test_no_function_is_called(tmp_path: Path, name: str) -> None:
    path = tmp_path / "SMPLH_MALE.pkl"
    path.write_bytes(attack(name))
    with pytest.raises(InputError, match=rf"SMPLH_MALE\.pkl is not a body model .*{name}"):
        BodyModel.read(path)


def test_a_call_inside_a_field_is_not_made(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    path = tmp_path / "model.pkl"
    fields = {**model_arrays(), "weights": Attack(Path.write_text, trace, "run")}
    path.write_bytes(pickle.dumps(fields))
    with pytest.raises(InputError, match="asks for pathlib"):
        BodyModel.read(path)
    assert not trace.exists()


def test_what_stands_for_a_class_cannot_be_changed(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    for name in modelfile._KNOWN:
        call = f"c{name[0]}\n{name[1]}\n".encode()
        path.write_bytes(call + pickle.dumps((None, {"values": 1}), 0)[:-1] + b"b.")
        with pytest.raises(InputError, match="is not a body model"):
            BodyModel.read(path)
    (tmp_path / "good.pkl").write_bytes(pickle.dumps(model_arrays()))
    BodyModel.read(tmp_path / "good.pkl")


def array_of(shape: tuple[object, ...], code: str, content: object) -> Attack:
    """An array as NumPy pickles one, with a header that it may not fulfil."""
    made = np.zeros(0)
    function, arguments, state = made.__reduce__()[:3]
    assert isinstance(state, tuple)

    class Forged(Attack):
        def __reduce__(self) -> Any:
            return function, arguments, (1, shape, np.dtype(code), False, content)

    return Forged(print)


HOSTILE: dict[str, tuple[Callable[[], object], str]] = {
    "objects": (lambda: np.array([{}] * 3, dtype=object), "objects"),
    "huge": (lambda: array_of((10**12, 3), "f8", b"12345678"), "8 bytes for the shape"),
    "negative": (lambda: array_of((-1, 3), "f8", b"12345678"), "no shape"),
    "text": (lambda: np.array(["abc"]), "holds 'U3'"),
    "words": (lambda: "words", "no array"),
    "outside": (lambda: sparse(indices=np.array([200])), "point outside"),
    "negative index": (lambda: sparse(indices=np.array([-1])), "point outside"),
    "bounds": (lambda: sparse(indptr=np.array([0, 1, 0] + [1] * (VERTICES - 2))), "no bounds"),
    "few bounds": (lambda: sparse(indptr=np.array([0, 1])), "no bounds"),
    "huge sparse": (lambda: sparse(_shape=(52, 10**12)), r"shape is \(52, 1000"),
    "no shape": (lambda: sparse(_shape=(52, 1.5)), "no shape"),
    "more values": (lambda: sparse(data=np.ones(2)), "equally many"),
}


def sparse(**changes: object) -> scipy.sparse.csc_matrix:
    """A matrix of the regressor's size with one value, spoilt."""
    matrix = scipy.sparse.csc_matrix(([1.0], ([0], [0])), (52, VERTICES))
    matrix.__dict__.update(changes)
    return matrix


@pytest.mark.parametrize("fault", HOSTILE)
def test_hostile_arrays_are_refused(tmp_path: Path, fault: str) -> None:
    make, reason = HOSTILE[fault]
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps({**model_arrays(), "J_regressor": make()}))
    with pytest.raises(InputError, match=rf"not a body model \(has an array 'J_reg.*{reason}"):
        BodyModel.read(path)


@pytest.mark.usefixtures("chumpy")
@pytest.mark.parametrize("fault", ["outside", "itself", "deep", "no values"])
def test_hostile_expressions_are_refused(tmp_path: Path, fault: str) -> None:
    inner = Ch(x=np.zeros(3))
    outer = Select(a=inner, idxs=np.array([0, 1, 99]), preferred_shape=(3,))
    if fault == "itself":
        outer.__dict__.update(a=outer)
    if fault == "deep":
        for _ in range(9):
            outer = Select(a=outer, idxs=np.array([0]), preferred_shape=(1,))
    if fault == "no values":
        del inner.__dict__["x"]
    path = tmp_path / "model.pkl"
    path.write_bytes(python2({"v_template": outer}))
    with pytest.raises(BadArray, match="has an array 'v_template' that is damaged"):
        modelfile.read(path, ("v_template",))


GIGABYTES = {
    "a number for an object": b"]r\xff\xff\xff\xff.",
    "bytes that are not there": b"\x80\x04\x8e" + struct.pack("<Q", 1 << 60) + b"1.",
    "a line without an end": b"c" + b"a" * 99,
    "nothing": b"",
    "a frame that is not there": b"\x80\x04\x95" + struct.pack("<Q", 1 << 60) + b"].",
}


@pytest.mark.parametrize("fault", GIGABYTES)
def test_damaged_pickles_are_refused_before_memory_is_taken(tmp_path: Path, fault: str) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(GIGABYTES[fault])
    with pytest.raises(InputError, match=r"model\.pkl is not a body model .*Download"):
        BodyModel.read(path)


@pytest.mark.parametrize(
    ("family", "gender", "name"),
    [
        ("smplh", "male", "male/model.npz"),
        ("smplh", "female", "SMPLH_FEMALE.pkl"),
        ("smplh", "male", "SMPLH_male.pkl"),
        ("smplx", "neutral", "SMPLX_NEUTRAL.npz"),
        ("smplx", "neutral", "SMPLX_NEUTRAL.pkl"),
        ("smplx", "neutral", "neutral/model.npz"),
    ],
)
def test_models_are_found_under_their_names(
    tmp_path: Path, family: str, gender: str, name: str
) -> None:
    assert locate(tmp_path, family, gender) == tmp_path / family / gender / "model.npz"
    path = tmp_path / family / name
    path.parent.mkdir(parents=True)
    path.touch()
    assert locate(tmp_path, family, gender) == path
    assert locate(tmp_path, family, "other") != path
