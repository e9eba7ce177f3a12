// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.checkpoint.Checkpoint;
import io.sparkgrad.spark.checkpoint.CheckpointPolicy;
import io.sparkgrad.spark.checkpoint.CheckpointStore;
import io.sparkgrad.spark.checkpoint.FitIdentity;
import io.sparkgrad.spark.checkpoint.Position;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.data.RowsFingerprint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a run down when it is due and goes on from where it was written down last. All ranks take
 * part in both; rank 0 reads and writes.
 */
final class Checkpoints {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
  private static final String IDENTITY = "settings";
  private static final String ROWS = "rows";
  private static final int HALF = 32;

  private final CheckpointPolicy policy;
  private final Options options;
  private final RunState state;
  private final Communicator communicator;
  private final int stepsPerEpoch;
  private final RowsFingerprint rows;

  /**
   * Where a run is written down; there is none without a store on any rank.
   *
   * @param store used on rank 0
   * @param policy how often
   * @param identity of the fit
   * @param retry whether this fit has begun before, with the same settings, and was cut off: then
   *     it goes on whatever the rows are
   */
  record Options(
      CheckpointStore store, CheckpointPolicy policy, FitIdentity identity, boolean retry) {}

  /**
   * Meets the other ranks.
   *
   * @param own the rows of this rank
   */
  Checkpoints(
      Options options,
      RunState state,
      Communicator communicator,
      int stepsPerEpoch,
      RowsFingerprint own) {
    this.policy = options.policy();
    this.options = options;
    this.state = state;
    this.communicator = communicator;
    this.stepsPerEpoch = stepsPerEpoch;
    this.rows =
        Arrays.stream(communicator.allGather(numbers(own)))
            .map(Checkpoints::fingerprint)
            .reduce(RowsFingerprint.NONE, RowsFingerprint::plus);
  }

  /** Halves, since a double does not hold every long. */
  private static double[] numbers(RowsFingerprint f) {
    return new double[] {
      f.rows(),
      f.content() >>> HALF,
      f.content() & 0xFFFF_FFFFL,
      f.places() >>> HALF,
      f.places() & 0xFFFF_FFFFL
    };
  }

  private static RowsFingerprint fingerprint(double[] n) {
    return new RowsFingerprint(
        (long) n[0], (long) n[1] << HALF | (long) n[2], (long) n[3] << HALF | (long) n[4]);
  }

  /**
   * Puts the run back where it was written down last.
   *
   * @param sums takes those of the epoch so far
   * @return where to go on; empty if there is no checkpoint
   * @throws InputException on rank 0 if the checkpoint is of another fit
   * @throws TrainingException then on the others
   */
  Optional<Position> resume(EvaluationSums sums) {
    Attempt attempt = new Attempt();
    byte[][] content = {new byte[0]};
    if (communicator.rank() == 0) {
      attempt.run(
          () -> content[0] = options.store().latest().map(this::checked).orElse(content[0]));
    }
    double[] failures = {attempt.failures()};
    communicator.allReduceSum(failures);
    attempt.proceed(failures[0]);
    byte[] shared = communicator.broadcast(content[0]);
    if (shared.length == 0) {
      return Optional.empty();
    }
    String source = options.store().lastComplete().orElse("the checkpoint of rank 0");
    Checkpoint checkpoint = decoded(shared, source);
    state.restore(checkpoint, sums, source);
    if (communicator.rank() == 0) {
      LOG.info("goes on from {}: {} done", source, checkpoint.position());
    }
    return Optional.of(checkpoint.position());
  }

  private static Checkpoint decoded(byte[] content, String source) {
    try {
      return Checkpoint.decode(content, source);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] checked(Checkpoint checkpoint) {
    String source = options.store().lastComplete().orElse("");
    Optional<String> difference;
    try {
      difference =
          options
              .identity()
              .difference(FitIdentity.fromJson(checkpoint.texts().getOrDefault(IDENTITY, "{}")));
    } catch (IOException e) {
      throw new InputException("checkpointDir: %s: %s".formatted(source, e.getMessage()), e);
    }
    if (difference.isPresent()) {
      throw new InputException(
          "checkpointDir: %s is of a fit with %s; set it back to go on with that fit, or give this one a folder of its own."
              .formatted(source, difference.get()));
    }
    checkRows(checkpoint.texts().getOrDefault(ROWS, ""), source);
    return checkpoint.encode();
  }

  private void checkRows(String saved, String source) {
    if (saved.equals(text(rows))) {
      return;
    }
    String[] then = saved.split(" ", -1);
    boolean sameContent = then.length == 3 && text(rows).startsWith(then[0] + " " + then[1] + " ");
    if (!sameContent && !options.retry()) {
      throw new InputException(
          "checkpointDir: %s is of a fit on other rows (%s of them, now %d); give this fit a folder of its own."
              .formatted(source, then[0], rows.rows()));
    }
    LOG.warn(
        "the rows {} than when {} was written: the fit goes on, but its result is not to the bit that of an undisturbed one",
        sameContent ? "lie in other partitions or another order" : "are others",
        source);
  }

  private static String text(RowsFingerprint f) {
    return "%d %016x %016x".formatted(f.rows(), f.content(), f.places());
  }

  /**
   * After a step that is not the last of its epoch.
   *
   * @param sums of the epoch so far
   */
  void afterStep(Position position, EvaluationSums sums) {
    if (policy.isDueAfterStep(stepsBefore(position))) {
      save(position, sums);
    }
  }

  /**
   * After an epoch.
   *
   * @param next the beginning of the epoch that follows
   * @param isLast whether none follows
   * @param none sums without rows
   */
  void afterEpoch(Position next, boolean isLast, EvaluationSums none) {
    if (isLast || policy.isDueAfterEpoch(next.epoch() - 1, stepsBefore(next))) {
      save(next, none);
    }
  }

  private long stepsBefore(Position position) {
    return (long) (position.epoch() - 1) * stepsPerEpoch + position.step();
  }

  private void save(Position position, EvaluationSums sums) {
    Map<String, String> texts = Map.of(IDENTITY, options.identity().toJson(), ROWS, text(rows));
    state.capture(position, sums, texts).ifPresent(options.store()::save);
  }

  /** Waits until all is written. */
  void finish() {
    options.store().flush();
  }
}
