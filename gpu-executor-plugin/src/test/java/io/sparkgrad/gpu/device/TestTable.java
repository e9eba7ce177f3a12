// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.device;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/** Counts what becomes of tests, a row for each class; a failure is printed when it happens. */
final class TestTable implements TestExecutionListener {
  private final PrintStream out;
  private final Map<String, Row> rows = new LinkedHashMap<>();
  private final Map<String, Integer> reasons = new TreeMap<>();

  private static final class Row {
    int passed;
    int failed;
    int skipped;
    long nanos;
    long started;
  }

  TestTable(PrintStream out) {
    this.out = out;
  }

  int failed() {
    return rows.values().stream().mapToInt(r -> r.failed).sum();
  }

  int all() {
    return rows.values().stream().mapToInt(r -> r.passed + r.failed + r.skipped).sum();
  }

  @Override
  public void executionStarted(TestIdentifier id) {
    if (id.isTest()) {
      row(id).started = System.nanoTime();
    }
  }

  /** Of containers only what keeps their tests from running counts. */
  @Override
  public void executionFinished(TestIdentifier id, TestExecutionResult result) {
    if (!id.isTest() && result.getStatus() == TestExecutionResult.Status.SUCCESSFUL) {
      return;
    }
    Row row = row(id);
    row.nanos += id.isTest() ? System.nanoTime() - row.started : 0;
    switch (result.getStatus()) {
      case SUCCESSFUL -> row.passed++;
      case ABORTED -> skipped(row, result.getThrowable().map(Throwable::getMessage));
      case FAILED -> {
        row.failed++;
        out.printf("FAILED %s: %s%n", className(id), id.getDisplayName());
        result.getThrowable().ifPresent(e -> e.printStackTrace(out));
      }
    }
  }

  @Override
  public void executionSkipped(TestIdentifier id, String reason) {
    skipped(row(id), Optional.of(reason));
  }

  private void skipped(Row row, Optional<String> reason) {
    row.skipped++;
    reasons.merge(reason.orElse("no reason given"), 1, Integer::sum);
  }

  private Row row(TestIdentifier id) {
    return rows.computeIfAbsent(className(id), name -> new Row());
  }

  private static String className(TestIdentifier id) {
    String name =
        id.getSource()
            .map(
                source ->
                    source instanceof MethodSource method
                        ? method.getClassName()
                        : source instanceof ClassSource type ? type.getClassName() : "")
            .orElse("");
    return name.substring(name.lastIndexOf('.') + 1);
  }

  void print() {
    print("%-28s %7s %7s %7s %9s%n", "class", "passed", "failed", "skipped", "seconds");
    rows.forEach(
        (name, r) ->
            print("%-28s %7d %7d %7d %9.1f%n", name, r.passed, r.failed, r.skipped, r.nanos / 1e9));
    reasons.forEach((reason, count) -> print("skipped %d: %s%n", count, reason));
    out.flush();
  }

  private void print(String format, Object... arguments) {
    out.printf(Locale.ROOT, format, arguments);
  }
}
