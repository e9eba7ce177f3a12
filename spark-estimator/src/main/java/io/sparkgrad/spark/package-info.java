/**
 * Spark ML estimators and models that train and run autograd-core networks. The way of the data:
 * {@code param} says what is wanted, {@code data} checks and reads the columns, {@code train} runs
 * one barrier stage in which every worker trains on its rows, on the {@code device} that it has,
 * and {@code allreduce} averages the gradients, {@code inference} applies a network to rows in
 * batches, {@code persist} saves and loads.
 */
@NullMarked
package io.sparkgrad.spark;

import org.jspecify.annotations.NullMarked;
