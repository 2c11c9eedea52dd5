# The golden numbers: Rscript golden.R, after simulate.R. Writes <cohort>.golden.json beside each cohort, with versions.
suppressMessages({ library(nlme); library(lme4); library(lmerTest); library(pbkrtest); library(psych); library(jsonlite) })
options(contrasts = c("contr.treatment", "contr.poly"))
VISITS <- c("m3", "m6", "m12")
n0 <- function(x) unname(as.numeric(x))

read <- function(name) {
  d <- read.csv(paste0(name, ".csv"), stringsAsFactors = FALSE)
  d$visit <- factor(d$visit, VISITS); d$rater <- factor(d$rater, c("patient", "therapist"))
  d$arm <- factor(d$arm, intersect(c("usual", "digital"), d$arm)); d$site <- factor(d$site)
  d$v <- as.integer(d$visit); d
}

# Covariates about the mean over the model's patients; a missing baseline takes the mean.
prepare <- function(d) {
  one <- d[!duplicated(d$patient), ]
  m <- mean(one$distress, na.rm = TRUE)
  d$distress_c <- ifelse(is.na(d$distress), m, d$distress) - m
  d$age_c <- d$age - mean(one$age); d$cell <- interaction(d$arm, d$visit, drop = TRUE); d
}
covariates <- function(d) c(if (nlevels(droplevels(d$site)) > 1) "site", "distress_c", "age_c")
formula_of <- function(d, cell = "cell") as.formula(paste("total ~ 0 +", cell, "+", paste(covariates(d), collapse = " + ")))

# Contrast rows over cell means: digital - usual at a visit, averaged, and their differences from the first visit.
cell_row <- function(names, entries) { r <- setNames(rep(0, length(names)), names); for (e in names(entries)) r[[e]] <- r[[e]] + entries[[e]]; r }
arm_rows <- function(names, prefix = "cell") {
  at <- function(v, by = 1) { e <- list(); e[[paste0(prefix, "digital.", v)]] <- by; e[[paste0(prefix, "usual.", v)]] <- -by; cell_row(names, e) }
  list(average = Reduce(`+`, lapply(VISITS, at, by = 1 / 3)), m3 = at("m3"), m6 = at("m6"), m12 = at("m12"),
       interaction = rbind(at("m6") - at("m3"), at("m12") - at("m3")))
}

