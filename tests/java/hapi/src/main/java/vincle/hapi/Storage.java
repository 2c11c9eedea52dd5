package vincle.hapi;

import ca.uhn.fhir.batch2.jobs.config.Batch2JobsConfig;
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.jpa.api.IDaoRegistry;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.config.ThreadPoolFactoryConfig;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.batch2.JpaBatch2Config;
import ca.uhn.fhir.jpa.binary.api.IBinaryStorageSvc;
import ca.uhn.fhir.jpa.binstore.DatabaseBinaryContentStorageSvcImpl;
import ca.uhn.fhir.jpa.config.r4.JpaR4Config;
import ca.uhn.fhir.jpa.config.util.HapiEntityManagerFactoryUtil;
import ca.uhn.fhir.jpa.config.util.ResourceCountCacheUtil;
import ca.uhn.fhir.jpa.dao.search.HSearchSortHelperImpl;
import ca.uhn.fhir.jpa.dao.search.IHSearchSortHelper;
import ca.uhn.fhir.jpa.model.config.PartitionSettings;
import ca.uhn.fhir.jpa.model.config.SubscriptionSettings;
import ca.uhn.fhir.jpa.provider.DaoRegistryResourceSupportedSvc;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.jpa.search.IStaleSearchDeletingSvc;
import ca.uhn.fhir.jpa.search.StaleSearchDeletingSvcImpl;
import ca.uhn.fhir.jpa.subscription.channel.config.SubscriptionChannelConfig;
import ca.uhn.fhir.jpa.subscription.match.config.SubscriptionProcessorConfig;
import ca.uhn.fhir.jpa.subscription.match.deliver.email.IEmailSender;
import ca.uhn.fhir.jpa.subscription.submit.config.SubscriptionSubmitterConfig;
import ca.uhn.fhir.jpa.util.ResourceCountCache;
import ca.uhn.fhir.narrative2.NullNarrativeGenerator;
import ca.uhn.fhir.rest.api.IResourceSupportedSvc;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import com.zaxxer.hikari.HikariDataSource;
import jakarta.persistence.EntityManagerFactory;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.hl7.fhir.dstu2.model.Subscription.SubscriptionChannelType;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;

/** HAPI's JPA storage for R4 on H2 or PostgreSQL, with rest-hook Subscriptions and bulk jobs. */
@Configuration
@Import({
  JpaR4Config.class,
  JpaBatch2Config.class,
  Batch2JobsConfig.class,
  ThreadPoolFactoryConfig.class,
  SubscriptionSubmitterConfig.class,
  SubscriptionProcessorConfig.class,
  SubscriptionChannelConfig.class
})
class Storage {
  private final Settings settings = Settings.CURRENT;

  @Bean
  DataSource dataSource() {
    HikariDataSource source = new HikariDataSource();
    source.setJdbcUrl(settings.databaseUrl());
    source.setUsername(settings.databaseUser());
    source.setPassword(settings.databasePassword());
    source.setMaximumPoolSize(20);
    return source;
  }

  @Bean
  JpaStorageSettings jpaStorageSettings() {
    JpaStorageSettings storage = new JpaStorageSettings();
    storage.setAllowExternalReferences(true);
    storage.setAllowMultipleDelete(true);
    storage.setExpungeEnabled(true);
    storage.setDeleteExpungeEnabled(true);
    storage.setEnforceReferentialIntegrityOnWrite(settings.referentialIntegrity());
    storage.setEnforceReferentialIntegrityOnDelete(settings.referentialIntegrity());
    // A stock server hands out a search of up to a minute ago; here a search always sees the last write.
    storage.setReuseCachedSearchResultsForMillis(null);
    storage.setSearchPreFetchThresholds(List.of(503, 2003, -1));
    storage.setFilterParameterEnabled(true);
    storage.setAllowContainsSearches(true);
    storage.setMarkResourcesForReindexingUponSearchParameterChange(
        settings.reindexOnSearchParameter());
    storage.setMatchUrlCacheEnabled(false);
    storage.setValidateResourceStatusForPackageUpload(false);
    return storage;
  }

  @Bean
  PartitionSettings partitionSettings() {
    return new PartitionSettings();
  }

  @Bean
  SubscriptionSettings subscriptionSettings() {
    SubscriptionSettings subscriptions = new SubscriptionSettings();
    subscriptions.addSupportedSubscriptionType(SubscriptionChannelType.RESTHOOK);
    subscriptions.setSubscriptionChangeQueuedImmediately(true);
    return subscriptions;
  }

  @Bean
  IEmailSender emailSender() {
    return mail -> {};
  }

  @Bean
  IBinaryStorageSvc binaryStorage() {
    return new DatabaseBinaryContentStorageSvcImpl();
  }

  @Bean
  LocalContainerEntityManagerFactoryBean entityManagerFactory(
      DataSource source,
      ConfigurableListableBeanFactory beans,
      FhirContext context,
      JpaStorageSettings storage) {
    String dialect = settings.onPostgres() ? "HapiFhirPostgresDialect" : "HapiFhirH2Dialect";
    LocalContainerEntityManagerFactoryBean factory =
        HapiEntityManagerFactoryUtil.newEntityManagerFactory(beans, context, storage);
    factory.setPersistenceUnitName("HAPI_PU");
    factory.setDataSource(source);
    factory.setJpaPropertyMap(
        Map.of(
            "hibernate.dialect", "ca.uhn.fhir.jpa.model.dialect." + dialect,
            "hibernate.hbm2ddl.auto", "update",
            "hibernate.jdbc.batch_size", "30",
            "hibernate.order_inserts", "true",
            "hibernate.cache.use_query_cache", "false",
            "hibernate.cache.use_second_level_cache", "false",
            "hibernate.search.enabled", "false"));
    return factory;
  }

  @Bean
  JpaTransactionManager transactionManager(EntityManagerFactory factory) {
    return new JpaTransactionManager(factory);
  }

  @Bean
  IStaleSearchDeletingSvc staleSearches() {
    return new StaleSearchDeletingSvcImpl();
  }

  @Bean
  IHSearchSortHelper sortHelper(ISearchParamRegistry parameters) {
    return new HSearchSortHelperImpl(parameters);
  }

  @Bean
  IResourceSupportedSvc resourceSupported(IDaoRegistry daos) {
    return new DaoRegistryResourceSupportedSvc(daos);
  }

  @Bean(name = "myResourceCountsCache")
  ResourceCountCache resourceCounts(IFhirSystemDao<?, ?> system) {
    return ResourceCountCacheUtil.newResourceCountCache(system);
  }

  @Bean
  DatabaseBackedPagingProvider paging() {
    DatabaseBackedPagingProvider paging = new DatabaseBackedPagingProvider();
    paging.setDefaultPageSize(20);
    paging.setMaximumPageSize(settings.maximumPage());
    return paging;
  }

  @Bean
  RestfulServer restfulServer(FhirContext context) {
    context.setNarrativeGenerator(new NullNarrativeGenerator());
    return new RestfulServer(context);
  }
}
