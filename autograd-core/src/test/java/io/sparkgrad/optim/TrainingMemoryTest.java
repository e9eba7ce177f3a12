// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.backend.BackendException;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.loss.CrossEntropyLoss;
import io.sparkgrad.nn.models.SimpleCnn;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The short form of {@link TrainingSoak}: what a training step makes is gone when it is over. */
class TrainingMemoryTest {
  private final Module net = SimpleCnn.create(1, 8, 8, 3);
  private final Adam optimizer = new Adam(net.parameters(), Adam.Options.DEFAULT);

  private List<Tensor> step() {
    Tensor images = Tensor.randn(Generator.current(), 4, 1, 8, 8);
    Tensor logits = net.call(images);
    Tensor loss = new CrossEntropyLoss().forward(logits, Tensor.of(new long[] {0, 1, 2, 0}));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return List.of(images, logits, loss);
  }

  @Test
  void aTrainingStepLeavesNothingBehind() throws InterruptedException {
    List<WeakReference<Object>> made = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      for (Tensor t : step()) {
        made.add(new WeakReference<>(t));
        made.add(new WeakReference<>(t.gradFn()));
      }
    }
    made.removeIf(r -> r.get() == null); // the images have no history
    assertEquals(0, alive(made));
  }

  @Test
  void aScopeGivesTheMemoryOfAStepBack() {
    for (int i = 0; i < 20; i++) {
      List<Tensor> made;
      try (var scope = TensorScope.open()) {
        made = step();
      }
      made.forEach(t -> assertThrows(BackendException.class, t::toFloatArray));
    }
  }

  /** Collects until nothing is left, or a while has passed: one collection need not be enough. */
  private static long alive(List<WeakReference<Object>> references) throws InterruptedException {
    long alive = references.size();
    for (int attempt = 0; attempt < 50 && alive > 0; attempt++) {
      System.gc();
      Thread.sleep(20);
      alive = references.stream().filter(r -> r.get() != null).count();
    }
    return alive;
  }
}
