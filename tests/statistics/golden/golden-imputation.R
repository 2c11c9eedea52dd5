# Golden numbers for multiple imputation: Rscript golden-imputation.R. Rubin's rules by mice; and what imputation by arm
# must come to with many draws: each arm's own maximum of the likelihood (nlme::gls), at the covariates' overall mean.
suppressMessages({ library(nlme); library(mice); library(jsonlite) })
d <- read.csv("missing.csv", stringsAsFactors = FALSE); d$visit <- factor(d$visit, c("m3", "m6", "m12")); d$v <- as.integer(d$visit); d$site <- factor(d$site)
one <- d[!duplicated(d$patient), ]; m <- mean(one$distress, na.rm = TRUE); d$distress[is.na(d$distress)] <- m; one$distress[is.na(one$distress)] <- m
armwise <- function(rater) {
  mean_of <- function(arm) {
    x <- d[d$rater == rater & d$arm == arm, ]
    g <- gls(total ~ 0 + visit + visit:site + visit:distress + visit:age, x, correlation = corSymm(form = ~ v | patient), weights = varIdent(form = ~ 1 | visit), method = "ML",
             control = glsControl(msMaxIter = 1000, maxIter = 500, opt = "optim"))
    p <- merge(one[, c("patient", "site", "distress", "age")], data.frame(visit = factor(levels(d$visit), levels(d$visit))))
    mean(predict(g, p))
  }
  mean_of("digital") - mean_of("usual")
}
Q <- c(-2.71, -2.4, -3.05, -2.2, -2.9, -2.66); U <- c(1.11, 1.05, 1.2, 1.08, 1.16, 1.12)
r <- pool.scalar(Q, U, n = 184, k = 6)
write(toJSON(list(made = list(R = R.version.string, nlme = as.character(packageVersion("nlme")), mice = as.character(packageVersion("mice")), by = "golden-imputation.R"),
  armwise = list(patient = armwise("patient"), therapist = armwise("therapist")),
  rubin = list(estimates = Q, variances = U, completeDf = 178, estimate = r$qbar, se = sqrt(r$t), df = r$df)), digits = 15, auto_unbox = TRUE, pretty = TRUE), "imputation.golden.json")
