// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The ratio that Sparkgrad is to reach.
 *
 * @param workloads a glob over their names; of several that match the first holds
 * @param oneThread with one thread
 * @param twoThreads with two
 */
record Bar(String workloads, double oneThread, double twoThreads) {
  /** A frozen step's part of the whole one's time, at most; with any number of threads. */
  static final double FROZEN_SHARE = 0.75;

  private static final double NONE = Double.NaN;

  private static final List<Bar> ALL =
      List.of(
          new Bar("cnn-train-b32", 1.3, 1.5),
          new Bar("cnn-train-b128", 1.25, 1.5),
          new Bar("cnn-frozen-b32", 1.4, 1.5),
          new Bar("cnn-frozen-b128", 1.2, 1.5),
          new Bar("cnn-infer-b32", 1.45, 1.4),
          new Bar("cnn-infer-b128", 1.4, 1.4),
          new Bar("cnnpool-*", 1, 1.1),
          new Bar("resnet18-*", 1.1, 1.2),
          new Bar("mobilenet-infer-*", 1.2, 1.2),
          new Bar("mlp-train-b32", 1.5, 1.2),
          new Bar("mlp-train-b128", 1.2, 1.2),
          new Bar("mlp-infer-*", 1.05, 1),
          new Bar("tiny-step-*", 10, NONE),
          new Bar("encoder-*", 1.1, 1.1));

  /** Empty where none is set. */
  static OptionalDouble of(Workload workload, int threads) {
    for (Bar bar : ALL) {
      if (FileSystems.getDefault()
          .getPathMatcher("glob:" + bar.workloads)
          .matches(Path.of(workload.name()))) {
        double ratio = threads == 1 ? bar.oneThread : threads == 2 ? bar.twoThreads : NONE;
        return Double.isNaN(ratio) ? OptionalDouble.empty() : OptionalDouble.of(ratio);
      }
    }
    return OptionalDouble.empty();
  }
}
