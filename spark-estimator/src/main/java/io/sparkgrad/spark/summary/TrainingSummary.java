// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.summary;

import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a fit came to. It is saved with the model, as JSON.
 *
 * @param epochs in order, at least one
 * @param bestEpoch from 1: the one with the lowest loss on the validation rows, or where there are
 *     none on the training rows
 * @param earlyStop why training ended before its last epoch, in a sentence; null if it did not
 * @param confusion on the validation rows, or where there are none on the training rows as they
 *     were seen in the last epoch; null if the network does not tell classes apart
 */
public record TrainingSummary(
    List<EpochSummary> epochs,
    int bestEpoch,
    @Nullable String earlyStop,
    @Nullable ConfusionMatrix confusion,
    Fit fit)
    implements Serializable {

  public TrainingSummary {
    if (epochs.isEmpty()) {
      throw new IllegalArgumentException("training summary: expected at least one epoch, got none");
    }
    if (epochs.stream().noneMatch(e -> e.epoch() == bestEpoch)) {
      throw new IllegalArgumentException(
          "training summary: bestEpoch %d is none of the %d epochs"
              .formatted(bestEpoch, epochs.size()));
    }
    epochs = List.copyOf(epochs);
  }

  /**
   * How the fit was run.
   *
   * @param trainedParameters how many numbers were trained; 0 if not known
   * @param frozenParameters how many numbers stayed as they were
   * @param seconds wall time of the workers
   * @param settings the Params by name, in the order in which they are shown
   */
  public record Fit(
      int workers,
      long trainedParameters,
      long frozenParameters,
      double seconds,
      Map<String, String> settings)
      implements Serializable {
    public Fit {
      settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }

    Fit withSettings(Map<String, String> values) {
      return new Fit(workers, trainedParameters, frozenParameters, seconds, values);
    }
  }

  /** The same fit with these settings, which workers do not know. */
  public TrainingSummary withSettings(Map<String, String> settings) {
    return new TrainingSummary(epochs, bestEpoch, earlyStop, confusion, fit.withSettings(settings));
  }

  /** The loss on the training rows after each epoch, as Spark's summaries have it. */
  public double[] objectiveHistory() {
    return epochs.stream().mapToDouble(e -> e.training().loss()).toArray();
  }

  /** How many epochs were trained. */
  public int totalIterations() {
    return epochs.size();
  }

  public boolean stoppedEarly() {
    return earlyStop != null;
  }

  /** What the best epoch came to. */
  public EpochSummary best() {
    return epochs.stream().filter(e -> e.epoch() == bestEpoch).findFirst().orElseThrow();
  }

  /** What the last epoch came to. */
  public EpochSummary last() {
    return epochs.get(epochs.size() - 1);
  }

  public long trainingRows() {
    return last().training().rows();
  }

  /** 0 if there were none. */
  public long validationRows() {
    Evaluation validation = last().validation();
    return validation == null ? 0 : validation.rows();
  }

  /** On one line, as {@link #fromJson} reads it. */
  public String toJson() {
    return SummaryJson.write(this);
  }

  /**
   * Reads what {@link #toJson()} wrote, in this version or an earlier one.
   *
   * @throws IllegalArgumentException if it is something else, or of a later version
   */
  public static TrainingSummary fromJson(String json) {
    return SummaryJson.readTraining(json);
  }

  /**
   * One HTML page with the curves, the confusion matrix, the epochs and the settings; it needs
   * neither a script nor a network.
   */
  public String toHtml() {
    return HtmlReport.of(this);
  }

  /** A table of the epochs, and what there is to say of the fit as a whole. */
  @Override
  public String toString() {
    return SummaryTable.of(this);
  }
}
