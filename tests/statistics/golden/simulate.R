# The simulated cohorts that the golden numbers are computed on: Rscript simulate.R (R's Mersenne Twister, seeds below).
# One line a patient, visit and rater; empty where nothing was measured. Nobody's data.
library(MASS)

simulate <- function(name, seed, n, therapists, sites, arms, dropout, ceiling = FALSE, sus_in = arms) {
  set.seed(seed)
  arm <- rep(arms, length.out = n)
  therapist <- sample(rep(seq_len(therapists), length.out = n))
  site <- sample(rep(seq_len(sites), length.out = n))
  age <- round(rnorm(n, 52, 11)); distress <- pmin(10, pmax(0, round(rnorm(n, 5, 2.2))))
  distress[sample(n, ceiling(n / 25))] <- NA
  satisfaction <- round(rnorm(therapists, 60, 15))
  shift_p <- rnorm(therapists, 0, 2); shift_t <- rnorm(therapists, 0, 3) + 0.08 * (satisfaction - 60)
  base <- c(m3 = 68, m6 = 69, m12 = 70)
  residual <- matrix(c(60, 34, 28, 34, 66, 36, 28, 36, 74), 3)
  shared <- rnorm(n, 0, 3)
  noise_p <- mvrnorm(n, rep(0, 3), residual); noise_t <- mvrnorm(n, rep(0, 3), 0.7 * residual)
  rows <- list()
  for (i in seq_len(n)) {
    digital <- arm[i] == "digital"
    for (v in 1:3) {
      p <- base[v] - ifelse(digital, 2, 0) + shift_p[therapist[i]] + shared[i] + noise_p[i, v] + 0.05 * (age[i] - 52)
      t <- base[v] - 5 - ifelse(digital, c(1, 2.5, 4)[v], 0) + shift_t[therapist[i]] + shared[i] + noise_t[i, v]
      if (ceiling) { p <- p + 14; t <- t + 12 }
      usability <- if (arm[i] %in% sus_in) min(100, max(0, 2.5 * round((70 + 0.9 * (p - 68) + rnorm(1, 0, 12)) / 2.5))) else NA
      app <- if (arm[i] %in% sus_in) min(100, max(0, round(0.7 * ifelse(is.na(usability), 70, usability) + rnorm(1, 20, 10)))) else NA
      contacts <- round(rgamma(1, 1.2, 1) * 30 / 20, 3) * rbinom(1, 1, 0.8)
      for (rater in c("patient", "therapist")) {
        total <- round(min(84, max(12, if (rater == "patient") p else t)))
        if (runif(1) < dropout * v) next
        part <- round(pmin(28, pmax(4, total / 3 + c(0.4, 0, -0.4) + rnorm(2)[c(1, 2, 1)])))
        part[3] <- min(28, max(4, total - part[1] - part[2]))
        total <- sum(part)
        rows[[length(rows) + 1]] <- data.frame(patient = sprintf("p%03d", i), arm = arm[i], site = paste0("s", site[i]),
          therapist = sprintf("t%02d", therapist[i]), visit = names(base)[v], rater = rater, total = total, task = part[1],
          bond = part[2], goal = part[3], age = age[i], distress = distress[i], sus = usability, vas_app = app,
          contacts = contacts, platform = satisfaction[therapist[i]])
      }
    }
  }
  write.csv(do.call(rbind, rows), paste0(name, ".csv"), row.names = FALSE, na = "", quote = FALSE)
}

both <- c("usual", "digital")
simulate("balanced", 20261, 60, 12, 2, both, 0)
simulate("missing", 20262, 184, 15, 3, both, 0.07, sus_in = "digital")
simulate("ceiling", 20263, 120, 12, 2, both, 0.04, ceiling = TRUE)
simulate("few-therapists", 20264, 48, 4, 1, both, 0.05)
simulate("one-arm", 20265, 50, 10, 2, "digital", 0.05)
