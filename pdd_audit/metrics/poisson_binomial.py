"""How many of many unequal chances come true: the exact distribution, by convolution of ever larger halves."""

from collections import defaultdict
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.stats import binom

Floats = NDArray[np.float64]

SINGLY = 200_000  # up to so many trials it is quicker to take each by itself than to group equal chances
SHORT = 32  # rows up to this long are convolved by multiplying out, which loses no digit; longer ones by Fourier transform


def poisson_binomial(q: ArrayLike, times: ArrayLike | None = None) -> Floats:
    """Probabilities of 0, 1, ..., N successes among N independent trials.

    ``q``: chances in 0..1, shape (k,). ``times``: how many trials have each chance, shape (k,), whole numbers; one each if None.
    Returns shape (N + 1,), N the sum of ``times``; sums to 1, absolute error below 1e-12. Raises ValueError for a chance outside 0..1.
    """
    chances = np.asarray(q, dtype=np.float64).ravel()
    counts = np.ones(len(chances), np.int64) if times is None else np.asarray(times, dtype=np.int64).ravel()
    if counts.shape != chances.shape:
        raise ValueError("one count a chance")
    if not ((chances >= 0) & (chances <= 1)).all() or (counts < 0).any():
        raise ValueError("chances lie in 0..1 and counts are not negative")
    chances, counts = chances[counts > 0], counts[counts > 0]
    if not len(chances):
        return np.ones(1)
    if counts.sum() <= SINGLY:
        chances, counts = np.repeat(chances, counts), np.ones(int(counts.sum()), np.int64)
    parts = [_product(_binomials(chances[counts == size], int(size))) for size in np.unique(counts)]
    pmf = _smallest_first(parts)
    pmf /= pmf.sum()
    return pmf


def _binomials(chances: Floats, size: int) -> Floats:
    """One row a chance: the distribution of ``size`` equal trials."""
    if size == 1:
        return np.stack([1 - chances, chances], axis=1)
    rows: Floats = binom.pmf(np.arange(size + 1)[None, :], size, chances[:, None])
    return rows


def _product(rows: Floats) -> Floats:
    """All rows convolved into one; halves at a time, so that the lengths stay balanced. Odd rows out wait for their like."""
    apart: dict[int, list[Floats]] = defaultdict(list)
    while len(rows) > 1:
        if len(rows) % 2:
            apart[rows.shape[1]].append(rows[-1])
            rows = rows[:-1]
        rows = _convolved(rows[0::2], rows[1::2])
    return _smallest_first([rows[0], *(row for same in apart.values() for row in same)])


def _smallest_first(parts: list[Floats]) -> Floats:
    queue = [(len(part), place, part) for place, part in enumerate(parts)]
    heapify(queue)
    place = len(parts)
    while len(queue) > 1:
        (_, _, left), (_, _, right) = heappop(queue), heappop(queue)
        joined = _convolved(left[None, :], right[None, :])[0]
        heappush(queue, (len(joined), place, joined))
        place += 1
    return queue[0][2]


def _convolved(left: Floats, right: Floats) -> Floats:
    """Row by row: shapes (m, a) and (m, b) give (m, a + b - 1)."""
    if left.shape[1] < right.shape[1]:
        left, right = right, left
    length = left.shape[1] + right.shape[1] - 1
    if right.shape[1] <= SHORT:
        out = np.zeros((len(left), length))
        for shift in range(right.shape[1]):
            out[:, shift : shift + left.shape[1]] += left * right[:, shift : shift + 1]
        return out
    size = next_fast_len(length, real=True)
    spectrum = rfft(left, size, axis=1) * rfft(right, size, axis=1)
    found: Floats = np.clip(irfft(spectrum, size, axis=1)[:, :length], 0, None)  # rounding leaves specks of -1e-18
    return found