# Kenward & Roger 1997 with dense matrices and a covariance that is linear in its parameters: written from the paper,
# for the model that pbkrtest does not take (nlme::gls).
kr_dense <- function(X, y, ids, visit, Sigma) {
  k <- nrow(Sigma); par <- which(lower.tri(Sigma, TRUE), arr.ind = TRUE); p <- ncol(X); np <- nrow(par)
  P <- replicate(np, matrix(0, p, p), simplify = FALSE); Q <- array(0, c(np, np, p, p)); I <- matrix(0, np, np); A <- matrix(0, p, p); b <- rep(0, p)
  for (id in unique(ids)) {
    w <- which(ids == id); o <- visit[w]; Xi <- X[w, , drop = FALSE]; W <- solve(Sigma[o, o, drop = FALSE])
    E <- lapply(seq_len(np), function(j) { m <- matrix(0, k, k); m[par[j, 1], par[j, 2]] <- 1; m[par[j, 2], par[j, 1]] <- 1; m[o, o, drop = FALSE] })
    A <- A + t(Xi) %*% W %*% Xi; b <- b + t(Xi) %*% W %*% y[w]
    for (j in seq_len(np)) { P[[j]] <- P[[j]] - t(Xi) %*% W %*% E[[j]] %*% W %*% Xi
      for (l in seq_len(np)) { M <- W %*% E[[j]] %*% W %*% E[[l]]; Q[j, l, , ] <- Q[j, l, , ] + t(Xi) %*% M %*% W %*% Xi; I[j, l] <- I[j, l] + sum(diag(M)) } }
  }
  Phi <- solve(A)
  for (j in seq_len(np)) for (l in seq_len(np)) I[j, l] <- 0.5 * (I[j, l] - 2 * sum(diag(Phi %*% Q[j, l, , ])) + sum(diag(Phi %*% P[[j]] %*% Phi %*% P[[l]])))
  V <- solve(I); U <- matrix(0, p, p)
  for (j in seq_len(np)) for (l in seq_len(np)) U <- U + V[j, l] * (Q[j, l, , ] - P[[j]] %*% Phi %*% P[[l]])
  list(beta = drop(Phi %*% b), Phi = Phi, PhiA = Phi + 2 * Phi %*% U %*% Phi, P = P, V = V)
}
kr_test <- function(k, L) {
  L <- rbind(L); q <- nrow(L); Th <- t(L) %*% solve(L %*% k$Phi %*% t(L)) %*% L; a1 <- a2 <- 0
  for (i in seq_along(k$P)) for (j in seq_along(k$P)) { Bi <- Th %*% k$Phi %*% k$P[[i]] %*% k$Phi; Bj <- Th %*% k$Phi %*% k$P[[j]] %*% k$Phi
    a1 <- a1 + k$V[i, j] * sum(diag(Bi)) * sum(diag(Bj)); a2 <- a2 + k$V[i, j] * sum(diag(Bi %*% Bj)) }
  B <- (a1 + 6 * a2) / (2 * q); g <- ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2); d <- 3 * q + 2 * (1 - g)
  E <- 1 / (1 - a2 / q); Vs <- 2 / q * (1 + g / d * B) / ((1 - (q - g) / d * B)^2 * (1 - (q + 2 - g) / d * B))
  rho <- Vs / (2 * E^2); m <- 4 + (q + 2) / (q * rho - 1); lambda <- m / (E * (m - 2))
  e <- L %*% k$beta; F <- lambda / q * drop(t(e) %*% solve(L %*% k$PhiA %*% t(L)) %*% e)
  list(estimate = if (q == 1) n0(e) else NULL, se = if (q == 1) sqrt(n0(L %*% k$PhiA %*% t(L))) else NULL, f = n0(F), df = n0(m), p = pf(F, q, m, lower.tail = FALSE))
}
pb <- function(fit, L) {
  L <- rbind(L); r <- pbkrtest::KRmodcomp(fit, L)$test; V <- pbkrtest::vcovAdj(fit)
  list(estimate = if (nrow(L) == 1) n0(L %*% fixef(fit)) else NULL, se = if (nrow(L) == 1) sqrt(n0(L %*% V %*% t(L))) else NULL,
       f = r["Ftest", "stat"], df = r["Ftest", "ddf"], p = r["Ftest", "p.value"])
}
satt <- function(fit, L) {
  L <- rbind(L)
  if (nrow(L) == 1) { r <- contest(fit, drop(L), joint = FALSE); return(list(estimate = r$Estimate, se = r$`Std. Error`, df = r$df, p = r$`Pr(>|t|)`)) }
  r <- contest(fit, L, joint = TRUE); list(f = r$`F value`, df = r$DenDF, p = r$`Pr(>F)`)
}
CTRL <- lmerControl(optimizer = "bobyqa", optCtrl = list(maxfun = 1e6, rhoend = 1e-10), check.conv.singular = "ignore")

