// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.spark.summary.Summaries;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ConsoleProgressBarTest {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  private ConsoleProgressBar bar(int width) {
    return new ConsoleProgressBar(
        "net", new PrintStream(written, true, StandardCharsets.UTF_8), width);
  }

  private String text() {
    return written.toString(StandardCharsets.UTF_8);
  }

  @Test
  @DisplayName("half of the second of four epochs is three eighths of the bar")
  void aStep() {
    bar(50).stepped(new StepProgress(2, 4, 5, 10, 0.5));
    assertEquals("\r[net:======>         (epoch 2 of 4, loss 0.5000)]", text());
  }

  @Test
  void theLastEpochFillsTheBar() {
    bar(50).completed(Summaries.epoch(4, 4));
    assertEquals("\r[net:================(epoch 4 of 4, loss 0.2500)]", text());
  }

  @Test
  void aNarrowTerminalIsNotOverrun() {
    bar(20).completed(Summaries.epoch(3, 4));
    assertEquals("\r[net:(epoch 3 of 4,", text());
  }

  @Test
  void theEndWipesTheLine() {
    ConsoleProgressBar bar = bar(20);
    bar.ended();
    assertEquals("\r" + " ".repeat(19) + "\r", text());
  }

  @Test
  void whatIsATerminal() {
    for (String terminal : List.of("/dev/pts/3", "/dev/tty1", "/dev/console")) {
      assertTrue(StandardError.isTerminal(terminal), terminal);
    }
    for (String other : List.of("/dev/null", "pipe:[1234]", "/tmp/log.txt", "socket:[1]")) {
      assertFalse(StandardError.isTerminal(other), other);
    }
  }

  @Test
  @DisplayName("steps are reported once in a second at most")
  void stepsAreReportedOnceInASecond() {
    AtomicLong clock = new AtomicLong();
    List<StepProgress> reports = new ArrayList<>();
    StepReports steps = new StepReports(reports::add, clock::get);
    for (int step = 1; step <= 25; step++) {
      clock.addAndGet(100_000_000);
      StepProgress progress = new StepProgress(1, 2, step, 40, 0.5);
      steps.stepped(() -> progress);
    }
    assertEquals(
        List.of(new StepProgress(1, 2, 10, 40, 0.5), new StepProgress(1, 2, 20, 40, 0.5)), reports);
  }

  @Test
  void stepsAreReadFromJson() {
    StepProgress progress = new StepProgress(1, 2, 10, 40, Double.NaN);
    assertEquals(progress, StepProgress.fromJson(progress.toJson()).orElseThrow());
  }

  @Test
  void anEpochIsNoStep() {
    assertTrue(StepProgress.fromJson(Summaries.epoch(1, 2).toJson()).isEmpty());
  }
}
