// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;
import org.jspecify.annotations.NullMarked;

@AnalyzeClasses(packages = "io.sparkgrad.gpu", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String CUDA = "io.sparkgrad.gpu.cuda..";

  @ArchTest
  static final ArchRule JCUDA_HAS_ONE_HOME =
      noClasses()
          .that()
          .resideOutsideOfPackage(CUDA)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("jcuda..");

  @ArchTest
  static final ArchRule CUDA_KNOWS_NO_SPARK =
      noClasses()
          .that()
          .resideInAPackage(CUDA)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark..", "scala..", "org.slf4j..");

  @ArchTest
  static final ArchRule BACKENDS_KNOW_NO_GRADIENTS =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.sparkgrad.autograd..", "io.sparkgrad.nn..", "io.sparkgrad.spark..");

  @ArchTest
  static final ArchRule LOGS_ONLY = GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

  @ArchTest
  static final ArchRule NAMES_SAY_WHAT =
      noClasses().should().haveNameMatching(".*(Utils|Util|Helper|Manager|Impl)");

  @ArchTest
  static void everyPackageIsNullMarked(JavaClasses classes) {
    for (JavaClass c : classes) {
      assertTrue(c.getPackage().isAnnotatedWith(NullMarked.class), c.getPackageName());
    }
  }
}
