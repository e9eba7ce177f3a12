// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

/**
 * A stream of random numbers whose whole state is one long, so that a checkpoint can hold it and a
 * replay gives the same bits: SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
 * Generators, 2014). Not safe for use by several threads; {@link #current()} is one per thread.
 */
public final class Generator {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
  private static final ThreadLocal<Generator> CURRENT =
      ThreadLocal.withInitial(() -> new Generator(0));

  private long state;

  public Generator(long seed) {
    manualSeed(seed);
  }

  /** This thread's generator, which initialisation and dropout draw from. */
  public static Generator current() {
    return CURRENT.get();
  }

  /** Makes the calling thread draw from the generator of another, which waits. */
  static void adopt(Generator generator) {
    CURRENT.set(generator);
  }

  /** Starts the stream of this seed. */
  public void manualSeed(long seed) {
    state = mix(seed);
  }

  /** What {@link #setState} takes to continue here. */
  public long state() {
    return state;
  }

  public void setState(long state) {
    this.state = state;
  }

  public long nextLong() {
    state += GOLDEN_GAMMA;
    return mix(state);
  }

  /** Uniform in {@code [0, 1)}. */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  /** Uniform in {@code [0, bound)}; the bias of the remainder is below bound/2⁶³. */
  public int nextInt(int bound) {
    return (int) Long.remainderUnsigned(nextLong() >>> 1, bound);
  }

  /**
   * Standard normal, by Box and Muller's transform; draws two numbers a call, so that the state
   * stays one long.
   */
  public double nextGaussian() {
    double u = 1 - nextDouble();
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * nextDouble());
  }

  /** The numbers {@code 0…n-1} in random order. */
  public int[] permutation(int n) {
    int[] p = new int[n];
    for (int i = 0; i < n; i++) {
      int j = nextInt(i + 1);
      p[i] = p[j];
      p[j] = i;
    }
    return p;
  }

  private static long mix(long z) {
    long x = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
    return x ^ (x >>> 31);
  }
}
