# Small sharp cohorts, in which the likelihood has several tops or a poor one, and what nlme makes of them:
# Rscript golden-hard.R writes hard.csv and hard.golden.json. Of two optimisers the better likelihood stands.
suppressMessages({library(nlme); library(jsonlite)})
set.seed(20261123)
VISITS <- c("m3", "m6", "m12")
one <- function(k) {
  n <- sample(8:13, 1); rho <- c(.3, .8, .95, -.3)[k %% 4 + 1]; scale <- c(1, 6, 3)[k %% 3 + 1]; miss <- runif(1, .1, .4)
  rows <- NULL
  for (arm in c("digital", "usual")) for (i in 1:n) {
    u <- rnorm(1)
    e <- if (rho >= 0) sqrt(rho) * u + sqrt(1 - rho) * rnorm(3) else rnorm(3) - .5 * u * (0:2 - 1)
    total <- 60 + scale * e * (1:3)^(k %% 2)
    if (k %% 5 == 0) total <- pmin(62, round(total))
    keep <- runif(3) > miss
    if (any(keep)) rows <- rbind(rows, data.frame(cohort = k, patient = paste0(arm, i), arm = arm, visit = VISITS[keep], total = round(total[keep], 6)))
  }
  rows
}
fitted <- function(x) {
  x$visit <- factor(x$visit, VISITS); x$vi <- as.integer(x$visit); x$cell <- interaction(x$arm, x$visit)
  found <- lapply(c("nlminb", "optim"), function(o) try(gls(total ~ 0 + cell, x, correlation = corSymm(form = ~ vi | patient),
    weights = varIdent(form = ~ 1 | visit), method = "REML",
    control = glsControl(opt = o, msMaxIter = 1000, maxIter = 1000, tolerance = 1e-10)), silent = TRUE))
  found <- Filter(function(m) !inherits(m, "try-error"), found)
  if (length(found) == 0) return(NULL)
  m <- found[[which.max(sapply(found, logLik))]]
  r <- diag(3); r[lower.tri(r)] <- coef(m$modelStruct$corStruct, unconstrained = FALSE); r <- r + t(r) - diag(3)
  b <- coef(m); L <- (grepl("^celld", names(b)) - grepl("^cellu", names(b))) / 3
  list(deviance = -2 * as.numeric(logLik(m)), average = sum(L * b), smallest = min(eigen(r)$values))
}
cohorts <- Filter(function(x) all(table(x$arm, x$visit) >= 5), lapply(1:56, one))
d <- do.call(rbind, cohorts)
fits <- lapply(cohorts, function(x) c(list(cohort = x$cohort[1]), fitted(x)))
fits <- Filter(function(f) !is.null(f$deviance), fits)
write.csv(d[d$cohort %in% sapply(fits, `[[`, "cohort"), ], "hard.csv", row.names = FALSE, quote = FALSE)
write(toJSON(list(r = R.version.string, nlme = as.character(packageVersion("nlme")), cohorts = fits), auto_unbox = TRUE, digits = 12, pretty = TRUE), "hard.golden.json")
