/**
 * Sums over all workers. The barrier stage's {@code allGather} is used once, to exchange addresses
 * (each call costs a second: it polls); after that the workers talk over direct connections of
 * Spark's own network library, with Spark's authentication, and with its AES or TLS encryption
 * where the application turned that on. Every wait has a deadline, and every order of summation is
 * fixed, so that all ranks hold the same bits and a run repeats.
 */
@NullMarked
package io.sparkgrad.spark.allreduce;

import org.jspecify.annotations.NullMarked;
