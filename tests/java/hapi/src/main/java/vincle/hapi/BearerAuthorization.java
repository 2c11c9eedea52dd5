package vincle.hapi;

import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.exceptions.AuthenticationException;
import ca.uhn.fhir.rest.server.interceptor.auth.AuthorizationInterceptor;
import ca.uhn.fhir.rest.server.interceptor.auth.IAuthRule;
import ca.uhn.fhir.rest.server.interceptor.auth.PolicyEnum;
import ca.uhn.fhir.rest.server.interceptor.auth.RuleBuilder;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.io.IOException;
import java.text.ParseException;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One fixed bearer token, or RS384 and ES384 JWTs with SMART system scopes; metadata is open to everybody. */
class BearerAuthorization extends AuthorizationInterceptor {
  private static final Pattern SYSTEM_SCOPE =
      Pattern.compile("system/(\\*|[A-Za-z]+)\\.(\\*|read|write|[cruds]+)");

  private final Settings settings;
  private final DefaultJWTProcessor<SecurityContext> tokens = new DefaultJWTProcessor<>();

  BearerAuthorization(Settings settings) throws IOException, ParseException {
    super(PolicyEnum.DENY);
    this.settings = settings;
    if (settings.jwks().isPresent()) {
      JWKSet keys = JWKSet.load(settings.jwks().get().toFile());
      tokens.setJWSKeySelector(
          new JWSVerificationKeySelector<>(
              Set.of(JWSAlgorithm.RS384, JWSAlgorithm.ES384), new ImmutableJWKSet<>(keys)));
    }
  }

  @Override
  public List<IAuthRule> buildRuleList(RequestDetails request) {
    if ("metadata".equals(request.getRequestPath())) {
      return new RuleBuilder().allowAll().build();
    }
    String header = request.getHeader("Authorization");
    if (header == null || !header.startsWith("Bearer ")) {
      throw refusal("no bearer token");
    }
    String token = header.substring("Bearer ".length());
    if (settings.bearer().filter(token::equals).isPresent()) {
      return new RuleBuilder().allowAll().build();
    }
    return rulesOf(scopesOf(token));
  }

  private String[] scopesOf(String token) {
    if (settings.jwks().isEmpty()) {
      throw refusal("unknown token");
    }
    try {
      String scope = tokens.process(token, null).getStringClaim("scope");
      return scope == null ? new String[0] : scope.split(" ");
    } catch (ParseException | BadJOSEException | JOSEException cause) {
      throw refusal(cause.getMessage());
    }
  }

  private static List<IAuthRule> rulesOf(String[] scopes) {
    RuleBuilder rules = new RuleBuilder();
    for (String scope : scopes) {
      Matcher parts = SYSTEM_SCOPE.matcher(scope);
      if (parts.matches()) {
        allow(rules, parts.group(1), parts.group(2));
      }
    }
    return rules.denyAll("scope does not allow this").build();
  }

  private static void allow(RuleBuilder rules, String type, String permission) {
    boolean all = permission.equals("*");
    boolean verbs = !permission.equals("read") && !permission.equals("write");
    boolean read = all || permission.equals("read") || verbs && permission.contains("r");
    boolean write =
        all || permission.equals("write") || verbs && permission.matches(".*[cu].*");
    boolean delete = all || permission.equals("write") || verbs && permission.contains("d");
    if (read) {
      var rule = rules.allow().read();
      (type.equals("*") ? rule.allResources() : rule.resourcesOfType(type)).withAnyId();
    }
    if (write) {
      var rule = rules.allow().write();
      (type.equals("*") ? rule.allResources() : rule.resourcesOfType(type)).withAnyId();
    }
    if (delete) {
      var rule = rules.allow().delete();
      (type.equals("*") ? rule.allResources() : rule.resourcesOfType(type)).withAnyId();
    }
    rules.allow().transaction().withAnyOperation().andApplyNormalRules();
  }

  private static AuthenticationException refusal(String why) {
    AuthenticationException refusal = new AuthenticationException(why);
    refusal.addAuthenticateHeaderForRealm("fhir");
    return refusal;
  }
}
