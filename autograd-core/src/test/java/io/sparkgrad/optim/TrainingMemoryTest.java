// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.loss.CrossEntropyLoss;
import io.sparkgrad.nn.models.SimpleCnn;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The short form of a soak: what a training step makes is garbage when the step is over. */
class TrainingMemoryTest {
  @Test
  void aTrainingStepLeavesNothingBehind() throws InterruptedException {
    Module net = SimpleCnn.create(1, 8, 8, 3);
    Adam optimizer = new Adam(net.parameters(), Adam.Options.DEFAULT);
    List<WeakReference<Object>> made = new ArrayList<>();
    for (int step = 0; step < 20; step++) {
      Tensor images = Tensor.randn(Generator.current(), 4, 1, 8, 8);
      Tensor logits = net.call(images);
      Tensor loss = new CrossEntropyLoss().forward(logits, Tensor.of(new long[] {0, 1, 2, 0}));
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      for (Object o : new Object[] {images, logits, loss, logits.gradFn(), loss.gradFn()}) {
        made.add(new WeakReference<>(o));
      }
    }
    assertEquals(0, alive(made));
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
