// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.progress;

import io.sparkgrad.spark.summary.EpochSummary;
import java.io.PrintStream;
import java.util.Locale;

/**
 * A line of a terminal that is written again and again, in the form of Spark's own for stages, and
 * wiped at the end.
 */
final class ConsoleProgressBar implements ProgressDisplay {
  private final String uid;
  private final PrintStream terminal;
  private final int width;

  /**
   * Shows nothing yet.
   *
   * @param width of the terminal in columns
   */
  ConsoleProgressBar(String uid, PrintStream terminal, int width) {
    this.uid = uid;
    this.terminal = terminal;
    this.width = width;
  }

  @Override
  public void stepped(StepProgress p) {
    draw(p.fraction(), p.epoch(), p.epochs(), p.loss());
  }

  @Override
  public void completed(EpochSummary e) {
    draw((double) e.epoch() / e.epochs(), e.epoch(), e.epochs(), e.training().loss());
  }

  private void draw(double fraction, int epoch, int epochs, double loss) {
    String head = "[" + uid + ":";
    String tail = String.format(Locale.ROOT, "(epoch %d of %d, loss %.4f)]", epoch, epochs, loss);
    int room = Math.max(0, width - 1 - head.length() - tail.length());
    int done = (int) (Math.min(1, fraction) * room);
    String bar = "=".repeat(done) + (done < room ? ">" + " ".repeat(room - done - 1) : "");
    String line = head + bar + tail;
    terminal.print("\r" + line.substring(0, Math.min(line.length(), width - 1)));
    terminal.flush();
  }

  @Override
  public void ended() {
    terminal.print("\r" + " ".repeat(width - 1) + "\r");
    terminal.flush();
  }
}
