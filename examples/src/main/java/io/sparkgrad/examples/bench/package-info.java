/**
 * Measures training and inference on the CPU against libtorch and DJL, and on a GPU against
 * PyTorch. Each candidate runs in a JVM of its own and only one of them computes at a time; the
 * classes that call the peers are in the packages below, which only the Maven profile {@code bench}
 * compiles.
 */
@NullMarked
package io.sparkgrad.examples.bench;

import org.jspecify.annotations.NullMarked;
