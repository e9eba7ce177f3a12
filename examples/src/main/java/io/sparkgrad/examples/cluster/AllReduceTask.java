// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.cluster;

import io.sparkgrad.examples.Median;
import io.sparkgrad.spark.allreduce.BarrierRendezvous;
import io.sparkgrad.spark.allreduce.Communicator;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.apache.spark.BarrierTaskContext;
import scala.Function1;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/** One rank: sums and moves the same bytes through plain sockets, in turn. */
final class AllReduceTask
    implements Function1<Iterator<Integer>, Iterator<double[]>>, Serializable {
  private static final long serialVersionUID = 1L;

  /** Bytes that a turn moves at least, so that the clock and the start of a turn do not count. */
  private static final int LEAST = 1 << 20;

  /** Bytes of arrays that are summed before anything counts: the compiler needs some seconds. */
  private static final int WARM_UP = 1 << 28;

  private final UUID fit;
  private final int length;
  private final int rounds;

  AllReduceTask(UUID fit, int length, int rounds) {
    this.fit = fit;
    this.length = length;
    this.rounds = rounds;
  }

  private interface Work {
    void run() throws IOException;
  }

  @Override
  public Iterator<double[]> apply(Iterator<Integer> nothing) {
    BarrierTaskContext context = BarrierTaskContext.get();
    try (Communicator communicator = BarrierRendezvous.join(context, fit, Duration.ofSeconds(60));
        PlainRing ring = PlainRing.join(context)) {
      return CollectionConverters.asScala(List.of(measure(communicator, ring)).iterator());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private double[] measure(Communicator communicator, PlainRing ring) throws IOException {
    int ranks = communicator.worldSize();
    int bytes = length * Float.BYTES;
    int sent = (int) (2L * (ranks - 1) * bytes / ranks);
    int times = Math.max(1, LEAST / bytes);
    float[] data = new float[length];
    List<Work> works =
        List.of(
            () -> communicator.allReduceSum(data, 0, length),
            () -> ring.shift(sent),
            () -> ring.roundTrip(bytes));
    int warmUp = Math.max(15, Math.min(300, WARM_UP / bytes));
    double[][] seconds = new double[works.size()][rounds];
    for (int round = -warmUp; round < rounds; round++) {
      for (int work = 0; work < works.size(); work++) {
        communicator.allReduceSum(new double[1]); // all begin together
        long start = System.nanoTime();
        for (int i = 0; i < times; i++) {
          works.get(work).run();
        }
        if (round >= 0) {
          seconds[work][round] = (System.nanoTime() - start) * 1e-9 / times;
        }
      }
    }
    return Arrays.stream(seconds).mapToDouble(s -> Median.of(Arrays.stream(s))).toArray();
  }
}
