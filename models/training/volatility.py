"""Next-day realised volatility of the S&P 500 from 16 features of daily prices (PyPI `arch`, sp500: 1999-2018).

The target is the next day's Garman-Klass volatility, annualised, in percent. Version 1 is a ridge regression,
version 2 gradient-boosted trees; both learn its logarithm, so that an answer is never negative.
Train on 1999-2014, judge on 2015-2018.  Usage: python volatility.py
"""

import numpy as np
import onnx
from onnx import TensorProto, helper
from arch.data import sp500
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import pandas as pd

import registry

YEAR = np.sqrt(252) * 100
SPLIT = "2015-01-01"


def features_and_target(prices):
    """Each row uses prices up to its day's close; the target is the day after."""
    o, h, l, c = (np.log(prices[k]) for k in ("Open", "High", "Low", "Close"))
    r = c.diff()
    parkinson = (h - l) ** 2 / (4 * np.log(2))
    garman_klass = 0.5 * (h - l) ** 2 - (2 * np.log(2) - 1) * (c - o) ** 2
    volume = prices["Volume"].astype(float)
    f = pd.DataFrame(index=prices.index)
    f["return_1d"] = r * 100
    f["return_5d"] = (c - c.shift(5)) * 100
    f["return_21d"] = (c - c.shift(21)) * 100
    f["abs_return_1d"] = r.abs() * 100
    for days in (5, 10, 21, 63):
        f[f"volatility_{days}d"] = r.rolling(days).std() * YEAR
    f["parkinson_1d"] = np.sqrt(parkinson) * YEAR
    f["parkinson_5d"] = np.sqrt(parkinson.rolling(5).mean()) * YEAR
    f["parkinson_21d"] = np.sqrt(parkinson.rolling(21).mean()) * YEAR
    f["garman_klass_5d"] = np.sqrt(garman_klass.rolling(5).mean()) * YEAR
    f["downside_volatility_21d"] = np.sqrt((r.clip(upper=0) ** 2).rolling(21).mean()) * YEAR
    f["overnight_gap"] = (o - c.shift(1)) * 100
    f["volume_ratio_21d"] = volume / volume.rolling(21).mean()
    f["drawdown_63d"] = (c - c.rolling(63).max()) * 100
    target = np.log(np.sqrt(garman_klass.clip(lower=1e-8)) * YEAR).shift(-1)
    known = f.notna().all(axis=1) & target.notna()
    return f[known], target[known]


def export(model, width):
    """ONNX with input `features` [N, 16] and output `volatility` [N, 1]: the model, then exp()."""
    graph = to_onnx(model, initial_types=[("features", FloatTensorType([None, width]))], target_opset=17)
    inner = graph.graph.output[0].name
    graph.graph.node.append(helper.make_node("Exp", [inner], ["volatility"]))
    del graph.graph.output[:]
    graph.graph.output.append(helper.make_tensor_value_info("volatility", TensorProto.FLOAT, [None, 1]))
    onnx.checker.check_model(graph)
    return graph


def judge(model, x, y):
    """QLIKE on variances (Patton 2011) and the out-of-sample R2 of the logarithm."""
    error = model.predict(x) - y
    ratio = np.exp(-2 * error)
    return {"qlike": round(float(np.mean(ratio - np.log(ratio) - 1)), 4), "r2_log": round(float(1 - (error**2).sum() / ((y - y.mean()) ** 2).sum()), 4)}


CARD = """# volatility {version}

Predicts the S&P 500's realised volatility (Garman-Klass, annualised, percent) of the next trading day.

- **Kind**: {kind}
- **Input**: `features`, FP32 [N, 16], in this order: {names}
- **Output**: `volatility`, FP32 [N, 1], percent a year, always positive
- **Data**: daily prices 1999-2018 shipped by the PyPI package `arch` (`arch.data.sp500`); trained on days before {split}, judged on later ones
- **Judged on {n} unseen days**: QLIKE {qlike}, R2 of the logarithm {r2_log}
- **Not for**: trading decisions. It is a sample that shows how a real model is served.
- **Trained by**: `models/training/volatility.py`
"""


def main():
    prices = sp500.load()
    x, y = features_and_target(prices)
    train = x.index < SPLIT
    xt, yt = x[train].to_numpy(np.float32), y[train].to_numpy()
    xv, yv = x[~train].to_numpy(np.float32), y[~train].to_numpy()
    versions = {
        "1": ("production", "ridge regression on standardised features", make_pipeline(StandardScaler(), Ridge(alpha=10.0))),
        "2": ("staging", "gradient-boosted trees (120 trees of depth 3)", GradientBoostingRegressor(n_estimators=120, max_depth=3, learning_rate=0.06, subsample=0.7, random_state=7)),
    }
    picks = np.linspace(0, len(xv) - 1, 6).astype(int)
    for version, (stage, kind, model) in versions.items():
        model.fit(xt, yt)
        scores = judge(model, xv, yv)
        provenance = {
            "script": "models/training/volatility.py",
            "data": "arch.data.sp500 (PyPI arch), 1999-01-04 to 2018-12-31",
            "kind": kind,
            "trainedBefore": SPLIT,
            "scores": {**scores, "days": int(len(yv))},
            "features": list(x.columns),
        }
        card = CARD.format(version=version, kind=kind, names=", ".join(f"`{n}`" for n in x.columns), split=SPLIT, n=len(yv), **scores)
        registry.write(stage, "volatility", version, export(model, x.shape[1]), {"features": xv[picks]}, provenance, card)
    # The ranges seen in training, for spec.input.features of a ModelDeployment.
    for name in x.columns:
        print(f"  {name}: {x[name].min():.2f} .. {x[name].max():.2f}, last {x[name].iloc[-1]:.4f}")


if __name__ == "__main__":
    main()
