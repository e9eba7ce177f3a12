/**
 * The reference backend: plain Java on heap arrays, FLOAT32 and FLOAT64, there on every machine.
 * Elementwise kernels run both types through one loop in double precision, which rounds {@code + −
 * × ÷ √} to the same bits as float arithmetic; the FLOAT32 cases that training spends its time in
 * have loops of their own. Matrix products use the Vector API where the JVM was started with {@code
 * jdk.incubator.vector}, as Spark 4 starts its own, and {@code dev.ludovic.netlib} elsewhere. The
 * classes named Vector... are all that knows that API: compiled apart, and loaded by {@link
 * io.sparkgrad.backend.java.Matmul} alone. One thread: a Spark task owns one core.
 */
@NullMarked
package io.sparkgrad.backend.java;

import org.jspecify.annotations.NullMarked;
