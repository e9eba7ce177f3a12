// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static org.junit.platform.engine.discovery.ClassNameFilter.excludeClassNamePatterns;
import static org.junit.platform.engine.discovery.ClassNameFilter.includeClassNamePatterns;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;

import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.CountingBackend;
import io.sparkgrad.backend.DefaultBackend;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs the tests of packages where the default device is not the CPU's, in a JVM of its own, since
 * test classes have constants that are tensors; prints what fails and how many.
 */
final class TestsElsewhere {
  private TestsElsewhere() {}

  public static void main(String[] packages) {
    DefaultBackend.set(new CountingBackend(Backends.byName("java")).backend());
    int failed = 0;
    for (String name : packages) {
      TestExecutionSummary summary = run(name);
      summary
          .getFailures()
          .forEach(f -> System.out.println(f.getTestIdentifier().getUniqueId() + f.getException()));
      failed += (int) summary.getTotalFailureCount();
      if (summary.getTestsSucceededCount() == 0) {
        System.out.println("no test in " + name);
        failed++;
      }
    }
    System.out.println("failed: " + failed);
  }

  private static TestExecutionSummary run(String name) {
    var listener = new SummaryGeneratingListener();
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(selectPackage(name))
                .filters(
                    includeClassNamePatterns("\\Q" + name + ".\\E\\w+Test"),
                    excludeClassNamePatterns(".*DevicesTest")) // which runs this
                .build(),
            listener);
    return listener.getSummary();
  }
}
