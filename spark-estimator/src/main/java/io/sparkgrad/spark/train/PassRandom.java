// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.spark.checkpoint.Position;
import java.util.stream.LongStream;

/**
 * Random numbers of one rank as a function of the seed and of the place in the run alone, so that a
 * run that goes on from a checkpoint draws what an undisturbed one draws there.
 */
final class PassRandom {
  private final long seed;
  private final int rank;

  PassRandom(long seed, int rank) {
    this.seed = seed;
    this.rank = rank;
  }

  /** The order of an epoch's rows. */
  int[] permutation(int epoch, int rows) {
    return new Generator(mixed(seed, rank, epoch)).permutation(rows);
  }

  /** Makes this thread draw what the next step needs, dropout for example. */
  void startStep(Position position) {
    Generator.current().manualSeed(mixed(seed, rank, position.epoch(), position.step()));
  }

  private static long mixed(long... numbers) {
    return LongStream.of(numbers).reduce(0, (mix, n) -> new Generator(mix ^ n).nextLong());
  }
}
