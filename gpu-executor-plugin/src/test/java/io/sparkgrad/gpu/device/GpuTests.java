// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.device;

import java.io.PrintStream;
import java.util.List;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.discovery.ClassNameFilter;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs the tests that are tagged {@code gpu} and prints a table of them. */
public final class GpuTests {
  /** The exit code after a failure, or if there was nothing to run. */
  static final int FAILED = 1;

  /** The exit code where there is no GPU: nothing was shown. */
  static final int NO_GPU = 3;

  private GpuTests() {}

  /** Names of test classes may be given; otherwise all of this package run. */
  public static void main(String[] args) {
    List<? extends DiscoverySelector> selectors =
        args.length == 0
            ? List.of(DiscoverySelectors.selectPackage(GpuTests.class.getPackageName()))
            : List.of(args).stream()
                .map(name -> GpuTests.class.getPackageName() + "." + name)
                .map(DiscoverySelectors::selectClass)
                .toList();
    System.exit(run(selectors, "[^$]*Test", Gpu.isMissing(), System.out));
  }

  /**
   * Runs what is selected.
   *
   * @param classNames a regular expression
   * @return the exit code: 0, {@link #FAILED} or {@link #NO_GPU}
   */
  static int run(
      List<? extends DiscoverySelector> selectors,
      String classNames,
      boolean gpuIsMissing,
      PrintStream out) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectors)
            .filters(
                ClassNameFilter.includeClassNamePatterns(classNames),
                TagFilter.includeTags("gpu"),
                EngineFilter.includeEngines("junit-jupiter"))
            .build();
    TestTable table = new TestTable(out);
    LauncherFactory.create().execute(request, table);
    table.print();
    if (table.failed() > 0 || table.all() == 0) {
      return FAILED;
    }
    return gpuIsMissing ? NO_GPU : 0;
  }
}
