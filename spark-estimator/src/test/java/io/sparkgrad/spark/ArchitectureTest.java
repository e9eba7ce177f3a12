// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;

/** Which way the parts may lean on each other. */
@AnalyzeClasses(
    packages = "io.sparkgrad.spark",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule layers =
      Architectures.layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("io.sparkgrad.spark..")
          .layer("stages")
          .definedBy("io.sparkgrad.spark")
          .layer("param")
          .definedBy("..param..")
          .layer("train")
          .definedBy("..train..")
          .layer("inference")
          .definedBy("..inference..")
          .layer("persist")
          .definedBy("..persist..")
          .layer("data")
          .definedBy("..data..")
          .layer("checkpoint")
          .definedBy("..checkpoint..")
          .layer("allreduce")
          .definedBy("..allreduce..")
          .layer("device")
          .definedBy("..device..")
          .layer("progress")
          .definedBy("..progress..")
          .layer("summary")
          .definedBy("..summary..")
          .whereLayer("stages")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("param")
          .mayOnlyBeAccessedByLayers("stages", "persist")
          .whereLayer("train")
          .mayOnlyBeAccessedByLayers("stages", "param", "inference")
          .whereLayer("inference")
          .mayOnlyBeAccessedByLayers("stages")
          .whereLayer("persist")
          .mayOnlyBeAccessedByLayers("stages")
          .whereLayer("checkpoint")
          .mayOnlyBeAccessedByLayers("stages", "train")
          .whereLayer("allreduce")
          .mayOnlyBeAccessedByLayers("train")
          .whereLayer("device")
          .mayOnlyBeAccessedByLayers("stages", "train", "inference")
          .whereLayer("progress")
          .mayOnlyBeAccessedByLayers("train")
          .whereLayer("summary")
          .mayOnlyBeAccessedByLayers("stages", "train", "persist", "progress");

  @ArchTest
  static final ArchRule noCycles =
      slices().matching("io.sparkgrad.spark.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule theLoopKnowsNoSpark =
      noClasses()
          .that()
          .resideInAPackage("..train..")
          .and()
          .haveNameNotMatching(
              ".*\\.(AbandonedTasks|BarrierTrainer|Cluster|NetworkProbe|StageLevelScheduling|TrainingTask|WorkerStage)(\\$.*)?")
          .or()
          .haveSimpleName("RingCommunicator")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.spark..");

  @ArchTest
  static final ArchRule networkLibraryHasOneHome =
      noClasses()
          .that()
          .haveNameNotMatching(
              ".*allreduce\\.(SparkTransport|SparkLink|PeerConnector|PeerChannel|FrameParser|CallerEventLoop|HalfOpenLimit)(\\$.*)?")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark.network..", "io.netty..");

  @ArchTest
  static final ArchRule listenerBusHasOneHome =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("io.sparkgrad.spark.progress.ListenerBus")
          .should()
          .dependOnClassesThat()
          .haveSimpleName("LiveListenerBus");

  @ArchTest
  static final ArchRule plansHaveOneHome =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("io.sparkgrad.spark.inference.CatalystBatches")
          .and() // only runs a plan
          .doNotHaveFullyQualifiedName("io.sparkgrad.spark.data.DealtRows")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.apache.spark.sql.catalyst.plans..",
              "org.apache.spark.sql.catalyst.analysis..",
              "org.apache.spark.sql.classic..");

  @ArchTest
  static final ArchRule metadataFilesHaveOneHome =
      noClasses()
          .that()
          .resideOutsideOfPackage("..persist..")
          .should()
          .dependOnClassesThat()
          .haveSimpleNameStartingWith("DefaultParamsReader")
          .orShould()
          .dependOnClassesThat()
          .haveSimpleNameStartingWith("DefaultParamsWriter");

  @ArchTest
  static final ArchRule sharedParamTraitsHaveOneHome =
      noClasses()
          .that()
          .haveNameNotMatching(".*SharedParams(\\$.*)?")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.spark.ml.param.shared");

  @ArchTest
  static final ArchRule names =
      noClasses().should().haveNameMatching(".*(Utils|Helper|Manager|Impl)");

  @ArchTest
  static final ArchRule nullMarked =
      classes()
          .that()
          .haveSimpleName("package-info")
          .should()
          .beAnnotatedWith("org.jspecify.annotations.NullMarked");

  @ArchTest static final ArchRule noStandardStreams = NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
  @ArchTest static final ArchRule noJavaLogging = NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
}
