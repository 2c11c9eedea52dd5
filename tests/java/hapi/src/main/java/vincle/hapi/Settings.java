package vincle.hapi;

import java.nio.file.Path;
import java.util.Optional;

/** The environment the server is started with; an empty variable counts as an absent one. */
record Settings(
    int port,
    String databaseUrl,
    String databaseUser,
    String databasePassword,
    boolean referentialIntegrity,
    boolean clinicalReasoning,
    boolean reindexOnSearchParameter,
    int maximumPage,
    Optional<String> bearer,
    Optional<Path> jwks,
    Optional<Path> packageFolder,
    boolean stopWithStdin) {

  static final Settings CURRENT = fromEnvironment();

  private static Settings fromEnvironment() {
    return new Settings(
        Integer.parseInt(value("PORT").orElse("8080")),
        value("DB_URL").orElse("jdbc:h2:mem:hapi;DB_CLOSE_DELAY=-1"),
        value("DB_USER").orElse("sa"),
        value("DB_PASSWORD").orElse(""),
        isOn("REF_INTEGRITY"),
        isOn("CLINICAL_REASONING"),
        isOn("AUTO_REINDEX"),
        Integer.parseInt(value("MAX_PAGE").orElse("1000")),
        value("BEARER"),
        value("JWKS").map(Path::of),
        value("IG_DIR").map(Path::of),
        isOn("STOP_WITH_STDIN"));
  }

  boolean onPostgres() {
    return databaseUrl.contains("postgresql");
  }

  boolean authorized() {
    return bearer.isPresent() || jwks.isPresent();
  }

  private static Optional<String> value(String name) {
    return Optional.ofNullable(System.getenv(name)).filter(text -> !text.isEmpty());
  }

  private static boolean isOn(String name) {
    return value(name).filter("1"::equals).isPresent();
  }
}
