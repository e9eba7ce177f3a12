// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Generator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RingCommunicatorTest {
  private static float[] values(int rank, int length) {
    Generator random = new Generator(rank);
    float[] v = new float[length];
    for (int i = 0; i < length; i++) {
      v[i] = (float) random.nextGaussian();
    }
    return v;
  }

  @ParameterizedTest(name = "{0} ranks, {1} floats")
  @CsvSource({
    "2,0",
    "2,1",
    "2,40000",
    "3,2",
    "3,16384",
    "3,16385",
    "3,50001",
    "5,16387",
    "5,100003"
  })
  void sumsOverAllRanksAndLeavesTheRestAlone(int worldSize, int length) throws Exception {
    float[] expected = new float[length + 2];
    for (int rank = 0; rank < worldSize; rank++) {
      float[] v = values(rank, length + 2);
      for (int i = 0; i < expected.length; i++) {
        expected[i] += v[i];
      }
    }
    List<float[]> sums =
        LinksInMemory.run(
                worldSize,
                c -> {
                  float[] data = values(c.rank(), length + 2);
                  c.allReduceSum(data, 1, length);
                  return data;
                })
            .results();
    for (int rank = 0; rank < worldSize; rank++) {
      float[] sum = sums.get(rank);
      float[] own = values(rank, length + 2);
      assertEquals(own[0], sum[0]);
      assertEquals(own[length + 1], sum[length + 1]);
      for (int i = 1; i <= length; i++) {
        assertEquals(expected[i], sum[i], 1e-5f, "element " + i);
        assertEquals(sums.get(0)[i], sum[i], "all ranks hold the same bits");
      }
    }
  }

  /**
   * Whole numbers, whose sums no order of adding rounds, in every length of an exchange of whole
   * arrays and of a ring, whose segments then differ by one.
   */
  @ParameterizedTest(name = "{0} ranks")
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void everyLengthIsSummedExactly(int worldSize) throws Exception {
    int ring = 64 << 10 >> 2; // floats, up to which arrays are exchanged whole
    LinksInMemory.run(
        worldSize,
        c -> {
          for (int length = 0; length <= 300; length++) {
            assertExact(c, length, 2);
            assertExact(c, ring + length, 0);
          }
          return true;
        });
  }

  @ParameterizedTest(name = "{0} ranks, {1} floats")
  @CsvSource({"2,1048576", "2,1048577", "3,3200007", "4,4194305"})
  void anArrayOfSeveralSlicesIsSummedExactly(int worldSize, int length) throws Exception {
    LinksInMemory.run(
        worldSize,
        c -> {
          assertExact(c, length, 1);
          return true;
        });
  }

  private static void assertExact(Communicator c, int length, int offset) {
    float[] data = new float[offset + length];
    float[] expected = new float[offset + length];
    for (int i = 0; i < length; i++) {
      for (int rank = 0; rank < c.worldSize(); rank++) {
        int value = (i * 31 + rank * 977) % 4001 - 2000;
        expected[offset + i] += value;
        data[offset + i] = rank == c.rank() ? value : data[offset + i];
      }
    }
    c.allReduceSum(data, offset, length);
    assertArrayEquals(expected, data, () -> "%d floats".formatted(length));
  }

  @ParameterizedTest(name = "{0} ranks")
  @ValueSource(ints = {1, 2, 3, 4})
  void aFewDoublesAreSummedInDoublePrecision(int worldSize) throws Exception {
    for (double[] sum :
        LinksInMemory.run(
                worldSize,
                c -> {
                  double[] data = {1e9 + c.rank(), 1e-9};
                  c.allReduceSum(data);
                  return data;
                })
            .results()) {
      double ranks = worldSize * (worldSize - 1) / 2.0;
      assertArrayEquals(new double[] {worldSize * 1e9 + ranks, worldSize * 1e-9}, sum, 1e-15);
    }
  }

  @Test
  void theRingSendsTwiceTheArrayLessItsShare() throws Exception {
    int worldSize = 4;
    int length = 40_000;
    long bytes =
        LinksInMemory.run(
                worldSize,
                c -> {
                  c.allReduceSum(new float[length], 0, length);
                  return 0;
                })
            .bytes();
    assertEquals(2L * (worldSize - 1) * length * Float.BYTES, bytes);
  }

  @Test
  void ranksThatAreNotInTheSameStepAreTold() {
    CommunicationException e =
        assertThrows(
            CommunicationException.class,
            () ->
                LinksInMemory.run(
                    2,
                    c -> {
                      c.allReduceSum(new float[5 + c.rank()], 0, 5 + c.rank());
                      return 0;
                    }));
    assertTrue(e.getMessage().contains("not in the same step"), e.getMessage());
  }

  @ParameterizedTest(name = "{0} ranks, {1} bytes")
  @CsvSource({"1,5", "2,0", "2,1", "3,1048576", "4,3000001"})
  void theFirstRanksBytesReachAllRanks(int worldSize, int length) throws Exception {
    byte[] expected = new byte[length];
    new Random(length).nextBytes(expected);
    for (byte[] data :
        LinksInMemory.run(
                worldSize, c -> c.broadcast(c.rank() == 0 ? expected.clone() : new byte[0]))
            .results()) {
      assertArrayEquals(expected, data);
    }
  }

  @Test
  void theRanksValuesAreGatheredByRank() throws Exception {
    double[][] expected = {{}, {1}, {2, 2}};
    for (double[][] all : LinksInMemory.run(3, c -> c.allGather(expected[c.rank()])).results()) {
      assertArrayEquals(expected, all);
    }
  }

  @Test
  void whatARankFailsOfEndsTheWaitsOfTheOthers() {
    CommunicationException e =
        assertThrows(
            CommunicationException.class,
            () ->
                LinksInMemory.run(
                    3,
                    c -> {
                      if (c.rank() == 2) {
                        c.abort("there is no space left on the device");
                      } else {
                        c.allReduceSum(new float[100], 0, 100);
                      }
                      return 0;
                    }));
    assertTrue(
        e.getMessage().endsWith("rank 2 failed: there is no space left on the device"),
        e.getMessage());
  }

  @ParameterizedTest(name = "{0} ranks, {1} floats")
  @CsvSource({"2,40000", "3,5", "3,50001", "8,100003"})
  void bfloat16TakesHalfTheBytesAndLeavesAllRanksWithTheSameBits(int worldSize, int length)
      throws Exception {
    LinksInMemory.Outcome<float[]> exact = sums(worldSize, length, FloatFormat.FLOAT32);
    LinksInMemory.Outcome<float[]> rounded = sums(worldSize, length, FloatFormat.BFLOAT16);
    assertEquals(exact.bytes(), 2 * rounded.bytes());
    float[] first = rounded.results().get(0);
    double error = 0;
    double norm = 0;
    for (int i = 0; i < length; i++) {
      error += Math.pow(first[i] - exact.results().get(0)[i], 2);
      norm += Math.pow(exact.results().get(0)[i], 2);
    }
    double relative = Math.sqrt(error / norm);
    System.out.printf("bfloat16 workers=%d relative-error=%.5f%n", worldSize, relative);
    assertTrue(relative < 1.0 / 256, "relative error " + relative);
    for (float[] rank : rounded.results()) {
      assertArrayEquals(first, rank);
    }
  }

  private static LinksInMemory.Outcome<float[]> sums(int worldSize, int length, FloatFormat format)
      throws Exception {
    return LinksInMemory.run(
        worldSize,
        c -> {
          float[] data = values(c.rank(), length);
          c.allReduceSum(data, 0, length, format);
          return data;
        });
  }
}
