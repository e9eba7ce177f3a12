// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.loss.CrossEntropyLoss;
import io.sparkgrad.nn.models.ResNet;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Trains a ResNet-20 for some minutes, the first half with a {@link TensorScope} around each step
 * and the second without, and prints after each minute the heap in use after a collection and what
 * the process holds in memory. Run by hand: {@code mvn -pl autograd-core test-compile} and then
 * this class with the number of minutes.
 */
public final class TrainingSoak {
  private final Module net = ResNet.cifar(20, 10);
  private final SGD optimizer = new SGD(net.parameters(), SGD.Options.DEFAULT.withLr(0.01));
  private long steps;

  private TrainingSoak() {}

  public static void main(String[] args) throws IOException {
    int minutes = Integer.parseInt(args[0]);
    TrainingSoak soak = new TrainingSoak();
    for (int minute = 1; minute <= minutes; minute++) {
      boolean scoped = minute <= minutes / 2;
      soak.train(scoped, Duration.ofMinutes(1));
      System.gc();
      System.out.printf(
          "minute=%d scopes=%s steps=%d heapMB=%.2f residentMB=%d%n",
          minute,
          scoped,
          soak.steps,
          ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1e6,
          residentMegabytes());
    }
  }

  private void train(boolean scoped, Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      if (scoped) {
        try (var scope = TensorScope.open()) {
          step();
        }
      } else {
        step();
      }
    }
  }

  private void step() {
    Tensor logits = net.call(Tensor.randn(Generator.current(), 8, 3, 32, 32));
    optimizer.zeroGrad();
    new CrossEntropyLoss()
        .forward(logits, Tensor.of(new long[] {0, 1, 2, 3, 4, 5, 6, 7}))
        .backward();
    optimizer.step();
    steps++;
  }

  /** Of the whole process, native memory included; -1 where the system does not tell. */
  private static long residentMegabytes() throws IOException {
    Path status = Path.of("/proc/self/status");
    return !Files.exists(status)
        ? -1
        : Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
            .findFirst()
            .orElse(-1);
  }
}
