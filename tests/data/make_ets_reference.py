#!/usr/bin/env python3
"""Makes ets_reference.tsv: what statsmodels says of exponential smoothing, for services/analytics/statistics/forecast.

    apt-get install python3-statsmodels; tests/data/make_ets_reference.py > tests/data/ets_reference.tsv

Lines, by tabs:
    series      name  season  values...
    likelihood  series  form  alpha  beta  gamma  phi  free initial values...  ln likelihood
    forecast    as likelihood, then mean and variance of the next 14 periods; the variance is of the errors' mean square
    fit         series  form  the largest ln likelihood that statsmodels' optimiser finds
statsmodels divides by the new level where it smooths a multiplicative season, unlike Hyndman et al. (2008, table 2.3) and R; those
forms are computed here, by that table, and have no fit.

Forms as in ETS(A,Ad,M). Of a season all effects but the last are given; they add up to 0, or to their number.

Series: internet retail sales of Great Britain (JE2J, average weekly, million pounds, monthly from 2012-11; Office for National
Statistics, Open Government Licence v3.0), retail e-commerce of the United States (ECOMSA, million dollars, quarterly from 1999-10;
US Census Bureau, public), and one of no source with negative values.
"""

import math
import warnings

import numpy as np
import pandas
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

UK = """
703.9 846.2 566.9 554.2 592.8 575.2 584.0 585.8 584.0 576.2 606.2 662.6 827.0 960.4 629.4 620.2 646.7 661.5 680.8 673.4
670.6 655.0 667.5 742.2 989.9 1067.4 750.9 691.0 727.7 756.3 744.6 766.8 758.9 711.9 763.7 828.4 1137.7 1157.2 854.4
776.5 811.7 854.0 890.5 898.5 894.2 879.6 960.4 1076.8 1460.5 1505.7 992.4 949.0 1009.1 1042.7 1043.1 1078.9 1074.4
1046.7 1090.7 1179.7 1608.4 1641.6 1126.9 1093.9 1175.7 1178.2 1264.2 1248.2 1246.2 1192.9 1219.0 1332.9 1816.9 1854.6
1278.7 1243.2 1345.2 1348.1 1378.3 1353.8 1423.8 1331.0 1321.8 1450.4 1809.4 2077.4 1388.6 1324.1 1528.3 1809.4 2199.1
2358.0 2215.1 2065.0 2058.0 2393.7
"""
US = """
4476 5691 6465 7419 7840 8135 8336 8335 9314 9904 10742 11543 12231 12738 13773 14833 15588 16697 17519 18506 19631
20801 22233 23653 24364 26417 27367 28842 30138 31728 33524 34841 35784 36014 36512 36292 33050 34127 35279 37400 38111
39284 41301 43472 45074 47036 48849 50186 53188 55286 56562 58552 60838 62257 64020 65928 68343 70253 73272 75739 77707
80223 82848 85775 88437 91394 94320 97406 100362 104572 108452 112022 117309 121728 125311 128056 131610 132435 137954
146362 152673 159268 211804 215476 220552 231650 239897 235241 243755 247609 251463 255583 257560 266314 273354 279739
283293 287855 291647
"""
SIGNED = "12.5 -3.25 4 9.75 15 -1.5 6.25 11 13 -4.5 3.5 12.25 16.5 -2 7.75 10.5 18 -0.25 8 14"
SERIES = {"uk": (12, UK), "us": (1, US), "signed": (4, SIGNED)}
HORIZON = 14


def models(season, positive):
    for error in ("add", "mul") if positive else ("add",):
        for seasonal in (None, "add", "mul") if season > 1 else (None,):
            if error == "add" and seasonal == "mul":
                continue
            for trend, damped in ((None, False), ("add", False), ("add", True)):
                yield error, trend, damped, seasonal


def form(error, trend, damped, seasonal):
    letter = {None: "N", "add": "A", "mul": "M"}
    return f"ETS({letter[error]},{letter[trend]}{'d' if damped else ''},{letter[seasonal]})"


def by_table(values, season, alpha, beta, gamma, phi, level, slope, effects):
    """ln likelihood and the next means of multiplicative errors and a multiplicative season."""
    effects, squares, logs = list(effects), 0.0, 0.0
    for t, value in enumerate(values):
        expected = (level + phi * slope) * effects[t % season]
        error = (value - expected) / expected
        level, slope = (level + phi * slope) * (1 + alpha * error), phi * slope + beta * (level + phi * slope) * error
        effects[t % season] *= 1 + gamma * error
        squares, logs = squares + error * error, logs + math.log(expected)
    n, means = len(values), []
    for h in range(HORIZON):
        level, slope = level + phi * slope, phi * slope
        means.append(level * effects[(n + h) % season])
    return -n / 2 * (math.log(2 * math.pi * squares / n) + 1) - logs, means


def line(*cells):
    print("\t".join(repr(float(c)) if isinstance(c, (float, np.floating)) else str(c) for c in cells))


def main():
    warnings.filterwarnings("ignore")
    random = np.random.default_rng(1)
    for name, (season, text) in SERIES.items():
        values = pandas.Series([float(v) for v in text.split()])
        line("series", name, season, *values)
        for error, trend, damped, seasonal in models(season, (values > 0).all()):
            model = ETSModel(values, error=error, trend=trend, damped_trend=damped, seasonal=seasonal,
                             seasonal_periods=season if seasonal else None, initialization_method="estimated")
            which = form(error, trend, damped, seasonal)
            alpha = round(random.uniform(0.1, 0.8), 3)
            beta = round(alpha * random.uniform(0.05, 0.9), 4) if trend else 0.0
            gamma = round((1 - alpha) * random.uniform(0.05, 0.9), 4) if seasonal else 0.0
            phi = round(random.uniform(0.8, 0.98), 3) if damped else 1.0
            level = round(values[:max(season, 4)].mean(), 2)
            slope = round((values[season] - values[0]) / season, 3)
            effects = []
            if seasonal:
                effects = [round(v / level if seasonal == "mul" else v - level, 4) for v in values[:season - 1]]
                effects.append((season if seasonal == "mul" else 0) - sum(effects))
            parameters = {"smoothing_level": alpha, "smoothing_trend": beta, "smoothing_seasonal": gamma,
                          "damping_trend": phi, "initial_level": level, "initial_trend": slope}
            # Theirs are numbered backwards from the period before the first.
            parameters |= {f"initial_seasonal.{season - 1 - i}": effect for i, effect in enumerate(effects)}
            given = [parameters[p] for p in model.param_names]
            ours = [alpha, beta, gamma, phi, level, *([slope] if trend else []), *effects[:-1]]
            if seasonal == "mul":
                likelihood, means = by_table(values, season, alpha, beta, gamma, phi, level, slope if trend else 0.0, effects)
                line("likelihood", name, which, *ours, likelihood)
                line("forecast", name, which, *ours, *(x for mean in means for x in (mean, 0.0)))
                continue
            likelihood = float(model.loglike(given))
            line("likelihood", name, which, *ours, likelihood)
            result = model.smooth(given)
            if error == "add":
                predicted = result.get_prediction(start=len(values), end=len(values) + HORIZON - 1)
                pairs = zip(predicted.predicted_mean, predicted.forecast_variance)
                line("forecast", name, which, *ours, *(float(x) for pair in pairs for x in pair))
            else:
                line("forecast", name, which, *ours, *(float(x) for mean in result.forecast(HORIZON) for x in (mean, 0.0)))
            line("fit", name, which, float(model.fit(disp=False, maxiter=5000).llf))


if __name__ == "__main__":
    main()
