/**
 * Sums over all workers. The barrier stage's {@code allGather} is used once, to exchange addresses
 * (each call costs a second: it polls). After that each two workers have one connection, or each
 * with its neighbours if they are many, which Spark's own network library opens and secures: with
 * its authentication, and with its AES or TLS encryption where the application turned that on. Once
 * authenticated, a worker greets with application, fit, attempt and rank; then Spark's messages
 * make room for frames, since those move several times as much. Every wait has a deadline, the
 * first cause of a failure is told to all, and every order of summation is fixed, so that all ranks
 * hold the same bits and a run repeats.
 */
@NullMarked
package io.sparkgrad.spark.allreduce;

import org.jspecify.annotations.NullMarked;
