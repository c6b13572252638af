"""Writes scores.json: scores of classes from a seed, and what scikit-learn and numpy say about them.

    pip install numpy scikit-learn && python3 make_scores.py > scores.json
"""
import json

import numpy as np
from sklearn.metrics import f1_score, roc_auc_score, top_k_accuracy_score


def calibration_error(p, labels, bins=15):
    best = p.argmax(axis=1)
    confidence = p[np.arange(len(p)), best]
    edges = np.linspace(0, 1, bins + 1)
    total = 0.0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            gap = abs((best[inside] == labels[inside]).mean() - confidence[inside].mean())
            total += inside.mean() * gap
    return total


def case(rng, examples, classes, step):
    labels = rng.integers(0, classes, examples)
    logits = rng.normal(size=(examples, classes)) + 1.5 * np.eye(classes)[labels]
    if step:  # coarse scores, so that many are equal
        logits = np.round(logits / step) * step
    logits = logits.astype(np.float32)
    wide = logits.astype(np.float64)
    p = np.exp(wide - wide.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    onehot = np.eye(classes)[labels]
    auc = roc_auc_score(onehot, p, average="macro") if classes > 2 else roc_auc_score(labels, p[:, 1])
    # Ties go to the lower index: a little is taken from the later ones.
    ordered = p - 1e-12 * np.arange(classes)
    return {
        "classes": classes, "labels": labels.tolist(), "logits": logits.ravel().tolist(),
        "auc": auc, "brier": float(((p - onehot) ** 2).sum(axis=1).mean()),
        "calibration_error": float(calibration_error(p, labels)),
        "f1": f1_score(labels, p.argmax(axis=1), average="macro"),
        "top5": top_k_accuracy_score(labels, ordered, k=5, labels=range(classes)) if classes > 5 else None,
    }


rng = np.random.default_rng(20261125)
cases = [case(rng, 60, 2, 0), case(rng, 60, 2, 0.5), case(rng, 80, 7, 0), case(rng, 80, 7, 0.5),
         case(rng, 50, 12, 1)]
print(json.dumps(cases, indent=1))