development <- function(d, rater) {
  d <- prepare(d[d$rater == rater, ]); two <- nlevels(d$arm) == 2
  g <- gls(formula_of(d), d, correlation = corSymm(form = ~ v | patient), weights = varIdent(form = ~ 1 | visit), method = "REML",
           control = glsControl(msMaxIter = 1000, maxIter = 500, tolerance = 1e-10, msTol = 1e-12, opt = "optim", optimMethod = "BFGS"))
  full <- names(which.max(table(d$patient))); sd <- g$sigma * coef(g$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE)[VISITS]
  R <- corMatrix(g$modelStruct$corStruct)[[which(table(d$patient)[names(corMatrix(g$modelStruct$corStruct))] == 3)[1]]]
  S <- diag(sd) %*% R %*% diag(sd); X <- model.matrix(formula_of(d), d); rows <- if (two) arm_rows(colnames(X)) else list()
  k <- kr_dense(X, d$total, d$patient, d$v, S)
  ri <- lmer(update(formula_of(d), . ~ . + (1 | patient)), d, control = CTRL)
  th <- lmer(update(formula_of(d), . ~ . + (1 | patient) + (1 | therapist)), d, control = CTRL)
  un <- tryCatch(lme(formula_of(d), d, random = ~ 1 | therapist, correlation = corSymm(form = ~ v | therapist / patient), weights = varIdent(form = ~ 1 | visit),
            control = lmeControl(msMaxIter = 1000, maxIter = 500, tolerance = 1e-10, msTol = 1e-12, opt = "optim")), error = function(e) NULL)
  vc <- function(f) { t <- as.data.frame(VarCorr(f)); setNames(as.list(t$vcov), t$grp) }
  pooled <- sapply(VISITS, function(v) { x <- d[d$visit == v, ]; s <- tapply(x$total, x$arm, var); m <- table(x$arm); sqrt(sum((m - 1) * s) / sum(m - 1)) })
  list(unstructured = list(deviance = -2 * n0(logLik(g)), covariance = unname(S), tests = lapply(rows, function(L) kr_test(k, L))),
       randomIntercept = list(deviance = n0(REMLcrit(ri)), variances = vc(ri), tests = lapply(rows, function(L) pb(ri, L))),
       therapist = list(deviance = n0(REMLcrit(th)), variances = vc(th), tests = lapply(rows, function(L) satt(th, L))),
       therapistUnstructured = if (!is.null(un)) list(deviance = -2 * n0(logLik(un)), variance = n0(VarCorr(un)[1, 1]), average = if (two) n0(rows$average %*% fixef(un)) else NULL),
       pooledSd = as.list(pooled))
}

joint <- function(d) {
  d <- prepare(d); d$cell <- interaction(d$rater, d$arm, d$visit, drop = TRUE)
  f <- lmer(update(formula_of(d), . ~ . + (0 + rater | patient)), d, control = CTRL); nm <- names(fixef(f)); v <- as.data.frame(VarCorr(f))
  cr <- function(v, by = 1) { e <- list(); for (r in levels(d$rater)) for (a in levels(d$arm)) e[[paste0("cell", r, ".", a, ".", v)]] <- by * ifelse((r == "therapist") == (a == "digital"), 1, -1); cell_row(nm, e) }
  dec <- lmer(total ~ 0 + cell + (1 | therapist) + (1 | patient) + (1 | patient:rater), d, control = CTRL)
  out <- list(deviance = n0(REMLcrit(f)), vcov = v$vcov, decomposition = { t <- as.data.frame(VarCorr(dec)); setNames(as.list(t$vcov), t$grp) })
  if (nlevels(d$arm) == 2) { out$raterByArm <- pb(f, Reduce(`+`, lapply(VISITS, cr, by = 1 / 3))); out$threeWay <- pb(f, rbind(cr("m6") - cr("m3"), cr("m12") - cr("m3"))) }
  out
}

agreement <- function(d, arm, visit) {
  x <- d[d$visit == visit & (arm == "all" | d$arm == arm), ]; p <- x[x$rater == "patient", ]; t <- x[x$rater == "therapist", ]
  m <- merge(p, t, by = "patient"); a <- m$total.x; b <- m$total.y; i <- suppressWarnings(ICC(cbind(a, b), lmer = FALSE))$results
  tt <- t.test(a, b, paired = TRUE); ct <- cor.test(a, b); pr <- lm(I(a - b) ~ I((a + b) / 2)); ci <- confint(pr)[2, ]; al <- suppressWarnings(psych::alpha(p[, c("task", "bond", "goal")], check.keys = FALSE))
  w <- prop.test(sum(p$total >= 84), nrow(p), correct = FALSE)$conf.int
  list(arm = arm, visit = visit, n = length(a), iccA1 = c(i["Single_random_raters", "ICC"], i["Single_random_raters", "lower bound"], i["Single_random_raters", "upper bound"]),
    iccC1 = c(i["Single_fixed_raters", "ICC"], i["Single_fixed_raters", "lower bound"], i["Single_fixed_raters", "upper bound"]),
    mean = n0(c(tt$estimate, tt$conf.int, tt$statistic, tt$p.value)), sd = sd(a - b), pearson = n0(c(ct$estimate, ct$conf.int, ct$statistic, ct$p.value)),
    slope = n0(c(coef(pr)[2], ci)), alpha = n0(al$total$raw_alpha), alphaFeldt = n0(unlist(al$feldt[c("lower.ci", "upper.ci")])),
    ceiling = c(mean(p$total >= 84), n0(w)), quartiles = n0(quantile(p$total, c(.25, .5, .75))))
}

