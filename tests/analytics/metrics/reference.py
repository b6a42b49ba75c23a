"""What others made of the same methods, that our own are checked by: `likelihood.fit` by that of
statsmodels, `partition.breaks` by that of ruptures.

The product has neither: they load two seconds of modules. Imported when first used, so that a run
of other tests does not wait for them.
"""

import warnings

import numpy as np
import numpy.typing as npt

from analytics.metrics.likelihood import Fit, Model


def fit(
    family: Model,
    y: npt.ArrayLike,
    design: npt.ArrayLike,
    *,
    exposure: npt.ArrayLike | None = None,
) -> Fit:
    """Generalised linear model with the dispersion from Pearson's χ² (quasi-likelihood).

    Shape: y (rows,); design (rows, columns), the constant included; exposure (rows,), the base of
    Poisson counts or the answers of which y were hits.
    Raises: numpy.linalg.LinAlgError where columns depend on each other.
    Source: McCullagh & Nelder 1989, Generalized Linear Models, sections 4.5 and 6.2.
    """
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    hits, columns = np.asarray(y, dtype=float), np.asarray(design, dtype=float)
    if np.linalg.matrix_rank(columns) < columns.shape[1]:
        raise np.linalg.LinAlgError("the columns of the design depend on each other")
    size = np.ones(len(hits)) if exposure is None else np.asarray(exposure, dtype=float)
    if family == "binomial":
        model = GLM(hits / size, columns, family=families.Binomial(), var_weights=size)
    elif family == "poisson":
        model = GLM(hits, columns, family=families.Poisson(), offset=np.log(size))
    else:
        model = GLM(hits, columns, family=families.Gaussian())
    with warnings.catch_warnings():
        # Weeks that are all alike are met perfectly, which is an answer and no fault.
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        # Pearson's χ² by hand is scale="X2", but does not divide by it where it is 0.
        found = model.fit(scale=1.0)
    return Fit(
        np.asarray(found.params, dtype=float),
        np.asarray(found.normalized_cov_params, dtype=float),
        float(found.pearson_chi2 / found.df_resid),
        int(found.df_resid),
    )


def breaks(values: npt.ArrayLike, penalty: float, least: int) -> list[int]:
    """Places where a new level begins: the segmentation of least squared error plus penalty.

    Shape: values (points,), at least 2 × least of them → the first index of each later segment.
    Source: Killick, Fearnhead & Eckley 2012, JASA 107:1590 (PELT).
    """
    from ruptures import Pelt

    series = np.asarray(values, dtype=float)[:, None]
    ends = Pelt(model="l2", min_size=least, jump=1).fit_predict(series, pen=penalty)
    return [int(end) for end in ends[:-1]]
