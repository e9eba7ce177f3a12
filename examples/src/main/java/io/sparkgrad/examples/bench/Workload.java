// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Module;
import io.sparkgrad.shape.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A network, a batch and what is done with them. Every call builds the same weights and the same
 * batch, so that each candidate can do it in a process of its own and compute the same.
 *
 * @param name as in the report, with the batch size: {@code mlp-train-b32}
 * @param kind what a step is
 * @param network makes the network, drawing from the thread's generator
 * @param frozen layers that are not trained
 * @param input the batch
 */
public record Workload(
    String name, Kind kind, Supplier<Module> network, List<String> frozen, Shape input) {

  /** What a step is; it ends when the loss, or the output, is in Java's hands. */
  public enum Kind {
    /** Forward, cross entropy, backward and SGD. */
    TRAIN_CLASSES,
    /** Forward, mean squared error, backward and SGD. */
    TRAIN_VALUES,
    /** Forward under {@code noGrad}. */
    INFER,
    /**
     * Forward under {@code noGrad}, {@value #REPEATS} times; of the last output one number is read.
     */
    REPEAT;

    public static final int REPEATS = 10;

    public boolean trains() {
      return this == TRAIN_CLASSES || this == TRAIN_VALUES;
    }
  }

  public static final int CLASSES = 10;

  /** SGD's; small, so that thousands of steps on one batch stay ordinary numbers. */
  public static final double LEARNING_RATE = 1e-3;

  private static final long WEIGHTS_SEED = 1;

  /**
   * With this one no value that ResNet-18 gives a relu of layer3 or layer4 is near zero, where the
   * gradient jumps: 2 has one at -4e-6, and two right backward passes differ by 16 per cent.
   */
  private static final long BATCH_SEED = 12;

  /** In training mode if a step trains. */
  public Module module() {
    Generator.current().manualSeed(WEIGHTS_SEED);
    Module module = network.get();
    if (!frozen.isEmpty()) {
      module.freeze(frozen);
    }
    return module.train(kind.trains());
  }

  public Tensor batch() {
    return Tensor.randn(new Generator(BATCH_SEED), input.dims());
  }

  /** Class numbers, one a row; for {@link Kind#TRAIN_CLASSES}. */
  public long[] labels() {
    Generator generator = new Generator(BATCH_SEED + 1);
    long[] labels = new long[Math.toIntExact(input.size(0))];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = generator.nextInt(CLASSES);
    }
    return labels;
  }

  /**
   * All of it for a candidate that cannot draw the same: the module's state, and as {@code input}
   * and {@code target} the batch.
   */
  Map<String, Tensor> numbers() {
    Map<String, Tensor> numbers = new LinkedHashMap<>(module().stateDict());
    numbers.put("input", batch());
    if (kind.trains()) {
      numbers.put("target", kind == Kind.TRAIN_VALUES ? values() : Tensor.of(labels()));
    }
    return numbers;
  }

  /** Of the input's shape, which here is the output's; for {@link Kind#TRAIN_VALUES}. */
  public Tensor values() {
    return Tensor.randn(new Generator(BATCH_SEED + 1), input.dims());
  }
}
