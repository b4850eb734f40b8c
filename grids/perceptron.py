"""The perceptron, learning online from noisy labels: a training loop as a model.

M. Biehl & P. Riegler, Europhys. Lett. 28, 525 (1994).

A student w learns the halfspace of a teacher B. It sees one fresh example a step, x ~ N(0, I_N),
whose label is sign(B·x), turned round with probability λ; and where w·x has the other sign than the
label y, it makes the perceptron's step,

    w ← w + (η/√N) y x.

Time is α = steps/N. The error is the chance to call a new input otherwise than the teacher does:
the angle between w and B over π. At the start w is random, of length about √N, and so η is the
size of a step beside that of what is to be forgotten.
"""

import numpy as np

from sweep.models import Process, integer, real


def run(p):
    rng = np.random.default_rng(p.seed)
    B, w = rng.normal(size=(2, p.N))
    alpha = 0
    while True:
        cosine = w @ B / np.sqrt((w @ w) * (B @ B))
        yield alpha, np.arccos(np.clip(cosine, -1, 1)) / np.pi, {"length": np.sqrt(w @ w / p.N)}
        inputs = rng.normal(size=(p.N, p.N))
        labels = np.sign(inputs @ B) * np.where(rng.random(p.N) < p.flips, -1, 1)
        for x, y in zip(inputs, labels, strict=True):
            if y * (w @ x) <= 0:
                w += p.eta / np.sqrt(p.N) * y * x
        alpha += 1


MODEL = Process(
    "perceptron",
    parameters=(
        integer("N", 200, least=2, meaning="inputs"),
        real("eta", 1.0, above=0, meaning="learning rate"),
        real("flips", 0.0, least=0, most=0.5, meaning="part of labels turned", symbol=r"\lambda"),
    ),
    run=run,
    time="alpha",
    columns=("length",),
)
