# What R makes of the exported data set of the synthetic trial (trial.csv, written by trial.ts): Rscript golden-trial.R.
# Reads the CSV and nothing of Vincle; the models are the functions of golden.R.
for (e in head(parse("golden.R"), -1)) eval(e)
d <- read.csv("trial.csv", stringsAsFactors = FALSE, na.strings = "")
asked <- d
d <- d[!is.na(d$total), ]
d$visit <- factor(d$visit, VISITS); d$rater <- factor(d$rater, c("patient", "therapist")); d$v <- as.integer(d$visit)
d$arm <- factor(d$arm, c("usual", "digital")); d$site <- factor(d$site)
d$distress <- d$baseline_distress; d$platform <- d$vas_platform
rates <- d[, grep("per_30_days", names(d))]; d$contacts <- rowSums(rates, na.rm = TRUE); d$contacts[rowSums(!is.na(rates)) == 0] <- NA
# A model nests a patient under the therapist of the first rating; age may be unknown and then takes the mean.
d <- d[order(d$patient, d$v, d$rater), ]
first <- d[!is.na(d$therapist), ]; first <- first[!duplicated(first$patient), ]; own <- d$therapist
d$therapist <- first$therapist[match(d$patient, first$patient)]; d$platform <- tapply(d$vas_platform, own, mean, na.rm = TRUE)[d$therapist]
prepare <- function(d) { d <- droplevels(d[!is.na(d$arm), ]); one <- d[!duplicated(d$patient), ]
  for (n in c("distress", "age")) { m <- mean(one[[n]], na.rm = TRUE); d[[paste0(n, "_c")]] <- ifelse(is.na(d[[n]]), m, d[[n]]) - m }
  d$cell <- interaction(d$arm, d$visit, drop = TRUE); d }
dyads <- function(arm) { x <- d; x$therapist <- own; x <- x[arm == "all" | (!is.na(x$arm) & x$arm == arm), ]
  k <- merge(x[x$rater == "patient", ], x[x$rater == "therapist", ], by = c("patient", "visit"))
  k <- k[!is.na(k$therapist.x) & !is.na(k$therapist.y) & k$therapist.x == k$therapist.y, ]; paste(k$patient, k$visit) }
agreed <- function(arm, visit) { keep <- paste(d$patient, d$visit) %in% dyads(arm); whole <- d; d <<- d[keep, ]; r <- agreement(d, arm, visit); d <<- whole; r }
corr <- function(rater) { p <- d[d$rater == rater, ]; out <- list()
  for (v in c("age", "sus", "vas_app", "contacts")) { x <- p[!is.na(p[[v]]), ]; m <- aggregate(x[, c("total", v)], list(x$patient), mean)
    s <- suppressWarnings(cor.test(m[[v]], m$total, method = "spearman", exact = FALSE)); r <- cor.test(m[[v]], m$total)
    out[[v]] <- list(n = nrow(m), spearman = n0(s$estimate), pearson = n0(c(r$estimate, r$conf.int, r$p.value))) }
  out }
flow <- as.data.frame(table(asked$arm, asked$visit, asked$rater, asked$state), stringsAsFactors = FALSE); names(flow) <- c("arm", "visit", "rater", "state", "n")
th <- prepare(d[d$rater == "therapist" & !is.na(d$platform), ])
h <- lmer(update(formula_of(th), . ~ . + platform + (1 | patient) + (1 | therapist)), th, control = CTRL)
write(toJSON(list(
  made = list(R = R.version.string, nlme = as.character(packageVersion("nlme")), lme4 = as.character(packageVersion("lme4")), lmerTest = as.character(packageVersion("lmerTest")),
              pbkrtest = as.character(packageVersion("pbkrtest")), psych = as.character(packageVersion("psych")), by = "golden-trial.R"),
  flow = flow, agreement = do.call(c, lapply(c("usual", "digital", "all"), function(a) lapply(VISITS, function(v) agreed(a, v)))),
  development = list(patient = development(d, "patient"), therapist = development(d, "therapist")), joint = joint(d),
  associations = list(patient = corr("patient"), therapist = corr("therapist")), platform = c(satt(h, as.numeric(names(fixef(h)) == "platform")), between_therapists(th, h))),
  digits = 15, auto_unbox = TRUE, pretty = TRUE), "trial.golden.json")
