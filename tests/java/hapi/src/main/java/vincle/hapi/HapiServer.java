package vincle.hapi;

import ca.uhn.fhir.batch2.api.IJobMaintenanceService;
import ca.uhn.fhir.batch2.jobs.bulkmodify.reindex.ReindexProvider;
import ca.uhn.fhir.batch2.jobs.export.BulkDataExportProvider;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.packages.IPackageInstallerSvc;
import ca.uhn.fhir.jpa.provider.DiffProvider;
import ca.uhn.fhir.jpa.provider.IJpaSystemProvider;
import ca.uhn.fhir.jpa.provider.JpaCapabilityStatementProvider;
import ca.uhn.fhir.jpa.provider.SubscriptionTriggeringProvider;
import ca.uhn.fhir.jpa.provider.TerminologyUploaderProvider;
import ca.uhn.fhir.jpa.provider.ValueSetOperationProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** A FHIR R4 server for tests on HAPI's JPA storage, on loopback; prints READY once it answers. */
public final class HapiServer {
  private static final Settings SETTINGS = Settings.CURRENT;

  private static final List<Class<?>> SYSTEM_PROVIDERS =
      List.of(
          IJpaSystemProvider.class,
          TerminologyUploaderProvider.class,
          ValueSetOperationProvider.class,
          BulkDataExportProvider.class,
          ReindexProvider.class,
          SubscriptionTriggeringProvider.class,
          DiffProvider.class);

  private HapiServer() {}

  public static void main(String[] arguments) throws Exception {
    if (SETTINGS.stopWithStdin()) {
      endWithStdin();
    }
    ApplicationContext beans = startSpring();
    RestfulServer server = configureServer(beans);
    tickBatchJobs(beans.getBean(IJobMaintenanceService.class));
    Tomcat tomcat = startTomcat(server);
    System.out.printf("READY http://127.0.0.1:%d/fhir%n", tomcat.getConnector().getLocalPort());
    tomcat.getServer().await();
  }

  /** Stdin ends with the process that started this one: a killed test run leaves no server behind. */
  private static void endWithStdin() {
    Thread watch =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {}
              } catch (IOException closed) {
                // The same as its end.
              }
              Runtime.getRuntime().halt(0);
            },
            "stdin-watch");
    watch.setDaemon(true);
    watch.start();
  }

  private static ApplicationContext startSpring() {
    AnnotationConfigApplicationContext beans = new AnnotationConfigApplicationContext();
    beans.getDefaultListableBeanFactory().setAllowCircularReferences(true);
    beans.register(Storage.class);
    if (SETTINGS.clinicalReasoning()) {
      beans.register(ClinicalReasoning.class);
    }
    beans.refresh();
    return beans;
  }

  private static RestfulServer configureServer(ApplicationContext beans) throws Exception {
    RestfulServer server = beans.getBean(RestfulServer.class);
    server.registerProviders(beans.getBean(ResourceProviderFactory.class).createProviders());
    SYSTEM_PROVIDERS.forEach(type -> server.registerProvider(beans.getBean(type)));
    Packages packages = new Packages(beans.getBean(IPackageInstallerSvc.class));
    server.registerProvider(packages);
    server.setPagingProvider(beans.getBean(DatabaseBackedPagingProvider.class));
    server.setDefaultResponseEncoding(EncodingEnum.JSON);
    JpaCapabilityStatementProvider conformance =
        new JpaCapabilityStatementProvider(
            server,
            beans.getBean(IFhirSystemDao.class),
            beans.getBean(JpaStorageSettings.class),
            beans.getBean(ISearchParamRegistry.class),
            beans.getBean(IValidationSupport.class));
    conformance.setImplementationDescription("HAPI R4 for tests");
    server.setServerConformanceProvider(conformance);
    if (SETTINGS.authorized()) {
      server.registerInterceptor(new BearerAuthorization(SETTINGS));
    }
    if (SETTINGS.packageFolder().isPresent()) {
      packages.installFolder(SETTINGS.packageFolder().get());
    }
    return server;
  }

  /** HAPI moves its batch jobs ($export, $reindex) on once a minute, which no test wants to wait for. */
  private static void tickBatchJobs(IJobMaintenanceService jobs) {
    var ticker =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "batch-tick");
              thread.setDaemon(true);
              return thread;
            });
    ticker.scheduleWithFixedDelay(
        () -> {
          try {
            jobs.runMaintenancePass();
          } catch (RuntimeException lostRace) {
            // HAPI's own scheduler was faster: the next tick looks again.
          }
        },
        2000,
        500,
        TimeUnit.MILLISECONDS);
  }

  private static Tomcat startTomcat(RestfulServer server) throws IOException, LifecycleException {
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(Files.createTempDirectory("hapi-tomcat").toString());
    tomcat.setPort(SETTINGS.port());
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    tomcat.getConnector().setProperty("relaxedQueryChars", "|");
    tomcat.getConnector().setProperty("maxThreads", "40");
    var context = tomcat.addContext("", null);
    var servlet = Tomcat.addServlet(context, "fhir", server);
    servlet.setLoadOnStartup(1);
    context.addServletMappingDecoded("/fhir/*", "fhir");
    tomcat.start();
    return tomcat;
  }
}
