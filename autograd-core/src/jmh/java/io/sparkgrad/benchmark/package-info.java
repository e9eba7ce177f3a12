/**
 * What the CPU backends' kernels take, measured by JMH on the shapes of the networks that {@code
 * examples/run bench-cpu} trains. Only the Maven profile {@code jmh} compiles it.
 */
@NullMarked
package io.sparkgrad.benchmark;

import org.jspecify.annotations.NullMarked;