associations <- function(d) {
  p <- d[d$rater == "patient", ]; out <- list()
  for (v in c("age", "sus", "vas_app", "contacts")) { x <- p[!is.na(p[[v]]), ]; m <- aggregate(x[, c("total", v)], list(x$patient), mean)
    s <- suppressWarnings(cor.test(m[[v]], m$total, method = "spearman", exact = FALSE)); r <- cor.test(m[[v]], m$total)
    out[[v]] <- list(n = nrow(m), spearman = n0(s$estimate), pearson = n0(c(r$estimate, r$conf.int, r$p.value))) }
  x <- p[!is.na(p$sus) & !is.na(p$vas_app), ]; m <- aggregate(x[, c("total", "sus", "vas_app")], list(x$patient), mean); l <- lm(total ~ scale(sus) + scale(vas_app), m)
  out$together <- list(sus = n0(c(coef(l)[2], confint(l)[2, ])), vasApp = n0(c(coef(l)[3], confint(l)[3, ])), r2 = summary(l)$r.squared,
    r2sus = summary(lm(total ~ sus, m))$r.squared, r2vas = summary(lm(total ~ vas_app, m))$r.squared)
  x <- prepare(droplevels(p[!is.na(p$sus), ])); x$between <- ave(x$sus, x$patient); x$within <- x$sus - x$between
  f <- lmer(update(formula_of(x), . ~ . + between + within + (1 | patient)), x, control = CTRL); one <- function(k) { L <- rep(0, length(fixef(f))); L[names(fixef(f)) == k] <- 1; pb(f, L) }
  out$betweenWithin <- list(between = one("between"), within = one("within"))
  t <- prepare(d[d$rater == "therapist", ]); h <- lmer(update(formula_of(t), . ~ . + platform + (1 | patient) + (1 | therapist)), t, control = CTRL); L <- as.numeric(names(fixef(h)) == "platform")
  out$platform <- c(satt(h, L), between_therapists(t, h)); out
}

# Degrees of freedom of a variable of therapists by containment: rank [X Z] - rank X, Z one column a therapist (DDFM=CONTAIN
# of SAS PROC MIXED); beside it nlme's, which counts terms (Pinheiro & Bates 2000, p. 91), and both with therapists in arms.
between_therapists <- function(t, h) {
  X <- model.matrix(h); rank <- function(m) qr(m, tol = 1e-9)$rank
  terms <- c(if (nlevels(t$arm) == 2) "arm * visit" else "visit", covariates(t), "platform")
  of <- function(by) { t$by <- factor(by); n <- lme(reformulate(terms, "total"), t, random = ~ 1 | by / patient)
    list(containment = rank(cbind(X, model.matrix(~ 0 + by, t))) - rank(X), nlme = n0(n$fixDF$X[["platform"]])) }
  list(singular = isSingular(h), between = of(t$therapist), betweenInArms = of(paste(t$therapist, t$arm)))
}

cohort <- function(name) {
  d <- read(name); arms <- c(levels(d$arm), "all")
  list(made = list(R = R.version.string, nlme = as.character(packageVersion("nlme")), lme4 = as.character(packageVersion("lme4")), lmerTest = as.character(packageVersion("lmerTest")),
                   pbkrtest = as.character(packageVersion("pbkrtest")), psych = as.character(packageVersion("psych")), by = "golden.R"),
    development = list(patient = development(d, "patient"), therapist = development(d, "therapist")), joint = joint(d),
    agreement = do.call(c, lapply(arms, function(a) lapply(VISITS, function(v) agreement(d, a, v)))), associations = associations(d))
}
for (name in c("balanced", "missing", "ceiling", "few-therapists", "one-arm"))
  write(toJSON(cohort(name), digits = 15, auto_unbox = TRUE, pretty = TRUE), paste0(name, ".golden.json"))
