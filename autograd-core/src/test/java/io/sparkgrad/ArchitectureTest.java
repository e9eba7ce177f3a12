// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.sparkgrad.autograd.ElementwiseOperations;
import io.sparkgrad.autograd.IndexingOperations;
import io.sparkgrad.autograd.ReductionOperations;
import io.sparkgrad.autograd.TensorOperations;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;

/** Which package may see which, and other rules that a reviewer would have to watch. */
@AnalyzeClasses(packages = "io.sparkgrad", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String BACKEND = "io.sparkgrad.backend..";
  private static final String AUTOGRAD = "io.sparkgrad.autograd";
  private static final String OP = "io.sparkgrad.autograd.op";

  @ArchTest
  static final ArchRule directions =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("io.sparkgrad..")
          .layer("shape")
          .definedBy("io.sparkgrad.shape..")
          .layer("backend")
          .definedBy(BACKEND)
          .layer("autograd")
          .definedBy("io.sparkgrad.autograd..")
          .layer("nn")
          .definedBy("io.sparkgrad.nn..")
          .layer("optim")
          .definedBy("io.sparkgrad.optim..")
          .layer("io")
          .definedBy("io.sparkgrad.io..")
          .whereLayer("shape")
          .mayNotAccessAnyLayer()
          .whereLayer("backend")
          .mayOnlyAccessLayers("shape")
          .whereLayer("autograd")
          .mayOnlyAccessLayers("shape", "backend")
          .whereLayer("nn")
          .mayOnlyAccessLayers("shape", "backend", "autograd")
          .whereLayer("optim")
          .mayOnlyAccessLayers("shape", "backend", "autograd", "io")
          .whereLayer("io")
          .mayOnlyAccessLayers("shape", "backend", "autograd");

  private static final DescribedPredicate<JavaClass> FLUENT =
      belongToAnyOf(
          TensorOperations.class,
          IndexingOperations.class,
          ReductionOperations.class,
          ElementwiseOperations.class);

  /** Its methods are one-line calls of the operations: the single edge against the direction. */
  @ArchTest
  static final ArchRule onlyTensorOperationsSeesOperations =
      noClasses()
          .that(resideInAPackage(AUTOGRAD).and(not(FLUENT)))
          .should()
          .dependOnClassesThat()
          .resideInAPackage(OP);

  @ArchTest
  static final ArchRule noCycles =
      slices()
          .matching("io.sparkgrad.(**)")
          .should()
          .beFreeOfCycles()
          .ignoreDependency(FLUENT, resideInAPackage(OP));

  @ArchTest
  static final ArchRule backendsAreFoundNotNamed =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.sparkgrad.backend.*..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.sparkgrad.backend.*..");

  private static final DescribedPredicate<JavaClass> WITH_VECTOR_API =
      nameMatching("io\\.sparkgrad\\.backend\\.java\\.Vector.*").forSubtype();

  /** A JVM without its module could not load what names them. */
  @ArchTest
  static final ArchRule theVectorApiIsOptional =
      noClasses()
          .that(not(WITH_VECTOR_API))
          .should()
          .dependOnClassesThat(WITH_VECTOR_API.or(resideInAPackage("jdk.incubator..")));

  @ArchTest static final ArchRule noStandardStreams = NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

  @ArchTest static final ArchRule noJavaLogging = NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;

  @ArchTest
  static final ArchRule namesSayWhatAClassIs =
      noClasses().should().haveNameMatching(".*(Utils?|Helper|Impl|Manager)");

  @ArchTest
  static final ArchRule neverSees =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark..", "scala..", "jcuda..", "org.jcuda..");

  @ArchTest
  static final ArchRule noJavaSerialization =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveNameMatching("java\\.io\\.Object(In|Out)putStream");

  @ArchTest
  static final ArchRule operationsAreFinalAndTested =
      classes()
          .that()
          .resideInAPackage(OP)
          .and()
          .areTopLevelClasses()
          .and()
          .arePublic()
          .and()
          .areNotRecords()
          .and()
          .doNotHaveSimpleName("package-info")
          .should(beFinalAndHaveATest());

  private static ArchCondition<JavaClass> beFinalAndHaveATest() {
    return new ArchCondition<>("be final and have a test of its own") {
      @Override
      public void check(JavaClass op, ConditionEvents events) {
        boolean tested = ArchitectureTest.class.getResource(testOf(op)) != null;
        events.add(
            new SimpleConditionEvent(
                op,
                tested && op.getModifiers().contains(JavaModifier.FINAL),
                op.getName() + " is not final or has no " + testOf(op)));
      }
    };
  }

  private static String testOf(JavaClass op) {
    return "/" + op.getName().replace('.', '/') + "Test.class";
  }

  @ArchTest
  static void everyPackageIsNullMarked(JavaClasses classes) {
    Set<String> packages = new TreeSet<>();
    classes.forEach(c -> packages.add(c.getPackageName()));
    assertTrue(packages.size() > 8, packages.toString());
    List<String> unmarked =
        packages.stream()
            .filter(p -> !classes.getPackage(p).isAnnotatedWith(NullMarked.class))
            .toList();
    assertEquals(List.of(), unmarked);
  }
}
