// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.progress;

import io.sparkgrad.spark.summary.EpochSummary;
import io.sparkgrad.spark.summary.TrainingSummary;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.SparkContext;
import org.apache.spark.ml.util.Identifiable;
import org.jspecify.annotations.Nullable;

/**
 * Tells Spark's listeners and people how far one fit is. Texts of rank 0 come from a thread of the
 * network, the end from the fit's own.
 */
public final class FitProgress {
  private final UUID fit;
  private final Identifiable stage;
  private final ListenerBus bus;
  private final ProgressDisplay display;
  private int completed;

  private FitProgress(UUID fit, Identifiable stage, ListenerBus bus, ProgressDisplay display) {
    this.fit = fit;
    this.stage = stage;
    this.bus = bus;
    this.display = display;
  }

  /**
   * Says that a fit has begun.
   *
   * @param fit its random number
   */
  public static FitProgress started(
      SparkContext context, UUID fit, Identifiable stage, int workers, int epochs) {
    FitProgress progress =
        new FitProgress(
            fit, stage, new ListenerBus(context), ProgressDisplay.of(context, stage.uid()));
    progress.bus.post(
        new FitStarted(fit.toString(), progress.name(), stage.uid(), workers, epochs, now()));
    return progress;
  }

  /** Takes what rank 0 sends: the JSON of an {@link EpochSummary} or a {@link StepProgress}. */
  public synchronized void update(String json) {
    Optional<StepProgress> steps = StepProgress.fromJson(json);
    if (steps.isPresent()) {
      display.stepped(steps.get());
    } else {
      completed(EpochSummary.fromJson(json));
    }
  }

  private void completed(EpochSummary epoch) {
    completed = epoch.epoch();
    bus.post(new EpochCompleted(fit.toString(), name(), stage.uid(), epoch, now()));
    display.completed(epoch);
  }

  /** Says that there is a model, and before it of each epoch of which no word has come through. */
  public synchronized void succeeded(TrainingSummary summary) {
    summary.epochs().stream().filter(e -> e.epoch() > completed).forEach(this::completed);
    ended(null);
  }

  /** Says that there is no model. */
  public synchronized void failed(Throwable cause) {
    ended(String.valueOf(cause.getMessage()));
  }

  private void ended(@Nullable String failure) {
    display.ended();
    bus.post(new FitEnded(fit.toString(), name(), stage.uid(), failure, now()));
  }

  private String name() {
    return stage.getClass().getSimpleName();
  }

  private static long now() {
    return System.currentTimeMillis();
  }
}
