// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a sum over ranks leaves to the garbage collector. */
class AllReduceAllocationTest {
  private static final int WARM_UP = 40;
  private static final int STEPS = 20;

  /** Frames of 256 KB; the objects around one take less than this. */
  private static final long BYTES_PER_FRAME = 4096;

  @ParameterizedTest(name = "{0} floats")
  @CsvSource({"1000,1", "1000000,16"})
  @DisplayName("a warm sum allocates no array: objects for each frame, whatever it holds")
  void warmSum(int length, int frames) throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    List<LinkedRanks.Outcome<Long>> outcomes =
        LinkedRanks.run(
            2,
            new SparkConf(false),
            c -> {
              float[] data = new float[length];
              for (int i = 0; i < WARM_UP; i++) {
                c.allReduceSum(data, 0, length);
              }
              long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
              for (int i = 0; i < STEPS; i++) {
                c.allReduceSum(data, 0, length);
              }
              long after = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
              return (after - before) / STEPS;
            });
    for (LinkedRanks.Outcome<Long> outcome : outcomes) {
      System.out.printf("all-reduce floats=%d allocated-bytes=%s%n", length, outcome.result());
      assertTrue(outcome.result() < frames * BYTES_PER_FRAME, () -> outcome.result() + " bytes");
    }
  }
}
