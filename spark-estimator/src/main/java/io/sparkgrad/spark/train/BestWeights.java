// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Module;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** A copy of what training changes in a network: trained parameters, and buffers. */
final class BestWeights {
  private final List<Tensor> live;
  private final List<Tensor> copies = new ArrayList<>();

  BestWeights(Module network) {
    live =
        Stream.concat(
                network.parameters().stream().filter(Tensor::requiresGrad),
                network.buffers().stream())
            .toList();
  }

  /** Takes the weights of now. */
  void keep() {
    for (int i = 0; i < live.size(); i++) {
      Tensor now = live.get(i).detach();
      if (i == copies.size()) {
        copies.add(now.copy());
      } else {
        copies.get(i).copy_(now);
      }
    }
  }

  /** What was taken last; empty if nothing was. */
  List<Tensor> copies() {
    return Collections.unmodifiableList(copies);
  }

  /** Goes on with what {@link #copies()} gave. */
  void resume(List<Tensor> taken) {
    copies.clear();
    taken.forEach(t -> copies.add(t.copy()));
  }

  /** Puts the weights back that were taken last. */
  void restore() {
    try (var mode = GradMode.noGrad()) {
      for (int i = 0; i < copies.size(); i++) {
        live.get(i).copy_(copies.get(i));
      }
    }
  }
}
