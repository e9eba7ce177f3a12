// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Generator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranks that are too many to be connected each with each. */
class RingOfNeighboursTest {
  private static final Duration DEADLINE = LinkedRanks.DEADLINE;

  /** Each rank's results of all calls. */
  private static List<double[]> calls(Communicator c) {
    List<double[]> results = new ArrayList<>();
    for (int length : new int[] {0, 1, 2, 7, 300, 40_000}) {
      Generator random = new Generator(c.rank() + 10L * length);
      double[] doubles = new double[length];
      float[] floats = new float[length];
      for (int i = 0; i < length; i++) {
        doubles[i] = random.nextGaussian();
        floats[i] = Math.round(100 * doubles[i]); // sums of whole numbers are exact
      }
      c.allReduceSum(doubles);
      results.add(doubles);
      c.allReduceSum(floats, 0, length);
      double[] sums = new double[length];
      for (int i = 0; i < length; i++) {
        sums[i] = floats[i];
      }
      results.add(sums);
    }
    results.addAll(List.of(c.allGather(new double[c.rank() * 20_000])));
    results.add(new double[] {c.broadcast(new byte[] {(byte) c.rank(), 5})[1]});
    return results;
  }

  @ParameterizedTest(name = "{0} ranks")
  @ValueSource(ints = {1, 2, 3, 5, 8})
  @DisplayName("all calls end with the same bits as on a mesh, and go to the next rank only")
  void equalsAMesh(int worldSize) throws Exception {
    List<List<double[]>> mesh =
        LinksInMemory.run(worldSize, true, RingOfNeighboursTest::calls).results();
    List<List<double[]>> ring =
        LinksInMemory.run(worldSize, false, RingOfNeighboursTest::calls).results();
    for (int rank = 0; rank < worldSize; rank++) {
      for (int i = 0; i < mesh.get(0).size(); i++) {
        assertArrayEquals(mesh.get(0).get(i), ring.get(rank).get(i));
      }
    }
  }

  /** Runs ranks over real connections that know the addresses of their neighbours only. */
  private static <T> List<Future<T>> neighbours(int worldSize, LinksInMemory.Rank<T> work)
      throws Exception {
    List<SparkLink> links = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      links.add(
          new SparkLink(
              LinkedRanks.site(new SparkConf(false)),
              LinkedRanks.greeting(rank, worldSize),
              DEADLINE,
              new Topology(rank, worldSize, false)));
    }
    ExecutorService threads = Executors.newFixedThreadPool(worldSize);
    try {
      List<Callable<T>> tasks = new ArrayList<>();
      for (SparkLink link : links) {
        List<String> addresses = new ArrayList<>();
        for (int peer = 0; peer < worldSize; peer++) {
          int distance = Math.floorMod(peer - link.rank(), worldSize);
          boolean near = distance <= 1 || distance == worldSize - 1;
          addresses.add(near ? links.get(peer).address() : "nowhere:0");
        }
        tasks.add(
            () -> {
              try (Communicator c = new RingCommunicator(link)) {
                link.connect(addresses);
                return work.run(c);
              }
            });
      }
      return threads.invokeAll(tasks);
    } finally {
      threads.shutdownNow();
    }
  }

  @ParameterizedTest(name = "{0} ranks")
  @ValueSource(ints = {2, 3, 5})
  @DisplayName("a rank connects with the next and the one before, and with no other")
  void connections(int worldSize) throws Exception {
    List<List<double[]>> expected =
        LinksInMemory.run(worldSize, RingOfNeighboursTest::calls).results();
    for (Future<List<double[]>> rank : neighbours(worldSize, RingOfNeighboursTest::calls)) {
      for (int i = 0; i < expected.get(0).size(); i++) {
        assertArrayEquals(expected.get(0).get(i), rank.get().get(i));
      }
    }
  }

  @Test
  @DisplayName("the cause of a failure goes round: ranks far away name the rank that failed")
  void firstCause() throws Exception {
    List<Future<String>> ranks =
        neighbours(
            6,
            c -> {
              if (c.rank() == 2) {
                c.allReduceSum(new double[1]); // all are there
                c.abort("there is no space left on the device");
                return "";
              }
              return assertThrows(
                      CommunicationException.class,
                      () -> {
                        c.allReduceSum(new double[1]); // others may still be in it when 2 fails
                        c.allReduceSum(new float[10], 0, 10);
                      })
                  .getMessage();
            });
    for (int rank = 0; rank < 6; rank++) {
      String message = ranks.get(rank).get();
      if (rank == 2) {
        assertEquals("", message);
      } else {
        assertTrue(message.contains(": rank 2 ("), message);
        assertTrue(message.endsWith("failed: there is no space left on the device"), message);
      }
    }
  }
}
