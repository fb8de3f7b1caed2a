"""Exponential smoothing with additive errors, written apart from the engine: states by the textbook's recursions, initial states by
solving the least squares that they are, variances by propagating one error."""

import math


def parse(model):
    """("A", "Ad", "N") of ETS(A,Ad,N)."""
    return tuple(model.removeprefix("ETS(").removesuffix(")").split(","))


def smooth(row, season, start, values):
    """One-step errors, and level, trend and effects at the end. `start`: level, trend, effects of the first season."""
    _, trend, seasonal = parse(row["model"])
    level, slope, effects = start[0], start[1], list(start[2])
    errors = []
    for t, value in enumerate(values):
        phi = row["phi"] if trend != "N" else 0.0
        error = value - (level + phi * slope + (effects[t % season] if seasonal == "A" else 0.0))
        errors.append(error)
        level, slope = level + phi * slope + row["alpha"] * error, phi * slope + row["beta"] * error
        if seasonal == "A":
            effects[t % season] += row["gamma"] * error
    return errors, (level, slope, effects)


def solve(matrix, right):
    n = len(right)
    rows = [list(row) + [b] for row, b in zip(matrix, right)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for r in range(i + 1, n):
            factor = rows[r][i] / rows[i][i]
            rows[r] = [a - factor * b for a, b in zip(rows[r], rows[i])]
    x = [0.0] * n
    for i in reversed(range(n)):
        x[i] = (rows[i][n] - sum(rows[i][j] * x[j] for j in range(i + 1, n))) / rows[i][i]
    return x


def start_of(row, season, free):
    _, trend, seasonal = parse(row["model"])
    free = list(free)
    level = free.pop(0)
    slope = free.pop(0) if trend != "N" else 0.0
    return level, slope, free + [-sum(free)] if seasonal == "A" else [0.0] * season


def free_count(row, season):
    _, trend, seasonal = parse(row["model"])
    return 1 + (trend != "N") + (season - 1 if seasonal == "A" else 0)


def parameter_count(row, season):
    _, trend, seasonal = parse(row["model"])
    return free_count(row, season) + 1 + (trend != "N") + (seasonal == "A") + (trend == "Ad") + 1


def fit(row, season, values):
    """(errors, end) for the initial state of the least squares of errors, which are linear in it."""
    count = free_count(row, season)
    at_zero, _ = smooth(row, season, start_of(row, season, [0.0] * count), values)
    columns = []
    for i in range(count):
        unit = [float(i == j) for j in range(count)]
        errors, _ = smooth(row, season, start_of(row, season, unit), values)
        columns.append([a - b for a, b in zip(at_zero, errors)])
    matrix = [[sum(a * b for a, b in zip(x, y)) for y in columns] for x in columns]
    right = [sum(a * b for a, b in zip(x, at_zero)) for x in columns]
    return smooth(row, season, start_of(row, season, solve(matrix, right)), values)


def log_likelihood(errors):
    n = len(errors)
    return -n / 2 * (math.log(2 * math.pi * sum(e * e for e in errors) / n) + 1)


def aicc(likelihood, parameters, n):
    return -2 * likelihood + 2 * parameters + 2 * parameters * (parameters + 1) / (n - parameters - 1)


def forecast(row, season, end, count, horizon):
    """Means, and by how much an error of one moves what is h periods later."""
    _, trend, seasonal = parse(row["model"])
    phi = row["phi"] if trend != "N" else 0.0

    def go_on(level, slope, effects):
        means = []
        for h in range(horizon):
            level, slope = level + phi * slope, phi * slope
            means.append(level + (effects[(count + h) % season] if seasonal == "A" else 0.0))
        return means

    # An error of one in the last period.
    moved = [0.0] * season
    moved[(count - 1) % season] = row["gamma"]
    return go_on(*end), go_on(row["alpha"], row["beta"], moved)


def deviations(variance, moves, horizon):
    return [math.sqrt(variance * (1 + sum(m * m for m in moves[:h]))) for h in range(horizon)]
