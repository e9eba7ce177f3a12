// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.data.InputException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the sentence behind a failed job, which Spark wraps in the history of its attempts. */
final class FitFailure {
  private static final Pattern OURS = Pattern.compile("(io\\.sparkgrad\\.[\\w.$]*Exception): (.*)");

  /** How a worker begins its sentence; a neighbour's ends with it. */
  private static final Pattern WORKER = Pattern.compile("rank \\d+ \\(host ");

  private FitFailure() {}

  /** An exception that says it in one sentence; the job's own is its cause. */
  static RuntimeException of(Throwable failure) {
    String sentence = null;
    boolean input = false;
    for (Throwable t = failure; t != null && sentence == null; t = t.getCause()) {
      if (t.getClass().getName().startsWith("io.sparkgrad.")) {
        sentence = t.getMessage();
        input = t instanceof IllegalArgumentException;
      }
    }
    Matcher inText = OURS.matcher(String.valueOf(failure.getMessage()));
    if (sentence == null && inText.find()) {
      input = inText.group(1).equals(InputException.class.getName());
      sentence = inText.group(2);
    }
    if (failure instanceof InterruptedException) {
      sentence = "training ended: the thread that called fit was interrupted";
    }
    if (sentence == null) {
      sentence = "training failed: " + firstLine(failure.getMessage());
    }
    return input
        ? new InputException(sentence, failure)
        : new TrainingException(firstCause(sentence), failure);
  }

  /**
   * The sentence of the worker that failed by itself, whichever worker's came to the driver first:
   * one that was told of it says so at its own sentence's end.
   */
  private static String firstCause(String sentence) {
    int last = 0;
    Matcher worker = WORKER.matcher(sentence);
    while (worker.find()) {
      last = worker.start();
    }
    return sentence.substring(last);
  }

  private static String firstLine(@Nullable String message) {
    return message == null ? "no message" : message.lines().findFirst().orElse("");
  }
}
