// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.nn.Module;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.OptimizerStateDict;
import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.checkpoint.Checkpoint;
import io.sparkgrad.spark.checkpoint.Position;
import io.sparkgrad.spark.summary.TrainingSummary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a run is made of between two steps, taken and put back by all ranks together. Only what
 * training changes is in it: frozen parameters are where they were. What is each rank's own, the
 * running statistics within an epoch and the sums of the epoch so far, is kept for each rank.
 * Random numbers need no state: they follow from seed, rank and {@link Position}.
 */
final class RunState {
  private static final String PARAMETERS = "parameters.";
  private static final String OPTIMIZER = "optimizer";
  private static final String BEST = "best.";
  private static final String RATES = "rates";
  private static final String SUMMARY = "summary";
  private static final String BUFFERS = "buffers.rank";
  private static final String SUMS = "sums.rank";
  private static final TrainingSummary.Fit UNKNOWN = new TrainingSummary.Fit(0, 0, 0, 0, Map.of());

  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final List<Tensor> buffers;
  private final Optimizer<?> optimizer;
  private final LearningRates rates;
  private final BestWeights best;
  private final RunHistory history;
  private final Communicator communicator;

  RunState(
      Module network,
      Optimizer<?> optimizer,
      LearningRates rates,
      BestWeights best,
      RunHistory history,
      Communicator communicator) {
    network
        .namedParameters()
        .forEach(
            (name, parameter) -> {
              if (parameter.requiresGrad()) {
                parameters.put(name, parameter);
              }
            });
    this.buffers = network.buffers();
    this.optimizer = optimizer;
    this.rates = rates;
    this.best = best;
    this.history = history;
    this.communicator = communicator;
  }

  /**
   * Takes the state; each rank calls it.
   *
   * @param sums of this rank, of the steps of the epoch so far
   * @param texts what else is to be said
   * @return on rank 0 only; its tensors change with the next step
   */
  Optional<Checkpoint> capture(Position position, EvaluationSums sums, Map<String, String> texts) {
    double[][] ofBuffers = communicator.allGather(bufferValues());
    double[][] ofSums = communicator.allGather(sums.values());
    if (communicator.rank() != 0) {
      return Optional.empty();
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    parameters.forEach((name, p) -> tensors.put(PARAMETERS + name, p.detach()));
    OptimizerStateDict optimizerState = optimizer.stateDict();
    optimizerState.tensors().forEach((name, t) -> tensors.put(OPTIMIZER + "." + name, t));
    put(tensors, BEST, best.copies());
    for (int rank = 0; rank < ofSums.length; rank++) {
      putValues(tensors, BUFFERS + rank, ofBuffers[rank]);
      putValues(tensors, SUMS + rank, ofSums[rank]);
    }
    Map<String, String> all = new LinkedHashMap<>(texts);
    all.put(OPTIMIZER, optimizerState.json());
    all.put(RATES, rates.stateJson());
    if (history.size() > 0) {
      all.put(SUMMARY, history.summary(UNKNOWN).toJson());
    }
    return Optional.of(new Checkpoint(position, all, tensors));
  }

  private double[] bufferValues() {
    double[] values = new double[Math.toIntExact(buffers.stream().mapToLong(Tensor::numel).sum())];
    int offset = 0;
    for (Tensor buffer : buffers) { // every type of a buffer fits: INT64 counts batches
      double[] own = buffer.toDoubleArray();
      System.arraycopy(own, 0, values, offset, own.length);
      offset += own.length;
    }
    return values;
  }

  private static void put(Map<String, Tensor> tensors, String prefix, List<Tensor> list) {
    for (int i = 0; i < list.size(); i++) {
      tensors.put(prefix + i, list.get(i));
    }
  }

  private static void putValues(Map<String, Tensor> tensors, String name, double[] values) {
    if (values.length > 0) {
      tensors.put(name, Tensor.of(values, values.length));
    }
  }

  /**
   * Puts back a state that was captured with as many ranks, the same network and settings.
   *
   * @param sums takes those of this rank
   * @param source names the checkpoint in errors
   */
  void restore(Checkpoint checkpoint, EvaluationSums sums, String source) {
    Map<String, Tensor> tensors = checkpoint.tensors();
    Map<String, String> texts = checkpoint.texts();
    try (var mode = GradMode.noGrad()) {
      parameters.forEach((name, p) -> p.copy_(required(tensors, PARAMETERS + name, source)));
      restoreBuffers(values(tensors, BUFFERS + communicator.rank()));
    }
    Map<String, Tensor> state = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (name.startsWith(OPTIMIZER + ".")) {
            state.put(name.substring(OPTIMIZER.length() + 1), tensor);
          }
        });
    optimizer.loadStateDict(
        OptimizerStateDict.of(required(texts, OPTIMIZER, source), state, source));
    rates.loadStateJson(required(texts, RATES, source));
    List<Tensor> copies = new ArrayList<>();
    for (Tensor t; (t = tensors.get(BEST + copies.size())) != null; ) {
      copies.add(t);
    }
    best.resume(copies);
    if (texts.containsKey(SUMMARY)) {
      history.resume(TrainingSummary.fromJson(required(texts, SUMMARY, source)));
    }
    sums.resume(values(tensors, SUMS + communicator.rank()));
  }

  private void restoreBuffers(double[] values) {
    int offset = 0;
    for (Tensor buffer : buffers) {
      try (var scope = TensorScope.open()) {
        int n = Math.toIntExact(buffer.numel());
        double[] own = Arrays.copyOfRange(values, offset, offset + n);
        buffer.copy_(Tensor.of(own, n).to(buffer.dtype()).reshape(buffer.shape().dims()));
        offset += n;
      }
    }
  }

  private static double[] values(Map<String, Tensor> tensors, String name) {
    Tensor values = tensors.get(name);
    return values == null ? new double[0] : values.toDoubleArray();
  }

  private static <T> T required(Map<String, T> values, String name, String source) {
    T value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "checkpointDir: %s has no '%s', so it is of another network.".formatted(source, name));
    }
    return value;
  }
}
