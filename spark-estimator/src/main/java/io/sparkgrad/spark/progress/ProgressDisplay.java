// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.progress;

import io.sparkgrad.spark.summary.EpochSummary;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where people see how far a fit is. */
interface ProgressDisplay {
  Logger LOG = LoggerFactory.getLogger("io.sparkgrad.spark.Progress");

  /** A line at INFO for each epoch. */
  ProgressDisplay LINES =
      new ProgressDisplay() {
        @Override
        public void stepped(StepProgress progress) {}

        @Override
        public void completed(EpochSummary epoch) {
          LOG.info("{}", epoch);
        }

        @Override
        public void ended() {}
      };

  /**
   * A bar where Spark shows bars of its own, on a terminal, unless the log says each epoch anyway;
   * otherwise lines in the log.
   */
  static ProgressDisplay of(SparkContext context, String uid) {
    boolean wanted = context.getConf().getBoolean("spark.ui.showConsoleProgress", false);
    return wanted && !LOG.isInfoEnabled() && StandardError.isTerminal()
        ? new ConsoleProgressBar(uid, StandardError.stream(), StandardError.width())
        : LINES;
  }

  void stepped(StepProgress progress);

  void completed(EpochSummary epoch);

  void ended();
}
